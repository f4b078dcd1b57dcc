"""A session with the server inside the test's process, and projects to open with it."""

import json
from pathlib import Path
from typing import Any

from netpolc.lsp.connection import Connection

CLIENT: dict[str, Any] = {"general": {"positionEncodings": ["utf-16"]}}
"""A client that can do little: diagnostics are sent to it."""


class Session:
    """A client that keeps what the server sends; requests and notifications are by name."""

    def __init__(
        self,
        capabilities: dict[str, Any] | None = None,
        options: object = None,
        root: Path | None = None,
    ) -> None:
        self.connection = Connection()
        self.sent: list[dict[str, Any]] = []
        self.diagnostics: dict[str, list[dict[str, Any]]] = {}
        self.capabilities = self.request(
            "initialize",
            {
                "processId": None,
                "rootUri": root.as_uri() if root else None,
                "capabilities": CLIENT if capabilities is None else capabilities,
                "initializationOptions": options,
            },
        )["capabilities"]
        self.notify("initialized", {})

    def feed(self, message: dict[str, Any]) -> list[dict[str, Any]]:
        """Send a message; return what comes back."""
        found = [json.loads(text) for text in self.connection.feed(json.dumps(message))]
        self.sent += found
        for one in found:
            if one.get("method") == "textDocument/publishDiagnostics":
                self.diagnostics[one["params"]["uri"]] = one["params"]["diagnostics"]
        return found

    def request(self, method: str, params: object = None) -> Any:
        """Return the result of a request; an error fails the test."""
        answer = self.answer(method, params)
        assert "error" not in answer, answer["error"]
        return answer["result"]

    def answer(self, method: str, params: object = None) -> dict[str, Any]:
        """Return the answer to a request."""
        number = len(self.sent) + 1
        message = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
        (answer,) = [one for one in self.feed(message) if one.get("id") == number]
        return answer

    def notify(self, method: str, params: object) -> None:
        self.feed({"jsonrpc": "2.0", "method": method, "params": params})

    def open(self, path: Path, text: str | None = None) -> str:
        """Open a file; return its URI."""
        uri = path.as_uri()
        text = path.read_text("utf-8") if text is None else text
        language = "netpolc" if path.suffix == ".intent" else path.suffix[1:]
        item = {"uri": uri, "languageId": language, "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})
        return uri

    def change(self, uri: str, text: str, version: int = 2) -> None:
        """Replace the text of a document."""
        identifier = {"uri": uri, "version": version}
        self.notify(
            "textDocument/didChange",
            {"textDocument": identifier, "contentChanges": [{"text": text}]},
        )

    def codes(self, uri: str) -> list[str]:
        """The codes of the diagnostics of a document that were sent last."""
        return [one["code"] for one in self.diagnostics.get(uri, [])]


def at(text: str, mark: str, after: int = 0) -> dict[str, int]:
    """The position of some words in a text, in UTF-16 units."""
    offset = text.index(mark) + after
    line = text.count("\n", 0, offset)
    before = text[:offset].rpartition("\n")[2]
    return {"line": line, "character": len(before.encode("utf-16-le")) // 2}


def write(folder: Path, files: dict[str, str]) -> Path:
    """Write files; return the folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8", newline="")
    return folder
