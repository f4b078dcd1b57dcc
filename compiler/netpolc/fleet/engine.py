"""Runs tasks on the processors of this machine, or on a cluster of workers.

Both are executors of `concurrent.futures`, so there is one way through here. Equal tasks are
performed once. A task that fails fails by itself. Tasks are handed out while the client still reads
the files of the next ones, so that the workers do not wait for it.
"""

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress

from netpolc.commands.pipeline_run import Progress, silent
from netpolc.fleet.perform import perform
from netpolc.fleet.task import Answer, Failure, Result, Task

_ENDED = "the process that worked on it ended"


class NoSchedulerError(Exception):
    """A scheduler cannot be reached, or the extra that it needs is not installed."""


def results(
    tasks: Iterable[tuple[str, Task]],
    *,
    jobs: int | None = None,
    scheduler: str | None = None,
    progress: Progress = silent,
) -> dict[str, Result]:
    """Return the result of each task by its name.

    Args:
        tasks: the tasks with their names, each of which is handed out before the next is made.
        jobs: how many processes work; None for as many as there are processors.
        scheduler: the address of a Dask scheduler whose workers do it instead.
        progress: shows how far it is.

    Raises NoSchedulerError.
    """
    if scheduler is None:
        return _run_here(tasks, jobs, progress)
    with _connected(scheduler) as executor:
        work = _Handed(executor)
        work.hand_out(tasks)
        return work.by_name(dict(work.done(progress)))


def _run_here(
    tasks: Iterable[tuple[str, Task]], jobs: int | None, progress: Progress
) -> dict[str, Result]:
    """Run tasks in processes of this machine.

    When a process ends, the pool cannot say which task it had. Those without an answer are then
    tried once more, each in a pool of its own, so that the one at fault fails alone.
    """
    with ProcessPoolExecutor(jobs) as executor:
        work = _Handed(executor)
        work.hand_out(tasks)
        done = dict(work.done(progress))
    for key, packed in work.packed.items():
        if key not in done:
            with ProcessPoolExecutor(1) as executor:
                again = _Handed(executor)
                again.submit(key, packed)
                done.update(again.done(progress))
            done.setdefault(key, Failure(_ENDED))
    return work.by_name(done)


class _Handed:
    """Tasks that were handed to an executor, equal ones once."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._keys: dict[str, str] = {}
        self._waiting: dict[Future[Answer], str] = {}
        self.packed: dict[str, bytes] = {}

    def hand_out(self, tasks: Iterable[tuple[str, Task]]) -> None:
        """Give the executor each task as soon as it is there."""
        for name, task in tasks:
            key = self._keys[name] = task.key
            if key not in self.packed:
                self.submit(key, task.packed)

    def submit(self, key: str, packed: bytes) -> None:
        """Give the executor a task, unless its processes have ended."""
        self.packed[key] = packed
        with suppress(BrokenProcessPool):
            self._waiting[self._executor.submit(perform, packed)] = key

    def done(self, progress: Progress) -> Iterator[tuple[str, Result]]:
        """Return the results of tasks by key as they come, without those of a pool that broke."""
        for number, future in enumerate(as_completed(self._waiting)):
            progress("working", number, len(self._waiting))
            try:
                yield self._waiting[future], future.result()
            except BrokenProcessPool:
                continue
            except Exception as error:  # noqa: BLE001 - whatever it is, the other clusters go on
                yield self._waiting[future], Failure(f"{type(error).__name__}: {error}")

    def by_name(self, done: Mapping[str, Result]) -> dict[str, Result]:
        """Return the result of each task by its name."""
        return {name: done[key] for name, key in self._keys.items()}


@contextmanager
def _connected(scheduler: str) -> Iterator[Executor]:
    try:
        from distributed import Client  # noqa: PLC0415 - an extra
    except ImportError:
        message = "a scheduler needs the extra `netpolc[fleet]`"
        raise NoSchedulerError(message) from None
    try:
        client = Client(scheduler, timeout="10s", set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        message = f"there is no scheduler at {scheduler}: {error}"
        raise NoSchedulerError(message) from None
    # Not pure: the engine knows equal tasks by itself. A worker that dies loses nothing.
    with client, client.get_executor(pure=False, retries=2) as executor:  # type: ignore[no-untyped-call]
        yield executor
