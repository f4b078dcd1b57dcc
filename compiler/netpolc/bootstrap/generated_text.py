"""Text of intent files made from what others wrote.

Names and paths of manifests and logs become comments, and a line break in one would
become a statement that opens something. So every comment is made here, on one line.
"""

from collections.abc import Iterable

from netpolc.diagnostics.render.escape import visible
from netpolc.source import SourceFile
from netpolc.syntax.formatter import format_file
from netpolc.syntax.parser import parse

_LONGEST = 300


class UnreadableTextError(Exception):
    """What was made is no intent file: a mistake of ours, and nothing may be written."""


def comment(text: str) -> list[str]:
    """The text as a comment."""
    return [f"# {visible(text, _LONGEST)}".rstrip()]


def formatted(lines: Iterable[str]) -> str:
    """The lines as the formatter writes them; UnreadableTextError where they do not parse."""
    read = parse(SourceFile("<proposal>", "\n".join(lines) + "\n"))
    if read.failed:
        raise UnreadableTextError(read.diagnostics[0].message)
    return format_file(read.value)
