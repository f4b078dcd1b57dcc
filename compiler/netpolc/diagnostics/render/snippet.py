"""The lines of source that a finding points at, with the places underlined.

A line may be a page long, hold tabs, wide characters or escapes; what is shown is a
window of it as a terminal can show it, and the underline must be below exactly the
characters meant. Columns here are therefore those of the shown text.
"""

from collections.abc import Iterator

from netpolc.diagnostics.render.escape import visible_char, width
from netpolc.source import Span
from netpolc.values import frozen

_WINDOW, _BEFORE, _TAB = 100, 30, 4
_MORE = "…"


@frozen
class Mark:
    """A stretch of one line, offsets from its beginning, `end` not included."""

    start: int
    end: int


@frozen
class Shown:
    """A line as it is printed, and what is before and below the characters of a mark."""

    text: str
    indent: int
    length: int


def mark(span: Span) -> Mark:
    """The columns of a span in its first line; at least one, so that it is visible."""
    start = span.column - 1
    line = span.file.line_text(span.line)
    end = min(start + span.end - span.start, max(len(line), start))
    return Mark(start, max(end, start + 1))


def shown(line: str, marked: Mark) -> Shown:
    """A line with a mark; of a long line a window with the beginning of the mark."""
    first, last = _window(line, marked)
    cells = list(_cells(line[first:last]))
    head, tail = _MORE if first else "", _MORE if last < len(line) else ""
    start, end = marked.start - first, marked.end - first
    indent = width(head) + width("".join(cells[:start]))
    length = width("".join(cells[start:end]))
    # A place after the end of the line, or a character without width, gets one mark too.
    return Shown(head + "".join(cells) + tail, indent, max(length, 1))


def _window(line: str, marked: Mark) -> tuple[int, int]:
    if len(line) <= _WINDOW:
        return 0, len(line)
    first = max(0, min(marked.start - _BEFORE, len(line) - _WINDOW))
    return first, first + _WINDOW


def _cells(text: str) -> Iterator[str]:
    """The printed form of each character."""
    column = 0
    for char in text:
        cell = " " * (_TAB - column % _TAB) if char == "\t" else visible_char(char)
        column += width(cell)
        yield cell
