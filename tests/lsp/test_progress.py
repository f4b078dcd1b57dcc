"""Long work shows its progress in the client's window, and what is known is sent before its end."""

import io
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pytest_lsp", reason="the language server is an extra: make .venv/.ready-dev")

import pytest_lsp
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient

from netpolc.lsp.stdio import _Wire
from tests.lsp.language_client import notified
from tests.lsp.session import Session, write
from tests.lsp.test_features import DB, FILES

SHOWS = {"window": {"workDoneProgress": True}}
AT_ONCE = """
import sys
import netpolc.lsp.progress as progress
from netpolc.cli.main import run
progress._PATIENCE = 0.0
sys.exit(run(["lsp"]))
"""


GRANTED: dict[str, object] = {"result": None}
REFUSED: dict[str, object] = {"error": {"code": -32603, "message": "no"}}


class Window(Session):
    """A client that shows progress; it answers requests for tokens in the middle of work."""

    def __init__(self, answer: dict[str, object], capabilities: dict[str, Any] = SHOWS) -> None:
        self._answer = answer
        super().__init__(capabilities)

    def look(self) -> bool:
        """Take what the server has sent up to now; return whether it has a message to handle."""
        for message in map(json.loads, self.connection.take()):
            self.sent.append(message)
            if message.get("method") == "window/workDoneProgress/create":
                answer = {"jsonrpc": "2.0", "id": message["id"], **self._answer}
                self.connection.put(json.dumps(answer))
        return self.connection.is_waiting

    def open_and_check(self, path: Path) -> None:
        self.put("textDocument/didOpen", {"textDocument": opened(path)})
        assert self.connection.step(self.look)
        self.connection.idle(self.look)
        self.look()

    def put(self, method: str, params: object, **more: object) -> None:
        message = {"jsonrpc": "2.0", "method": method, "params": params, **more}
        self.connection.put(json.dumps(message))

    def tokens(self) -> list[str]:
        """The tokens that the server has asked for."""
        asked = (one for one in self.sent if one.get("method") == "window/workDoneProgress/create")
        return [one["params"]["token"] for one in asked]

    def shown(self) -> list[dict[str, Any]]:
        """What the client has shown, each with its token."""
        found = (one["params"] for one in self.sent if one.get("method") == "$/progress")
        return [{"token": one["token"], **one["value"]} for one in found]

    def kinds(self) -> list[str]:
        return [one["kind"] for one in self.shown()]


def opened(path: Path) -> dict[str, object]:
    text = path.read_text("utf-8")
    return {"uri": path.as_uri(), "languageId": "netpolc", "version": 1, "text": text}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write(tmp_path, FILES) / "intents/db.intent"


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """All work is long, and messages are looked for at each checkpoint."""
    monkeypatch.setattr("netpolc.lsp.progress._PATIENCE", 0.0)
    monkeypatch.setattr("netpolc.lsp.task._INTERVAL", 0.0)


def test_a_check_shows_its_steps(file: Path) -> None:
    window = Window(GRANTED)
    assert window.tokens() == []
    window.open_and_check(file)
    assert window.tokens() == ["netpolc-1"]
    assert {one["token"] for one in window.shown()} == {"netpolc-1"}
    kinds = window.kinds()
    assert kinds == ["begin", *["report"] * (len(kinds) - 2), "end"]
    messages = [one["message"] for one in window.shown()[:-1]]
    assert messages[:3] == ["parsing 1/2", "resolving", "proving"]


def test_a_request_shows_the_steps_of_the_check_that_it_needs(file: Path) -> None:
    again = {"diagnostics": {"refreshSupport": True}}
    window = Window(GRANTED, {**SHOWS, "textDocument": {"diagnostic": {}}, "workspace": again})
    window.open_and_check(file)
    assert window.shown() == []
    window.put("textDocument/diagnostic", {"textDocument": {"uri": file.as_uri()}}, id=1)
    assert window.connection.step(window.look)
    window.look()
    assert (window.kinds()[0], window.kinds()[-1]) == ("begin", "end")


def test_a_token_that_the_client_refuses_is_not_used(file: Path) -> None:
    window = Window(REFUSED)
    window.open_and_check(file)
    assert window.tokens()
    assert window.shown() == []


def test_a_token_that_comes_after_the_work_is_taken_back(file: Path) -> None:
    window = Window(GRANTED)
    window.open(file)
    assert window.kinds() == []
    (request,) = (one for one in window.sent if "create" in one.get("method", ""))
    window.feed({"jsonrpc": "2.0", "id": request["id"], **GRANTED})
    assert window.kinds() == ["begin", "end"]


def test_a_client_that_shows_no_progress_is_not_asked_for_a_token(file: Path) -> None:
    window = Window(GRANTED, {})
    window.open_and_check(file)
    assert window.tokens() == []


def test_short_work_is_not_shown(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netpolc.lsp.progress._PATIENCE", 3600.0)
    window = Window(GRANTED)
    window.open_and_check(file)
    assert window.tokens() == []


def test_work_that_a_message_overtakes_is_shown_until_it_is_done(file: Path) -> None:
    window = Window(GRANTED)
    window.put("textDocument/didOpen", {"textDocument": opened(file)})
    assert window.connection.step(window.look)

    def has_come() -> bool:
        window.look()
        return "begin" in window.kinds()

    window.connection.idle(has_come)
    window.look()
    assert "end" not in window.kinds()
    window.connection.idle()
    window.look()
    assert (window.kinds().count("begin"), window.kinds()[-1]) == (1, "end")


def test_what_is_known_of_an_edited_file_is_sent_before_all_is(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netpolc.lsp.publisher._VISIBLE", -1.0)
    file.write_text(f"{DB}service x = {{y=z}}\ndb <- ns {{env=dev}}:22\n")
    window = Window(GRANTED, {})
    window.sent.clear()
    window.put("textDocument/didOpen", {"textDocument": opened(file)})
    assert window.connection.step(window.look)
    window.connection.idle(window.look)

    def codes() -> list[list[str]]:
        return [[found["code"] for found in one["params"]["diagnostics"]] for one in window.sent]

    assert codes() == [["NP203"]]
    window.look()
    assert codes() == [["NP203"], ["NP501", "NP203"]]


def test_messages_are_sent_in_the_middle_of_work() -> None:
    session, sink = Session(), io.BytesIO()
    source, ours = os.pipe()
    with os.fdopen(source, "rb") as reading:
        wire = _Wire(reading, sink, session.connection)
        session.connection.put("{")
        assert not wire.has_come()
        assert b"-32700" in sink.getvalue()
        session.connection.put("[")
        os.write(ours, b"x")
        wire.exchange()
        assert sink.getvalue().count(b"-32700") == 2
        os.close(ours)
        assert wire.has_come()


@pytest_lsp.fixture(config=ClientServerConfig(server_command=[sys.executable, "-c", AT_ONCE]))
async def client(lsp_client: LanguageClient) -> Any:
    window = types.WindowClientCapabilities(work_done_progress=True)
    capabilities = types.ClientCapabilities(window=window)
    await lsp_client.initialize_session(types.InitializeParams(capabilities=capabilities))
    yield
    await lsp_client.shutdown_session()


@pytest.mark.asyncio
async def test_a_client_sees_the_progress_of_a_check(client: LanguageClient, file: Path) -> None:
    item = types.TextDocumentItem(file.as_uri(), "netpolc", 1, DB)
    await notified(client, types.PROGRESS, by_opening=item)
    reports: Any = client.progress_reports
    assert reports["netpolc-1"][0].kind == "begin"
