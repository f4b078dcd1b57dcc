"""The two sides that `netpolc diff` compares: revisions, the working tree, manifests, IR files."""

import io
import sys
from pathlib import Path

import pytest

from netpolc.cli.main import run
from tests.cli.conftest import Put
from tests.cli.diff_of_shop import SHOP, changes, differing, edited
from tests.repository import Scratch


def test_the_working_tree_is_compared_with_head(
    repo: Scratch, capfd: pytest.CaptureFixture[str]
) -> None:
    repo.put({"intents/shop.intent": edited(("db <- api:5432", "db <- api:5432, report:5432"))})
    assert run(["diff"]) == 1
    out = capfd.readouterr().out
    assert "db <- report:5432" in out
    assert changes() == {"+ shop: db <- report:5432"}
    assert changes("HEAD", "intents") == changes()
    assert changes("./intents", "HEAD:intents") == {"- shop: db <- report:5432"}
    repo.git("add", "--all")
    assert changes() == {"+ shop: db <- report:5432"}, "staged or not, it is in the working tree"


def test_a_new_file_counts_before_it_is_added(repo: Scratch) -> None:
    repo.put({"intents/new.intent": "namespace shop\nqueue <- api:5672\n"})
    assert changes() == {"+ shop: queue <- api:5672"}


def test_branches(repo: Scratch) -> None:
    repo.git("switch", "--quiet", "--create", "topic")
    repo.commit({"intents/topic.intent": "namespace shop\ndb <- topic:1\n"})
    repo.git("switch", "--quiet", "main")
    repo.commit({"intents/main.intent": "namespace shop\ndb <- main:1\n"})
    repo.git("switch", "--quiet", "topic")
    assert changes("main...HEAD") == {"+ shop: db <- topic:1"}
    assert changes("main") == {"+ shop: db <- topic:1", "- shop: db <- main:1"}
    assert changes("main..topic") == changes("main", "topic") == changes("main")
    repo.git("merge", "--quiet", "--no-edit", "main")
    assert changes("HEAD^1", "HEAD") == {"+ shop: db <- main:1"}
    assert changes("main...HEAD") == {"+ shop: db <- topic:1"}
    assert differing("main...HEAD").after == "HEAD"


def test_intents_against_manifests(repo: Scratch, capfd: pytest.CaptureFixture[str]) -> None:
    run(["compile"])
    assert run(["diff", "intents", "out"]) == 0, capfd.readouterr()
    assert run(["diff", "out"]) == 0
    repo.commit({})
    assert run(["diff", "HEAD:out", "intents"]) == 0
    policy = repo.folder / "out/shop/db-ingress.yaml"
    policy.write_text(policy.read_text().replace("5432", "5433"))
    assert changes("intents", "out") == {"+ shop: db <- api:5433", "- shop: db <- api:5432"}


