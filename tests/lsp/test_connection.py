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


@pytest.mark.parametrize("what", ["codeLens", "inlayHint"])
def test_what_other_files_decide_is_asked_for_again_after_an_edit(
    tmp_path: Path, what: str
) -> None:
    (tmp_path / "netpolc.toml").write_text("")
    (tmp_path / "intents").mkdir()
    session = Session({"workspace": {what: {"refreshSupport": True}}})
    session.notify("workspace/didChangeConfiguration", {"settings": {}})
    assert not [sent for sent in session.sent if "method" in sent], "nothing is open"
    session.open(tmp_path / "intents/a.intent", "namespace shop\ndb <- api:80\n")
    uri = session.open(tmp_path / "intents/b.intent", "namespace shop\n")
    session.sent.clear()
    session.change(uri, "namespace shop\ndb <- internet:80\n")
    methods = [message["method"] for message in session.sent if "method" in message]
    assert [method for method in methods if "refresh" in method] == [f"workspace/{what}/refresh"]
    assert session.request("textDocument/documentSymbol", {"textDocument": {"uri": uri}})
    assert not [one for one in session.sent if "refresh" in one.get("method", "")][1:], "asked once"


def _place(uri: str) -> dict[str, Any]:
    return {"textDocument": {"uri": uri}, "position": {"line": 0, "character": 0}}


def test_a_pull_that_an_edit_overtakes_is_asked_for_again(tmp_path: Path) -> None:
    session = Session({"textDocument": {"diagnostic": {}}})
    uri = session.open(tmp_path / "a.intent", "db <- api:80\n")
    put = session.connection.put
    put(json.dumps(request("textDocument/diagnostic", {"textDocument": {"uri": uri}}, 1)))
    changed = {"textDocument": {"uri": uri, "version": 2}, "contentChanges": [{"text": "db <-\n"}]}
    put(json.dumps({"jsonrpc": "2.0", "method": "textDocument/didChange", "params": changed}))
    assert session.connection.step()
    (answer,) = map(json.loads, session.connection.take())
    assert answer["error"]["code"] == -32802
    assert answer["error"]["data"] == {"retriggerRequest": True}


def test_a_message_interrupts_the_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session()
    opened = {"uri": (tmp_path / "a.intent").as_uri(), "languageId": "netpolc", "version": 1}
    params = {"textDocument": {**opened, "text": "db <-\n"}}
    message = {"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": params}
    session.connection.put(json.dumps(message))
    assert session.connection.step()
    monkeypatch.setattr("netpolc.lsp.task._INTERVAL", 0.0)
    session.connection.idle(lambda: True)
    assert session.connection.take() == []
    session.connection.idle()
    assert len(session.connection.take()) == 1


def test_a_slow_check_shows_its_first_stage_and_keeps_what_still_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netpolc.lsp.publisher._VISIBLE", -1.0)
    text = "namespace a\ndb <- ns {env=dev}:22\nnever db <- ns {env=dev}\n"
    session = Session()
    uri = session.open(tmp_path / "a.intent", text)
    assert "NP501" in session.codes(uri)
    session.sent.clear()
    session.change(uri, f"{text}service x = {{y=z}}\n")
    reports = [
        [found["code"] for found in one["params"]["diagnostics"]]
        for one in session.sent
        if one["method"] == "textDocument/publishDiagnostics"
    ]
    assert all("NP501" in codes for codes in reports)
    assert "NP203" in reports[-1]
    session.sent.clear()
    session.change(uri, f"{text}db <-\n", 3)
    assert session.codes(uri) == ["NP110"]


def test_a_bug_does_not_end_the_session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session()

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr("netpolc.lsp.publisher.diagnostics_by_uri", broken)
        uri = session.open(tmp_path / "a.intent", "db <-\n")
    (logged,) = [one for one in session.sent if one.get("method") == "window/logMessage"]
    assert "ZeroDivisionError" in logged["params"]["message"]
    session.change(uri, "db <-\n")
    assert session.codes(uri) == ["NP110"]


def test_slow_work_is_logged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netpolc.lsp.server.SLOW", -1.0)
    monkeypatch.setattr("netpolc.lsp.task._INTERVAL", -1.0)
    session = Session()
    uri = session.open(tmp_path / "a.intent", "db <- api:80\n")
    session.request("textDocument/hover", _place(uri))
    logged = [
        one["params"]["message"] for one in session.sent if "logMessage" in one.get("method", "")
    ]
    assert [one.partition(" took ")[0] for one in logged][-2:] == [
        "diagnostics",
        "textDocument/hover",
    ]
    steps = logged[-2].partition(": ")[2]
    assert [one.split(" ")[0] for one in steps.split(", ")][:3] == [
        "parsing",
        "resolving",
        "proving",
    ]


