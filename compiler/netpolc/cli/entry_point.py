"""The process `netpolc`: how it starts and ends, so that it takes little time for both.

It ends after one command and holds everything until then. Collecting cycles would cost a
third of a large compile and a tenth of a start, and frees nothing worth having; so would
taking a million values apart one by one, only to give their memory back to a system that
takes it back anyway.
"""

import gc
import os
import sys

_INTERRUPTED = 130


def main() -> None:
    """Run the command line of this process and exit."""
    gc.disable()
    try:
        from netpolc.cli.main import run  # noqa: PLC0415 - loading it would be collected as well

        code = run(sys.argv[1:])
    except KeyboardInterrupt:  # While modules are loaded; `run` catches it itself.
        code = _INTERRUPTED
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except (OSError, ValueError):
        sys.exit(code)  # The interpreter knows what to do about a stream that is gone.
    os._exit(code)
