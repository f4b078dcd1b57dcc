r"""CODEOWNERS: which file is whose.

The rules are GitHub's ("About code owners", CODEOWNERS syntax). They look like those of
gitignore(5) and differ from them: `!` does not negate, `[ ]` is not a range, `\#` is not an
escape, and a line with any of them is skipped. The last pattern that matches decides, and
one without owners says that nobody owns the file, which is not the same as no pattern.
Names are case-sensitive.
"""

import re
from collections.abc import Iterator

from netpolc.values import frozen

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""The paths at which GitHub looks, from the root of the repository; the first file counts."""

_EVERYTHING = re.compile(r"\*|/?(\*\*/)*\*\*|/?(\*\*/)+\*")
_OWNER = re.compile(r"@[\w.-]+(/[\w.-]+)?|[^@\s]+@[^@\s]+")
_PATTERN = re.compile(r"(?:\\.|[^\s\\])+")
_WILD = re.compile(r"\\(.)|(\*\*)|(\*)|(\?)|([^\\*?]+)", re.DOTALL)


@frozen(kw_only=True)
class Rule:
    """One line: a pattern, its owners (perhaps none), and its place."""

    pattern: str
    owners: tuple[str, ...]
    line: int
    matcher: re.Pattern[str]


@frozen(kw_only=True)
class CodeOwners:
    """A whole file; `skipped` are the numbers of the lines that GitHub passes over."""

    rules: tuple[Rule, ...]
    skipped: tuple[int, ...] = ()

    def rule_of(self, path: str) -> Rule | None:
        """The rule that decides about a path from the root of the repository; None without one."""
        return next((rule for rule in reversed(self.rules) if rule.matcher.search(path)), None)

    def owners_of_everything(self) -> tuple[str, ...] | None:
        """The owners by the last rule for every path; None where no rule is for all of them."""
        wide = (rule for rule in reversed(self.rules) if _EVERYTHING.fullmatch(rule.pattern))
        rule = next(wide, None)
        return None if rule is None else rule.owners

    def owners_of(self, path: str) -> tuple[str, ...]:
        """The owners of a path, in the order in which they are written."""
        rule = self.rule_of(path)
        return rule.owners if rule is not None else ()


def parse_codeowners(text: str) -> CodeOwners:
    """Read a CODEOWNERS file; lines that are not right are skipped, as GitHub does."""
    rules: list[Rule] = []
    skipped: list[int] = []
    for number, line in enumerate(text.split("\n"), 1):
        content = line.strip()
        if not content or content.startswith("#"):
            continue
        rule = _rule(content, number)
        if rule is None:
            skipped.append(number)
        else:
            rules.append(rule)
    return CodeOwners(rules=tuple(rules), skipped=tuple(skipped))


def written_path(path: str) -> str:
    """A path as a pattern that matches it; brackets, which no pattern may have, as any character."""
    return "/" + re.sub(r"([\\*?\s])", r"\\\1", path).replace("[", "?").replace("]", "?")


def _rule(content: str, number: int) -> Rule | None:
    match = _PATTERN.match(content)
    if match is None or content[match.end() :][:1].strip():
        return None
    pattern = match[0]
    owners = tuple(_words(content[match.end() :]))
    if (
        pattern.startswith(("!", r"\#"))
        or not pattern.strip("/")
        or not {"[", "]"}.isdisjoint(pattern)
    ):
        return None
    if not all(map(_OWNER.fullmatch, owners)):
        return None
    return Rule(
        pattern=pattern, owners=owners, line=number, matcher=re.compile(_regex(pattern), re.DOTALL)
    )


def _words(text: str) -> Iterator[str]:
    """The words up to a comment."""
    for word in text.split():
        if word.startswith("#"):
            return
        yield word


def _regex(pattern: str) -> str:
    """The pattern as a regular expression to search a path with."""
    body = pattern.strip("/")
    # With a slash at its beginning or inside it is meant from the root, else from anywhere.
    start = r"\A" if "/" in pattern.rstrip("/") else r"(?:\A|/)"
    if pattern.endswith("/"):
        end = "/"  # a folder: what is in it, at any depth
    elif pattern.endswith("/*"):
        end = r"\Z"  # what is in it, and no deeper
    else:
        end = r"(?:\Z|/)"
    return start + _steps(body) + end


def _steps(body: str) -> str:
    """The parts of a path, `**` for any number of them.

    What is between two `**` may match as early as it can, since the second takes whatever is left, and
    need not be tried again (an atomic group). Without that a pattern of many takes time without end.
    """
    parts: list[list[str]] = [[]]
    for step in body.split("/"):
        if step != "**":
            parts[-1].append(_step(step))
        elif parts[-1] or len(parts) == 1:  # Two in a row are one.
            parts.append([])
    first, *rest = ("/".join(part) for part in parts)
    if not rest:
        return first
    *between, last = rest
    pattern = f"{first}/" if first else ""
    pattern += "".join(f"(?>(?:[^/]*+/)*?{part}/)" for part in between)
    return pattern + (f"(?:.*/)?{last}" if last else ".*")


def _step(step: str) -> str:
    """One part of a path; two stars inside of one are one. Atomic as above, star by star."""
    texts = [""]
    for escaped, stars, star, any_character, text in _WILD.findall(step):
        if stars or star:
            texts += [""] if texts[-1] or len(texts) == 1 else []
        else:
            texts[-1] += "[^/]" if any_character else re.escape(escaped or text)
    first, *rest = texts
    if not rest:
        return first
    *between, last = rest
    return first + "".join(f"(?>[^/]*?{text})" for text in between) + f"[^/]*{last}"
