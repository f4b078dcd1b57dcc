"""How long an editor waits after a keystroke, and whether its memory grows.

An organisation of some size is opened in one process, as by an editor's server. Then characters are
typed into arrows of files picked by chance, one keystroke a state: some states are errors, as
they are while somebody types. With `--names` each edit is a line with new names instead, as
a server meets them in weeks. Measured is the processor time until the findings of the file are
there (the first stage) and until all are, and the memory of the process.
Prints a Markdown table with medians and 95th percentiles.

    python benchmarks/keystrokes.py --sizes 1000 10000 --keystrokes 300
    python benchmarks/keystrokes.py --sizes 1000 --keystrokes 10000 --closed
    python benchmarks/keystrokes.py --sizes 20 --keystrokes 20000 --names
"""

import argparse
import gc
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import count
from pathlib import Path
from typing import NamedTuple

from growth import organisation

from netpolc.ide.checker import Checker
from netpolc.ide.save_memory import save_memory
from netpolc.io.edited_project import EditedProject
from netpolc.io.project import Request

TYPED = "{name} <- caller-{number}:{port}\n"
NAMED = (
    "{name} <- caller-{number}:{port}",
    "{name} <- job-{number} in ns batch-{number}:[{port}, {port}/udp]",
    "{name} <- ns {{team-{number}=t{number}}}:named-{low}-{high}",
    "{name} <- {{tier-{number}=a{number}, role!=b{number}}}",
    '{name} <- "quoted-{number}" because "reason {number}"',
    "{name} <- 10.{high}.0.0/16 except 10.{high}.{low}.0/24:{port}",
    "{name} -> 2001:db8:{high:x}:{low:x}::/64:{port}",
    "service made-{number} = {{made=m{number}}}",
    "group callers-{number} = a{number}, 172.16.{low}.{high}/32",
    "never {name} <- evil-{number}:{port}",
    "namespace other-{number} {{fact-{number}=f{number}}}",
    "wrong_Name_{number} ?? {number}",
    "setting-{number}: {number}",
)
"""A line of each kind; each has new names in every edit."""


class Waits(NamedTuple):
    """Seconds to the first run, to each file's own findings, to all, and MiB over time."""

    first: float
    own: list[float]
    all: list[float]
    memory: list[float]


def typed(folder: Path, seed: int) -> Iterator[tuple[Path, str]]:
    """Files with their texts as somebody types a new arrow into each, letter by letter, and removes it.

    So the project has the same size after each file, and memory that grows is kept by nobody's intents.
    """
    chance = random.Random(seed)
    files = sorted(folder.glob("intents/*/[a-z]*.intent"))
    while True:
        path = chance.choice(files)
        text = path.read_text()
        line = TYPED.format(name=path.stem, number=chance.randrange(99), port=chance.randrange(999))
        for end in range(1, len(line) + 1):
            yield path, text + line[:end]
        yield path, text


def named(folder: Path, seed: int) -> Iterator[tuple[Path, str]]:
    """Files with their texts and a line of new names, a kind of line after the other; every second time without."""
    chance = random.Random(seed)
    files = sorted(folder.glob("intents/*/[a-z]*.intent"))
    for number in count():
        path = chance.choice(files)
        text = path.read_text()
        high, low = divmod(number // len(NAMED) % 2**16, 256)
        line = NAMED[number % len(NAMED)].format(
            name=path.stem, number=number, port=number % 60000 + 1, high=high, low=low
        )
        yield path, f"{text}{line}\n"
        yield path, text


def waits(
    folder: Path,
    keystrokes: int,
    seed: int,
    edits: Callable[[Path, int], Iterator[tuple[Path, str]]] = typed,
) -> Waits:
    """Open a project and edit it."""
    project = EditedProject(Request(here=folder, today=date(2026, 1, 1), checking=True))
    checker = Checker()
    # As the server does: what the first run makes stays, and need not be looked at for cycles.
    gc.disable()
    start = time.process_time()
    checker.check(project.read())
    measured = Waits(time.process_time() - start, [], [], [memory()])
    save_memory()
    for number, (path, text) in enumerate(edits(folder, seed), start=1):
        start = time.process_time()
        project.open(path, text)
        stages = checker.stages(project.read())
        next(stages)
        measured.own.append(time.process_time() - start)
        list(stages)
        measured.all.append(time.process_time() - start)
        if number % max(1, keystrokes // 10) == 0:
            measured.memory.append(memory())
        if number == keystrokes:
            return measured
    raise AssertionError


def memory() -> float:
    """The memory of this process, in MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1024**2


def close_egress(folder: Path) -> None:
    """Close the egress of every namespace, so that arrows between them are half-open."""
    for path in folder.glob("intents/*/_namespace.intent"):
        path.write_text(path.read_text().replace("default: deny", "default: deny ingress egress"))


def percentile(times: Sequence[float], share: float) -> float:
    """The time that a share of the times do not exceed."""
    return sorted(times)[min(len(times) - 1, int(len(times) * share))]


def main() -> None:
    """Measure the sizes given and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10000])
    parser.add_argument("--keystrokes", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--closed", action="store_true", help="close the egress of all namespaces")
    parser.add_argument("--names", action="store_true", help="edit lines with new names")
    asked = parser.parse_args()
    print(
        "| services | first run | own findings: median, 95 % | all findings: median, 95 % | memory |"
    )
    print("|--|--|--|--|--|")
    for services in asked.sizes:
        with tempfile.TemporaryDirectory() as name:
            organisation(services, Path(name))
            if asked.closed:
                close_egress(Path(name))
            measured = waits(
                Path(name), asked.keystrokes, asked.seed, named if asked.names else typed
            )
        cells = [
            f"{1000 * statistics.median(times):.0f} ms, {1000 * percentile(times, 0.95):.0f} ms"
            for times in (measured.own, measured.all)
        ]
        memories = " ".join(f"{size:.0f}" for size in measured.memory)
        print(f"| {services:,} | {measured.first:.1f} s | {' | '.join(cells)} | {memories} MiB |")


if __name__ == "__main__":
    main()
