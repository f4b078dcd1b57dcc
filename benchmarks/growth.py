"""How time and memory grow with the number of services.

Whole processes on organisations of several sizes, as a user would start them: `compile`
into an empty folder, again with nothing changed, and with one file touched; `check` with
twenty assertions, of plain intents and of those that `make_mixed_workload.py` makes; `can`; `list` of the manifests with workloads; `diff` of two revisions
between which ten files changed.
Prints a Markdown table with the medians of wall time, processor time and peak memory, and
the growth exponent between the two largest sizes.

    python benchmarks/growth.py --sizes 10 100 1000 10000 --runs 5
    python benchmarks/growth.py --sizes 100000 --runs 1 --only compile

Give TMPDIR a memory file system to measure netpolc and not the disk, and run what was
installed as a wheel: with PYTHONDONTWRITEBYTECODE an editable install compiles every module
at every start.
"""

import argparse
import json
import math
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Container, Mapping, Sequence
from pathlib import Path
from shutil import rmtree
from typing import NamedTuple

HERE = Path(__file__).parent
NETPOLC = (sys.executable, "-m", "netpolc")
LARGEST = {"list, manifests": 1000}
"""The services up to which a command is measured: the list of 1,000 has 720,000 rows, that of 10,000
would have 72 million."""
CODES = {"can": (0, 1), "diff, ten files": (1,)}
"""How a command that did its work may end, where an answer is told by it."""


class Cost(NamedTuple):
    """Wall seconds, processor seconds and peak MiB of a process."""

    wall: float
    processor: float
    memory: float


def measured(command: Sequence[str], folder: Path, codes: Container[int] = (0,)) -> Cost:
    """Run a command once and return what it cost; a command that fails ends the measurement."""
    start = time.monotonic()
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in codes:
        printed = (folder / "log").read_text(encoding="utf-8", errors="replace")[-500:]
        raise SystemExit(f"exit {process.returncode} of {' '.join(command)}: {printed}")
    processor = usage.ru_utime + usage.ru_stime
    return Cost(time.monotonic() - start, processor, usage.ru_maxrss / 1024)


