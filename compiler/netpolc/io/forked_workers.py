"""Processes that take over pieces of a work, with all that this process knows when they begin.

A forked process has everything in its memory already, so only numbers of pieces go to it and plain results
come back. Whoever is free takes the next piece, this process too. A worker that ends early, for
whatever reason, costs time and nothing else: its pieces have no results, and this process does them.

Interrupting the command ends the workers without a word, and none outlives it.
"""

import marshal
import os
import signal
import struct
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, NoReturn

_NUMBER = struct.Struct("H")
"""A piece's number; all of them fit into the buffer of a pipe (64 KiB on Linux, never below 4)."""
MOST_PIECES = 2_000


class ForkedWorkers:
    """Workers, and the pieces that nobody has taken yet; made by `forked_workers`."""

    def __init__(self, work: Callable[[int], Any], pieces: int) -> None:
        """Lay out the pieces, without a worker."""
        self._work = work
        self._workers: dict[int, int] = {}  # The ends of pipes with results by process.
        self._pieces, ends = os.pipe()
        os.write(ends, b"".join(map(_NUMBER.pack, range(pieces))))
        os.close(ends)  # Whoever reads it empty finds its end.

    def fork(self) -> None:
        """Start a worker, unless the system has no room for it."""
        results, ends = os.pipe()
        # Interrupts wait until it is known which process has to end with this one.
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT,))
        try:
            process = os.fork()
            if process == 0:
                self._take_part((results, *self._workers.values()), ends, mask)
            self._workers[process] = results
        except OSError:
            os.close(results)
        finally:
            os.close(ends)
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)

    def results(self) -> dict[int, Any]:
        """Take part until no piece is left, then return the results of all, by number."""
        values = dict(self._done())
        for process, results in tuple(self._workers.items()):
            with os.fdopen(results, "rb", closefd=False) as file:
                data = file.read()
            if self._ended(process) == 0:
                values |= marshal.loads(data)  # noqa: S302 - a process of our own has written it
        return values

    def stop(self) -> None:
        """End the workers that are still there."""
        os.close(self._pieces)
        for process in tuple(self._workers):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
            self._ended(process)

    def _done(self) -> Iterator[tuple[int, Any]]:
        while raw := os.read(self._pieces, _NUMBER.size):
            (number,) = _NUMBER.unpack(raw)
            yield number, self._work(number)

    def _take_part(self, others: Iterable[int], ends: int, mask: Iterable[int]) -> NoReturn:
        """Work and end: what else the first process was about to do must not be done twice.

        `others` are for the first process alone. If it is gone, nobody else may seem to read the results.
        """
        code = 1
        try:
            for other in others:
                os.close(other)
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            data = marshal.dumps(dict(self._done()))
            with os.fdopen(ends, "wb", closefd=False) as file:
                file.write(data)
            code = 0
        finally:
            os._exit(code)

    def _ended(self, process: int) -> int:
        """Wait for the end of a worker; its exit code."""
        os.close(self._workers.pop(process))
        _, status = os.waitpid(process, 0)
        return os.waitstatus_to_exitcode(status)


@contextmanager
def forked_workers(
    work: Callable[[int], Any], pieces: int, workers: int
) -> Iterator[ForkedWorkers]:
    """Give numbered pieces, at most `MOST_PIECES`, to workers, none of which is left afterwards.

    What `work` returns for a number is made of strings, numbers, tuples, lists, dicts and None.
    """
    team = ForkedWorkers(work, pieces)
    try:
        for _ in range(workers):
            team.fork()
        yield team
    finally:
        team.stop()
