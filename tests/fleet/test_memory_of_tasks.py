"""A worker that computes many clusters keeps nothing of them, and a client no names of the others."""

import gc
import sys
import tracemalloc
from datetime import date
from pathlib import Path

import pytest

from netpolc import remembered
from netpolc.commands.diff import ReadSide
from netpolc.fleet.fleet import cluster_work, clusters
from netpolc.fleet.perform import perform
from netpolc.fleet.task import Task, Work
from netpolc.io.project import Options, Request
from netpolc.io.sources import Sources
from netpolc.source import SourceFile

OPTIONS = Options(today=date(2026, 11, 27))
FIRST, MORE, TIMES = 35, 25, 3
ALLOWED = 200
"""Objects that may be there after more clusters. One entry for each name of a kind is 225 objects."""

TEXT = """\
namespace shop-{n} {{team-{n}=t{n}}}
default: deny
service db = {{name-{n}=yes}}
db <- api-{n}:{port}
db <- job-{n} in ns batch-{n}:p-{n}
db <- 10.9.{n}.0/24:{port}
only db <- ns *, 10.0.0.0/8, db
"""


def side(number: int, more: str = "") -> ReadSide:
    texts = (TEXT.format(n=n, port=1024 + n) for n in range(TIMES * number, TIMES * (number + 1)))
    file = SourceFile("a.intent", "".join(texts) + more)
    return ReadSide(name="", sources=Sources(intents=(file,)), options=OPTIONS, before=())


def perform_for(work: Work, number: int) -> None:
    sides = (side(number), side(number, f"db <- more-{number}\n"))
    answer = perform(Task(work=work, sides=sides if work is Work.DIFF else sides[:1]).packed)
    assert answer.lines or answer.files or answer.claims


@pytest.mark.parametrize("work", Work)
def test_tasks_with_new_names_leave_nothing_behind(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remembered, "MOST_CHARACTERS", 0)

    def work_on(numbers: range) -> int:
        for number in numbers:
            perform_for(work, number)
        for _ in range(3):
            gc.collect()
        return sys.getallocatedblocks()

    few = work_on(range(FIRST))
    more = work_on(range(FIRST, FIRST + MORE))
    most = work_on(range(FIRST + MORE, FIRST + 2 * MORE))
    # What grows, grows each time; tests before this one leave tables that grow once.
    assert min(more - few, most - more) < ALLOWED


@pytest.mark.parametrize("work", Work)
def test_a_task_leaves_no_cycles(work: Work) -> None:
    """Processes of the command line never collect cycles, and workers rarely."""
    perform_for(work, 1)
    gc.collect()
    gc.disable()
    try:
        perform_for(work, 2)
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_the_memory_for_outputs_grows_with_their_number(tmp_path: Path) -> None:
    (tmp_path / "intents").mkdir()
    (tmp_path / "intents/a.intent").write_text("namespace shop\ndb <- api\n")

    def bytes_for(number: int) -> int:
        """Return the size of all output folders; their settings are there before."""
        tables = "".join(f"[clusters.c{n}]\n" for n in range(number))
        (tmp_path / "fleet.toml").write_text(tables)
        requests = clusters(Request(here=tmp_path, today=OPTIONS.today)).value
        tracemalloc.start()
        outputs = [work.output for _, work in cluster_work(requests, Work.COMPILE)]
        size, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert len(outputs) == number
        return size

    # A table of values that grows meanwhile, grows only once.
    few, many = (min(bytes_for(number), bytes_for(number)) for number in (100, 400))
    assert many < 6 * few  # Four times as much, and not sixteen times.
