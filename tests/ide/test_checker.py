"""The findings of an edited project are those of a run that knows nothing of earlier states."""

import os
import random
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import pytest

from netpolc.commands.check import check
from netpolc.commands.pipeline import run
from netpolc.diagnostics import Outcome, Severity
from netpolc.diagnostics.render.json import render
from netpolc.ide.checker import Checker
from netpolc.io.edited_project import EditedProject
from netpolc.io.project import Request, open_project
from netpolc.io.sources import Sources
from netpolc.memory import LastingMemory
from netpolc.source import SourceFile

TODAY = date(2026, 11, 27)
EDITS = 30
SEEDS = max(3, int(os.environ.get("NETPOLC_FUZZ", "0")) // EDITS)

LINES = """default: deny
default: deny egress
label: app
group g = a, b
group g = 10.0.0.0/9, 10.128.0.0/9
group g = 10.0.0.0/8
service a = {app=a, tier=web}
service b = {app.kubernetes.io/name=b}
a <- b
a <- b:443
  a <- g:8080
b -> a:443/tcp
b -> g because "history"
a <- x in ns pay
a <- b in ns shop
b <- ns {env=dev}:80
a <- 10.0.0.0/8:443
never a <- b:22
only a <- b
always b -> a:443
# netpolc: ignore[NP604] known
a <- wrong on
a <-
servcie c = {app=c}
\u00e9 <- \U0001d4b3
""".splitlines()
HEADS = ["namespace shop", "namespace pay {env=dev}", "namespace pay {env=prod}", "namespace web"]
CLUSTER = """cluster
pods: 10.0.0.0/16
blocks: all
default: deny
default: deny ingress egress
dns: x in ns kube-system:53
dns: none
mirror: no
label: name
group g = ns web, 10.1.0.0/16
service b = {name=b}
* <- ns pay:1
a -> b in ns shop:2
never a <- internet
only a <- b, 10.0.0.0/8
always a <- ns pay:1
never * in ns pay <- ns {env=dev}
""".splitlines()
CONFIGS = [
    "",
    "strict = true\n",
    'namespace = "shop"\n',
    "strcit = true\n",
    "strict = \n",
    '[lint]\nignore = ["NP604"]\n',
    '[lint.levels]\nhalf-open-arrow = "error"\n',
]
MANIFEST = """apiVersion: apps/v1
kind: Deployment
metadata: {name: a, namespace: shop}
spec: {template: {metadata: {labels: {app: %s}}}}
"""
POLICY = """---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: given, namespace: %s}
spec:
  podSelector: {matchLabels: {app: a}}
  ingress: [{from: [{ipBlock: {cidr: %s}}, {podSelector: {matchLabels: {app: b}}}]}]
---
apiVersion: v1
kind: Namespace
metadata: {name: pay, labels: {env: %s}}
"""
MANIFESTS = [
    *(MANIFEST % app for app in ("a", "b", "[", "{x: y}")),
    MANIFEST % "a" + POLICY % ("shop", "10.0.0.0/8", "dev"),
    MANIFEST % "b" + POLICY % ("other", "10.0.0.0/9", "prod"),
]


class OvertakenError(Exception):
    """An edit has come."""


@dataclass
class Scene:
    """A project on the disk, the same with all that is open in an editor written, and the editor."""

    disk: Path
    saved: Path
    chance: random.Random
    texts: dict[str, str] = field(default_factory=dict)
    open: set[str] = field(default_factory=set)
    written: dict[Path, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.project = EditedProject(self.request(self.disk))
        self.shown: set[str] = set()
        self.checker = Checker(self.checkpoint)
        self.patience = -1

    def checkpoint(self) -> None:
        """End a run that has no patience left, as an edit does that overtakes it."""
        self.patience -= 1
        if self.patience == 0:
            raise OvertakenError

    def try_to_check(self) -> None:
        """Begin to check a state, and perhaps be overtaken."""
        self.patience = self.chance.randrange(1, 120)
        with suppress(OvertakenError):
            self.checker.check(self.project.read())
        self.patience = -1

    def edit(self) -> None:
        kinds = [self.line] * 8 + [self.appear, self.vanish, self.rename, self.split]
        kinds += [self.move_section, self.configure, self.manifest, self.save]
        self.chance.choice(kinds)()

    def line(self) -> None:
        name = self.name()
        lines = self.texts[name].splitlines(keepends=True)
        at = self.chance.randrange(len(lines) + 1)
        for _ in range(self.chance.choice([0, 0, 1, 1, 2])):
            del lines[at : at + 1]
        if self.chance.random() < 0.7:
            words = self.chance.choice([LINES, LINES, LINES, HEADS, CLUSTER])
            lines.insert(at, self.chance.choice(words) + "\n")
        self.texts[name] = "".join(lines)
        self.open_or_save(name)

    def open_or_save(self, name: str) -> None:
        """Leave a new text in the editor, or write it to the disk."""
        if self.chance.random() < 0.6:
            self.open.add(name)
        else:
            self.open.discard(name)

    def heal(self) -> None:
        """Remove the lines with errors, so that lints and assertions are looked at too."""
        self.texts["netpolc.toml"] = 'sources = ["intents"]\n'
        self.texts["given/a.yaml"] = self.chance.choice((MANIFESTS[0], *MANIFESTS[-2:]))
        for _ in range(9):
            self.write()
            found = check([self.request(self.saved)]).findings
            wrong = {
                (one.label.span.path, one.label.span.line)
                for one in found
                if one.rule.severity is Severity.ERROR
            }
            for path, line in sorted(wrong, reverse=True):
                lines = self.texts.get(path, "").splitlines(keepends=True)
                if lines:
                    self.texts[path] = "".join(lines[: line - 1] + lines[line:])

    def name(self) -> str:
        names = [name for name in sorted(self.texts) if name.endswith(".intent")]
        if not names:
            self.appear()
            return self.name()
        return self.chance.choice(names)

    def appear(self) -> None:
        name = f"intents/{self.chance.choice('abcde')}.intent"
        body = self.chance.choices(LINES[:-4], k=4)
        self.texts[name] = "\n".join([self.chance.choice(HEADS), *body, ""])
        self.open_or_save(name)

    def vanish(self) -> None:
        name = self.name()
        del self.texts[name]
        self.open.discard(name)

    def rename(self) -> None:
        old = self.name()
        text = self.texts.pop(old)
        self.open.discard(old)
        self.texts[f"intents/{self.chance.choice('vwxyz')}.intent"] = text

    def split(self) -> None:
        name = self.name()
        lines = self.texts[name].splitlines(keepends=True)
        at = self.chance.randrange(len(lines) + 1)
        self.texts[name] = "".join(lines[:at])
        other = f"intents/{self.chance.choice('fgh')}.intent"
        self.texts[other] = self.chance.choice(HEADS) + "\n" + "".join(lines[at:])
        self.open -= {name, other}

    def move_section(self) -> None:
        source, target = self.name(), self.name()
        head, *rest = self.texts[source].split("namespace ")
        if rest and source != target:
            moved = rest.pop(self.chance.randrange(len(rest)))
            self.texts[source] = "namespace ".join([head, *rest])
            self.texts[target] += f"\nnamespace {moved}"
            self.open -= {source, target}

    def configure(self) -> None:
        self.texts["netpolc.toml"] = self.chance.choice(CONFIGS)
        self.open_or_save("netpolc.toml")

    def manifest(self) -> None:
        self.texts["given/a.yaml"] = self.chance.choice(MANIFESTS)
        self.open_or_save("given/a.yaml")

    def save(self) -> None:
        self.open.clear()

    def write(self) -> None:
        """Write everything to `saved`, and what is not open to `disk`; tell the project of both."""
        closed = {name: text for name, text in self.texts.items() if name not in self.open}
        deleted = {name for name in self.shown if name not in self.texts}
        self.put(self.saved, self.texts)
        self.project.changed(self.put(self.disk, closed, keep=self.open))
        for name in self.shown - self.open | deleted:
            self.project.close(self.disk / name)
        self.shown = self.open & self.texts.keys()
        for name in sorted(self.shown):
            self.project.open(self.disk / name, self.texts[name])

    def put(
        self, folder: Path, texts: dict[str, str], keep: AbstractSet[str] = frozenset()
    ) -> list[Path]:
        """Make a folder have exactly these files, and leave some as they are."""
        changed = []
        for name in ("intents", "given"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        for path in [
            path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()
        ]:
            name = path.relative_to(folder).as_posix()
            if name not in texts and (name not in keep or self.chance.random() < 0.1):
                path.unlink()
                del self.written[path]
                changed.append(path)
        for name, text in texts.items():
            if self.written.get(folder / name) != text:
                (folder / name).write_text(text, "utf-8", newline="")
                self.written[folder / name] = text
                changed.append(folder / name)
        return changed

    def request(self, here: Path) -> Request:
        return Request(here=here, today=TODAY, checking=True, beside=("given/a.yaml",))

    def try_edits(self, edits: int) -> None:
        """Edit at random, end some checks early, and compare most states with a cold run."""
        for number in range(edits):
            self.edit()
            if number % 3 == 0:
                self.heal()
            self.write()
            if number % 2:
                self.try_to_check()
            if number % 4 == 3:
                continue
            assert self.warm() == self.cold(), f"edit {number}"

    def warm(self) -> str:
        return render(self.checker.check(self.project.read()).diagnostics)

    def cold(self) -> str:
        return render(check([self.request(self.saved)]).findings)


def scene(folder: Path, seed: int) -> Scene:
    made = Scene(folder / "disk", folder / "saved", random.Random(seed))
    for _ in range(3):
        made.appear()
    made.configure()
    made.manifest()
    made.write()
    return made


@pytest.mark.parametrize("seed", range(SEEDS))
def test_findings_after_edits_are_those_of_a_cold_run(seed: int, tmp_path: Path) -> None:
    project = scene(tmp_path, seed)
    project.try_edits(EDITS)


def findings(checker: Checker, *texts: str, folder: Path) -> str:
    for name, text in zip("abc", texts, strict=False):
        (folder / f"{name}.intent").write_text(text)
    request = Request(here=folder, today=TODAY, sources=(".",), checking=True)
    return render(checker.check(open_project(request)).diagnostics)


def test_place_moves_with_an_indent_above_it(tmp_path: Path) -> None:
    broken = "namespace a\nx <- y in ns {env=dev}\nz -> w\ndefault: deny\n"
    checker = Checker()
    for text in (broken, broken.replace("x <-", "    x  <-")):
        assert findings(checker, text, folder=tmp_path) == findings(
            Checker(), text, folder=tmp_path
        )


def test_policies_are_written_with_the_blocks_of_the_last_edit() -> None:
    request = Request(here=Path.cwd(), today=TODAY)
    options = open_project(request, only_beside=True).value.options
    memory = LastingMemory()
    for blocks in (
        "10.0.0.0/9, 10.128.0.0/9",
        "10.0.0.0/8",
        "10.0.0.0/8 except 10.0.0.0/9",
        "10.128.0.0/9",
    ):
        text = f"namespace a\ngroup g = {blocks}\nx <- g:443\n"
        sources = Sources(intents=(SourceFile("a.intent", text),))
        warm = run(sources, options, memory=memory)
        assert warm.files == run(sources, options).files != {}


def test_nothing_is_kept_of_older_states() -> None:
    request = Request(here=Path.cwd(), today=TODAY, sources=(), checking=True)
    project = open_project(request, only_beside=True).value
    checker, sizes = Checker(), set[int]()
    for number in range(20):
        file = SourceFile("a.intent", f"namespace a\nx <- y:{number + 1}\n")
        checker.check(Outcome(replace(project, sources=Sources(intents=(file,)))))
        sizes.add(len(checker._memory))
    assert len(sizes) == 1
