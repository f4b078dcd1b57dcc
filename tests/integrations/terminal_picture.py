"""The screen of a terminal as an SVG picture, for the documentation."""

import os
import re
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from tests.integrations.terminal import COLUMNS, Terminal

_WIDTH, _HEIGHT, _SIZE, _MARGIN = 8.4, 18, 14, 10
_INK, _PAPER = "#d4d4d4", "#1e1e1e"
_SEQUENCE = re.compile(r"\x1b\[([0-9;:]*)m")
_COLOURS = (
    *("#000000", "#cd3131", "#0dbc79", "#e5e510", "#2472c8", "#bc3fbc", "#11a8cd", "#e5e5e5"),
    *("#666666", "#f14c4c", "#23d18b", "#f5f543", "#3b8eea", "#d670d6", "#29b8db", "#ffffff"),
)
_FIELDS = {"38": "ink", "48": "paper", "58": "line"}


class Style(NamedTuple):
    """How a character is shown; `line` is the colour of a line below it."""

    ink: str = _INK
    paper: str = _PAPER
    line: str = ""
    bold: bool = False
    italic: bool = False
    reverse: bool = False


def draw_screen(terminal: Terminal, name: str, folder: Path) -> None:
    """Write the screen to a picture: in a test's folder, or where `make pictures` wants them."""
    folder = Path(os.environ.get("NETPOLC_PICTURES", folder))
    (folder / name).write_text(svg(terminal.coloured_text), encoding="utf-8")


def svg(text: str) -> str:
    """Return the picture of lines with escape sequences."""
    lines = text.rstrip("\n").split("\n")
    width, height = COLUMNS * _WIDTH + 2 * _MARGIN, len(lines) * _HEIGHT + 2 * _MARGIN
    font = f'font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="{_SIZE}"'
    box = f'viewBox="0 0 {width:g} {height:g}"'
    style = Style()
    parts = [
        f'<svg shape-rendering="crispEdges" xmlns="http://www.w3.org/2000/svg" {box} {font}>',
        f'<rect width="100%" height="100%" rx="6" fill="{_PAPER}"/>',
    ]
    for number, line in enumerate(lines):
        cells, style = _cells(line, style)
        parts += _runs(cells, number * _HEIGHT + _MARGIN)
    return "\n".join((*parts, "</svg>", ""))


def _cells(line: str, style: Style) -> tuple[list[tuple[str, Style]], Style]:
    """Return the characters of a line, each with its style, and the style after the line."""
    found = []
    for number, part in enumerate(_SEQUENCE.split(line)):
        if number % 2:
            style = _changed(style, part)
        else:
            found += [(character, style) for character in part]
    return found, style


def _changed(style: Style, sequence: str) -> Style:
    """Return the style after a sequence of numbers."""
    codes = iter((sequence or "0").split(";"))
    for code in codes:
        if code in ("", "0"):
            style = Style()
        elif code in _FIELDS:
            style = _with(style, {_FIELDS[code]: _colour(codes)})
        else:
            style = _with(style, _CHANGES.get(code) or _of_palette(int(code.partition(":")[0])))
            if code in ("4", "4:1", "4:3") and not style.line:
                style = style._replace(line=style.ink)
    return style


_CHANGES: Mapping[str, Mapping[str, Any]] = {
    "1": {"bold": True},
    "3": {"italic": True},
    "7": {"reverse": True},
    "24": {"line": ""},
    "27": {"reverse": False},
    "39": {"ink": _INK},
    "49": {"paper": _PAPER},
}


def _with(style: Style, changes: Mapping[str, Any]) -> Style:
    return style._replace(**changes)


def _of_palette(number: int) -> Mapping[str, Any]:
    """Return the change of a number of one of sixteen colours; other numbers change nothing."""
    bright, number = (8, number - 60) if number >= 90 else (0, number)
    if 30 <= number < 38:
        return {"ink": _COLOURS[number - 30 + bright]}
    if 40 <= number < 48:
        return {"paper": _COLOURS[number - 40 + bright]}
    return {}


def _colour(more: Iterator[str]) -> str:
    """Return the colour in the numbers of a sequence: three, or that of a palette of 256."""
    if next(more) == "2":
        red, green, blue = (int(next(more)) for _ in range(3))
        return f"#{red:02x}{green:02x}{blue:02x}"
    number = int(next(more))
    if number < len(_COLOURS):
        return _COLOURS[number]
    if number >= 232:
        return "#" + f"{8 + 10 * (number - 232):02x}" * 3
    steps = (number - 16) // 36, (number - 16) // 6 % 6, (number - 16) % 6
    return "#" + "".join(f"{55 + 40 * step if step else 0:02x}" for step in steps)


def _runs(cells: list[tuple[str, Style]], top: float) -> Iterator[str]:
    """Yield the elements of a line: the background of its characters, and the characters."""
    column = 0
    for style, group in groupby(cells, key=lambda cell: cell[1]):
        text = "".join(character for character, _ in group)
        ink, paper = style.ink, style.paper
        if style.reverse:
            ink, paper = paper, ink
        left, width = column * _WIDTH + _MARGIN, len(text) * _WIDTH
        if paper != _PAPER:
            yield f'<rect x="{left:g}" y="{top:g}" width="{width:g}" height="{_HEIGHT}" fill="{paper}"/>'
        if text.strip():
            yield _text(text, left, top + _SIZE, ink, style)
        if style.line:
            below = f'y="{top + _HEIGHT - 2:g}" width="{width:g}" height="1" fill="{style.line}"'
            yield f'<rect x="{left:g}" {below}/>'
        column += len(text)


def _text(text: str, left: float, base: float, ink: str, style: Style) -> str:
    """Return characters at their columns, whatever the width of the reader's font."""
    start = len(text) - len(text.lstrip())
    text = text.strip()
    form = ' font-weight="bold"' * style.bold + ' font-style="italic"' * style.italic
    return (
        f'<text x="{left + start * _WIDTH:g}" y="{base:g}" textLength="{len(text) * _WIDTH:g}" fill="{ink}"'
        f'{form} xml:space="preserve">{escape(text)}</text>'
    )
