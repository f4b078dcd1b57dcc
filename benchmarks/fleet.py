"""What many clusters cost: `netpolc fleet check` with one process, with two, and on a scheduler.

Each of N clusters has the same intents of M services and a file of its own, so no two are equal; a
share of them can be made equal to see that these are done once. Whole processes are timed in
turn (wall clock, because the question is what a second core brings), and the answers compared.
Prints a Markdown table.

    python benchmarks/fleet.py --clusters 200 --services 500 --rounds 3
    python benchmarks/fleet.py --scheduler tcp://127.0.0.1:8786    # a running one, with its workers
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

OWN = "namespace monitoring\nprobe-{number} <- ns *:{port}\n"


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


def seconds(folder: Path, *arguments: str) -> tuple[float, str]:
    """How long a check of the fleet takes, and what it printed."""
    command = (sys.executable, "-m", "netpolc", "fleet", "check", "--format", "json", *arguments)
    start = time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False)
    return time.perf_counter() - start, done.stdout


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--clusters", type=int, default=200)
    parser.add_argument("--services", type=int, default=500)
    parser.add_argument("--equal", type=int, default=0, help="clusters equal to the first")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scheduler", metavar="ADDRESS", help="measure its workers too")
    wanted = parser.parse_args(arguments)
    ways = {"one process": ("--jobs", "1"), "two processes": ("--jobs", "2")}
    if wanted.scheduler:
        ways["the workers of a scheduler"] = ("--scheduler", wanted.scheduler)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        make_fleet(folder, wanted.clusters, wanted.services, wanted.equal)
        times: dict[str, list[float]] = {way: [] for way in ways}
        answers = set()
        for _ in range(wanted.rounds):
            for way, how in ways.items():
                took, answer = seconds(folder, *how)
                times[way].append(took)
                answers.add(answer)
        if len(answers) != 1:
            sys.exit("the answers differ")
        base = statistics.median(times["one process"])
        print(f"{wanted.clusters} clusters of {wanted.services} services, {os.cpu_count()} cores\n")
        print("| | seconds | speed-up |\n|--|--|--|")
        for way, some in times.items():
            median = statistics.median(some)
            print(f"| {way} | {median:.1f} | {base / median:.2f} |")


if __name__ == "__main__":
    main(sys.argv[1:])
