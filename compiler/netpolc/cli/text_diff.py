"""Two texts of one file, compared line by line."""

from netpolc.cli.stdout import colours
from netpolc.commands.output_diff import line_difference
from netpolc.diagnostics.render.escape import visible
from netpolc.source import SourceFile

_STYLES = {"+++": "1", "---": "1", "@@": "36", "+": "32", "-": "31"}
"""The terminal's colours (ECMA-48) by how a line of a diff begins."""


def text_diff(source: SourceFile, text: str) -> str:
    """Return the unified diff from a file to its new text, in colour on a terminal."""
    name = visible(source.path)
    diff = line_difference(source.text.encode(), text.encode(), name, name)
    return coloured_diff(diff)


def coloured_diff(diff: str) -> str:
    """Return a unified diff in colour on a terminal."""
    return "".join(map(_coloured, diff.splitlines(keepends=True))) if colours() else diff


def _coloured(line: str) -> str:
    style = next((style for start, style in _STYLES.items() if line.startswith(start)), None)
    return line if style is None else f"\x1b[{style}m{line.rstrip()}\x1b[0m\n"
