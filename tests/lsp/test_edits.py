"""After edits of a project with all that it may have, its findings are those of a cold `netpolc check`.

Beyond `tests/ide/test_checker.py` it has several outputs, IR files, cluster-wide policies, enforced
assertions, and files that are links to others.
"""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

pytest.importorskip("pygls", reason="the language server is an extra: make .venv/.ready-dev")

from random import Random

from netpolc.commands.check import check
from netpolc.commands.pipeline import run
from netpolc.diagnostics.render.json import render
from netpolc.io.disk import OpenTexts
from netpolc.io.project import Request, open_project, requests_of_outputs
from netpolc.io.sources import Sources
from netpolc.ir.serialize import dump
from netpolc.lsp.projects import Home
from netpolc.lsp.task import Task
from netpolc.source import SourceFile
from tests.ide.test_checker import CLUSTER, MANIFESTS, TODAY, OvertakenError, Scene

EDITS = 24
SEEDS = max(2, int(os.environ.get("NETPOLC_FUZZ", "0")) // EDITS)

TIERS = '[tiers]\napi = "v1alpha2"\n'
OUTPUTS = """[outputs.one]
sources = ["intents"]
[outputs.two]
sources = ["intents", "env"]
namespace = "shop"
"""
MORE = '[outputs.three]\nsources = ["env", "given/p.json"]\nstrict = true\n'
CONFIGS = [
    'sources = ["intents"]\n',
    f'sources = ["intents", "env"]\n{TIERS}',
    'sources = ["intents", "given/p.json"]\n',
    OUTPUTS,
    OUTPUTS + TIERS,
    OUTPUTS + MORE,
    f"{OUTPUTS}{MORE}{TIERS}",
    'sources = ["intents"]\n[outputs.one]\n',
]
ENFORCED = """cluster
enforce never * in ns pay <- ns {env=dev}
enforce never a in ns shop <- ns web:22
enforce always ns * <- b in ns shop:9090
baseline: deny
baseline: deny ingress egress
""".splitlines()
CLUSTER_POLICY = """---
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: guard}
spec:
  tier: %s
  priority: %d
  subject: {pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: a}}}}
  ingress: [{name: r, action: %s, from: [{namespaces: {matchLabels: {env: dev}}}]}]
"""


def ir_file(intents: str) -> str:
    options = open_project(Request(here=Path("/"), today=TODAY), only_beside=True).value.options
    return dump(run(Sources(intents=(SourceFile("a.intent", intents),)), options).policies)


IR_FILES = [
    ir_file("namespace shop\nz <- a:443\n"),
    ir_file("namespace batch\ndefault: deny\njob <- a in ns shop:80, 10.0.0.0/8:1\n"),
    "{}",
    "[",
]


class EditedHome:
    """The project of a server, as the scene tells it of changes."""

    def __init__(self, root: Path, request: Request, task: Task) -> None:
        self._disk = OpenTexts()
        self.home = Home(root, request, self._disk, task)

    def open(self, path: Path, text: str) -> None:
        self._disk.open(path, text)
        self.home.open(path, text)

    def close(self, path: Path) -> None:
        self._disk.close(path)
        self.home.close(path)

    def changed(self, paths: list[Path]) -> None:
        self.home.changed(paths)


@dataclass
class ProjectScene(Scene):
    """A scene with all outputs of a project."""

    def __post_init__(self) -> None:
        super().__post_init__()
        task = Task()
        task.checkpoint = self.checkpoint  # type: ignore[method-assign]
        self.project = EditedHome(self.disk, self.request(self.disk), task)  # type: ignore[assignment]

    def edit(self) -> None:
        if self.chance.random() < 0.6:
            super().edit()
            return
        self.chance.choice([self.enforce, self.environment, self.policies, self.link])()

    def line(self) -> None:
        super().line()
        if self.chance.random() < 0.2:
            self.enforce()

    def enforce(self) -> None:
        name = self.name()
        lines = self.chance.sample(ENFORCED[1:], 2)
        self.texts[name] += "\n".join(["cluster", *lines, ""])
        self.open_or_save(name)

    def environment(self) -> None:
        name = f"env/{self.chance.choice('xy')}.intent"
        self.texts[name] = "\n".join(["cluster", *self.chance.sample(CLUSTER[1:], 3), ""])
        self.open_or_save(name)

    def policies(self) -> None:
        self.texts["given/p.json"] = self.chance.choice(IR_FILES)
        self.open_or_save("given/p.json")

    def configure(self) -> None:
        self.texts["netpolc.toml"] = self.chance.choice(CONFIGS)
        self.open_or_save("netpolc.toml")

    def manifest(self) -> None:
        tier, priority = self.chance.choice(["Admin", "Baseline"]), self.chance.randrange(3)
        policy = CLUSTER_POLICY % (tier, priority, self.chance.choice(["Deny", "Accept", "Pass"]))
        self.texts["given/a.yaml"] = self.chance.choice(MANIFESTS) + self.chance.choice(
            ["", policy]
        )
        self.open_or_save("given/a.yaml")

    def link(self) -> None:
        """Let other names lead to a file that may be open, or no longer."""
        names = [f"intents/{self.chance.choice('0z')}-link.intent", "env/link.intent"]
        target = self.name()
        for name in names:
            is_there = self.chance.random() < 0.8
            for folder in (self.disk, self.saved):
                (folder / name).unlink(missing_ok=True)
                if is_there:
                    (folder / name).symlink_to(folder / target)
            self.project.changed([self.disk / name])

    def heal(self) -> None:
        config = self.chance.choice(CONFIGS)
        super().heal()
        self.texts["netpolc.toml"] = config
        self.open_or_save("netpolc.toml")

    def try_to_check(self) -> None:
        self.patience = self.chance.randrange(1, 300)
        with suppress(OvertakenError):
            self.warm()
        self.patience = -1

    def warm(self) -> str:
        home: Home = self.project.home  # type: ignore[attr-defined]
        return render(home.findings())

    def cold(self) -> str:
        return render(check(requests_of_outputs(self.request(self.saved))).findings)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_findings_after_edits_are_those_of_a_cold_run(seed: int, tmp_path: Path) -> None:
    project = ProjectScene(tmp_path / "disk", tmp_path / "saved", Random(seed))
    for folder in (project.disk, project.saved):
        (folder / "env").mkdir(parents=True)
    for _ in range(3):
        project.appear()
    project.configure()
    project.manifest()
    project.policies()
    project.write()
    project.try_edits(EDITS)
