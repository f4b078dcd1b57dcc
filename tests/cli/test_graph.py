"""`netpolc graph` as a user runs it."""

import json
from pathlib import Path

import pytest

from netpolc.cli.main import run
from tests.cli.conftest import Put
from tests.repository import Scratch, needs_git

SHOP = "namespace shop\ndb <- api:5432\napi <- any:80\n"


def output(capfd: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    """What a command prints."""
    assert run(["graph", *arguments]) == code
    return capfd.readouterr().out


def pairs(text: str) -> set[tuple[str, str, str]]:
    """The ends of the edges of a JSON document, and their state."""
    found = json.loads(text)
    names = [one["name"] for one in found["nodes"]]
    return {(names[e["sender"]], names[e["receiver"]], e["state"]) for e in found["edges"]}


def test_dot_is_the_default(put: Put, capfd: pytest.CaptureFixture[str]) -> None:
    put({"intents/a.intent": SHOP})
    text = output(capfd)
    assert text.startswith("digraph netpolc {")
    assert '[label="5432"]' in text
    assert text == output(capfd, "intents", "--format", "dot")


def test_json_has_the_rows_of_list(put: Put, capfd: pytest.CaptureFixture[str]) -> None:
    put({"intents/a.intent": SHOP})
    edges = json.loads(output(capfd, "--format", "json"))["edges"]
    assert run(["list", "--format", "json"]) == 0
    assert len(edges) == len(json.loads(capfd.readouterr().out))


def test_filters_are_those_of_list_with_hops(put: Put, capfd: pytest.CaptureFixture[str]) -> None:
    put({"a.intent": "namespace shop\ndefault: deny\ndb <- api:1\napi <- web:1\nweb <- none\n"})
    near = pairs(output(capfd, "a.intent", "--to", "shop/db", "--format", "json"))
    assert near == {("api", "db", "permitted")}
    far = pairs(output(capfd, "a.intent", "--to", "shop/db", "--hops", "2", "--format", "json"))
    assert far == {*near, ("web", "api", "permitted")}
    assert pairs(output(capfd, "a.intent", "-n", "shop", "--to", "db", "--format", "json")) == near


@pytest.mark.parametrize("more", [(), ("--diff", "old.intent")])
def test_a_name_that_nothing_has_is_an_error(
    more: tuple[str, ...], put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    put({"a.intent": SHOP, "old.intent": f"{SHOP}web <- none\n"})
    assert run(["graph", "a.intent", "--from", "shop/ap", *more]) == 2
    told = capfd.readouterr()
    assert told.out == ""
    assert "has the name 'shop/ap'. Did you mean 'shop/api'?" in told.err
    # A service without connections is known, and so is one that a change removes or leaves as it is.
    assert run(["graph", "a.intent", "--to", "web" if more else "shop", *more]) == 0
    assert run(["graph", "a.intent", "--to", "db", *more]) == 0


def test_a_change_is_drawn(put: Put, capfd: pytest.CaptureFixture[str]) -> None:
    put({"old.intent": SHOP, "new.intent": SHOP.replace("5432", "5433")})
    text = output(capfd, "new.intent", "--diff", "old.intent", "--format", "json")
    assert pairs(text) == {("api", "db", "opened"), ("api", "db", "closed")}
    assert not pairs(output(capfd, "old.intent", "--diff", "old.intent", "--format", "json"))
    assert output(capfd, "none.intent", "--diff", "old.intent", code=2) == ""


def test_an_error_in_a_source_draws_nothing(put: Put, capfd: pytest.CaptureFixture[str]) -> None:
    put({"a.intent": "db <- api:99999\n"})
    assert output(capfd, "a.intent", code=1) == ""


@pytest.mark.parametrize(("form", "start"), [("svg", "<svg "), ("html", "<!DOCTYPE html>")])
def test_pictures_need_no_program(
    put: Put,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    form: str,
    start: str,
) -> None:
    put({"a.intent": SHOP})
    monkeypatch.setenv("PATH", "")
    text = output(capfd, "a.intent", "--format", form)
    assert text.startswith(start)
    assert text == output(capfd, "a.intent", "--format", form)


def test_a_namespace_that_is_asked_for_is_shown_in_full(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    many = "\n".join(f"s{number} <- c{number} in ns other:{number + 1}" for number in range(35))
    put({"a.intent": f"namespace shop\n{many}\nnamespace other\ndb <- none\n"})
    whole = output(capfd, "a.intent", "--format", "mermaid")
    assert "s34" not in whole
    assert "folded" in whole
    assert "s34" in output(capfd, "a.intent", "-n", "shop", "--format", "mermaid")


@needs_git
def test_a_source_may_be_a_revision_unless_it_is_a_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    repo = Scratch(tmp_path / "repo", monkeypatch)
    monkeypatch.chdir(repo.folder)
    repo.commit({"intents/a.intent": SHOP})
    before = output(capfd)
    repo.commit({"intents/a.intent": SHOP + "db <- web:1\n"})
    assert output(capfd, "HEAD~1") == output(capfd, "HEAD~1:intents") == before
    assert output(capfd, "HEAD") == output(capfd) != before
    repo.put({"HEAD~1/a.intent": "namespace shop\n"})
    assert output(capfd, "HEAD~1") not in {before, output(capfd)}
    for text in ("HEAD~1..HEAD", "HEAD~9", "nothing"):
        assert run(["graph", text]) == 1
        assert "NP701" in capfd.readouterr().err
