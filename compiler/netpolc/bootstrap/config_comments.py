"""Comments in configuration files and scripts, whatever their language.

A program does not read them, so an address in a comment is not evidence of a connection.
The form of a ConfigMap's text is not known; so what begins like a comment in any of the
usual languages is one: `#`, `//`, `;` and `-- ` at the start of a line, `#` and `//` between
blanks, and the blocks of C, XML and Lua. Forms that mean something else in other files count
only where the name of the file says that they are comments.
"""

import re
from collections.abc import Iterator

_LINE = ("#", "//", ";", "-- ")
_TRAILING = ("# ", "// ")
_BLOCKS = (("<!--", "-->"), ("/*", "*/"), ("--[[", "]]"))
_BATCH = re.compile(r"(?im)^[ \t]*+(?:@?rem\b|::).*")
_OF_FILES = {
    ".properties": re.compile(r"(?m)^[ \t]*+!.*"),
    ".bat": _BATCH,
    ".cmd": _BATCH,
    ".ini": re.compile(r"(?m)[ \t];.*"),
    ".json": re.compile(r'"//[^"\\\n]*+"\s*+:\s*+"(?:[^"\\]|\\.)*+"'),
}
"""The comments of files by the ending of their name; in JSON, texts whose key begins with `//`."""


def config_comments(text: str, name: str = "") -> list[tuple[int, int]]:
    """The comments in a text, each from its first character to the one after its last.

    Args:
        text: the text of a file.
        name: the name of the file, where the text has one.
    """
    pattern = _OF_FILES.get("." + name.lower().rpartition(".")[2])
    of_file = () if pattern is None else (match.span() for match in pattern.finditer(text))
    return sorted({*_lines(text), *_blocks(text), *of_file})


def _lines(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for line in text.splitlines(keepends=True):
        end = start + len(line)
        if line.lstrip().startswith(_LINE):
            yield start, end
        else:
            starts = [
                start
                for mark in _TRAILING
                for blank in " \t"
                if (start := line.find(blank + mark)) >= 0
            ]
            if starts:
                yield start + min(starts), end
        start = end


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    for first, last in _BLOCKS:
        start = text.find(first)
        while start >= 0 and (end := text.find(last, start + len(first))) >= 0:
            yield start, end + len(last)
            start = text.find(first, end + len(last))
