"""All syntax errors of a file; a pasted manifest or a merge conflict gives one.

A parser stops at the first mistake of a line. Where that has one remedy, the line is read again with
the remedy, and what is then found further on is reported at its place in the line as written. A
remedy may be the wrong one, so nothing before it is reported.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from netpolc.diagnostics import Diagnostic, Fix, Label
from netpolc.source import SourceFile, Span
from netpolc.syntax import rules
from netpolc.syntax.logical_lines import Line, cut
from netpolc.syntax.merge_conflicts import MergeConflicts, is_marker
from netpolc.syntax.pasted_yaml import is_manifest, manifest_like, pasted
from netpolc.syntax.statement_builder import statement
from netpolc.syntax.syntax_errors import explained
from netpolc.syntax.tokens import Tokens

_MOST = 1000
_MOST_IN_LINE = 8
_LONGEST = 1000
"""Longer lines have one finding: each round reads the whole line."""


class Mistakes:
    """Gathers what is wrong with the lines of one file, in their order."""

    def __init__(self, source: SourceFile) -> None:
        self._source = source
        self._found: list[Diagnostic] = []
        self._run: list[tuple[Line, Tokens]] = []
        self._conflicts = MergeConflicts(source)
        self._more = 0
        self._first_more: Span | None = None

    def add(self, findings: Iterable[Diagnostic]) -> None:
        """Take a line that follows the grammar, and what else is wrong with it."""
        self._end_run()
        for finding in findings:
            self._keep(finding.label.span, (finding,))

    def add_failure(self, line: Line, tokens: Tokens) -> None:
        """Take a line that does not follow the grammar."""
        if is_marker(line):
            self._end_run()
            self._conflicts.add(line)
        else:
            self._run.append((line, tokens))

    def finish(self) -> list[Diagnostic]:
        """Everything that was found, up to a number that nobody reads; then how many there are more."""
        self._end_run()
        for conflict in self._conflicts.findings():
            self._keep(conflict.label.span, (conflict,))
        if self._first_more is not None:
            self._found.append(_too_many(self._first_more, self._more))
        return self._found

    def _keep(self, span: Span, findings: Iterable[Diagnostic]) -> None:
        """Add findings, unless there are too many: explaining a line takes time."""
        if len(self._found) < _MOST:
            self._found += findings
            return
        self._more += 1
        self._first_more = self._first_more or span

    def _end_run(self) -> None:
        """Explain adjacent failed lines."""
        if not self._run:
            return
        run, self._run = self._run, []
        lines = [line for line, _ in run]
        index = 0
        while index < len(run):
            end = index + (length := manifest_like(lines, index))
            if length and is_manifest(lines[index:end]):
                self._found.append(pasted(lines[index:end], self._source))
                index = end
                continue
            for line, tokens in run[index : max(end, index + 1)]:
                span = self._source.span(line.start, line.start + len(line.text))
                self._keep(span, _in_line(line, tokens, self._source))
            index = max(end, index + 1)


def _too_many(span: Span, number: int) -> Diagnostic:
    return Diagnostic(
        rule=rules.TOO_MANY_MISTAKES,
        message=f"{number:,} more findings in this file are not shown",
        label=Label(span, "the first of them"),
        help="correct the findings above first; is this a file of intents?",
    )


def _in_line(line: Line, tokens: Tokens, source: SourceFile) -> Iterator[Diagnostic]:
    """The mistakes of one line that could not be read, in their order."""
    finding = explained(line, tokens, source)
    yield finding
    if line.unclosed is not None or len(line.text) > _LONGEST:
        return
    text, moved = line.text, line.start
    for _ in range(_MOST_IN_LINE):
        if len(finding.fixes) != 1:
            return
        fix = finding.fixes[0]
        start, end = fix.span.start - moved, fix.span.end - moved
        text = text[:start] + fix.replacement + text[end:]
        moved += end - start - len(fix.replacement)
        rest = _in_text(text, source.path)
        later = [
            diagnostic
            for diagnostic in rest
            if diagnostic.label.span.start >= start + len(fix.replacement)
        ]
        if not later or len(later) < len(rest):
            return
        placed = [_moved(diagnostic, source, moved) for diagnostic in later]
        yield from placed
        finding = placed[-1]


def _in_text(text: str, path: str) -> list[Diagnostic]:
    """The findings in a text that should be one line."""
    source = SourceFile(path, text)
    lines, _ = cut(text)
    if len(lines) != 1 or lines[0].unclosed is not None:
        return []
    tokens = Tokens(lines[0].text, source, lines[0].start)
    built = statement(tokens, lines[0].comments)
    return [explained(lines[0], tokens, source)] if built is None else built[1]


def _moved(finding: Diagnostic, source: SourceFile, by: int) -> Diagnostic:
    """A finding at its place in the file as written."""

    def place(span: Span) -> Span:
        return source.span(span.start + by, span.end + by)

    return replace(
        finding,
        label=Label(place(finding.label.span), finding.label.text),
        others=tuple(Label(place(label.span), label.text) for label in finding.others),
        fixes=tuple(
            Fix(span=place(fix.span), replacement=fix.replacement, safe=fix.safe)
            for fix in finding.fixes
        ),
    )
