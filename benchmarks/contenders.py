"""The tools that a race compares, how they are fetched, and the commands that they run."""

import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent

PYTHON = sys.executable

IN_NAMESPACES = 'for n in yaml/*/; do kubectl kustomize "$n" >"peer/$(basename "$n").yaml"; done'


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """A command and what puts its folder in order before each run, which is not measured.

    `makes` is the folder that must hold a file afterwards, and `codes` are the good exit codes: a
    command that did nothing is not compared.
    """

    name: str
    command: Sequence[str]
    before: Callable[[Path], None] = field(default=lambda _folder: None)
    makes: str = ""
    codes: tuple[int, ...] = (0,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Where things are, and how often each command runs."""

    netpolc: tuple[str, ...]
    peers: Path
    scratch: Path
    disk: Path
    runs: int


def fetch(peers: Path) -> None:
    """Bring the peers that are not there, each from its ecosystem's registry, into a folder."""
    (peers / "cdk8s").mkdir(parents=True, exist_ok=True)
    if not (peers / "cdk8s/node_modules").is_dir() and is_there("npm"):
        # Where a folder is called cdk8s, npm takes the name for it.
        npm = ["npm", "install", "--no-save", "--prefix", ".", "cdk8s", "constructs"]
        subprocess.run(npm, cwd=peers / "cdk8s", check=False)
    for name, package in (("aerleon", "aerleon"), ("nca", "network-config-analyzer")):
        if (peers / name).is_dir():
            continue
        venv.create(peers / name, with_pip=True)
        subprocess.run([peers / name / "bin/pip", "install", "--quiet", package], check=False)
    if not (peers / "go/netpol-analyzer").is_file() and is_there("go"):
        module = "github.com/np-guard/netpol-analyzer/cmd/netpolicy@latest"
        environment = {**os.environ, "GOBIN": str(peers / "go")}
        if not subprocess.run(["go", "install", module], env=environment, check=False).returncode:
            (peers / "go/netpolicy").rename(peers / "go/netpol-analyzer")


def compile_intents(setting: Setting) -> Contender:
    command = [*setting.netpolc, "compile", "intents"]
    return Contender(name="netpolc compile", command=command, before=removing("out"), makes="out")


def kustomize() -> Iterator[Contender]:
    if is_there("kubectl"):
        yield Contender(
            name="kubectl kustomize, by namespace",
            command=["sh", "-c", IN_NAMESPACES],
            before=removing("peer", make=True),
            makes="peer",
        )


def cdk8s(setting: Setting) -> Iterator[Contender]:
    modules = setting.peers / "cdk8s/node_modules"
    if is_there(modules) and is_there("node"):
        script = HERE / "cdk8s/synthesise.js"
        command = ["env", f"NODE_PATH={modules}", "node", str(script), "intents", "peer"]
        yield Contender(
            name="cdk8s, plain objects", command=command, before=removing("peer"), makes="peer"
        )


def aerleon(setting: Setting, folder: Path, services: int) -> Iterator[Contender]:
    aclgen = setting.peers / "aerleon/bin/aclgen"
    if is_there(aclgen):
        write_workload(folder / "aerleon", services, "1", "aerleon")
        command = [str(aclgen), "--base_directory", "aerleon", "--definitions_directory"]
        command += ["aerleon/def", "--output_directory", "peer", "--max_renderers", "1"]
        yield Contender(
            name="Aerleon, what it can say",
            command=command,
            before=removing("peer", make=True),
            makes="peer",
        )


def python_code(setting: Setting, code: str, name: str = "") -> Contender:
    """Python code, run by the interpreter that the measured netpolc has."""
    shebang = Path(setting.netpolc[0]).read_text(encoding="utf-8").partition("\n")[0]
    interpreter = shebang.removeprefix("#!").strip()
    return Contender(name=name or f"python -c '{code}'", command=[interpreter, "-c", code])


def write_workload(out: Path, services: int, seed: str, form: str = "intents") -> None:
    each = 100 if services >= 100_000 else 50 if services >= 10_000 else 20
    arguments = [str(HERE / "make_workload.py"), "--format", form, "--out", str(out)]
    arguments += ["--namespaces", str(services // each), "--services", str(each), "--seed", seed]
    subprocess.run([PYTHON, *arguments], check=True)


def removing(name: str, *, make: bool = False) -> Callable[[Path], None]:
    def before(folder: Path) -> None:
        shutil.rmtree(folder / name, ignore_errors=True)
        if make:
            (folder / name).mkdir()

    return before


def is_there(tool: str | Path) -> bool:
    """Whether a program or folder exists; a missing one is named as left out."""
    exists = shutil.which(tool) is not None or Path(tool).is_dir()
    if not exists:
        print(f"(left out: {Path(tool).name} is not there)", file=sys.stderr)
    return exists
