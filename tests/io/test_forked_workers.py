"""Work in forked processes: whole whatever becomes of a worker, and nothing left of them."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from netpolc.io.forked_workers import MOST_PIECES, forked_workers
from netpolc.io.processes import processes

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning"),
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork"),
]

INTERRUPTED = """
import os, signal, sys, time
from netpolc.io.forked_workers import forked_workers

# A shell lets commands in the background ignore interrupts, and so this one if it runs the tests there.
signal.signal(signal.SIGINT, signal.default_int_handler)

def work(number):
    os.write(1, b"%d\\n" % os.getpid())
    time.sleep(60)

with forked_workers(work, 3, 2) as workers:
    workers.results()
"""

KILLED = """
import os, sys, time
from netpolc.io.forked_workers import forked_workers

def work(number):
    os.write(1, b"%d\\n" % os.getpid())
    time.sleep(0.5)
    return "more than a pipe holds" * 10_000

with forked_workers(work, 3, 2) as workers:
    workers.results()
"""


def children() -> list[int]:
    """The processes whose parent is this one."""
    found = Path(f"/proc/self/task/{os.getpid()}/children")
    return [int(one) for one in found.read_text().split()] if found.exists() else []


def test_all_pieces_are_done_once() -> None:
    with forked_workers(lambda number: (number, os.getpid()), MOST_PIECES, 2) as workers:
        results = workers.results()
    assert [results[number][0] for number in range(MOST_PIECES)] == [*range(MOST_PIECES)]


def test_workers_take_part() -> None:
    def slow(_number: int) -> int:
        time.sleep(0.01)
        return os.getpid()

    with forked_workers(slow, 30, 2) as workers:
        assert len(set(workers.results().values())) == 3


@pytest.mark.parametrize("end", ["killed", "raises", "returns what cannot be written"])
def test_a_worker_that_ends_early_loses_its_own_pieces_only(end: str) -> None:
    here = os.getpid()

    def work(number: int) -> object:
        if os.getpid() != here:
            if end == "killed":
                os.kill(os.getpid(), signal.SIGKILL)
            if end == "raises":
                raise ValueError(end)
            return object()
        time.sleep(0.01)
        return number

    with forked_workers(work, 8, 1) as workers:
        results = workers.results()
    assert results.items() <= {number: number for number in range(8)}.items()
    assert not children()


def test_a_system_without_room_for_a_process_has_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> int:
        raise BlockingIOError

    monkeypatch.setattr(os, "fork", full)
    with forked_workers(str, 3, 4) as workers:
        assert workers.results() == {0: "0", 1: "1", 2: "2"}


def test_nothing_is_left_of_workers_that_nobody_waits_for() -> None:
    def sleep(_number: int) -> None:
        time.sleep(60)

    with pytest.raises(KeyError), forked_workers(sleep, 2, 2):
        raise KeyError
    assert not children()


def test_an_interrupt_ends_all_without_a_word_of_the_workers() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    started = [int(process.stdout.readline()) for _ in range(3)]
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=10)
    assert errors.count("Traceback") == 1, "only that of the first process"
    for one in started:
        with pytest.raises(ProcessLookupError):
            os.kill(one, 0)


def test_workers_end_when_the_first_process_is_killed() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout is not None
    started = {int(process.stdout.readline()) for _ in range(3)}
    process.kill()
    process.communicate(timeout=20)  # The pipe ends when the last of them has.
    assert len(started) == 3


def test_few_files_have_one_process() -> None:
    assert processes(2, 1_999) == 1
    assert processes(8, 10) == 1


@pytest.mark.skipif(sys.platform == "darwin", reason="no forks there")
def test_many_files_have_as_many_processes_as_are_wanted() -> None:
    assert processes(3, 2_000) == 3
    assert processes(1, 2_000) == 1
    assert processes(64, 2_000) == 4