def test_against_ir_and_standard_input(
    repo: Scratch, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    run(["ir"])
    dumped = capfd.readouterr().out
    repo.put({"base.json": dumped})
    assert run(["diff", "base.json"]) == 0
    for text in (dumped, SHOP + "namespace pay\na <- b:1\n"):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        assert run(["diff", "-", "HEAD"]) == 0
    assert run(["diff", "-", "-"]) == 2


def test_a_first_program_is_compared_with_nothing(
    repo: Scratch, capfd: pytest.CaptureFixture[str]
) -> None:
    repo.commit({"intents/shop.intent": None, "intents/pay.intent": None})
    repo.put({"intents/a.intent": "db <- api:5432\n"})
    for command in (["diff"], ["graph", "--diff", "HEAD", "--format", "mermaid"], ["owners"]):
        assert run(command) == int(command == ["diff"])
        told = "in HEAD, there are no intents yet: the other side is compared with nothing"
        assert told in capfd.readouterr().err


def test_the_new_side_must_have_intents(repo: Scratch, capfd: pytest.CaptureFixture[str]) -> None:
    repo.commit({"intents/shop.intent": None, "intents/pay.intent": None})
    assert run(["diff", "HEAD~1", "HEAD"]) == 2
    assert "there is no `intents` in this revision" in capfd.readouterr().err


def test_a_revision_with_intents_elsewhere_is_not_one_without(
    repo: Scratch, capfd: pytest.CaptureFixture[str]
) -> None:
    repo.commit(
        {"intents/shop.intent": None, "intents/pay.intent": None, "old/a.intent": "a <- b\n"}
    )
    repo.put({"intents/a.intent": "db <- api:5432\n"})
    assert run(["diff"]) == 2
    assert "there is no `intents` in this revision" in capfd.readouterr().err


@pytest.mark.usefixtures("repo")
@pytest.mark.parametrize("command", [["diff", "-"], ["owners", "-"], ["graph", "-"], ["ir", "-"]])
def test_an_empty_standard_input_is_an_error(
    command: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    assert run(command) in {1, 2}
    assert "error[NP705]" in capfd.readouterr().err


def test_what_is_in_the_cluster_besides(repo: Scratch) -> None:
    everybody = (
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n"
        "metadata: {name: x, namespace: shop}\n"
        "spec: {podSelector: {matchLabels: {app: db}}, ingress: [{}]}\n"
    )
    repo.put(
        {
            "cluster/x.yaml": everybody,
            "intents/shop.intent": edited(("db <- api:5432", "db <- api:5433")),
        }
    )
    assert run(["diff"]) == 1
    assert run(["diff", "--with", "cluster"]) == 0, "db is open anyway"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nope"], "there is no path and no revision `nope`"),
        (["HEAD:nope"], "in HEAD:nope:"),
        (["a", "b", "c"], "more than two sides"),
        (["HEAD..HEAD", "intents"], "more than two sides"),
        (["--", "HEAD"], "there is no `HEAD`"),
        (["intents", "--"], "no revision `intents`"),
        (["./broken"], "in ./broken:"),
        (["HEAD", "./broken"], "error[NP108]"),
        (["--format", "markdown", "./broken"], "in ./broken:"),
        ([""], "an empty path"),
    ],
)
def test_errors_name_the_side(
    repo: Scratch, capfd: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    repo.put({"broken/a.intent": "db <-- api\n"})
    assert run(["diff", *arguments]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert says in err


def test_a_shallow_clone_is_an_error(
    repo: Scratch,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    repo.git("switch", "--quiet", "--create", "topic")
    repo.commit({"intents/topic.intent": "namespace shop\ndb <- topic:1\n"})
    shallow = tmp_path / "shallow"
    repo.git(
        "clone", "--quiet", "--depth=1", "--no-single-branch", f"file://{repo.folder}", str(shallow)
    )
    monkeypatch.chdir(shallow)
    assert run(["diff", "origin/main...HEAD"]) == 2
    assert "git fetch --unshallow" in capfd.readouterr().err
    assert run(["diff", "origin/main"]) == 1


def test_outside_a_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    for name, text in (("old", "db <- api\n"), ("new", "db <- api\ndb <- web\n")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.intent").write_text(text)
    assert run(["diff", "old", "new"]) == 1
    assert run(["diff", "old", "old"]) == 0
    assert run(["diff"]) == 2
    assert "not a git repository" in capfd.readouterr().err


def test_a_bare_repository_has_no_working_tree(
    repo: Scratch,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    repo.commit({"intents/shop.intent": edited(("5432", "5433"))})
    repo.git("clone", "--quiet", "--bare", ".", str(tmp_path / "bare"))
    monkeypatch.chdir(tmp_path / "bare")
    for arguments in ((), ("main",)):
        assert run(["diff", *arguments]) == 2
        assert "error[NP783]: this repository is bare" in capfd.readouterr().err
    # The file HEAD beside it is git's own.
    assert run(["diff", "HEAD~1", "HEAD"]) == 1
    assert "db <- api:5433" in capfd.readouterr().out


def test_a_revision_without_a_parent_is_told(
    repo: Scratch, capfd: pytest.CaptureFixture[str]
) -> None:
    repo.git("checkout", "--quiet", "--detach")
    assert run(["diff", "HEAD~1"]) == 2
    assert "`HEAD` exists, but this is not part of its history" in capfd.readouterr().err
    assert run(["diff", "nonsense"]) == 2
    assert "a revision that `git log` knows" in capfd.readouterr().err


NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"
IGNORED: dict[str, dict[str, str | bytes]] = {
    "NP707": {"a.intent": "namespace shop\ndb <- api:1\n", "p.yaml": "kind: NetworkPolicy\n"},
    "NP706": {"a.yaml": NAMESPACE, "kustomization.yaml": "namePrefix: x-\n"},
    "NP406": {"a.yaml": NAMESPACE, "values.yaml": "a: 1\n"},
}


@pytest.mark.parametrize("code", IGNORED)
def test_files_that_are_ignored_are_named(
    code: str, put: Put, capsys: pytest.CaptureFixture[str]
) -> None:
    sides = {f"{side}/{name}": IGNORED[code][name] for side in "ab" for name in IGNORED[code]}
    put(sides)
    assert run(["diff", "a", "b"]) == 0
    assert capsys.readouterr().err.count(f"[{code}]") == 2
