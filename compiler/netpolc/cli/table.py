"""Tables for people: as wide as their cells, or on a terminal as wide as that."""

import re
from collections.abc import Sequence
from itertools import zip_longest

_GAP = 2
_LEAST = 8
_LINES = 3
"""Lines over which a cell is folded before it is cut."""
_USUAL = 0.9
"""The share of the cells of a column that shall not be folded because of the others."""
_BREAKS = re.compile(r"(?<=[ ,])|(?<=[a-z]/)(?=[{A-Za-z])")


def table_lines(rows: Sequence[Sequence[str]], width: int | None = None) -> list[list[str]]:
    """Return the lines of each row.

    Args:
        rows: the cells, the same number in each row; the first are the headings.
        width: the width of the terminal, into which wide cells are folded and then cut with an
            ellipsis; None for any width.
    """
    lengths = [sorted(map(len, column)) for column in zip(*rows, strict=True)]
    widths = [column[-1] for column in lengths]
    if width is not None and sum(widths) + _GAP * (len(widths) - 1) > width:
        usual = [
            max(column[int(_USUAL * (len(column) - 1))], len(heading), 1)
            for column, heading in zip(lengths, rows[0], strict=True)
        ]
        widths = _fitting(usual, widths, width - _GAP * (len(widths) - 1))
    lines = []
    for row in rows:
        cells = [_folded(cell, room) for cell, room in zip(row, widths, strict=True)]
        lines.append(
            [
                (" " * _GAP)
                .join(f"{part:<{room}}" for part, room in zip(parts, widths, strict=True))
                .rstrip()
                for parts in zip_longest(*cells, fillvalue="")
            ]
        )
    return lines


def _fitting(usual: Sequence[int], most: Sequence[int], room: int) -> list[int]:
    """Return widths of columns whose sum fits.

    Columns that are usually narrow have what they usually need, and wide ones share the rest. What
    is left goes to the columns up to what they need at most, to those first that lack least.
    """
    widths = list(usual)
    free, left = room, list(range(len(usual)))
    while left:
        share = free // len(left)
        narrow = [column for column in left if usual[column] <= share]
        if not narrow:
            for column in left:
                widths[column] = max(share, _LEAST)
            return widths
        for column in narrow:
            free -= usual[column]
            left.remove(column)
    for column in sorted(range(len(most)), key=lambda column: most[column] - widths[column]):
        more = min(free, most[column] - widths[column])
        widths[column] += more
        free -= more
    return widths


def _folded(cell: str, room: int) -> list[str]:
    """Return a cell as lines of at most so many characters, the last one cut where there are too many."""
    if len(cell) <= room:
        return [cell]
    lines = [""]
    for part in _BREAKS.split(cell):
        if lines[-1] and len(lines[-1]) + len(part.rstrip()) > room:
            lines.append("")
        lines[-1] += part
        while len(lines[-1].rstrip()) > room:
            lines[-1:] = [lines[-1][:room], lines[-1][room:]]
    lines = [line.rstrip() for line in lines]
    if len(lines) > _LINES:
        lines = [*lines[: _LINES - 1], f"{lines[_LINES - 1][: room - 1]}…"]
    return lines
