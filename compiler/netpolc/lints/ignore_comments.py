"""Comments that silence a finding, each with its reason: `# netpolc: ignore[NP604] kept for the old client`.

A comment covers the statement that it ends, or the one below it. In a manifest it covers its
line or the line below, and above the first line of a document the whole document. Only warnings
and notes can be silenced: an error of meaning or an assertion that does not hold cannot.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate, compress
from operator import attrgetter

from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.diagnostics.rule_word_problem import rule_word_problem
from netpolc.memory import NO_MEMORY, Memory
from netpolc.source import SourceFile, Span
from netpolc.syntax.logical_lines import cut
from netpolc.values import record

UNUSED_IGNORE = Rule(code="NP690", name="unused-ignore", severity=Severity.WARNING)
INVALID_IGNORE = Rule(code="NP691", name="invalid-ignore", severity=Severity.WARNING)

_MARK = "netpolc: ignore"
_COMMENT = r"#[ \t]*netpolc:[ \t]*ignore\b(?:\[(?P<rules>[^\]\n]*)\])?[ \t]*(?P<reason>[^\n]*)"


@record
class _Ignore:
    """One comment: its place, the codes or names it lists, and the offsets that it covers."""

    span: Span
    rules: frozenset[str]
    reason: str
    start: int
    end: int
    used: bool = False

    def silences(self, finding: Diagnostic) -> bool:
        covers = self.start <= finding.label.span.start <= self.end
        return covers and not self.rules.isdisjoint((finding.rule.code, finding.rule.name))


_START = attrgetter("start")


class IgnoreComments:
    """The ignore comments of some files; each remembers whether it silenced a finding."""

    def __init__(
        self,
        intents: Iterable[SourceFile],
        manifests: Iterable[SourceFile],
        memory: Memory = NO_MEMORY,
    ) -> None:
        covered = (
            *((file, _statements) for file in _marked(intents, memory.part("intents"))),
            *((file, _lines) for file in _marked(manifests, memory.part("manifests"))),
        )
        self._ignores = {
            file.path: list(_ignores(file, covering(file))) for file, covering in covered
        }
        self._by_place: dict[str, _ByPlace] = {}

    def silence(self, finding: Diagnostic) -> bool:
        """Return whether a comment silences the finding, and remember its use."""
        path = finding.label.span.path
        if not self._ignores.get(path):
            return False
        if path not in self._by_place:
            self._by_place[path] = _ByPlace(self._ignores[path])
        near = self._by_place[path].around(finding.label.span.start)
        silencing = [ignore for ignore in near if ignore.silences(finding)]
        for ignore in silencing:
            ignore.used = True
        return bool(silencing)

    def problems(self) -> Iterator[Diagnostic]:
        """Yield a finding for each comment without rules or reason, and for each not needed."""
        for ignore in self._all():
            if not ignore.rules:
                yield _finding(INVALID_IGNORE, ignore, "the comment names no rule", _FORM)
            elif not ignore.reason:
                yield _finding(INVALID_IGNORE, ignore, "the comment gives no reason", _FORM)

    def unused(self) -> Iterator[Diagnostic]:
        """Yield a finding for each comment that silenced nothing; call it after all lints have run."""
        for ignore in self._all():
            if ignore.rules and not ignore.used:
                yield _unused(ignore)

    def _all(self) -> Iterator[_Ignore]:
        for ignores in self._ignores.values():
            yield from ignores


class _ByPlace:
    """The comments of one file, by what they cover: statements and lines, and perhaps whole documents."""

    def __init__(self, ignores: Iterable[_Ignore]) -> None:
        self._ignores = sorted(ignores, key=_START)
        self._starts = list(map(_START, self._ignores))
        self._last_ends = list(accumulate((ignore.end for ignore in self._ignores), max))

    def around(self, offset: int) -> Iterator[_Ignore]:
        """Yield the comments that may cover an offset."""
        for index in range(bisect_right(self._starts, offset) - 1, -1, -1):
            if self._last_ends[index] < offset:
                return
            yield self._ignores[index]


def _marked(files: Iterable[SourceFile], memory: Memory) -> Iterator[SourceFile]:
    """The files that may have such a comment."""
    some = tuple(files)
    return compress(some, memory.each("marked", some, _has_mark))


def _has_mark(file: SourceFile) -> bool:
    return _MARK in file.text


_FORM = "write `# netpolc: ignore[CODE] reason`; several codes are separated by commas"


def _finding(rule: Rule, ignore: _Ignore, message: str, advice: str) -> Diagnostic:
    return Diagnostic(rule=rule, message=message, label=Label(ignore.span), help=advice)


def _unused(ignore: _Ignore) -> Diagnostic:
    """The finding that a comment silences nothing, whatever is found there: other outputs may find less."""
    words = sorted(ignore.rules)
    problem = next(filter(None, map(rule_word_problem, words)), "")
    rules = ", ".join(f"`{word}`" for word in words)
    why, _, advice = problem.partition("; ")
    why, advice = why or f"there is no finding of {rules} here", advice or "remove the comment"
    return _finding(UNUSED_IGNORE, ignore, f"the comment silences nothing: {why}", advice)


def _ignores(file: SourceFile, covered: Iterable["_Covered"]) -> Iterator[_Ignore]:
    for matched, (start, end) in covered:
        rules = (word.strip() for word in (matched["rules"] or "").split(","))
        yield _Ignore(
            span=file.span(matched.start(), matched.start() + len(matched.group().rstrip())),
            rules=frozenset(rule for rule in rules if rule),
            reason=matched["reason"].strip(),
            start=start,
            end=end,
        )


_Covered = tuple[re.Match[str], tuple[int, int]]


def _statements(file: SourceFile) -> Iterator[_Covered]:
    """Pair each ignore comment of intents with the offsets of its statement."""
    lines, _ = cut(file.text)
    places = [(line.start, line.start + len(line.text), line.text) for line in lines]
    starts = [start for start, _, _ in places]
    for matched in re.finditer(_COMMENT, file.text):
        offset = matched.start()
        number = bisect_right(starts, offset)
        start, end, text = places[number - 1] if number else (0, -1, "")
        if offset < end and text[offset - start] == "#":
            continue  # In quotes: no comment.
        is_inside = offset < end or file.text.find("\n", max(end, start), offset) < 0
        if number and is_inside:
            yield matched, (start, max(end, offset))
        elif number < len(places):
            yield matched, places[number][:2]
        else:
            yield matched, (offset, offset)


def _lines(file: SourceFile) -> Iterator[_Covered]:
    """Pair each ignore comment of manifests with the offsets of its line, or of its document."""
    from netpolc.yaml.comments import Comments  # noqa: PLC0415 - with PyYAML

    comments = Comments(file).ends()
    for matched in re.finditer(_COMMENT, file.text):
        if matched.start() in comments:
            yield matched, _covered_lines(file, matched.start())


def _covered_lines(file: SourceFile, offset: int) -> tuple[int, int]:
    line, column = file.position(offset)
    last = len(file.line_starts())
    if file.line_text(line)[: column - 1].strip():
        return _range(file, line, line)
    below = next((at for at in range(line + 1, last + 1) if _has_content(file, at)), line)
    above = next((at for at in range(line - 1, 0, -1) if _has_content(file, at)), 0)
    if above == 0 or _is_marker(file, above):
        ends = (at - 1 for at in range(below, last + 1) if _is_marker(file, at))
        return _range(file, below, next(ends, last))
    return _range(file, below, below)


def _has_content(file: SourceFile, line: int) -> bool:
    text = file.line_text(line).strip()
    return bool(text) and not text.startswith("#")


def _is_marker(file: SourceFile, line: int) -> bool:
    return file.line_text(line).startswith("---")


def _range(file: SourceFile, first: int, last: int) -> tuple[int, int]:
    start = file.line_starts()[first - 1]
    return start, file.line_starts()[last - 1] + len(file.line_text(last))
