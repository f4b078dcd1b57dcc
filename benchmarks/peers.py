"""The cost of netpolc and of its peers for the same organisation, as ratios.

Whole processes, in turn (A B A B …) after a warm-up run of each, so that both sides of a
ratio meet the same machine. Each row is the median of the runs; memory is the largest
process's peak. RESULTS.md has the figures.

    python benchmarks/peers.py --peers /tmp/peers --fetch        # once
    python benchmarks/peers.py --peers /tmp/peers start small large listing

`--netpolc` names the command measured: an installed wheel, whose bytecode is compiled. A
peer that is not installed is named and left out. Workloads and outputs are in `--scratch`,
best a memory file system, because the time to create files on a disk varies; only the
row that replaces every output belongs on a disk (`--disk`). What is compared with peers has
no assertions: none of them proves anything.
"""

import argparse
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from contenders import (
    PYTHON,
    Contender,
    Setting,
    aerleon,
    cdk8s,
    compile_intents,
    fetch,
    is_there,
    kustomize,
    python_code,
    removing,
    write_workload,
)
from growth import Cost, add_figures, measured, organisation, revisions

PARSE = """
import gc, sys; gc.disable()
from pathlib import Path
from netpolc.source import SourceFile
from netpolc.syntax.parser import parse
for path in sorted(Path("intents").rglob("*.intent")):
    parse(SourceFile(str(path), path.read_text(encoding="utf-8")))
"""
FIGURES: dict[str, dict[str, Cost]] = {}
"""The medians of each race so far, by its title and the names of the contenders."""


def race(title: str, contenders: Sequence[Contender], folder: Path, runs: int) -> None:
    """Run the contenders in turn and print a row for each, with its ratio to the first."""
    print(f"\n### {title}\n\n| | wall | processor | peak | wall, of the first |\n|--|--|--|--|--|")
    costs_by_name: dict[str, list[Cost]] = {contender.name: [] for contender in contenders}
    for number in range(runs + 1):
        for contender in contenders:
            contender.before(folder)
            cost = measured(contender.command, folder, contender.codes)
            if contender.makes and not any(
                path.is_file() for path in (folder / contender.makes).rglob("*")
            ):
                raise SystemExit(
                    f"{contender.name} wrote nothing: {(folder / 'log').read_text()[-500:]}"
                )
            if number:  # The first is the warm-up.
                costs_by_name[contender.name].append(cost)
    first = costs_by_name[contenders[0].name]
    FIGURES[title] = {}
    for name, costs in costs_by_name.items():
        wall, processor, memory = (statistics.median(values) for values in zip(*costs, strict=True))
        FIGURES[title][name] = Cost(wall, processor, memory)
        ratio = statistics.median(
            mine.wall / theirs.wall for mine, theirs in zip(costs, first, strict=True)
        )
        print(f"| {name} | {wall:.3f} s | {processor:.3f} s | {memory:.0f} MiB | {ratio:.2f} |")
    sys.stdout.flush()


def start(setting: Setting) -> None:
    """Starting at all."""
    with _folder(setting.scratch) as folder:
        contenders = [
            Contender(name="netpolc --version", command=[*setting.netpolc, "--version"]),
            Contender(name="netpolc --help", command=[*setting.netpolc, "--help"]),
            python_code(setting, "import click"),
        ]
        race("Start", contenders, folder, 4 * setting.runs)


def small(setting: Setting) -> None:
    """Ten services, cold, into an empty folder."""
    with _folder(setting.scratch) as folder:
        organisation(10, folder, assertions=False)
        contenders = [compile_intents(setting), *kustomize(), *cdk8s(setting)]
        contenders.append(python_code(setting, "import lark, yaml, click"))
        race("Compile of 10 services", contenders, folder, 4 * setting.runs)


def medium(setting: Setting) -> None:
    """A thousand services, into an empty folder."""
    _fresh(setting, 1_000)


def large(setting: Setting) -> None:
    """Ten thousand services, into an empty folder."""
    _fresh(setting, 10_000)


