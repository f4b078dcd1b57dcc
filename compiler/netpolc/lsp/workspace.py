"""The workspace of the client: its open documents and their projects."""

from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path

from lsprotocol.types import Location, Position, Range
from pygls.uris import from_fs_path

from netpolc.diagnostics import Diagnostic
from netpolc.ide.generated_file import generated_findings
from netpolc.ide.snapshot import Snapshot
from netpolc.io.config import FILE_NAME, SOURCES, find_config, find_project
from netpolc.io.disk import OpenTexts
from netpolc.lsp.client import Client
from netpolc.lsp.documents import Document, Documents
from netpolc.lsp.line_index import LineIndex
from netpolc.lsp.projects import (
    Home,
    Output,
    is_checked_alone,
    is_intents,
    loose_home,
    loose_path,
    project_home,
)
from netpolc.lsp.settings import Settings
from netpolc.lsp.task import Task
from netpolc.source import SourceFile, Span
from netpolc.syntax.tree import IntentFile


class View:
    """A document as a feature sees it: the state of its project, and its place there."""

    def __init__(self, workspace: "Workspace", document: Document, home: Home) -> None:
        """Take a document and what it is checked with."""
        self.document = document
        self.home = home
        self._workspace = workspace
        path = loose_path(document)
        self.writer = home.writer_of(path)
        output: Output = home.output_of(path) or self.writer or home.outputs[0]
        self.snapshot: Snapshot = output.state.snapshot
        known = output.state.file_at(path)
        self.file = known or SourceFile(home.name(path), document.text)

    @property
    def path(self) -> str:
        """The path of the document in findings."""
        return self.file.path

    @property
    def tree(self) -> IntentFile | None:
        """The tree of a document with intents."""
        return self.snapshot.tree(self.path)

    def snapshots(self) -> list[Snapshot]:
        """Return the states of all outputs of the project, that of the document first."""
        all_ = (output.state.snapshot for output in self.home.outputs)
        return [self.snapshot, *(snapshot for snapshot in all_ if snapshot is not self.snapshot)]

    def findings(self) -> list[Diagnostic]:
        """Return the findings of the project, and those of the document if it is generated."""
        path = self.document.path
        if self.home.is_loose and not is_checked_alone(self.document):
            return []
        diagnostics = list(self.home.findings())
        if self.writer is not None and path is not None:
            written, name = self.writer.written, path.relative_to(self.writer.folder).as_posix()
            diagnostics += generated_findings(self.snapshot, self.file, name, written)
        return diagnostics

    def offset(self, position: Position) -> int:
        """Return the offset of a position in the document."""
        return max(self.document.lines.offset(position) - self.document.mark, 0)

    def span(self, range_: Range) -> Span:
        """Return the span of a range in the document."""
        start = self.offset(range_.start)
        return self.file.span(start, max(self.offset(range_.end), start))

    def range(self, span: Span) -> Range:
        """Return the range of a span in the document or in another file of the project."""
        if span.path == self.path:
            mark = self.document.mark
            return self.document.lines.range(self.file.span(span.start + mark, span.end + mark))
        return self._workspace.lines(self.uri(span.path), span.file).range(span)

    def uri(self, path: str) -> str:
        """Return the URI of a file of the project."""
        if path == self.path:
            return self.document.uri
        return self._workspace.uri(self.home.place(path))

    def location(self, span: Span) -> Location:
        """Return the place of a span in any file of the project."""
        return Location(self.uri(span.path), self.range(span))


