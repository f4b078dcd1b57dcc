"""A session holds, whatever a client sends and in whatever order."""

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pygls", reason="the language server is an extra: make .venv/.ready-dev")

from netpolc.lsp.connection import Connection
from tests.lsp.session import Session, write


def answers(connection: Connection, message: object) -> list[dict[str, Any]]:
    return [json.loads(text) for text in connection.feed(json.dumps(message))]


def request(method: str, params: object = None, number: int = 7) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": params}


def test_the_first_request_must_be_initialize() -> None:
    connection = Connection()
    (answer,) = answers(connection, request("textDocument/hover", {}))
    assert answer["error"]["code"] == -32002
    assert answers(connection, {"jsonrpc": "2.0", "method": "initialized", "params": {}}) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [("{", -32700), ("[" * 100_000, -32700), ('"text"', None), ("[]", None), ("{}", None)],
)
def test_what_is_no_message_is_answered_or_ignored(text: str, code: int | None) -> None:
    session = Session()
    found = [json.loads(one) for one in session.connection.feed(text)]
    assert [one["error"]["code"] for one in found] == ([] if code is None else [code])
    assert session.request("textDocument/hover", _place("file:///nowhere.intent")) is None


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("initialize", {"processId": None, "rootUri": None, "capabilities": {}}, -32600),
        ("textDocument/hover", {"position": "here"}, -32602),
        ("textDocument/hover", None, -32602),
        ("no/such", {}, -32601),
    ],
)
def test_a_request_that_cannot_be_answered_gets_an_error(
    method: str, params: object, code: int
) -> None:
    session = Session()
    assert session.answer(method, params)["error"]["code"] == code


def test_a_waiting_request_can_be_cancelled() -> None:
    session = Session()
    session.connection.put(json.dumps(request("textDocument/hover", _place("file:///a"), 1)))
    session.connection.put(
        json.dumps({"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": 1}})
    )
    (cancelled,) = session.connection.take()
    assert json.loads(cancelled)["error"]["code"] == -32800
    assert not session.connection.step()


def test_after_a_shutdown_only_the_end_comes() -> None:
    session = Session()
    assert session.request("shutdown") is None
    assert session.answer("textDocument/hover", _place("file:///a"))["error"]["code"] == -32600
    session.notify("exit", None)
    assert session.connection.exit_code == 0


def test_an_end_without_a_shutdown_is_an_error() -> None:
    session = Session()
    session.notify("exit", None)
    assert session.connection.exit_code == 1


def test_changes_of_documents_that_are_not_open_are_ignored(tmp_path: Path) -> None:
    session = Session()
    session.change((tmp_path / "a.intent").as_uri(), "db <- api\n")
    session.notify("textDocument/didClose", {"textDocument": {"uri": "file:///a.intent"}})
    assert session.diagnostics == {}


@pytest.mark.parametrize("uri", ["", "x", "untitled:a.intent", "file://[", "file:///%00.intent"])
def test_any_uri_can_be_opened(uri: str) -> None:
    session = Session()
    item = {"uri": uri, "languageId": "netpolc", "version": 1, "text": "db <-\n"}
    session.notify("textDocument/didOpen", {"textDocument": item})
    assert session.codes(uri) == ["NP110"]


def test_a_broken_netpolc_toml_costs_its_own_finding_alone(tmp_path: Path) -> None:
    folder = write(tmp_path, {"netpolc.toml": "x = [", "intents/a.intent": "db <- api:80\n"})
    session = Session()
    intents, config = session.open(folder / "intents/a.intent"), (folder / "netpolc.toml").as_uri()
    assert session.codes(config) == ["NP720"]
    found = session.request("textDocument/hover", _place(intents))
    assert found["contents"]["value"].startswith("service `db`")


def _place(uri: str) -> dict[str, Any]:
    return {"textDocument": {"uri": uri}, "position": {"line": 0, "character": 0}}
