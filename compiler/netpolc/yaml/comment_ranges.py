"""Where the comments of a YAML text are: a `#` in a quoted or block scalar begins none."""

import re
from bisect import bisect_right

import yaml

_HASH = re.compile(r"(?:^|(?<=[ \t]))#[^\n]*", re.MULTILINE)


def comment_ranges(text: str) -> list[tuple[int, int]]:
    """Return the offsets (start, end) of each comment, from its `#` to the end of its line.

    Empty for a text that is not YAML.
    """
    try:
        scalars = [
            (token.start_mark.index, token.end_mark.index)
            for token in yaml.scan(text)
            if isinstance(token, yaml.ScalarToken)
        ]
    except yaml.YAMLError:
        return []
    starts = [start for start, _ in scalars]

    def is_in_scalar(offset: int) -> bool:
        before = bisect_right(starts, offset) - 1
        return before >= 0 and offset < scalars[before][1]

    return [found.span() for found in _HASH.finditer(text) if not is_in_scalar(found.start())]
