"""How many processes a run has.

What a process can take over is the translation of namespaces, a third of a run: with more than four
the others only wait for the first. A container often sees all processors of its host and may use
one of them; so few processes do no harm there.
"""

import os
import sys

_WORTHWHILE = 2_000
"""So many files make a second process worthwhile."""
_MOST = 4


def processes(jobs: int | None, files: int) -> int:
    """Return how many processes work on a number of files: `jobs`, or one for each processor.

    It is one where there are few files, and where a process cannot be forked: on Windows, and on
    macOS, whose libraries do not work in a forked process.
    """
    if files < _WORTHWHILE or not hasattr(os, "fork") or sys.platform == "darwin":
        return 1
    return min(jobs or _processors(), _MOST)


def _processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
