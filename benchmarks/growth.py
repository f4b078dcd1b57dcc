"""How time and memory grow with the number of services.

Whole processes on organisations of four sizes, as a user would start them: `compile`
into an empty folder, `check` with twenty assertions, `can`, `list` of the manifests with
workloads, and `diff` of two revisions between which ten files changed. Prints a Markdown table with wall time and peak memory (VmHWM of the
process), and the growth exponent between neighbouring sizes.

    python benchmarks/growth.py --sizes 100 1000 3000 10000
"""

import argparse
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
NETPOLC = (sys.executable, "-m", "netpolc")


class Cost(NamedTuple):
    """Wall seconds, processor seconds and peak MiB of a process."""

    wall: float
    processor: float
    memory: float


def measured(command: Sequence[str], folder: Path) -> Cost:
    """Run a command once and return what it cost."""
    start = time.monotonic()
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
        _, _, usage = os.wait4(process.pid, 0)
    process.returncode = 0
    processor = usage.ru_utime + usage.ru_stime
    return Cost(time.monotonic() - start, processor, usage.ru_maxrss / 1024)


def organisation(services: int, folder: Path) -> None:
    """Write an organisation's intents with assertions, and its manifests with workloads."""
    each = min(50, max(10, services // 20))
    for form in ("intents", "yaml"):
        arguments = [str(HERE / "make_workload.py"), "--format", form, "--out", str(folder / form)]
        arguments += ["--namespaces", str(services // each), "--services", str(each)]
        subprocess.run([sys.executable, *arguments], check=True)
    names = sorted(path.name for path in (folder / "intents").iterdir())
    lines = []
    for number in range(10):
        lines += [
            f"namespace {names[number % len(names)]}",
            f"never api <- internet:{2000 + number}",
            "only db <- ns *, 172.16.0.0/12",
        ]
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
        subprocess.run(["git", *name, *arguments], cwd=folder, check=True)  # noqa: S607

    git("init", "--quiet", ".")
    git("add", "intents")
    git("commit", "--quiet", "--message", "before")
    files = sorted((folder / "intents").glob("*/[a-z]*.intent"))
    for number, path in enumerate(files[:: max(1, len(files) // 10)][:10]):
        kept = path.read_text().splitlines(keepends=True)[:-1]
        path.write_text(f"{''.join(kept)}{path.stem} <- caller-{number}:{7000 + number}\n")
    git("commit", "--quiet", "--all", "--message", "after")


def runs(folder: Path) -> dict[str, Cost]:
    """What each command costs on an organisation."""
    commands = {
        "compile": ("compile", "intents"),
        "check, 20 assertions": ("check", "intents"),
        "can": ("can", "db <- api:5432", "intents", "--namespace", "checkout-prod"),
        "list, manifests": ("list", "yaml", "--format", "csv"),
        "diff, ten files": ("diff", "HEAD~1:intents", "HEAD:intents"),
    }
    return {name: measured((*NETPOLC, *command), folder) for name, command in commands.items()}


def main() -> None:
    """Measure the sizes given and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 1000, 3000, 10000])
    sizes = parser.parse_args().sizes
    found: dict[int, dict[str, Cost]] = {}
    for services in sizes:
        with tempfile.TemporaryDirectory() as name:
            organisation(services, Path(name))
            revisions(Path(name))
            found[services] = runs(Path(name))
    print("| command |", " | ".join(f"{size:,} services" for size in sizes), "| growth |")
    print("|--" * (len(sizes) + 2) + "|")
    for command in found[sizes[0]]:
        costs = [found[size][command] for size in sizes]
        cells = " | ".join(
            f"{c.wall:.1f} s, {c.processor:.1f} s CPU, {c.memory:.0f} MiB" for c in costs
        )
        exponent = math.log(costs[-1].processor / costs[-2].processor) / math.log(
            sizes[-1] / sizes[-2]
        )
        print(f"| {command} | {cells} | n^{exponent:.2f} |")


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
