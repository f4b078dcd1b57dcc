"""Odd organisations in three sizes, to find what grows faster than its input.

`make_workload.py` writes what most organisations look like. Each shape here has one thing in
an unusual number: senders with mirrored arrows, members of groups, errors, distinct flows. Every
shape is measured at n, 2n and 4n, in whole processes; the exponent is that of the processor time
from 2n to 4n, without that of a very small one. About 1 is linear, about 2 quadratic.

    python benchmarks/odd_shapes.py                       all shapes, at a tenth of their sizes
    python benchmarks/odd_shapes.py --scale 1 mirrored_senders
    python benchmarks/odd_shapes.py --json shapes.json
"""

import argparse
import math
import os
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from growth import add_figures
from shapes import SHAPES, Shape


class Cost(NamedTuple):
    """Processor seconds and peak MiB; None where the process was stopped at its limit."""

    processor: float | None
    memory: float


_START = 4
"""The size that costs little more than the start of a process."""
_SHORT = 0.1
"""Processor seconds below which a growth is noise."""


def measured(command: Iterable[str], folder: Path, limit: int) -> Cost:
    """Run a command once, for at most so many processor seconds."""

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))

    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "netpolc", *command],
            cwd=folder,
            stdout=log,
            stderr=log,
            preexec_fn=limited,  # noqa: PLW1509 - no threads here
        )
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = code = os.waitstatus_to_exitcode(status)
    memory = usage.ru_maxrss / 1024
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        return Cost(None, memory)
    text = (folder / "log").read_text(encoding="utf-8", errors="replace")
    if code not in (0, 1) or "Traceback" in text:
        raise SystemExit(f"exit {code}: {text[-800:]}")
    return Cost(usage.ru_utime + usage.ru_stime, memory)


def costs_of(odd: Shape, scale: float, limit: int) -> dict[int, Cost]:
    """What a shape costs at four services, n, 2n and 4n; after one that was stopped none is tried."""
    costs: dict[int, Cost] = {}
    sizes = [int(odd.largest * scale / part) for part in (4, 2, 1)]
    for size in (_START, *sizes):
        with tempfile.TemporaryDirectory() as name:
            for path, text in odd.files(size).items():
                (Path(name) / path).parent.mkdir(parents=True, exist_ok=True)
                (Path(name) / path).write_text(text, encoding="utf-8")
            costs[size] = measured(odd.command, Path(name), limit)
        if costs[size].processor is None:
            break
    return costs


def exponent(costs: Mapping[int, Cost]) -> float | None:
    """The growth between the two largest sizes, without the start; None where it is too short."""
    start = costs[_START].processor or 0
    times = [(size, cost.processor - start) for size, cost in costs.items() if cost.processor]
    if len(times) < 3 or times[-2][1] < _SHORT:
        return None
    (small, less), (large, more) = times[-2:]
    return math.log(more / less) / math.log(large / small)


def main() -> None:
    """Measure the named shapes, or all, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("shapes", nargs="*", help="which of: " + ", ".join(SHAPES))
    parser.add_argument("--scale", type=float, default=0.1, help="of the largest sizes")
    parser.add_argument("--limit", type=int, default=60, help="processor seconds of one run")
    parser.add_argument("--json", type=Path, help="add the figures to this file")
    given = parser.parse_args()
    unknown = sorted(set(given.shapes) - set(SHAPES))
    if unknown:
        parser.error(f"not a shape: {', '.join(unknown)}")
    print("| shape | command | processor seconds by size | peak | growth |\n|--|--|--|--|--|")
    figures = {}
    for name in given.shapes or SHAPES:
        costs = costs_of(SHAPES[name], given.scale, given.limit)
        growth = exponent(costs)
        cells = ", ".join(
            f"{size:,}: {'stopped' if cost.processor is None else f'{cost.processor:.2f}'}"
            for size, cost in costs.items()
        )
        peak = max(cost.memory for cost in costs.values())
        shown = "-" if growth is None else f"n^{growth:.2f}"
        command = SHAPES[name].command[0]
        print(f"| {name} | {command} | {cells} | {peak:.0f} MiB | {shown} |", flush=True)
        figures[name] = {
            "growth": growth,
            "costs": {size: cost._asdict() for size, cost in costs.items()},
        }
    if given.json:
        add_figures(given.json, "odd shapes", figures)


if __name__ == "__main__":
    main()
