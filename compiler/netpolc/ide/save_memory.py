"""The memory of a process that lives long.

What a first run makes lives as long as the project, and has no cycles. To look through it again and
again would take longer than all the work after a keystroke. And what a first run asks about
thousands of names, a keystroke asks about those of one file.
"""

import gc

from netpolc import remembered

MOST_CHARACTERS = 1 << 13
"""Of the texts that a function remembers, in such a process: six hundred names."""


def save_memory() -> None:
    """Leave all that there is out of the collector's sight, and remember few texts from now on."""
    remembered.MOST_CHARACTERS = MOST_CHARACTERS
    gc.collect()
    gc.freeze()
    gc.enable()
