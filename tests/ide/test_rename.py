"""A rename changes names and nothing else, or is refused."""

import re
from pathlib import Path

import pytest

from netpolc.commands.pipeline import run
from netpolc.ide.checker import Checker
from netpolc.ide.occurrence import NameKind
from netpolc.ide.rename import Rename, edited, renamable_at, rename
from netpolc.ide.snapshot import Snapshot
from netpolc.io.edited_project import EditedProject
from netpolc.io.project import Options, Request
from netpolc.io.sources import Sources
from tests.ide.project import FILES, TODAY, WORKLOADS, snapshot

DB = "intents/db.intent"


@pytest.mark.parametrize(
    ("mark", "new", "lines"),
    [
        ("db <- api", "orders", ["orders <- api:5432", "service orders = {app=postgres}"]),
        ("api:5432", "backend", ["db <- backend:5432", "service backend = {app=api}"]),
        ("observers", "watchers", ["db <- watchers:9187", "group watchers = prometheus in ns"]),
        ("shop", "store", ["namespace store {env=production}", "wallet <- db in ns store:80"]),
        ("db <- api", "ns", ['service "ns" = {app=postgres}', '"ns" <- api:5432']),
    ],
)
def test_a_rename_keeps_the_meaning(tmp_path: Path, mark: str, new: str, lines: list[str]) -> None:
    state = snapshot(tmp_path)
    name = renamable_at(state, DB, FILES[DB].index(mark))
    assert name is not None
    found = rename([state], name, new)
    assert not found.refusal
    after = edited(state.sources, found.edits)
    text = "\n".join(file.text for file in after.intents)
    assert all(line in text for line in lines)
    result = run(after, state.options)
    assert not result.failed
    if mark != "shop":
        assert result.policies == state.result.policies


@pytest.mark.parametrize(
    ("mark", "new", "why"),
    [
        ("db <- api", "api", "the policies of namespace `shop` would change"),
        ("shop", "pay", "there is a namespace `pay` already"),
        ("shop", "Shop", "not a valid namespace name"),
        ("observers", "db", "the policies of namespace `shop` would change"),
        ("api:5432", "db", "`db` has two meanings in namespace `shop`"),
        ("db <- api", "a b", "cannot be its name"),
    ],
)
def test_a_name_with_another_meaning_is_refused(
    tmp_path: Path, mark: str, new: str, why: str
) -> None:
    state = snapshot(tmp_path)
    name = renamable_at(state, DB, FILES[DB].index(mark))
    assert name is not None
    assert why in rename([state], name, new).refusal


def test_nothing_is_renamed_while_there_are_errors(tmp_path: Path) -> None:
    state = snapshot(tmp_path, {"intents/bad.intent": "db <-\n"})
    name = renamable_at(state, DB, FILES[DB].index("observers"))
    assert name is not None
    assert (
        rename([state], name, "watchers").refusal == "the intents have errors: correct them first"
    )


def test_ports_and_labels_of_kubernetes_are_not_renamed(tmp_path: Path) -> None:
    text = (
        "namespace shop\nx <- ns {kubernetes.io/metadata.name in (a)}:web, {pod-template-hash=5f}\n"
    )
    state = snapshot(tmp_path, {"intents/x.intent": text})
    for mark in ("kubernetes.io", "pod-template", "5f", "web"):
        assert renamable_at(state, "intents/x.intent", text.index(mark)) is None
    name = renamable_at(state, "intents/x.intent", text.index("a)"))
    assert name is not None
    assert name.kind is NameKind.NAMESPACE


def test_a_service_may_be_called_like_a_label_of_kubernetes(tmp_path: Path) -> None:
    text = "namespace shop\njob-name <- x:80\n"
    state = snapshot(tmp_path, {"intents/x.intent": text})
    assert renamable_at(state, "intents/x.intent", text.index("job-name")) is not None


LABELS = """namespace shop {env=production}
label: name
default: deny
service db = {name=postgres, tier in (data, cache)}
db <- {tier=web}:5432, ns {env=dev, !audit}:80
never {tier!=data} <- ns {env notin (dev)}:22
"""


def renamed(folder: Path, mark: str, new: str, files: dict[str, str]) -> tuple[Snapshot, Rename]:
    state = snapshot(folder, {"given.yaml": "", "intents/db.intent": LABELS, **files})
    name = renamable_at(state, DB, LABELS.index(mark))
    assert name is not None
    return state, rename([state], name, new)


@pytest.mark.parametrize(
    ("mark", "new", "lines"),
    [
        ("tier in", "layer", ["layer in (data, cache)", "{layer=web}", "never {layer!=data}"]),
        ("data, ", "store", ["tier in (store, cache)", "{tier!=store}"]),
        ("env=pro", "stage", ["shop {stage=production}", "{stage=dev, !audit}", "{env=dev}"]),
        ("dev, !", "test", ["{env=test, !audit}", "env notin (test)", "pay {env=test}"]),
        ("name\n", "app.kubernetes.io/name", ["label: app.kubernetes.io/name", "io/name=postgres"]),
        ("postgres", "pg", ["{name=pg, tier in"]),
    ],
)
def test_a_label_is_renamed_in_all_files(
    tmp_path: Path, mark: str, new: str, lines: list[str]
) -> None:
    more = "namespace pay {env=dev}\nwallet <- {env=dev}:80\n"
    state, found = renamed(tmp_path, mark, new, {"intents/pay.intent": more})
    assert not found.refusal
    after = edited(state.sources, found.edits)
    text = "\n".join(file.text for file in after.intents)
    assert [line for line in lines if line not in text] == []
    assert not run(after, state.options).failed


