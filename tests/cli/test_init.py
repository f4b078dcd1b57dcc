"""`netpolc init`: the proposal compiles, opens only what is seen, and replaces nothing."""

import json
from pathlib import Path

import pytest

from netpolc.cli.main import run
from netpolc.source import SourceFile
from netpolc.syntax.formatter import format_file
from netpolc.syntax.parser import parse
from tests.cli.conftest import Files, Put

SHOP = (Path(__file__).parent.parent / "bootstrap/shop/shop.yaml").read_text(encoding="utf-8")
EVIDENCE = {
    ("shop/web[Deployment]", "shop/api[Deployment]", 8080),
    ("shop/api[Deployment]", "shop/db[StatefulSet]", 5432),
    ("shop/db-replica[StatefulSet]", "shop/db[StatefulSet]", 5432),
    ("shop/api[Deployment]", "tracing/collector[Deployment]", 4318),
}


def test_only_what_is_seen_is_permitted(put: Put, capsys: pytest.CaptureFixture[str]) -> None:
    put({"k8s/shop.yaml": SHOP})
    assert run(["init", "k8s"]) == 0
    capsys.readouterr()
    assert run(["list", "intents", "--with", "k8s", "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    permitted = {
        (row["src"], row["dst"]) for row in rows if "[" in row["src"] and "[" in row["dst"]
    }
    assert permitted == {(sender, receiver) for sender, receiver, _ in EVIDENCE}
    for sender, receiver, port in EVIDENCE:
        (row,) = [row for row in rows if (row["src"], row["dst"]) == (sender, receiver)]
        assert str(port) in json.dumps(row["protocols"])


def test_what_is_written_is_formatted_and_compiles(put: Put, files: Files) -> None:
    put({"k8s/shop.yaml": SHOP})
    assert run(["init", "k8s"]) == 0
    written = {name: text.decode() for name, text in files().items() if name.endswith(".intent")}
    assert "intents/shop/db.intent" in written
    for name, text in written.items():
        assert format_file(parse(SourceFile(name, text)).value) == text
    assert run(["compile"]) == 0


def test_guesses_are_comments_and_secrets_are_not_read(
    put: Put, capsys: pytest.CaptureFixture[str]
) -> None:
    put({"k8s/shop.yaml": SHOP})
    assert run(["init", "k8s", "-o", "-"]) == 0
    text = capsys.readouterr().out
    for guess in ("# web <- ns ingress-nginx:3000", "# cache <- api:6379", "# api <- any:8080"):
        assert guess in text.splitlines()
    assert "ledger.example.org" in text
    assert "vault" not in text
    assert "hunter2" not in text


def test_nothing_is_replaced_unless_asked(
    put: Put, files: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    put({"k8s/shop.yaml": SHOP, "intents/shop/db.intent": "# mine\n"})
    before = files()
    assert run(["init", "k8s"]) == 1
    assert "NP723" in capsys.readouterr().err
    assert files() == before
    assert run(["init", "k8s", "--force"]) == 0
    assert files()["intents/shop/db.intent"] != b"# mine\n"


def test_manifests_without_workloads_are_an_error(
    put: Put, capsys: pytest.CaptureFixture[str]
) -> None:
    put({"k8s/a.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n"})
    assert run(["init", "k8s"]) == 1
    shown = capsys.readouterr().err
    assert "NP717" in shown
    assert "help: give the Deployments, Services and ConfigMaps of what runs" in shown


def test_a_file_where_a_folder_is_needed_is_an_error(
    put: Put, capsys: pytest.CaptureFixture[str]
) -> None:
    put({"k8s/shop.yaml": SHOP, "taken": "x"})
    assert run(["init", "k8s", "-o", "taken"]) == 1
    assert "NP711" in capsys.readouterr().err


DATABASE = """\
apiVersion: v1
kind: Namespace
metadata: {name: todo, labels: {kubernetes.io/metadata.name: todo, team: a}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: todo}
spec:
  template:
    metadata: {labels: {app: api}}
    spec: {containers: [{name: c, env: [{name: DATABASE_URL, value: "postgres://u:p@db/todo"}]}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: db, namespace: todo}
spec:
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: c, ports: [{containerPort: 5432}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: db, namespace: todo}
spec: {selector: {app: db}, ports: [{port: 5432}]}
"""


def test_the_labels_of_namespaces_are_stated(put: Put, files: Files) -> None:
    put({"k8s/todo.yaml": DATABASE})
    assert run(["init", "k8s"]) == 0
    assert files()["intents/todo/_namespace.intent"].startswith(b"namespace todo {team=a}\n")
    assert run(["check", "--with", "k8s", "--strict"]) == 0


@pytest.mark.parametrize(
    ("folder", "arguments"),
    [
        ("k8s", [".", "-o", "../intents"]),
        ("k8s/apps", [".", "-o", "../../intents"]),
        ("k8s/apps", ["a.yaml", "-o", "../../intents"]),
        ("other", ["../k8s", "-o", "../intents"]),
        ("other", ["ABSOLUTE/k8s", "-o", "ABSOLUTE/intents"]),
    ],
)
@pytest.mark.parametrize("nested", [False, True])
def test_a_proposal_is_the_same_from_every_folder(
    folder: str,
    arguments: list[str],
    put: Put,
    files: Files,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    nested: bool,
) -> None:
    put({"k8s/apps/a.yaml": SHOP, "other/x.txt": ""})
    assert run(["init", "k8s"]) == 0
    first = files()
    if nested:
        put({"k8s/apps/intents/x.intent": "", "other/intents/x.intent": ""})
    monkeypatch.chdir(tmp_path / folder)
    arguments = [argument.replace("ABSOLUTE", str(tmp_path)) for argument in arguments]
    assert run(["init", *arguments]) == 0, capsys.readouterr().err
    assert "0 files written" in capsys.readouterr().err
    monkeypatch.chdir(tmp_path)
    assert first.items() <= files().items()
    assert b"(k8s/apps/a.yaml:" in first["intents/shop/web.intent"]


def test_a_second_proposal_in_a_folder_below_is_the_same(
    put: Put,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put({"intents/x.intent": "", "k8s/apps/a.yaml": SHOP})
    monkeypatch.chdir(tmp_path / "k8s/apps")
    assert run(["init", "."]) == 0
    assert run(["init", "."]) == 0
    assert "0 files written" in capsys.readouterr().err


def test_a_refused_file_is_named_by_a_path_that_can_be_opened(
    put: Put,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put({"intents/shop/web.intent": "# mine\n", "k8s/a.yaml": SHOP, "other/x.txt": ""})
    monkeypatch.chdir(tmp_path / "other")
    assert run(["init", "../k8s", "-o", "../intents"]) == 1
    (place,) = (line for line in capsys.readouterr().err.splitlines() if "-->" in line)
    assert Path(place.split()[1]).read_text(encoding="utf-8") == "# mine\n"
