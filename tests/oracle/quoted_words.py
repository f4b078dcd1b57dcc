"""Cases written with words that kubectl takes for booleans."""

import re

_WORD = re.compile(r"(?m)((?::|-)[ ]+)([yYnN])[ ]*$")


def quoted(text: str) -> str:
    """The text of a case with `y` and `n` in quotes: its authors meant strings, and kubectl refuses the words."""
    return _WORD.sub(r'\1"\2"', text)
