"""Runs tasks on the processors of this machine, or on a cluster of workers.

Both are executors of `concurrent.futures`, so there is one way through here. Equal tasks are
performed once. A task that fails fails by itself.
"""

from collections.abc import Iterator, Mapping
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager

from netpolc.commands.pipeline_run import Progress, silent
from netpolc.fleet.perform import perform
from netpolc.fleet.task import Answer, Failure, Result, Task

_ENDED = "the process that worked on it ended"


class NoSchedulerError(Exception):
    """A scheduler cannot be reached, or the extra that it needs is not installed."""


def results(
    tasks: Mapping[str, Task],
    *,
    jobs: int | None = None,
    scheduler: str | None = None,
    progress: Progress = silent,
) -> dict[str, Result]:
    """Return the result of each task by its name.

    Args:
        tasks: the tasks by name.
        jobs: how many processes work; None for as many as there are processors.
        scheduler: the address of a Dask scheduler whose workers do it instead.
        progress: shows how far it is.

    Raises NoSchedulerError.
    """
    keys = {name: task.key for name, task in tasks.items()}
    unique = {key: tasks[name] for name, key in keys.items()}
    done: dict[str, Result] = {}
    if scheduler is None:
        _run_here(unique, done, jobs, progress)
    else:
        with _connected(scheduler) as executor:
            done.update(_run(executor, unique, progress))
    return {name: done[key] for name, key in keys.items()}


def _run_here(
    tasks: Mapping[str, Task], done: dict[str, Result], jobs: int | None, progress: Progress
) -> None:
    """Run tasks in processes of this machine.

    When a process ends, the pool cannot say which task it had. Those without an answer are then
    tried once more, each in a pool of its own, so that the one at fault fails alone.
    """
    with ProcessPoolExecutor(jobs) as executor:
        done.update(_run(executor, tasks, progress))
    for key, task in tasks.items():
        if key not in done:
            with ProcessPoolExecutor(1) as executor:
                done.update(_run(executor, {key: task}, progress))
            done.setdefault(key, Failure(_ENDED))


def _run(
    executor: Executor, tasks: Mapping[str, Task], progress: Progress
) -> Iterator[tuple[str, Result]]:
    """Return the results of tasks as they come, without those of a pool that broke."""
    waiting: dict[Future[Answer], str] = {}
    for key, task in tasks.items():
        try:
            waiting[executor.submit(perform, task)] = key
        except BrokenProcessPool:
            break
    for number, future in enumerate(as_completed(waiting)):
        progress("working", number, len(waiting))
        try:
            yield waiting[future], future.result()
        except BrokenProcessPool:
            continue
        except Exception as error:  # noqa: BLE001 - whatever it is, the other clusters go on
            yield waiting[future], Failure(f"{type(error).__name__}: {error}")


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
