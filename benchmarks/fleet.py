"""What many clusters cost: `netpolc fleet check` with one process, with two, and on a scheduler.

Each of N clusters has the same intents of M services and a file of its own, so no two are equal; a
share of them can be made equal to see that these are done once. Whole processes are timed in
turn (wall clock, because the question is what a second core brings), and the answers compared.
Prints a Markdown table, with the processor seconds of the client and its processes, of the scheduler and
of the workers. Even on a busy machine these show what is spent in addition to the tasks.

    python benchmarks/fleet.py --clusters 200 --services 500 --rounds 3 --workers 2
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

OWN = "namespace monitoring\nprobe-{number} <- ns *:{port}\n"
SETTINGS = Path(__file__).parents[1] / "integrations/dask/distributed.yaml"
"""The settings of Dask that docs/fleet.md recommends."""
_PATIENCE = 60


@dataclass(frozen=True, slots=True)
class Dask:
    """The address of a scheduler, and the process ids of the scheduler and its workers."""

    address: str
    scheduler: int
    workers: Sequence[int]


@dataclass(frozen=True, slots=True)
class Took:
    """The wall-clock seconds of a run, and the processor seconds of each part."""

    wall: float
    client: float
    scheduler: float = 0.0
    workers: float = 0.0


def make_fleet(folder: Path, clusters: int, services: int, equal: int) -> None:
    """Write the intents, a file for each cluster, and fleet.toml."""
    here = Path(__file__).parent
    size = ("--namespaces", str(max(1, services // 20)), "--services", "20")
    subprocess.run(
        (sys.executable, here / "make_workload.py", *size, "--out", folder / "intents"),
        check=True,
        stdout=subprocess.DEVNULL,
    )
    tables = []
    for number in range(clusters):
        own = max(0, number - equal)
        path = folder / "clusters" / f"c{own}.intent"
        path.parent.mkdir(exist_ok=True)
        path.write_text(OWN.format(number=own, port=1024 + own))
        sources = f'["intents", "clusters/c{own}.intent"]'
        tables.append(f"[clusters.c{number}]\nsources = {sources}\n")
    (folder / "fleet.toml").write_text("\n".join(tables))


@contextmanager
def running_dask(folder: Path, workers: int) -> Iterator[Dask]:
    """Run a scheduler with workers on this machine, as docs/fleet.md recommends."""
    about = folder / "scheduler.json"
    log = (folder / "dask.log").open("ab")
    environment = {**os.environ, "DASK_CONFIG": str(SETTINGS)}
    processes: list[subprocess.Popen[bytes]] = []

    def start(kind: str, *arguments: str) -> int:
        common = ("--no-dashboard", "--host", "127.0.0.1", "--scheduler-file", str(about))
        command = (sys.executable, "-m", f"distributed.cli.dask_{kind}", *common, *arguments)
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, env=environment)
        processes.append(process)
        return process.pid

    try:
        scheduler = start("scheduler", "--port", "0")
        _wait_for(about, "address", 1)
        pids = [start("worker", "--no-nanny", "--nthreads", "1") for _ in range(workers)]
        _wait_for(folder / "dask.log", "Registered to", workers)
        yield Dask(json.loads(about.read_text())["address"], scheduler, pids)
    finally:
        for process in processes:
            process.kill()
            process.wait()
        log.close()


def _wait_for(file: Path, text: str, times: int) -> None:
    end = time.monotonic() + _PATIENCE
    while not file.exists() or file.read_text().count(text) < times:
        if time.monotonic() > end:
            sys.exit(f"Dask did not start: see {file}")
        time.sleep(0.1)


def took(folder: Path, arguments: Sequence[str], dask: Dask | None) -> tuple[Took, str]:
    """How long a check of the fleet takes, and what it printed."""
    command = (sys.executable, "-m", "netpolc", "fleet", "check", "--format", "json", *arguments)
    before, start = _processor_seconds(dask), time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False)
    wall, after = time.perf_counter() - start, _processor_seconds(dask)
    parts = (end - begin for begin, end in zip(before, after, strict=True))
    return Took(wall, *parts), done.stdout


def _processor_seconds(dask: Dask | None) -> tuple[float, float, float]:
    """Return the processor seconds so far of ended clients, the scheduler and the workers."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    client = ended.ru_utime + ended.ru_stime
    if dask is None:
        return client, 0.0, 0.0
    return client, _of_process(dask.scheduler), sum(map(_of_process, dask.workers))


def _of_process(pid: int) -> float:
    """Return the processor seconds of a running process, from Linux's `/proc`."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--clusters", type=int, default=200)
    parser.add_argument("--services", type=int, default=500)
    parser.add_argument("--equal", type=int, default=0, help="clusters equal to the first")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--workers",
        type=int,
        default=0,
        help="also measure a Dask scheduler with this number of workers",
    )
    wanted = parser.parse_args(arguments)
    ways: dict[str, tuple[str, ...]] = {
        "one process": ("--jobs", "1"),
        "two processes": ("--jobs", "2"),
    }
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        make_fleet(folder, wanted.clusters, wanted.services, wanted.equal)
        with running_dask(folder, wanted.workers) if wanted.workers else nullcontext() as dask:
            if dask:
                ways[f"{wanted.workers} workers of a Dask scheduler"] = (
                    "--scheduler",
                    dask.address,
                )
                took(folder, ("--scheduler", dask.address), dask)  # The workers load netpolc.
            runs = {way: list[Took]() for way in ways}
            answers = set()
            for _ in range(wanted.rounds):
                for way, how in ways.items():
                    run, answer = took(folder, how, dask)
                    runs[way].append(run)
                    answers.add(answer)
    if len(answers) != 1:
        sys.exit("the answers differ")
    _print_table(f"{wanted.clusters} clusters of {wanted.services} services", runs)


def _print_table(title: str, runs: dict[str, list[Took]]) -> None:
    base = statistics.median(run.wall for run in runs["one process"])
    print(f"{title}, {os.cpu_count()} cores\n")
    print("| | seconds | speed-up | client: processor s | scheduler | workers |")
    print("|--|--|--|--|--|--|")
    for way, some in runs.items():
        middle = sorted(some, key=lambda run: run.wall)[len(some) // 2]
        parts = " | ".join(
            f"{part:.1f}" if part else ""
            for part in (middle.client, middle.scheduler, middle.workers)
        )
        print(f"| {way} | {middle.wall:.1f} | {base / middle.wall:.2f} | {parts} |")


if __name__ == "__main__":
    main(sys.argv[1:])
