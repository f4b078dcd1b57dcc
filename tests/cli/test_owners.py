"""`netpolc owners` as a user runs it, in a repository made with the real git."""

import json
from pathlib import Path

import pytest

from netpolc.cli.main import run
from tests.repository import Scratch, needs_git

pytestmark = needs_git

CODEOWNERS = """\
*               @org/platform
/intents/shop/  @org/shop
/intents/pay/   @org/pay someone@example.org
![bad]          @org/nobody
"""


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scratch:
    """A repository with two teams, which is the working folder; one lets the other in."""
    scratch = Scratch(tmp_path / "repo", monkeypatch)
    monkeypatch.chdir(scratch.folder)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    scratch.commit(
        {
            ".github/CODEOWNERS": CODEOWNERS,
            "intents/shop/db.intent": "namespace shop\ndb <- api:5432\n",
            "intents/pay/pay.intent": "namespace pay\nledger <- none\n",
        }
    )
    path = scratch.folder / "intents/shop/db.intent"
    path.write_text("namespace shop\ndb <- api:5432, ledger in ns pay:5432\n")
    return scratch


@pytest.mark.usefixtures("repo")
def test_both_sides_are_named_in_the_form_of_codeowners(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["owners"]) == 0
    out, err = capfd.readouterr()
    change = "+ db <- ledger in ns pay:5432 (namespace shop)"
    assert out == (
        f"# has a section of namespace pay at the other end: {change}\n"
        "/intents/pay/pay.intent @org/pay someone@example.org\n\n"
        f"# changed here: {change}\n"
        "/intents/shop/db.intent @org/shop\n\n"
    )
    assert err == (
        ".github/CODEOWNERS:4: invalid line, skipped as GitHub does\n"
        "the owners of 2 files must agree: @org/pay, @org/shop, someone@example.org\n"
    )


@pytest.mark.usefixtures("repo")
def test_json_has_all_of_it(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["owners", "HEAD", "--format", "json"]) == 0
    document = json.loads(capfd.readouterr().out)
    assert document["owners"] == ["@org/pay", "@org/shop", "someone@example.org"]
    assert [file["path"] for file in document["files"]] == [
        "intents/pay/pay.intent",
        "intents/shop/db.intent",
    ]
    assert document["files"][0]["why"] == [
        {
            "part": "other side",
            "namespace": "pay",
            "effect": "opened",
            "change": "db <- ledger in ns pay:5432",
            "changed_namespace": "shop",
        }
    ]
    assert document["unspoken"] == []


def test_every_namespace_asks_who_owns_everything(
    repo: Scratch, capfd: pytest.CaptureFixture[str]
) -> None:
    path = repo.folder / "intents/shop/db.intent"
    path.write_text("namespace shop\ndb <- api:5432, ns *:80\n")
    assert run(["owners"]) == 0
    out, err = capfd.readouterr()
    change = "+ db <- ns *:80 (namespace shop)"
    assert out == (
        f"# every namespace may be at the other end: {change}\n"
        "* @org/platform\n\n"
        f"# changed here: {change}\n"
        "/intents/shop/db.intent @org/shop\n\n"
    )
    assert err.endswith(
        "the owners of 1 file and of everything must agree: @org/platform, @org/shop\n"
    )
    assert run(["owners", "--format", "json"]) == 0
    everybody = json.loads(capfd.readouterr().out)["everybody"]
    assert everybody["owners"] == ["@org/platform"]
    assert everybody["why"][0]["part"] == "everybody"
    (repo.folder / "who").write_text("/intents/ @me\n")
    assert run(["owners", "--codeowners", "who"]) == 0
    out, err = capfd.readouterr()
    assert "# CODEOWNERS has no rule for every path\n" in out
    assert err == "the owners of 1 file must agree: @me\n"
    (repo.folder / ".github/CODEOWNERS").unlink()
    assert run(["owners"]) == 0
    assert "\n*\n\n" in capfd.readouterr().out


def test_without_codeowners_the_files_are_named(
    repo: Scratch, capfd: pytest.CaptureFixture[str]
) -> None:
    (repo.folder / ".github/CODEOWNERS").unlink()
    assert run(["owners"]) == 0
    out, err = capfd.readouterr()
    assert "/intents/pay/pay.intent\n" in out
    assert err == "the owners of 2 files must agree; there is no CODEOWNERS to say who they are\n"
    assert run(["owners", "--format", "json"]) == 0
    assert json.loads(capfd.readouterr().out)["owners"] is None


def test_the_file_given_is_read_and_must_be_there(
    repo: Scratch, capfd: pytest.CaptureFixture[str]
) -> None:
    (repo.folder / "who").write_text("*.intent @me\n/intents/pay/\n")
    assert run(["owners", "--codeowners", "who"]) == 0
    assert capfd.readouterr().err.endswith("must agree: @me; 1 of them without an owner\n")
    assert run(["owners", "--codeowners", "nowhere"]) == 2
    assert "error[NP702]" in capfd.readouterr().err


def test_nothing_changed_asks_nobody(repo: Scratch, capfd: pytest.CaptureFixture[str]) -> None:
    repo.git("checkout", "--quiet", "--", ".")
    assert run(["owners"]) == 0
    out, err = capfd.readouterr()
    assert out == ""
    assert err.endswith("no connection is opened or closed, so no agreement is needed\n")


@pytest.mark.usefixtures("repo")
def test_what_cannot_be_compared_names_nobody(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["owners", "no-such-branch"]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert "nothing was compared" in err


def test_paths_are_those_of_the_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    scratch = Scratch(tmp_path / "repo", monkeypatch)
    scratch.commit(
        {
            "CODEOWNERS": "/sub/ @s\n",
            "sub/netpolc.toml": "",
            "sub/intents/a b.intent": "namespace shop\ndb <- api:5432\n",
        }
    )
    (scratch.folder / "sub/intents/a b.intent").write_text("namespace shop\ndb <- api:5433\n")
    monkeypatch.chdir(scratch.folder / "sub")
    assert run(["owners"]) == 0
    assert "\n/sub/intents/a\\ b.intent @s\n" in capfd.readouterr().out
