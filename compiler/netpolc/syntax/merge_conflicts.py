"""Unresolved merge conflicts; each is one mistake in several lines."""

import re
from collections.abc import Iterator

from netpolc.diagnostics import Diagnostic, Label
from netpolc.source import SourceFile, Span
from netpolc.syntax import rules
from netpolc.syntax.logical_lines import Line

_MARKER = re.compile(r"(?P<sign><{7}|={7}|>{7}|\|{7})(?:\s|$)")
_BEGINNING, _END = "<" * 7, ">" * 7


def is_marker(line: Line) -> bool:
    """Whether git wrote a line around one side of a conflict."""
    return _MARKER.match(line.text) is not None


class MergeConflicts:
    """Gathers the markers of one file, in their order, into conflicts."""

    def __init__(self, source: SourceFile) -> None:
        self._source = source
        self._conflicts: list[list[Span]] = []
        self._is_open = False

    def add(self, line: Line) -> None:
        """Take a line that is a marker."""
        sign = self._source.span(line.start, line.start + len(_BEGINNING))
        if sign.text == _BEGINNING or not self._is_open:
            self._conflicts.append([])
        self._conflicts[-1].append(sign)
        self._is_open = sign.text != _END

    def findings(self) -> Iterator[Diagnostic]:
        """Yield a finding for each conflict."""
        for first, *others in self._conflicts:
            yield Diagnostic(
                rule=rules.UNEXPECTED_TEXT,
                message="a merge conflict is not resolved",
                label=Label(first, "marker of a merge conflict"),
                others=tuple(Label(other, "also a marker") for other in others),
                help="choose between the two sides, and remove the markers",
            )
