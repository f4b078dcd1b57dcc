"""Nothing that a client sends ends, blocks or bloats the server."""

import gc
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pygls", reason="the language server is an extra: make .venv/.ready-dev")

from netpolc import remembered
from netpolc.lsp.handlers import HANDLERS
from netpolc.lsp.server import Server
from netpolc.lsp.stdio import Frames, _is_ready, _Wire, serve
from tests.lsp.session import Session, write
from tests.lsp.test_features import DB, FILES

BEYOND = {"line": 2**31 - 1, "character": 2**31 - 1}


def message(method: str, params: object, number: int | None = None) -> bytes:
    content: dict[str, Any] = {"jsonrpc": "2.0", "method": method, "params": params}
    if number is not None:
        content["id"] = number
    body = json.dumps(content).encode()
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


def opening(uri: str, text: str) -> dict[str, Any]:
    return {"textDocument": {"uri": uri, "languageId": "netpolc", "version": 1, "text": text}}


INITIALIZE = message("initialize", {"processId": None, "rootUri": None, "capabilities": {}}, 1)


@pytest.mark.parametrize("text", [DB, "", "\ufeffdb <- \U0001f600\ud83d\r\ndb <-", "{" * 999])
def test_every_request_bears_every_position(tmp_path: Path, text: str) -> None:
    session = Session()
    uri = session.open(tmp_path / "a.intent", text)
    for place in (BEYOND, {"line": 0, "character": 3}, {"line": 1, "character": 99}):
        params = {
            "textDocument": {"uri": uri},
            "position": place,
            "positions": [place],
            "range": {"start": BEYOND, "end": place},
            "context": {"diagnostics": [], "includeDeclaration": True, "triggerKind": 1},
            "options": {"tabSize": 2, "insertSpaces": True},
            "ch": "\n",
            "newName": "\ud83d",
            "query": "\ud83d",
            "previousResultIds": [],
            "previousResultId": "\ud83d",
            "item": {
                "name": "x", "kind": 1, "uri": uri, "data": {"document": uri, "name": "", "scope": ""},
                "range": {"start": place, "end": BEYOND},
                "selectionRange": {"start": place, "end": BEYOND},
            },
        }  # fmt: skip
        for method in HANDLERS:
            answer = session.answer(method, params)
            assert answer.get("error", {}).get("code") in {None, -32803}, answer


def test_random_edits_leave_the_text_that_the_client_has(tmp_path: Path) -> None:
    chance = random.Random(1)
    session = Session()
    uri = session.open(tmp_path / "a.intent", "")
    text = ""
    for version in range(2, 200):
        start, end = sorted((chance.randrange(len(text) + 1), chance.randrange(len(text) + 1)))
        new = chance.choice(["db <- api\n", "\U0001f600", "#", "", "\r\n", "é"])
        if "\r\n" in (text[start - 1 : start + 1], text[end - 1 : end + 1]):
            continue  # No client can be between the two.
        places = [_place(text, offset) for offset in (start, end)]
        text = text[:start] + new + text[end:]
        if "\r" in text.replace("\r\n", ""):
            text = text.replace("\r", "")
            change: dict[str, Any] = {"text": text}
        else:
            change = {"range": dict(zip(("start", "end"), places, strict=True)), "text": new}
        params = {"textDocument": {"uri": uri, "version": version}, "contentChanges": [change]}
        session.notify("textDocument/didChange", params)
        document = session.connection.server.work.documents.get(uri)
        assert document is not None
        assert document.text == text


def _place(text: str, offset: int) -> dict[str, int]:
    last = text[:offset].rpartition("\n")[2]
    units = len(last.encode("utf-16-le")) // 2
    return {"line": text.count("\n", 0, offset), "character": units}


