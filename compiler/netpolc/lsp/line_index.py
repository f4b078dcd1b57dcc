r"""Positions of the protocol, lines and units of an encoding, to offsets in a text and back.

The protocol ends a line at `\n`, `\r\n` and `\r` alone. Units are bytes, UTF-16 code units or code
points, as client and server have agreed. A position beyond the end of its line is the line's
end, one beyond the last line is the text's end, and one inside a character is before it.
"""

import re
from bisect import bisect_right

from lsprotocol.types import Position, PositionEncodingKind, Range

from netpolc.source import Span

_LINE_END = re.compile(r"\r\n|\n|\r")
_LAST_OF_ONE_UNIT = {
    PositionEncodingKind.Utf8: 0x7F,
    PositionEncodingKind.Utf16: 0xFFFF,
    PositionEncodingKind.Utf32: 0x10FFFF,
}


class LineIndex:
    """The lines of a text, found once."""

    def __init__(self, text: str, encoding: PositionEncodingKind) -> None:
        """Find where the lines begin and end."""
        self._text = text
        self._encoding = encoding
        self._starts, self._ends = [0], list[int]()
        for match in _LINE_END.finditer(text):
            self._ends.append(match.start())
            self._starts.append(match.end())
        self._ends.append(len(text))
        self._is_plain = text.isascii() or encoding is PositionEncodingKind.Utf32

    def position(self, offset: int) -> Position:
        """Return the position of an offset; one inside a line end is before it."""
        line = bisect_right(self._starts, offset) - 1
        start, end = self._starts[line], min(offset, self._ends[line])
        if self._is_plain:
            return Position(line, end - start)
        return Position(line, sum(map(self._width, self._text[start:end])))

    def range(self, span: Span) -> Range:
        """Return the range of a span of the text."""
        return Range(self.position(span.start), self.position(span.end))

    def offset(self, position: Position) -> int:
        """Return the offset of a position."""
        if position.line >= len(self._starts):
            return len(self._text)
        start, end = self._starts[max(position.line, 0)], self._ends[max(position.line, 0)]
        wanted = max(position.character, 0)
        if self._is_plain:
            return min(start + wanted, end)
        for offset in range(start, end):
            wanted -= self._width(self._text[offset])
            if wanted < 0:
                return offset
        return end

    def _width(self, char: str) -> int:
        """Return how many units a character has."""
        if ord(char) <= _LAST_OF_ONE_UNIT[self._encoding]:
            return 1
        if self._encoding is PositionEncodingKind.Utf16:
            return 2
        return len(char.encode("utf-8", "surrogatepass"))