OTHERS = """apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: others, namespace: infra}
spec: {podSelector: {matchLabels: {tier: web}}}
---
apiVersion: v1
kind: Namespace
metadata: {name: infra, labels: {env: prod}}
"""


@pytest.mark.parametrize(
    ("mark", "new", "given", "why"),
    [
        ("tier=web", "layer", WORKLOADS, "shop/api[Deployment] has the label `tier`, and a rename"),
        ("web}", "front", WORKLOADS, "shop/api[Deployment] has the label `tier=web`, and a rename"),
        ("cache", "web", WORKLOADS, "shop/api[Deployment] has the label `tier=web` already"),
        (
            "tier=web",
            "layer",
            OTHERS,
            "policy of namespace `infra` in the manifests names the label `tier`, and a rename",
        ),
        ("tier=web", "name", "", "with the name `name` the policies of namespace `pay` would"),
        ("cache", "data", "", "with the name `data` the policies of namespace `pay` would"),
        ("env=pro", "stage", OTHERS, "the Namespace infra has the label `env`, and a rename"),
        ("audit", "env", "", "with the name `env`"),
        ("tier=web", "a b", "", "is not a valid label key"),
        ("web}", "", "", "a label needs a value"),
        ("tier=web", "pod-template-hash", "", "is a label that Kubernetes sets"),
    ],
)
def test_a_label_that_would_mean_something_else_is_refused(
    tmp_path: Path, mark: str, new: str, given: str, why: str
) -> None:
    _, found = renamed(tmp_path, mark, new, {"given.yaml": given})
    assert why in found.refusal
    assert not found.edits


@pytest.mark.parametrize(
    ("mark", "new", "why"),
    [
        ("app=", "name", "bare names of namespace `shop`, such as `api`, mean the label `app`"),
        ("api}", "web", "the bare name `api` of namespace `shop` means this label"),
    ],
)
def test_bare_names_keep_a_label(tmp_path: Path, mark: str, new: str, why: str) -> None:
    text = "namespace shop\ndb <- api:1\nweb <- {app=api}:2\n"
    state = snapshot(tmp_path, {"given.yaml": "", DB: text, "intents/pay.intent": ""})
    name = renamable_at(state, DB, text.index(mark))
    assert name is not None
    assert why in rename([state], name, new).refusal


def test_a_name_is_renamed_in_all_outputs_that_share_a_file(tmp_path: Path) -> None:
    shared = "namespace shop\ndb <- office:443\n"
    prod, staging = (
        snapshot(
            tmp_path / name,
            {"netpolc.toml": "", DB: shared, f"intents/{name}.intent": text, "intents/pay.intent": "",
             "intents/cluster.intent": ""},
        )
        for name, text in {
            "prod": "cluster\ngroup office = 10.0.0.0/8\n",
            "staging": "cluster\ngroup office = 11.0.0.0/8\n",
        }.items()
    )  # fmt: skip
    name = renamable_at(prod, DB, shared.index("office"))
    assert name is not None
    found = rename([prod, staging], name, "hq")
    assert sorted(edit.span.path for edit in found.edits) == [
        DB,
        "intents/prod.intent",
        "intents/staging.intent",
    ]
    without = snapshot(tmp_path / "without", {"netpolc.toml": "", DB: shared})
    assert "policies of namespace `shop` would" in rename([prod, without], name, "hq").refusal


CASES = sorted(
    path
    for path in (Path(__file__).parents[1] / "cases").iterdir()
    if list(path.glob("input/*.intent"))
)


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_policies_differ_by_the_new_label_alone(case: Path) -> None:
    project = EditedProject(Request(here=case / "input", today=TODAY, sources=(".",)))
    state = Snapshot(Checker(), project.read())
    if state.understood.failed:
        return
    before = written(state.sources, state.options, {})
    symbols = {state.names.symbol(one): one for one in state.names.all()}
    for symbol, name in symbols.items():
        if symbol.kind is not NameKind.POD_LABEL:
            continue
        found = rename([state], name, "new-key")
        if not found.refusal:
            after = edited(state.sources, found.edits)
            assert written(after, state.options, {"new-key": symbol.name}) == before


def written(sources: Sources, options: Options, names: dict[str, str]) -> list[str]:
    """The lines of each manifest with other names, but for those of the policies and the comments."""
    texts = list(run(sources, options).files.values())
    for old, new in names.items():
        texts = [text.replace(old, new) for text in texts]
    lines = (text.splitlines() for text in texts)
    kept = (sorted(line for line in some if not re.search("#|name: ", line)) for some in lines)
    return sorted("\n".join(each) for each in kept)
