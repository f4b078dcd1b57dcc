"""The text of a file, cut into the lines that the grammar reads one by one.

A statement is one line; a line continues after a comma and inside any bracket, and a
comment may follow each part. Cutting before parsing is what lets one bad line cost
one diagnostic. The danger is an unclosed bracket, which would swallow the rest of the
file: a line that cannot but begin a statement of its own therefore ends the one before.

Out come lines whose comments are blanked, so that an offset in a line is an offset in
the file, and the comments beside them. Nothing here knows what a statement says.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import field

from netpolc.syntax.tokens import STRING, code_and_comment
from netpolc.syntax.tree import NO_COMMENTS, Comments
from netpolc.values import frozen, maker, record

BLANKS = " \t\r\n"
"""The blanks between words; any other space is an error."""

_MARK = re.compile(r"[\[\](){}]|<-|->")
_FRESH = r"""(?x)\s*(?:
        namespace\s+(?!(?:in|notin)\s*\()[^\s=!,:]+\s*(?:\{.*)?$   # a header
      | cluster\s*$
      | (?:default|baseline|label|mirror|pods|services|nodes|blocks)\s*:\s
      | dns\s*:\s+[^\s\d*\[]
      | (?:service|group)\s+\S+\s*=
      | (?:<{7}|={7}|>{7}|\|{7})(?:\s|$)                             # markers of a merge conflict
      | (?:enforce\s+)?(?:never|always|only)\s+(?!(?:in|notin)\s*\()[^\s=!,)}]
    )"""
"""A word that can only begin a statement; compiled at the first continued line."""

_WHOLE = re.compile(r"""[^"\#\[\](){}]*(?:\[[^"\#\[\](){}]*\][^"\#\[\](){}]*)*""", re.VERBOSE)
"""A physical line without quotes, comments and brackets but lists: unless a comma ends it,
it is a line by itself. Nearly all are, and need not be looked at sign by sign."""

_OPENING, _CLOSING = "([{", ")]}"


@frozen(kw_only=True)
class Line:
    """One statement's text: `text` begins at offset `start`, its comments are blanks.

    `unclosed` is the offset of a bracket that is open at the end. `cut` says that the
    line was waiting for more when another statement began.
    """

    start: int
    text: str
    comments: Comments
    unclosed: int | None = None
    cut: bool = False


_line: Callable[[int, str, Comments, int | None, bool], Line] = maker(Line)


def cut(text: str, start: int = 0) -> tuple[list[Line], tuple[str, ...]]:
    """The lines of a text from an offset on, and the comments after the last of them."""
    cutter = LineCutter()
    lines: list[Line] = []
    for raw in physical_lines(text[start:]):
        lines += cutter.add(raw, start)
        start += len(raw) + 1
    return [*lines, *cutter.last()], cutter.tail()


class LineCutter:
    """Cuts physical lines, given one after another, into lines."""

    __slots__ = ("_above", "_current")

    def __init__(self) -> None:
        """Begin with nothing."""
        self._above: list[str] = []
        self._current: _Building | None = None

    @property
    def is_open(self) -> bool:
        """Whether the next physical line may belong to a line that has begun."""
        return self._current is not None

    def add(self, raw: str, begin: int) -> Sequence[Line]:
        """Take the next physical line, which begins at an offset; the lines that end there."""
        if self._current is None and _WHOLE.fullmatch(raw):
            whole = raw.rstrip(BLANKS)
            if whole and whole[-1] != ",":
                return (_line(begin, whole, self.comments_above(), None, False),)  # noqa: FBT003
        if self._current is None and (not raw or raw[0] == "#"):
            self._above.append(raw.rstrip())
            return ()
        code, comment = code_and_comment(raw)
        if not code.strip(BLANKS):
            if self._current is None:
                self._above.append(comment)
            else:
                self._current.skip(raw, comment)
            return ()
        marks = masked(code)
        is_new = self._current is not None and self._current.is_ended_by(marks)
        ended = self.last(cut_short=True) if is_new else ()
        if self._current is None:
            self._current = _Building(start=begin, above=self.comments_above().before)
        self._current.add(raw, code, comment, marks)
        return (*ended, *self.last()) if self._current.is_complete else ended

    def comments_above(self) -> Comments:
        """The comments before a line that begins here."""
        if not self._above:
            return NO_COMMENTS
        above, self._above = self._above, []
        return Comments(before=tidy(above))

    def last(self, *, cut_short: bool = False) -> Sequence[Line]:
        """The line that has begun, ended here."""
        current, self._current = self._current, None
        return () if current is None else (current.line(cut_short=cut_short),)

    def tail(self) -> tuple[str, ...]:
        """The comments after the last line."""
        return tidy(self._above)


def masked(code: str) -> str:
    """The text with the contents of its quoted strings as underscores."""
    if '"' not in code:
        return code
    return re.sub(STRING, _mask, code)


def _mask(string: re.Match[str]) -> str:
    close = string.group("close")
    return '"' + "_" * (len(string.group()) - 1 - len(close)) + close


@record(kw_only=True)
class _Building:
    """A line that may continue."""

    start: int
    above: tuple[str, ...]
    parts: list[str] = field(default_factory=list)
    inside: list[str] = field(default_factory=list)
    after: str = ""
    opened: list[int] = field(default_factory=list)
    length: int = 0
    has_arrow: bool = False
    ends_in_comma: bool = False

    @property
    def is_complete(self) -> bool:
        return not self.opened and not self.ends_in_comma

    def add(self, raw: str, code: str, comment: str, marks: str) -> None:
        """Take the code of one physical line."""
        if self.after:
            self.inside.append(self.after)
        self.after = comment
        for mark in _MARK.finditer(marks):
            sign = mark.group()
            if sign in _OPENING:
                self.opened.append(self.start + self.length + mark.start())
            elif sign in _CLOSING:
                del self.opened[-1:]
            else:
                self.has_arrow = True
        self.ends_in_comma = code.rstrip(BLANKS).endswith(",")
        self._append(code, raw)

    def skip(self, raw: str, comment: str) -> None:
        """Take a physical line without code."""
        if comment:
            self.after, earlier = "", self.after
            self.inside.extend(filter(None, (earlier, comment)))
        self._append("", raw)

    def _append(self, code: str, raw: str) -> None:
        self.parts.append(code)
        self.parts.append(" " * (len(raw) - len(code)) + "\n")
        self.length += len(raw) + 1

    def is_ended_by(self, marks: str) -> bool:
        """Whether a physical line cannot belong to this line but begins another."""
        if re.match(_FRESH, marks):
            return not (marks.strip(BLANKS) == "cluster" and self.opened)
        depth = len(self.opened)
        was_inside = depth > 0
        for mark in _MARK.finditer(marks):
            sign = mark.group()
            if sign in _OPENING:
                depth += 1
            elif sign in _CLOSING:
                depth -= 1
            else:
                return self.has_arrow or depth > 0 or not was_inside
        return False

    def line(self, *, cut_short: bool = False) -> Line:
        """The finished line."""
        return Line(
            start=self.start,
            text="".join(self.parts).rstrip(BLANKS),
            comments=Comments(before=self.above, inside=tuple(self.inside), after=self.after),
            unclosed=self.opened[0] if self.opened else None,
            cut=cut_short,
        )


def physical_lines(text: str) -> list[str]:
    """Each line without its end; a carriage return stays in it."""
    lines = text.split("\n")
    return lines if lines[-1] else lines[:-1]


def tidy(comments: list[str]) -> tuple[str, ...]:
    """Comments with single empty strings for the blank lines between them."""
    if len(comments) == 1:
        return (comments[0],)
    kept: list[str] = []
    for comment in comments:
        if comment or (kept and kept[-1]) or not kept:
            kept.append(comment)
    return tuple(kept)