def again(setting: Setting) -> None:
    """Ten thousand services once more: nothing changed, one file touched, on one processor."""
    with _folder(setting.scratch) as folder:
        organisation(10_000, folder, assertions=False)
        touched = min((folder / "intents").rglob("api.intent"))
        rules = touched.read_text(encoding="utf-8")
        versions = [f"{rules}api <- 192.0.2.{number}/32:443\n" for number in (1, 2)]

        def touch(_folder: Path) -> None:
            versions.reverse()
            touched.write_text(versions[0], encoding="utf-8")

        whole = [*setting.netpolc, "compile", "intents"]
        kept = [*whole, "--output", "kept"]
        contenders = [
            compile_intents(setting),
            Contender(name="nothing changed", command=kept),
            Contender(name="one file touched", command=kept, before=touch),
            Contender(
                name="fresh, one processor",
                command=["taskset", "-c", "0", *whole],
                before=removing("out"),
            ),
        ]
        race("Compile of 10,000 services, again", contenders, folder, setting.runs)


def every(setting: Setting) -> None:
    """Ten thousand services on a disk, every output changed."""
    with _folder(setting.disk) as folder:
        for seed in ("1", "2"):
            write_workload(folder / seed, 10_000, seed)
        turn = ["1", "2"]

        def swap(_folder: Path) -> None:
            turn.reverse()
            link = folder / "intents"
            link.unlink(missing_ok=True)
            link.symlink_to(turn[0])

        replace = [*setting.netpolc, "compile", "intents/", "--output", "kept"]
        contenders = [
            compile_intents(setting),
            Contender(name="every output changed", command=replace, before=swap),
        ]
        swap(folder)
        race("Every output changed, on the disk", contenders, folder, setting.runs)


def questions(setting: Setting) -> None:
    """Questions about ten thousand services beside one compile of them."""
    with _folder(setting.scratch) as folder:
        organisation(10_000, folder)
        revisions(folder)
        netpolc = setting.netpolc
        asked = ("db <- api:5432", "intents", "--closed-world", "--namespace", "checkout-prod")
        contenders = [
            compile_intents(setting),
            Contender(name="check, 20 assertions", command=[*netpolc, "check", "intents"]),
            Contender(name="can", command=[*netpolc, "can", *asked], codes=(0, 1)),
            python_code(setting, PARSE, "parsing alone"),
            Contender(
                name="diff, ten files changed",
                command=[*netpolc, "diff", "HEAD~1:intents", "HEAD:intents"],
                codes=(1,),
            ),
        ]
        race("Questions about 10,000 services", contenders, folder, setting.runs)


def listing(setting: Setting) -> None:
    """Every connection, from manifests with workloads: 720,000 of 1,000 services."""
    analyser, checker = setting.peers / "go/netpol-analyzer", setting.peers / "nca/bin/nca"
    for services in (200, 1_000):
        with _folder(setting.scratch) as folder:
            organisation(services, folder)
            ours = [*setting.netpolc, "list", "yaml", "--format", "csv"]
            contenders = [Contender(name="netpolc list", command=ours)]
            if services <= 200 and is_there(analyser):
                command = [str(analyser), "list", "--dirpath", "yaml", "-o", "csv"]
                contenders.append(Contender(name="netpol-analyzer list", command=command))
            if services <= 200 and is_there(checker):
                command = [str(checker), "--connectivity", "yaml", "-r", "yaml"]
                contenders.append(Contender(name="network-config-analyzer", command=command))
            race(f"List of {services:,} services", contenders, folder, setting.runs)


def comparing(setting: Setting) -> None:
    """What ten changed policies open and close, from two folders of manifests with workloads."""
    analyser = setting.peers / "go/netpol-analyzer"
    for services in (200, 1_000):
        with _folder(setting.scratch) as folder:
            organisation(services, folder)
            shutil.copytree(folder / "yaml", folder / "changed")
            policies = sorted((folder / "changed").glob("*-prod/api.yaml"))
            for number, path in enumerate(policies[:10]):
                before, sign, after = path.read_text(encoding="utf-8").partition("      port: ")
                port = after.partition("\n")[0]
                path.write_text(f"{before}{sign}{7000 + number}{after.removeprefix(port)}")
            contenders = [
                Contender(
                    name="netpolc diff",
                    command=[*setting.netpolc, "diff", "yaml", "changed"],
                    codes=(1,),
                )
            ]
            if services <= 200 and is_there(analyser):
                command = [str(analyser), "diff", "--dir1", "yaml", "--dir2", "changed"]
                contenders.append(Contender(name="netpol-analyzer diff", command=command))
            race(f"Diff of {services:,} services' manifests", contenders, folder, setting.runs)