def test_settings_that_are_wrong_are_told_and_left_out(tmp_path: Path) -> None:
    session = Session(options={"with": "k8s", "closedWorld": 1})
    logged = [
        one["params"]["message"] for one in session.sent if "logMessage" in one.get("method", "")
    ]
    assert logged == [
        "setting left out: `with` is a list of paths",
        "setting left out: `closedWorld` is true or false",
    ]
    write(
        tmp_path,
        {"netpolc.toml": "", "intents/a.intent": "namespace a\ndb <- api\n", "k8s/n.yaml": "a: ["},
    )
    uri = session.open(tmp_path / "intents/a.intent")
    session.notify("workspace/didChangeConfiguration", {"settings": {"netpolc": {"with": ["k8s"]}}})
    assert session.codes((tmp_path / "k8s/n.yaml").as_uri()) == ["NP401"]
    assert session.codes(uri) == []


def test_configuration_replaces_the_initialization_options_key_by_key(tmp_path: Path) -> None:
    files = {"netpolc.toml": "", "intents/a.intent": "namespace a\ndb <- api\n", "n.yaml": "a: ["}
    write(tmp_path, files)
    session = Session(options={"netpolc": {"with": ["n.yaml"]}})
    session.open(tmp_path / "intents/a.intent")
    manifests = (tmp_path / "n.yaml").as_uri()

    def configure(settings: object) -> list[str]:
        session.notify("workspace/didChangeConfiguration", {"settings": settings})
        return session.codes(manifests)

    assert configure({}) == ["NP401"]
    assert configure(None) == ["NP401"]
    assert configure({"closedWorld": True}) == ["NP401"]
    assert configure({"with": []}) == []
    assert configure("x") == ["NP401"]
    logged = [one for one in session.sent if one.get("method") == "window/logMessage"]
    assert logged[-1]["params"]["message"] == "setting left out: settings are an object"


def test_a_folder_of_the_client_can_be_a_project(tmp_path: Path) -> None:
    files = {
        "intents/b.intent": "namespace b\ndb <- x in ns a\n",
        "intents/a.intent": "namespace a\ndefault: deny egress\n",
    }
    write(tmp_path, files)
    session = Session(root=tmp_path)
    uri = session.open(tmp_path / "intents/b.intent")
    assert session.codes(uri) == ["NP605"]
    gone = {"added": [], "removed": [{"uri": tmp_path.as_uri(), "name": "x"}]}
    session.notify("workspace/didChangeWorkspaceFolders", {"event": gone})
    assert session.codes(uri) == []


def _large(folder: Path) -> Session:
    """A session with a project of some hundred namespaces, in which nothing is known yet."""
    text = (
        "namespace a{0}\ndefault: deny ingress egress\nx <- y in ns a{1}:80\nnever x <- ns b:22\n"
    )
    names = {f"intents/{n}.intent": text.format(n, n + 1) for n in range(80)}
    write(folder, {"netpolc.toml": "", **names})
    return Session({"textDocument": {"diagnostic": {}}})


def _put(session: Session, method: str, params: object, number: int | None = None) -> None:
    message = {"jsonrpc": "2.0", "method": method, "params": params}
    more = {} if number is None else {"id": number}
    session.connection.put(json.dumps({**message, **more}))


@pytest.mark.parametrize(
    ("method", "code"), [("textDocument/codeLens", -32801), ("textDocument/diagnostic", -32802)]
)
@pytest.mark.parametrize("looks", [0, 100, 300])
def test_an_edit_ends_the_work_on_the_text_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str, code: int, looks: int
) -> None:
    monkeypatch.setattr("netpolc.lsp.task._INTERVAL", 0.0)
    session = _large(tmp_path)
    path = tmp_path / "intents/7.intent"
    document = {"textDocument": {"uri": path.as_uri()}}
    opened = {"uri": path.as_uri(), "languageId": "netpolc", "version": 1, "text": path.read_text()}
    _put(session, "textDocument/didOpen", {"textDocument": opened})
    assert session.connection.step()
    _put(session, method, document, 1)
    count = 0

    def receive() -> None:
        nonlocal count
        count += 1
        if count == looks + 1:
            changed = {"textDocument": {**document["textDocument"], "version": 2}}
            changes = {"contentChanges": [{"text": "namespace a7\nservice unused = {a=b}\n"}]}
            _put(session, "textDocument/didChange", {**changed, **changes})

    assert session.connection.step(receive)
    assert count == looks + 1, "the work has ended"
    (answer,) = map(json.loads, session.connection.take())
    assert answer["error"]["code"] == code
    fresh = Session({"textDocument": {"diagnostic": {}}})
    fresh.open(path, "namespace a7\nservice unused = {a=b}\n")
    session.notify("$/setTrace", {"value": "off"})
    assert session.diagnostics == fresh.diagnostics


def test_a_request_that_is_being_answered_can_be_cancelled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netpolc.lsp.task._INTERVAL", 0.0)
    session = _large(tmp_path)
    uri = (tmp_path / "intents/7.intent").as_uri()
    opened = {"uri": uri, "languageId": "netpolc", "version": 1, "text": "x <- y\n"}
    _put(session, "textDocument/didOpen", {"textDocument": opened})
    assert session.connection.step()
    _put(session, "textDocument/codeLens", {"textDocument": {"uri": uri}}, 1)
    assert session.connection.step(lambda: _put(session, "$/cancelRequest", {"id": 1}))
    (answer,) = map(json.loads, session.connection.take())
    assert answer["error"]["code"] == -32800
