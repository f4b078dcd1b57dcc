"""Places in texts.

Every stage must be able to point at the text that it is about, without any of them
holding that text in its own form. A `SourceFile` is one text with its name; a
`Span` is a stretch of it, by offsets. Lines and columns are worked out only when
somebody is shown the place, so a span costs two numbers.

Spans are positions, not meaning: fields that hold one are `compare=False`.
"""

from bisect import bisect_right
from dataclasses import field

from netpolc.values import frozen


@frozen(eq=False)
class SourceFile:
    """One text and the name by which the user knows it (a path, or `<stdin>`).

    A text that is not known is empty, and begins on its `first_line`.
    """

    path: str
    text: str
    _starts: list[int] = field(default_factory=list, repr=False)
    first_line: int = 1

    def line_starts(self) -> list[int]:
        """Offsets at which the lines begin; found once, on first use."""
        if not self._starts:
            start, text = 0, self.text
            self._starts.append(0)
            while start := text.find("\n", start) + 1:
                self._starts.append(start)
        return self._starts

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both counted from 1, columns in code points."""
        starts = self.line_starts()
        line = bisect_right(starts, offset)
        return line + self.first_line - 1, offset - starts[line - 1] + 1

    def line(self, offset: int) -> int:
        """The line of an offset, counted from 1."""
        return bisect_right(self._starts or self.line_starts(), offset) + self.first_line - 1

    def line_text(self, line: int) -> str:
        """The text of a line (counted from 1) without its line end."""
        starts = self.line_starts()
        end = starts[line] - 1 if line < len(starts) else len(self.text)
        return self.text[starts[line - 1] : end].removesuffix("\r")

    def span(self, start: int, end: int) -> "Span":
        """The span of the offsets `start` (included) to `end` (not included)."""
        return Span(file=self, start=start, end=end)

    def whole(self) -> "Span":
        """The span to use when the file itself is meant, not a place in it."""
        return Span(file=self, start=0, end=0)


@frozen(kw_only=True)
class Span:
    """A stretch of a file: offsets in code points, `end` not included."""

    file: SourceFile
    start: int
    end: int

    @property
    def path(self) -> str:
        """The name of the file."""
        return self.file.path

    @property
    def line(self) -> int:
        """The line on which the span begins, counted from 1."""
        return self.file.line(self.start)

    @property
    def column(self) -> int:
        """The column at which the span begins, counted from 1 in code points."""
        return self.file.position(self.start)[1]

    @property
    def text(self) -> str:
        """The text that the span covers."""
        return self.file.text[self.start : self.end]

    def __contains__(self, other: "Span") -> bool:
        """Whether another span is a part of this one."""
        return self.path == other.path and self.start <= other.start and other.end <= self.end

    def to(self, other: "Span") -> "Span":
        """The span from the beginning of this one to the end of `other`."""
        return Span(file=self.file, start=self.start, end=other.end)


NOWHERE = SourceFile("", "").whole()
"""The place of what no text has."""
