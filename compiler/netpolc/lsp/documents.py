"""The texts that the client has open: they count, whatever the disk holds."""

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote

from lsprotocol.types import (
    PositionEncodingKind,
    TextDocumentContentChangeEvent,
    TextDocumentContentChangePartial,
    TextDocumentItem,
)
from pygls.uris import to_fs_path

from netpolc.lsp.line_index import LineIndex


class Document:
    """An open text. `path` is where it is saved, None for a text that is not in a file.

    `tokens` are the name and the numbers of the last answer about the colours of its words.
    """

    def __init__(self, item: TextDocumentItem, encoding: PositionEncodingKind) -> None:
        """Take a document as it is opened."""
        self.uri = item.uri
        self.language = item.language_id
        self.version = item.version
        self.tokens: tuple[str, list[int]] = "", []
        self.path = path_of(item.uri)
        self._encoding = encoding
        self._text = item.text
        self._lines: LineIndex | None = None

    @property
    def text(self) -> str:
        """The text as it is now."""
        return self._text

    @property
    def mark(self) -> int:
        """The length of the byte order mark, which is not part of the text that is checked."""
        return int(self._text.startswith("\ufeff"))

    @property
    def lines(self) -> LineIndex:
        """The lines of the text."""
        if self._lines is None:
            self._lines = LineIndex(self._text, self._encoding)
        return self._lines

    @property
    def name(self) -> str:
        """The name to show for a document that is not a file of a project."""
        name = self.path.name if self.path else unquote(self.uri).rpartition("/")[2]
        return name.replace("\0", "") or "untitled"

    def change(self, changes: Sequence[TextDocumentContentChangeEvent], version: int) -> None:
        """Apply changes one after the other."""
        for change in changes:
            if isinstance(change, TextDocumentContentChangePartial):
                start = self.lines.offset(change.range.start)
                end = max(self.lines.offset(change.range.end), start)
                self._text = self._text[:start] + change.text + self._text[end:]
            else:
                self._text = change.text
            self._lines = None
        self.version = version


class Documents:
    """The open documents by their URIs."""

    def __init__(self) -> None:
        """Begin with none."""
        self.encoding = PositionEncodingKind.Utf16
        self._by_uri: dict[str, Document] = {}
        self._by_path: dict[Path, Document] = {}

    def open(self, item: TextDocumentItem) -> Document:
        """Add a document; one that is open already is opened anew."""
        document = self._by_uri[item.uri] = Document(item, self.encoding)
        if document.path is not None:
            self._by_path[document.path] = document
        return document

    def close(self, uri: str) -> Document | None:
        """Remove a document and return it, if it is open."""
        document = self._by_uri.pop(uri, None)
        if document is not None and document.path is not None:
            self._by_path.pop(document.path, None)
        return document

    def get(self, uri: str) -> Document | None:
        """Return an open document."""
        return self._by_uri.get(uri)

    def version(self, uri: str) -> int | None:
        """Return the version of an open document."""
        document = self._by_uri.get(uri)
        return None if document is None else document.version

    def at(self, path: Path) -> Document | None:
        """Return the open document of a file."""
        return self._by_path.get(path)

    def all(self) -> list[Document]:
        """Return all open documents, in the order in which they were opened."""
        return list(self._by_uri.values())


def path_of(uri: str) -> Path | None:
    """Return the path of a `file:` URI; None for other URIs, and for what cannot be a path."""
    try:
        path = to_fs_path(uri)
    except ValueError:
        return None
    return Path(path) if path and "\0" not in path else None
