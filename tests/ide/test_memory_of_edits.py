"""A process that lives long keeps nothing of the names that it has met.

What is counted are objects, not megabytes: with so few edits a leak of one entry for each name is
a thousand objects, which nobody would see among megabytes.
"""

import gc
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from netpolc import remembered
from netpolc.commands.compile import compile_intents
from netpolc.ide.checker import Checker
from netpolc.io.edited_project import EditedProject, WatchedProjects
from netpolc.io.project import Request
from netpolc.values import Keyed

FIRST, MORE, TIMES = 60, 40, 2
"""Edits until caches of Python's own are full, edits that are measured, and new names in each."""

ALLOWED = 250
"""Objects that may be there after more edits. One entry for each new text of a kind is 400 objects."""

STATEMENTS = """\
namespace shop-{n} {{env=own-{n}, team-{n}=t{n}, example-{n}.org/stage=s{n}}}
default: deny
label: label-{n}
dns: resolver-{n} in ns dns-{n}:{port}/udp
service web-{n} = {{web-{n}=yes, tier in (a{n}, b{n}), zone!=z{n}}}
group callers-{n} = job-{n}, cron-{n} in ns batch-{n}, 10.{high}.{low}.0/24
web-{n} <- callers-{n}:{port}
web-{n} <- api-{n}:[{port}, named-{high}-{low}, {port}-{last}/udp] because "reason {n}"
web-{n} <- "all", ns {{env=e{n}}}:{port} until 2{year}-01-01
web-{n} -> 10.{high}.0.0/16 except [10.{high}.{low}.0/24, 10.{high}.{low}.0/28]:{port}
web-{n} -> 2001:db8:{high:x}:{low:x}::/64:{port}/sctp
# netpolc: ignore[NP604] why {n}
db-{n} -> "{n}":{port}
never web-{n} <- evil-{n}:{port} because "never {n}"
only db-{n} <- cache-{n}, 192.168.{low}.0/24
unknown-{n} <- wrong_Name_{n} ?? {n}
setting-{n}: {n}
"""
CLUSTER = """\
cluster
pods: 10.{high}.0.0/16
group everywhere-{n} = ns mon-{n}, probe-{n} in ns edge-{n}
service shared-{n} = {{shared=x{n}}}
* <- everywhere-{n}:{port}
enforce never * in ns pay-{n} <- ns dev-{n}:{port}
"""
MANIFEST = """\
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: app-{n}, namespace: space-{n}}}
spec: {{template: {{metadata: {{labels: {{app: app-{n}}}}}, spec: {{containers: [{{name: c-{n}, ports: [{{name: p{n}, containerPort: {port}}}]}}]}}}}}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: policy-{n}, namespace: space-{n}, annotations: {{note-{n}: "text {n}"}}}}
spec:
  podSelector: {{matchLabels: {{app: app-{n}}}}}
  ingress:
  - from: [{{ipBlock: {{cidr: 10.{high}.{low}.0/24}}}}, {{podSelector: {{matchLabels: {{from: f-{n}}}}}}}]
    ports: [{{port: {port}}}]
"""


def names(number: int) -> dict[str, object]:
    """Words that occur in one edit only."""
    high, low = divmod(number, 200)
    port = 1024 + number
    return {
        "n": number,
        "port": port,
        "last": port + 7,
        "high": high + 1,
        "low": low,
        "year": f"{number % 900 + 100}",
    }


def edits(folder: Path, number: int) -> Iterator[tuple[Path, str]]:
    """Texts of files, each with new names: intents that are wrong, intents that are right, manifests."""
    words = [names(TIMES * number + time) for time in range(TIMES)]
    lines = STATEMENTS.splitlines(keepends=True)
    right = [line for line in lines if not line.startswith(("unknown", "setting"))]
    for path, text in (
        ("intents/a.intent", lines),
        ("intents/b.intent", right),
        (f"intents/new-{number}.intent", [f"namespace own-{number}\nx <- y\n"]),
        ("manifests/m.yaml", [MANIFEST]),
    ):
        yield folder / path, "".join("".join(text).format(**each) for each in words)
    yield folder / "intents/cluster.intent", CLUSTER.format(**words[0])
    shape = ", ".join("api" if number >> bit & 1 else "api:80" for bit in range(8))
    yield folder / "intents/shape.intent", f"namespace shop\nweb <- {shape}\n"


def objects() -> int:
    """All objects of this process: strings and numbers are among them."""
    for _ in range(3):
        gc.collect()
    return sys.getallocatedblocks()


def values() -> int:
    """The selectors, peers, ports and blocks of this process."""
    return sum(isinstance(found, Keyed) for found in gc.get_objects())


@pytest.fixture(autouse=True)
def _tables_are_full_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "MOST_CHARACTERS", 0)


def project(folder: Path) -> Request:
    for name in ("intents", "manifests"):
        (folder / name).mkdir()
    (folder / "manifests/n.yaml").write_text(
        "{apiVersion: v1, kind: Namespace, metadata: {name: shop}}"
    )
    (folder / "netpolc.toml").write_text('with = ["manifests"]\n[tiers]\napi = "v1alpha2"\n')
    (folder / "intents/web.intent").write_text("namespace shop\ndefault: deny\nweb <- api:80\n")
    return Request(here=folder, today=date(2026, 11, 27), checking=True)


def grown(edit: Callable[[int], object]) -> tuple[int, int]:
    """How many objects and values more there are after many edits than after a few."""
    for number in range(FIRST):
        edit(number)
    few = objects(), values()
    for number in range(FIRST, FIRST + MORE):
        edit(number)
    return objects() - few[0], values() - few[1]


def test_edits_with_new_names_leave_nothing_behind(tmp_path: Path) -> None:
    edited, checker = EditedProject(project(tmp_path)), Checker()
    codes = set[str]()

    def edit(number: int) -> None:
        for path, text in edits(tmp_path, number):
            edited.open(path, text)
            found = checker.check(edited.read())
            edited.close(path)
            codes.update(finding.rule.code for finding in found.diagnostics)
        checker.check(edited.read())

    more, more_values = grown(edit)
    assert more_values <= 0
    assert more < ALLOWED
    assert {"NP101", "NP122", "NP203", "NP501", "NP604", "NP608"} <= codes


def test_compiles_with_new_names_leave_nothing_behind(tmp_path: Path) -> None:
    request = replace(project(tmp_path), checking=False)
    projects = WatchedProjects()

    def compile_again(number: int) -> None:
        for path, text in edits(tmp_path, number):
            path.write_text(text)
            projects.changed([path])
            compiled = compile_intents(request, projects=projects)
            assert bool(compiled.result.files) is not compiled.result.failed
            projects.end_run()
            path.unlink()
            projects.changed([path])

    more, more_values = grown(compile_again)
    assert more_values <= 0
    assert more < ALLOWED