class Workspace:
    """The open documents and the projects that they belong to; `numbers` name answers."""

    def __init__(self) -> None:
        """Begin with nothing open."""
        self.documents = Documents()
        self.client = Client()
        self.task = Task()
        self.numbers = count(1)
        self.folders: tuple[Path, ...] = ()
        self._settings = Settings()
        self._disk = OpenTexts()
        self._projects: dict[Path, Home] = {}
        self._roots: dict[Path, Path] = {}
        self._loose: dict[str, Home] = {}

    def view(self, uri: str) -> View | None:
        """Return a document with its project; None if it is not open."""
        document = self.documents.get(uri)
        return None if document is None else View(self, document, self._home(document))

    @property
    def has_checked(self) -> bool:
        """Whether a project, or a document by itself, has been checked."""
        return any(home.has_checked for home in (*self._projects.values(), *self._loose.values()))

    def intents(self, uri: str) -> View | None:
        """Return an open document that holds intents, with its project."""
        document = self.documents.get(uri)
        return self.view(uri) if document and is_intents(document) else None

    def views(self) -> Iterator[View]:
        """Yield a view of each project with open documents and of each document by itself.

        Generated documents have findings of their own, so there is a view of each.
        """
        seen: set[Home] = set()
        for document in self.documents.all():
            home = self._home(document)
            project = home if document.path is None else self.project(document.path.parent)
            for candidate in (home, project):
                is_new = candidate not in seen and (candidate is home or candidate.has_config)
                if is_new or (
                    candidate is home and home.writer_of(loose_path(document)) is not None
                ):
                    seen.add(candidate)
                    yield View(self, document, candidate)

    def _home(self, document: Document) -> Home:
        if document.path is not None:
            project = self.project(document.path.parent)
            if (
                document.name == FILE_NAME
                or project.output_of(document.path) is not None
                or project.writer_of(document.path) is not None
            ):
                return project
        if document.uri not in self._loose:
            self._loose[document.uri] = loose_home(document, self._disk, self.task)
        return self._loose[document.uri]

    def project(self, folder: Path) -> Home:
        """Return the project that a folder is in."""
        root = self._roots.get(folder)
        if root is None:
            root = self._roots[folder] = self._root(folder)
        if root not in self._projects:
            home = self._projects[root] = project_home(root, self._settings, self._disk, self.task)
            for document in self.documents.all():
                if document.path is not None:
                    home.open(document.path, document.text)
        return self._projects[root]

    def _root(self, folder: Path) -> Path:
        """Find the project of a folder; without netpolc.toml it may be a folder that the client has."""
        if find_config(folder, self._disk) is None:
            for opened in self.folders:
                is_inside = folder.is_relative_to(opened)
                if is_inside and self._disk.is_folder(opened / SOURCES):
                    return opened
        return find_project(folder, self._disk)

    def edited(self, document: Document) -> None:
        """Count the text of a document that has been opened or changed."""
        if document.path is not None:
            self._disk.open(document.path, document.text)
        for home in (*self._projects.values(), self._loose.get(document.uri)):
            if home is not None:
                home.open(loose_path(document), document.text)
        if document.name == FILE_NAME:
            self._roots.clear()
            self._loose.clear()

    def closed(self, document: Document) -> None:
        """Count what the disk holds for a document that has been closed."""
        self._loose.pop(document.uri, None)
        if document.path is not None:
            self._disk.close(document.path)
            for home in self._projects.values():
                home.close(document.path)
            self._forget(document.path.parent)

    def _forget(self, folder: Path) -> None:
        """Forget the project of a folder without open documents, unless the client has opened its folder."""
        open_folders = {document.path.parent for document in self.documents.all() if document.path}
        root = None if folder in open_folders else self._roots.pop(folder, None)
        if root is None or any(self._roots.get(other) == root for other in open_folders):
            return
        if not any(root.is_relative_to(own) or own.is_relative_to(root) for own in self.folders):
            self._projects.pop(root, None)

    def changed(self, paths: Iterable[Path]) -> None:
        """Note that files have changed on the disk."""
        changed = list(paths)
        self._roots.clear()
        self._loose.clear()
        for home in self._projects.values():
            home.changed(changed)

    def configure(self, settings: Settings) -> None:
        """Check everything with other settings; the same change nothing."""
        if settings != self._settings:
            self._settings = settings
            self._projects.clear()

    def uri(self, path: Path) -> str:
        """Return the URI of a file, in the form in which the client has opened it."""
        document = self.documents.at(path)
        return document.uri if document else from_fs_path(str(path)) or ""

    def lines(self, uri: str, file: SourceFile) -> LineIndex:
        """Return the lines of a file."""
        document = self.documents.get(uri)
        if document is not None and document.text == file.text:
            return document.lines
        return LineIndex(file.text, self.documents.encoding)
