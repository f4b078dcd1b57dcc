"""The garbage collector of a process that lives long.

What a first run makes lives as long as the project, and has no cycles. To look through it again and
again would take longer than all the work after a keystroke.
"""

import gc


def settle_collector() -> None:
    """Leave all that there is out of the collector's sight, and let it look at what comes after."""
    gc.collect()
    gc.freeze()
    gc.enable()