def organisation(services: int, folder: Path, *, assertions: bool = True) -> None:
    """Write an organisation's intents, with assertions, and its manifests with workloads."""
    each = min(50, max(5, services // 20))
    size = ["--namespaces", str(services // each), "--services", str(each)]
    for form in ("intents", "yaml"):
        arguments = [str(HERE / "make_workload.py"), "--format", form, "--out", str(folder / form)]
        subprocess.run([sys.executable, *arguments, *size], check=True)
    mixed = [str(HERE / "make_mixed_workload.py"), *size, "--out", str(folder / "mixed")]
    subprocess.run([sys.executable, *mixed], check=True)
    names = sorted(path.name for path in (folder / "intents").iterdir())
    lines = []
    for number in range(10):
        lines += [
            f"namespace {names[number % len(names)]}",
            f"never api <- internet:{2000 + number}",
            "only db <- ns *, 172.16.0.0/12",
        ]
    if assertions:
        (folder / "intents" / "assertions.intent").write_text("\n".join(lines) + "\n")
    workloads = [
        f"---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {path.stem}, namespace: {path.parent.name}}}\n"
        f"spec: {{template: {{metadata: {{labels: {{app: {path.stem}}}}}, spec: {{containers: [{{name: c}}]}}}}}}\n"
        for path in sorted((folder / "yaml").glob("*/*.yaml"))
        if path.stem not in {"default-deny", "kustomization"}
    ]
    (folder / "yaml" / "workloads.yaml").write_text("".join(workloads))


def revisions(folder: Path) -> None:
    """Commit the intents, and then an arrow edited in each of ten files."""

    def git(*arguments: str) -> None:
        name = ("-c", "user.name=bench", "-c", "user.email=bench@example.org")
        # Else git may tidy up in the background, which is measured and outlives the folder.
        settings = ("-c", "gc.auto=0", "-c", "maintenance.auto=false")
        subprocess.run(["git", *settings, *name, *arguments], cwd=folder, check=True)

    git("init", "--quiet", ".")
    git("add", "intents")
    git("commit", "--quiet", "--message", "before")
    files = sorted((folder / "intents").glob("*/[a-z]*.intent"))
    for number, path in enumerate(files[:: max(1, len(files) // 10)][:10]):
        kept = path.read_text().splitlines(keepends=True)[:-1]
        path.write_text(f"{''.join(kept)}{path.stem} <- caller-{number}:{7000 + number}\n")
    git("commit", "--quiet", "--all", "--message", "after")


def runs(folder: Path, only: Sequence[str], times: int, services: int) -> dict[str, Cost]:
    """What each command costs on an organisation: medians."""
    changed_file = next((folder / "intents").glob("*/*.intent"))
    # Nothing states whether blocks match pods, which would leave the answer open.
    question = (
        "can",
        "db <- api:5432",
        "intents",
        "--closed-world",
        "--namespace",
        changed_file.parent.name,
    )
    commands: dict[str, tuple[tuple[str, ...], Callable[[], object]]] = {
        "compile": (("compile", "intents"), lambda: rmtree(folder / "out", ignore_errors=True)),
        "compile, nothing changed": (("compile", "intents"), lambda: None),
        "compile, one file touched": (("compile", "intents"), lambda: touch(changed_file)),
        "check, 20 assertions": (("check", "intents"), lambda: None),
        "check, mixed intents": (("check", "mixed"), lambda: None),
        "can": (question, lambda: None),
        "list, manifests": (("list", "yaml", "--format", "csv"), lambda: None),
        "diff, ten files": (("diff", "HEAD~1:intents", "HEAD:intents"), lambda: None),
    }
    medians = {}
    for name, (command, before) in commands.items():
        if (only and name not in only) or services > LARGEST.get(name, services):
            continue
        costs = []
        for _ in range(times):
            before()
            costs.append(measured((*NETPOLC, *command), folder, CODES.get(name, (0,))))
        medians[name] = Cost(*(statistics.median(some) for some in zip(*costs, strict=True)))
    return medians


def touch(intents: Path) -> None:
    """Say something new in one file, so that one manifest changes."""
    text = intents.read_text().partition("\n# touched\n")[0]
    port = 20000 + time.monotonic_ns() % 10000
    intents.write_text(f"{text}\n# touched\n{intents.stem.strip('_')} <- touched:{port}\n")


def main() -> None:
    """Measure the sizes given and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 100, 1000, 10000])
    parser.add_argument("--runs", type=int, default=5, help="of each command; the median counts")
    parser.add_argument("--only", nargs="*", default=[], help="these commands, by their names")
    parser.add_argument("--json", type=Path, help="add the figures to this file")
    asked = parser.parse_args()
    costs_by_size: dict[int, dict[str, Cost]] = {}
    for services in asked.sizes:
        with tempfile.TemporaryDirectory() as name:
            organisation(services, Path(name))
            revisions(Path(name))
            costs_by_size[services] = runs(Path(name), asked.only, asked.runs, services)
    print("| command |", " | ".join(f"{size:,} services" for size in asked.sizes), "| growth |")
    print("|--" * (len(asked.sizes) + 2) + "|")
    for command in costs_by_size[asked.sizes[0]]:
        sizes = [size for size in asked.sizes if command in costs_by_size[size]]
        costs = [costs_by_size[size][command] for size in sizes]
        cells = [f"{c.wall:.2f} s, {c.processor:.2f} s CPU, {c.memory:.0f} MiB" for c in costs]
        cells += [""] * (len(asked.sizes) - len(sizes))
        print(f"| {command} | {' | '.join(cells)} | {growth(sizes, costs)} |")
    if asked.json:
        figures = {
            str(size): {command: cost._asdict() for command, cost in costs.items()}
            for size, costs in costs_by_size.items()
        }
        add_figures(asked.json, "growth", figures)


def add_figures(path: Path, name: str, figures: Mapping[str, object]) -> None:
    """Add figures to those of a name in a JSON file, which is made where there is none."""
    known = json.loads(path.read_text()) if path.exists() else {}
    known[name] = {**known.get(name, {}), **figures}
    path.write_text(json.dumps(known, indent=1) + "\n")


def growth(sizes: Sequence[int], costs: Sequence[Cost]) -> str:
    """The exponent between the two largest sizes, by processor time."""
    if len(sizes) < 2:
        return "-"
    ratio = math.log(costs[-1].processor / costs[-2].processor)
    return f"n^{ratio / math.log(sizes[-1] / sizes[-2]):.2f}"


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