def test_a_file_of_more_than_16_megabytes_is_told_to_be_too_large(tmp_path: Path) -> None:
    session = Session()
    uri = session.open(tmp_path / "a.intent", "db <- api:5432\n" * ((1 << 24) // 15 + 1))
    assert session.codes(uri) == ["NP107"]


def test_a_file_of_nearly_16_megabytes_is_edited(tmp_path: Path) -> None:
    session = Session()
    started = time.process_time()
    comments = "# a comment of forty characters, or so it is\n" * 340_000
    uri = session.open(tmp_path / "a.intent", f"{comments}db <- api:5432\n")
    change = {"range": {"start": BEYOND, "end": BEYOND}, "text": "db <-\n"}
    params = {"textDocument": {"uri": uri, "version": 2}, "contentChanges": [change]}
    session.notify("textDocument/didChange", params)
    assert session.codes(uri) == ["NP110"]
    document = {"textDocument": {"uri": uri}}
    hover = session.request(
        "textDocument/hover", {**document, "position": {"line": 340_000, "character": 1}}
    )
    assert "service `db`" in hover["contents"]["value"]
    (fold,) = session.request("textDocument/foldingRange", document)
    assert fold["endLine"] == 339_999
    assert time.process_time() - started < 30


def test_a_thousand_files_opened_at_once(tmp_path: Path) -> None:
    names = [f"intents/{number}.intent" for number in range(1000)]
    write(
        tmp_path,
        {"netpolc.toml": "", **{n: f"namespace a{i}\ndb <- x:80\n" for i, n in enumerate(names)}},
    )
    session = Session()
    started = time.process_time()
    for name in names:
        path = tmp_path / name
        session.connection.put(
            json.dumps(
                {
                    "jsonrpc": "2.0",
                    "method": "textDocument/didOpen",
                    "params": opening(path.as_uri(), path.read_text()),
                }
            )
        )
    while session.connection.step():
        pass
    session.connection.idle()
    assert len(session.connection.take()) >= 1000
    assert time.process_time() - started < 20


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"Content-Length: 5\r\n\r\nabc",
        b"\xff" * 100_000,
        b"GET / HTTP/1.1\r\n\r\n",
        INITIALIZE + b"Content-Length: 2\r\n\r\n{}" + message("exit", None),
        INITIALIZE + message("textDocument/didOpen", opening("file:///a.intent", DB)),
    ],
)
def test_a_client_that_dies_ends_the_server(data: bytes) -> None:
    server = subprocess.run(
        [sys.executable, "-m", "netpolc", "lsp"],
        input=data,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert server.returncode == 1
    assert b"Traceback" not in server.stderr


def test_a_client_that_stops_reading_ends_the_server(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    server = subprocess.Popen(
        [sys.executable, "-m", "netpolc", "lsp"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert server.stdout is not None
    assert server.stdin is not None
    server.stdout.close()
    uri = (tmp_path / "intents/db.intent").as_uri()
    server.stdin.write(INITIALIZE + message("textDocument/didOpen", opening(uri, DB)))
    server.stdin.close()
    assert server.wait(60) == 1
    assert server.stderr is not None
    assert b"Traceback" not in server.stderr.read()
    server.stderr.close()


def test_a_client_whose_process_is_gone_ends_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netpolc.lsp.stdio._PATIENCE", 0.05)
    gone = subprocess.Popen([sys.executable, "-c", ""])
    assert gone.wait(60) == 0
    source, ours = os.pipe()  # Our end stays open, as that of a child of the client.
    params: dict[str, Any] = {"processId": gone.pid, "rootUri": None, "capabilities": {}}
    os.write(ours, message("initialize", params, 1))
    with os.fdopen(source, "rb") as reading, Path(os.devnull).open("wb") as sink:
        assert serve(reading, sink) == 1
    os.close(ours)


def test_a_message_that_interrupts_a_check_is_handled_before_the_server_waits_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netpolc.lsp.task._INTERVAL", 0.0)
    source, ours = os.pipe()
    uri = (tmp_path / "a.intent").as_uri()
    hover = {"textDocument": {"uri": uri}, "position": {"line": 0, "character": 0}}
    os.write(ours, INITIALIZE + message("textDocument/didOpen", opening(uri, "db <- api:80\n")))
    checks = 0

    def check(server: Server) -> None:
        nonlocal checks
        checks += 1
        if checks == 1:
            os.write(ours, message("textDocument/hover", hover, 2))
            server.work.task.checkpoint()
        else:
            os.close(ours)
            server.work.task.checkpoint()

    def wait(wire: _Wire) -> None:
        assert _is_ready(wire._handle) or not wire._connection.is_waiting
        wait_for_bytes(wire)

    wait_for_bytes = _Wire.wait
    monkeypatch.setattr(Server, "_publish", check)
    monkeypatch.setattr(_Wire, "wait", wait)
    written = tmp_path / "out"
    with os.fdopen(source, "rb") as reading, written.open("wb") as sink:
        assert serve(reading, sink) == 1
    assert b'"id": 2' in written.read_bytes()
    assert checks == 2


def test_messages_in_small_pieces_are_put_together() -> None:
    data = (
        message("a", None) + b"X: y\r\ncontent-length: 2\r\nZ: x\r\n\r\n{}" + message("b", "\u00e9")
    )
    frames, found = Frames(), list[bytes]()
    for number in range(len(data)):
        found += frames.add(data[number : number + 1])
    assert [json.loads(body).get("method") for body in found] == ["a", None, "b"]


def test_edits_with_new_names_leave_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remembered, "MOST_CHARACTERS", 0)
    session = Session(root=write(tmp_path, FILES))
    uri = session.open(tmp_path / "intents/db.intent")

    def edit(times: range) -> int:
        for number in times:
            lines = [f"db{number}-{n} <- x{number}-{n}:p-{number}-{n}\n" for n in range(10)]
            session.change(uri, f"{DB}{''.join(lines)}wrong {number}\n", number)
            session.change(uri, f"{DB}{''.join(lines)}", number)
            session.request("textDocument/codeLens", {"textDocument": {"uri": uri}})
            session.request("textDocument/documentSymbol", {"textDocument": {"uri": uri}})
            session.sent.clear()
        return _objects()

    few = edit(range(20))
    assert edit(range(20, 35)) - few < 350  # One entry for each new line is 450 objects.


@pytest.mark.parametrize("root", [None, "mine"])
def test_projects_that_are_opened_and_closed_leave_nothing_behind(
    tmp_path: Path, root: str | None
) -> None:
    write(tmp_path / "mine", FILES)
    session = Session(root=tmp_path / root if root else None)

    def visit(number: int) -> None:
        folder = tmp_path / str(number)
        texts = {
            "netpolc.toml": "",
            "intents/a.intent": f"namespace a{number}\nx{number} <- y{number}:80\n",
        }
        uri = session.open(write(folder, texts) / "intents/a.intent")
        assert "NP601" in session.codes(uri)
        session.change(uri, f"namespace b{number}\nz <- k{number}:{number + 1}\n")
        session.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
        assert session.diagnostics.pop(uri) == []
        session.sent.clear()

    for number in range(20):
        visit(number)
    few = _objects()
    for number in range(20, 40):
        visit(number)
    assert _objects() - few < 4_000  # One project is 1,000 objects.


def test_closed_file_leaves_its_project_to_others(tmp_path: Path) -> None:
    write(tmp_path, {"netpolc.toml": "", **FILES})
    session = Session()
    first = session.open(tmp_path / "intents/db.intent")
    second = session.open(tmp_path / "intents/cluster.intent")
    before = dict(session.diagnostics)
    session.notify("textDocument/didClose", {"textDocument": {"uri": second}})
    assert session.diagnostics == before
    session.change(first, f"{DB}db <-\n")
    assert session.codes(first) == ["NP110"]


def _objects() -> int:
    for _ in range(3):
        gc.collect()
    return sys.getallocatedblocks()
