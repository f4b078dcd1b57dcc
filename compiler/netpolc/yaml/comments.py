"""The comments of a YAML text, which every parser drops.

A `#` after a blank begins a comment unless it is in a quoted or block scalar; only the scanner
of YAML knows where those are. It is asked where a text has a `#` at all.
"""

import re
from bisect import bisect_right

import yaml

from netpolc.source import SourceFile

_HASH = re.compile(r"(?:^|(?<=[ \t]))#", re.MULTILINE)


class Comments:
    """The comments of a file, found at the first question."""

    def __init__(self, file: SourceFile) -> None:
        self._file = file
        self._ends: dict[int, int] | None = None

    def ends(self) -> dict[int, int]:
        """Return the offset of each comment's `#` and that of the end of its line, in order.

        Where the text stops being YAML there are no more.
        """
        if self._ends is None:
            self._ends = _comment_ends(self._file.text) if "#" in self._file.text else {}
        return self._ends

    def on_line(self, number: int) -> tuple[str, bool]:
        """Return the comment of a line from its `#`, empty for none, and whether it trails other text."""
        line, start = self._file.line_text(number), self._file.line_starts()[number - 1]
        for match in _HASH.finditer(line):
            if start + match.start() in self.ends():
                return line[match.start() :], bool(line[: match.start()].strip())
        return "", False


def _comment_ends(text: str) -> dict[int, int]:
    starts, ends = [], []
    last = len(text)
    try:
        for token in yaml.scan(text, Loader=_LOADER):
            if isinstance(token, yaml.ScalarToken):
                start, end = token.start_mark.index, token.end_mark.index
                if token.style in _BLOCKS:  # A comment may follow on the line of the `|`.
                    start = (text.find("\n", start, end) + 1 or end) - 1
                starts.append(start)
                ends.append(end)
    except yaml.YAMLError:
        last = ends[-1] if ends else 0

    def is_in_scalar(offset: int) -> bool:
        before = bisect_right(starts, offset) - 1
        return before >= 0 and offset < ends[before]

    signs = (match.start() for match in _HASH.finditer(text, 0, last))
    lines = {sign: text.find("\n", sign) for sign in signs if not is_in_scalar(sign)}
    return {sign: end if end >= 0 else len(text) for sign, end in lines.items()}


_BLOCKS = ("|", ">")
_LOADER = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
