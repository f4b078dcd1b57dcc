"""A text with a largest size, filled from the top.

Sections are put in as long as there is room; of one that is too long whole lines are left
out, never a part of one, and everything left out is counted, so that the last lines can
say exactly what is missing.
"""

from collections.abc import Iterable, Sequence

from netpolc.changes.render.diff_lines import Count, Line, plural, written
from netpolc.changes.render.markdown_escape import block, shown
from netpolc.values import frozen

_RESERVE = 900
"""Bytes kept for the last lines and for closing what is open."""


@frozen(kw_only=True)
class Block:
    """Lines of a diff with the lines above and below them."""

    head: tuple[str, ...]
    lines: tuple[Line, ...]
    tail: tuple[str, ...]
    isolations: int = 0

    @property
    def count(self) -> Count:
        """The numbers of connections in its lines."""
        return sum((line.count for line in self.lines), Count())


@frozen(kw_only=True)
class Section:
    """Blocks under a title; with a `summary` they are folded, unless `opened`."""

    title: tuple[str, ...]
    summary: str
    blocks: tuple[Block, ...]
    risky: bool = False
    opened: bool = False


class Page:
    """The text so far, and what was left out of it."""

    def __init__(self, limit: int) -> None:
        self._room = limit - _RESERVE
        self._lines: list[str] = []
        self._left = Count()
        self._isolations = 0
        self._rewordings = 0

    def put(self, lines: Iterable[str]) -> bool:
        """Add the lines and return True, or return False if they do not all fit."""
        some = list(lines)
        if _size(some) > self._room:
            return False
        self._lines += some
        self._room -= _size(some)
        return True

    def add(self, section: Section) -> None:
        """Put as much of a section as there is room for."""
        before, after = _frame(section)
        self._room -= _size(after)
        inside = Page(self._room - _size(before) + _RESERVE)
        for section_block in section.blocks:
            inside._add_block(section_block)
        self._left += inside._left
        self._isolations += inside._isolations
        if inside._lines and self.put([*before, *inside._lines]):
            self._lines += after
        else:
            self._room += _size(after)

    def fold(self, items: Sequence[str], what: str) -> None:
        """Put a list into a fold, as many items of it as there is room for."""
        if not items:
            return
        before = ["<details>", f"<summary>{len(items):,} {what}</summary>", ""]
        after = ["", "</details>", ""]
        room = self._room - _size([*before, *after])
        fitting = 0
        while fitting < len(items) and room >= _size([items[fitting]]):
            room -= _size([items[fitting]])
            fitting += 1
        self._rewordings += len(items) - fitting
        if fitting:
            self.put([*before, *items[:fitting], *after])

    def text(self, foot: Iterable[str]) -> str:
        """The whole text, which ends with what was left out and the foot."""
        parts = (
            (str(self._left), bool(self._left)),
            (plural(self._isolations, "isolation change"), self._isolations > 0),
            (plural(self._rewordings, "statement"), self._rewordings > 0),
        )
        left = ", ".join(words for words, there in parts if there)
        note = [
            f"**Left out, because a comment may not be longer:** {left}. `netpolc diff` shows all.",
            "",
        ]
        return "\n".join([*self._lines, *(note if left else ()), *foot]) + "\n"

    def _add_block(self, added: Block) -> None:
        if self.put(_text(added, added.lines)):
            return
        fitting = self._fitting(added)
        left = sum((line.count for line in added.lines[fitting:]), Count())
        end = (f"- and {left} more, left out here", *added.tail)
        if fitting and self.put(_text(added, added.lines[:fitting], end)):
            self._left += left
            return
        self._left += added.count
        self._isolations += added.isolations

    def _fitting(self, shortened: Block) -> int:
        """Return the number of lines of a block that certainly fit."""
        widest = max((_size([shown(line.text)]) for line in shortened.lines), default=0)
        room = self._room - _size([*shortened.head, *shortened.tail]) - 2 * min(widest, 200) - 100
        for number, line in enumerate(shortened.lines):
            (whole,) = written([line])
            # Remarks are put below each other, which may widen a line.
            room -= _size([whole]) + (60 if line.remark else 0)
            if room < 0:
                return number
        return len(shortened.lines)


def _frame(section: Section) -> tuple[list[str], list[str]]:
    """The lines before and after the blocks of a section."""
    if not section.summary:
        return list(section.title), []
    tag = "<details open>" if section.opened else "<details>"
    return (
        [*section.title, tag, f"<summary>{section.summary}</summary>", ""],
        ["</details>", ""],
    )


def _text(
    shown_block: Block, lines: Sequence[Line], tail: Sequence[str] | None = None
) -> list[str]:
    shown = [*block("diff", written(lines)), ""] if lines else []
    return [*shown_block.head, *shown, *(shown_block.tail if tail is None else tail)]


def _size(lines: Iterable[str]) -> int:
    """Bytes of lines with their line ends."""
    return sum(len(line.encode()) + 1 for line in lines)
