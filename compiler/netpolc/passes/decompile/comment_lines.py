"""Comments of imported intents, as lines."""

from collections.abc import Iterable, Iterator
from textwrap import wrap

from netpolc.passes.decompile.policy_lines import Policy
from netpolc.syntax.formatter import WIDTH

_LONGEST_COMMENT = 110


def lines_about_policy(policy: str, comments: tuple[str, ...]) -> tuple[str, ...]:
    """Comments with the name of the policy that they are about."""
    return f"# {policy}: {comments[0][2:]}", *comments[1:]


def import_lines(policies: Iterable[Policy]) -> Iterator[str]:
    """The comment that says where a file comes from: the policies of one, or the files."""
    names: dict[str, list[str]] = {}
    for policy in policies:
        names.setdefault(policy.path, []).append(policy.name)
    if len(names) == 1:
        ((path, listed),) = names.items()
        yield from comment_lines(f"Imported from {path}: {', '.join(listed)}", "  ")
    elif names:
        yield from comment_lines(f"Imported from {', '.join(names)}", "  ")


def comment_lines(text: str, indent: str = "") -> Iterator[str]:
    """A text as comment lines; one that is hardly too long stays as its author broke it."""
    lines = [text]
    if indent or len(text) > _LONGEST_COMMENT:
        lines = wrap(
            text,
            WIDTH - 4,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
    yield from (f"# {line}" for line in lines)
