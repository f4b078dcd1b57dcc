"""The commands and the language server of netpolc, for a page that has no shell.

The page's worker calls `begin` once, then `run` for commands and `receive` for messages of the
editor. Files exist only in the worker's memory.
"""

import io
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from pathlib import Path

from netpolc.cli.main import run as run_command_line
from netpolc.lsp.connection import Connection

PROJECT, WORKSPACE = Path("/project"), Path("/workspace")

_connections: list[tuple[Connection, Callable[[str], object]]] = []


def begin(date: str, send: Callable[[str], object]) -> None:
    """Set the reader's date, which is not always that of UTC, and start the language server.

    `send` is called with each message of the server.
    """
    moment = datetime.fromisoformat(date).replace(tzinfo=UTC)
    os.environ["SOURCE_DATE_EPOCH"] = str(int(moment.timestamp()))
    (WORKSPACE / "intents").mkdir(parents=True, exist_ok=True)
    _connections[:] = [(Connection(), send)]


def receive(text: str) -> None:
    """Handle a message of the editor."""
    for connection, send in _connections:
        for answer in connection.feed(text):
            send(answer)


def run(files: Mapping[str, str], arguments: Sequence[str]) -> tuple[int, str, str]:
    """Run a command in a folder with these files and no others.

    Returns the exit code, and what was printed on standard output and standard error.
    """
    shutil.rmtree(PROJECT, ignore_errors=True)
    for name, text in files.items():
        path = PROJECT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    before = Path.cwd()
    os.chdir(PROJECT)
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
    try:
        with redirect_stdout(out), redirect_stderr(err):
            code = run_command_line(arguments)
    finally:
        os.chdir(before)
    return code, _text(out), _text(err)


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    stream.seek(0)
    return stream.read()
