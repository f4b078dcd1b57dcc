"""The number of processes of a run.

What a process can take over is the translation of namespaces, a third of a run: with more than four
the others only wait for the first. Two are a tenth faster only where a second processor is idle, and take more memory, so
somebody who knows the machine has to ask for them.
"""

import os
import sys

_WORTHWHILE = 2_000
"""So many files make a second process worthwhile."""
_MOST = 4


def processes(jobs: int, files: int) -> int:
    """Return how many of the processes that are wanted work on a number of files.

    It is one where there are few files, and where a process cannot be forked: on Windows, and on
    macOS, whose libraries do not work in a forked process.
    """
    if files < _WORTHWHILE or not hasattr(os, "fork") or sys.platform == "darwin":
        return 1
    return min(jobs, _MOST)
