"""The same tasks on a Dask scheduler with two worker processes, on loopback."""

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from time import monotonic, sleep

import pytest
import yaml

from netpolc.fleet.task import Answer, Failure, Result
from tests.fleet.scratch_fleet import write_fleet

pytestmark = pytest.mark.skipif(
    find_spec("distributed") is None, reason="needs the extra netpolc[fleet]"
)

_PATIENCE = 60
_SETTINGS = Path(__file__).parents[2] / "integrations/dask/distributed.yaml"
_RUN = """\
import os, pickle, sys
from dataclasses import replace
from pathlib import Path
from netpolc.fleet.engine import results
from netpolc.fleet.fleet import cluster_work, clusters
from netpolc.fleet.task import Work
from netpolc.io.project import Request, today_of
if __name__ == "__main__":
    request = Request(here=Path.cwd(), today=today_of(os.environ))
    work = cluster_work(clusters(request).value, Work.COMPILE)
    tasks = {name: one.task for name, one in work}
    tasks["old"] = replace(tasks["eu-1"], build="0.0.0")
    done = results(tasks.items(), scheduler=sys.argv[1] if len(sys.argv) > 1 else None)
    Path("done").write_bytes(pickle.dumps(done))
"""
"""A client of its own process, so that nothing of the scheduler's library stays in the tests'."""


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, list[int]]]:
    """The address of a scheduler, and the process ids of its two workers."""
    folder = tmp_path_factory.mktemp("dask")
    about = folder / "scheduler.json"
    common = ("--no-dashboard", "--scheduler-file", str(about))
    with _process(folder, "scheduler", *common, "--host", "127.0.0.1", "--port", "0"):
        _wait(about.exists)
        nanny = ("--no-nanny", "--nthreads", "1", "--host", "127.0.0.1")
        with (
            _process(folder, "worker", *common, *nanny) as one,
            _process(folder, "worker", *common, *nanny) as other,
        ):
            address = about.read_text().partition('"address": "')[2].partition('"')[0]
            yield address, [one, other]


@contextmanager
def _process(folder: Path, kind: str, *arguments: str) -> Iterator[int]:
    command = [sys.executable, "-m", f"distributed.cli.dask_{kind}", *arguments]
    log = (folder / f"{kind}.log").open("ab")
    environment = {**os.environ, "DASK_CONFIG": str(_SETTINGS)}
    with (
        log,
        subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, env=environment) as process,
    ):
        try:
            yield process.pid
        finally:
            process.terminate()


def _wait(ready: object) -> None:
    end = monotonic() + _PATIENCE
    while not ready():  # type: ignore[operator]
        assert monotonic() < end
        sleep(0.05)


def _done(folder: Path, *arguments: str) -> dict[str, Result]:
    (folder / "client.py").write_text(_RUN)
    subprocess.run((sys.executable, "client.py", *arguments), cwd=folder, check=True)
    return _answers(folder)


def _answers(folder: Path) -> dict[str, Result]:
    found: dict[str, Result] = pickle.loads((folder / "done").read_bytes())  # noqa: S301 - our own
    return found


def test_workers_answer_as_processes_here_do(
    tmp_path: Path, scheduler: tuple[str, list[int]]
) -> None:
    write_fleet(tmp_path)
    here, there = _done(tmp_path), _done(tmp_path, scheduler[0])
    assert isinstance(there["old"], Failure)
    assert "the client 0.0.0" in there["old"].why
    del here["old"], there["old"]
    assert here == there
    assert all(isinstance(one, Answer) for one in there.values())


def test_a_worker_that_is_killed_loses_nothing(
    tmp_path: Path, scheduler: tuple[str, list[int]]
) -> None:
    address, (victim, _) = scheduler
    write_fleet(tmp_path)
    before = _done(tmp_path)
    os.kill(victim, signal.SIGSTOP)  # It takes its share of the tasks and does nothing.
    client = subprocess.Popen((sys.executable, "client.py", address), cwd=tmp_path)
    sleep(3)
    os.kill(victim, signal.SIGKILL)
    assert client.wait(_PATIENCE) == 0
    after = _answers(tmp_path)
    del before["old"], after["old"]
    assert after == before


def test_a_scheduler_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    write_fleet(tmp_path)
    command = (sys.executable, "-m", "netpolc", "fleet", "check")
    done = subprocess.run(
        (*command, "--scheduler", "tcp://127.0.0.1:9"),
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 1
    assert "there is no scheduler at tcp://127.0.0.1:9" in done.stderr


def test_the_recommended_settings_are_settings_of_dask() -> None:
    """Dask ignores a setting that it does not know."""
    package = find_spec("distributed")
    assert package is not None
    assert package.submodule_search_locations is not None
    known = Path(package.submodule_search_locations[0], "distributed.yaml").read_text()
    names = dict(_settings(yaml.safe_load(known)))
    for name, value in _settings(yaml.safe_load(_SETTINGS.read_text())):
        assert name in names
        assert value != names[name], "it is so anyway"


def _settings(table: object, *above: str) -> Iterator[tuple[tuple[str, ...], object]]:
    if isinstance(table, dict):
        for key, value in table.items():
            yield from _settings(value, *above, key)
    else:
        yield above, table