def huge(setting: Setting) -> None:
    """A hundred thousand services."""
    with _folder(setting.scratch) as folder:
        write_workload(folder / "intents", 100_000, "1")
        check = Contender(name="check", command=[*setting.netpolc, "check", "intents"])
        race("100,000 services", [compile_intents(setting), check], folder, 1)


def shapes(setting: Setting) -> None:
    """What the generator does not write: an arrow of 4,000 blocks, a closed namespace of 4,000 services."""
    blocks = ", ".join(f"10.0.{n >> 8}.{n & 255}/32:443" for n in range(4_000))
    arrows = "".join(
        f"s{n} <- s{(7 * n + port) % 4_000}:{8000 + port}\n"
        for n in range(4_000)
        for port in range(3)
    )
    texts = {
        "An arrow of 4,000 blocks": f"namespace shop\ndefault: deny\ndb <- {blocks}\n",
        "A closed namespace of 4,000 services": f"namespace shop\ndefault: deny ingress egress\n{arrows}",
    }
    for title, text in texts.items():
        with _folder(setting.scratch) as folder:
            (folder / "intents").mkdir()
            (folder / "intents" / "shop.intent").write_text(text, encoding="utf-8")
            asked = ([*setting.netpolc, name, "intents"] for name in ("check", "list"))
            contenders = [
                compile_intents(setting),
                *(Contender(name=c[-2], command=c) for c in asked),
            ]
            race(title, contenders, folder, setting.runs)


BESIDE_PEERS = (start, small, medium, large, listing, comparing)
ALONE = (again, every, questions, shapes, huge)
RACES = {race.__name__: race for race in (*BESIDE_PEERS, *ALONE)}


def _fresh(setting: Setting, services: int) -> None:
    with _folder(setting.scratch) as folder:
        organisation(services, folder, assertions=False)
        shared = Contender(
            name="netpolc compile, two processes",
            command=[*compile_intents(setting).command, "--jobs", "2"],
            before=removing("out"),
            makes="out",
        )
        contenders = [compile_intents(setting), shared, *kustomize(), *cdk8s(setting)]
        contenders += aerleon(setting, folder, services)
        race(f"Compile of {services:,} services", contenders, folder, setting.runs)


@contextmanager
def _folder(parent: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=parent) as name:
        yield Path(name)


def main() -> None:
    """Fetch the peers, or run the races named, all of them if none is."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("races", nargs="*", help=f"which of: {', '.join(RACES)}; default: all")
    parser.add_argument("--fetch", action="store_true", help="fetch the peers instead")
    parser.add_argument("--netpolc", default=str(Path(PYTHON).with_name("netpolc")))
    parser.add_argument("--peers", type=Path, default=Path(tempfile.gettempdir(), "netpolc-peers"))
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("--disk", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", type=Path, help="add the figures to this file")
    given = parser.parse_args()
    if given.fetch:
        fetch(given.peers)
        return
    netpolc = shutil.which(given.netpolc)
    if netpolc is None:
        parser.error(f"there is no {given.netpolc} to measure")
    setting = Setting(
        netpolc=(str(Path(netpolc).absolute()),),
        peers=given.peers.absolute(),
        scratch=given.scratch.absolute(),
        disk=given.disk.absolute(),
        runs=given.runs,
    )
    unknown = sorted(set(given.races) - set(RACES))
    if unknown:
        parser.error(f"no race is called {', '.join(unknown)}; there are {', '.join(RACES)}")
    for name in given.races or RACES:
        RACES[name](setting)
        if given.json:
            races = {
                title: {name: cost._asdict() for name, cost in costs.items()}
                for title, costs in FIGURES.items()
            }
            add_figures(given.json, "peers", races)


if __name__ == "__main__":
    main()
