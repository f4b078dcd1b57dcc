"""The projects that are being edited: those of folders, and files that belong to none."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from netpolc.commands.shared_findings import OutputFindings, diagnostics_of, shared_findings
from netpolc.diagnostics import Diagnostic, Severity
from netpolc.ide.checker import Checker
from netpolc.ide.name_index import NameIndex
from netpolc.ide.snapshot import Snapshot
from netpolc.io.config import FILE_NAME, find_config
from netpolc.io.disk import DISK, OpenTexts, file_key
from netpolc.io.edited_project import EditedProject
from netpolc.io.project import Request, requests_of_outputs
from netpolc.io.sources import display_name
from netpolc.lsp.documents import Document
from netpolc.lsp.settings import Settings
from netpolc.lsp.task import Task
from netpolc.source import SourceFile

INTENT_SUFFIX = ".intent"
INTENT_LANGUAGE = "netpolc"
_MANIFESTS = (".yaml", ".yml")
_NOWHERE = Path("/untitled")


class Output:
    """One output of a project: its sources and settings, and the state that they are in."""

    def __init__(self, request: Request, task: Task) -> None:
        """Read nothing yet; `task` is what the server is doing."""
        self.request = request
        self.name = request.environment or ""
        self.project = EditedProject(request)
        self._checker = Checker(task.checkpoint, task.progress)
        self._compiler = Checker(task.checkpoint, task.progress)
        self._index = NameIndex()
        self._state: _State | None = None
        self._compiled: tuple[object, Mapping[str, str]] = (None, {})

    @property
    def state(self) -> "_State":
        """The state with all that has changed."""
        opened = self.project.read()
        if self._state is None or self._state.snapshot.opened is not opened:
            self._state = _State(Snapshot(self._checker, opened, self._index))
        return self._state

    @property
    def written(self) -> Mapping[str, str]:
        """The files that a compile would write, by path from the output folder."""
        opened = self.project.read()
        if self._compiled[0] is not opened:
            options = replace(opened.value.options, checking=False)
            compiling = replace(opened, value=replace(opened.value, options=options))
            self._compiled = opened, self._compiler.check(compiling).files
        return self._compiled[1]

    @property
    def folder(self) -> Path:
        """The folder of the manifests."""
        return self.state.snapshot.opened.value.output.path


class _State:
    """A snapshot, and where its files are."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot

    @cached_property
    def files(self) -> dict[Path, SourceFile]:
        return {Path(path): file for file, path in self.snapshot.sources.places.items()}

    def file_at(self, path: Path) -> SourceFile | None:
        """Return the source at a path, which may be a link to it."""
        return self.files.get(path) or self.files.get(Path(file_key(path)))

    @cached_property
    def places(self) -> dict[str, Path]:
        return {file.path: Path(path) for file, path in self.snapshot.sources.places.items()}


class Home:
    """The scope of a document's check: the project of a folder, or the document by itself."""

    def __init__(
        self,
        root: Path,
        request: Request,
        disk: OpenTexts,
        task: Task,
        *,
        errors_only: bool = False,
    ) -> None:
        """Take what is asked for, in a folder; `disk` has the texts of all open documents."""
        self.root = root
        self._task = task
        self._errors_only = errors_only
        self._request = request
        self._disk = disk
        self._outputs: list[Output] = []
        self.converted: dict[int, Any] = {}
        """The findings of the last publication by identity, each with what was made of it."""
        self._opened: dict[Path, str] = {}
        self._found: tuple[list[Snapshot], tuple[Diagnostic, ...]] | None = None

    @property
    def is_loose(self) -> bool:
        """Whether it is a document by itself."""
        return bool(self._request.sources)

    @property
    def outputs(self) -> list[Output]:
        """The outputs that netpolc.toml describes; a project without any has one."""
        today = _today()
        if not self._outputs or today != self._request.today:
            self._request = replace(self._request, today=today)
            requests = requests_of_outputs(self._request, self._disk)
            self._outputs = [Output(request, self._task) for request in requests]
            for path, text in self._opened.items():
                for output in self._outputs:
                    output.project.open(path, text)
        return self._outputs

    def open(self, path: Path, text: str) -> None:
        """Put a text in the place of a file; one that cannot change findings is only remembered."""
        is_new = path not in self._opened
        if is_new and not path.is_relative_to(self.root):
            return
        self._opened[path] = text
        if is_new:
            self.converted = {}  # The client may name the file by another URI.
        if is_new or self._counts(path):
            for output in self._outputs:
                output.project.open(path, text)
            self._reconfigure([path])

    def _counts(self, path: Path) -> bool:
        """Whether the text of a file may change what is found: others need not be read again."""
        return path.name == FILE_NAME or self.output_of(path) is not None

    def close(self, path: Path) -> None:
        """Count what the disk holds again."""
        if self._opened.pop(path, None) is not None:
            self.converted = {}
            for output in self._outputs:
                output.project.close(path)
            self._reconfigure([path])

    def changed(self, paths: Collection[Path]) -> None:
        """Note that files have changed on the disk."""
        for output in self._outputs:
            output.project.changed(paths)
        self._reconfigure(paths)

    def _reconfigure(self, paths: Collection[Path]) -> None:
        """Find the outputs and sources anew, if netpolc.toml has changed."""
        if any(path.name == FILE_NAME for path in paths) and self._outputs:
            requests = requests_of_outputs(self._request, self._disk)
            if requests != tuple(output.request for output in self._outputs):
                self._outputs = []
            for output in self._outputs:
                for path, text in self._opened.items():
                    output.project.open(path, text)

    def output_of(self, path: Path) -> Output | None:
        """Return the first output that a file is a source of; None if it belongs to no output."""
        return next((output for output in self.outputs if output.state.file_at(path)), None)

    @property
    def has_config(self) -> bool:
        """Whether the project has a netpolc.toml."""
        return find_config(self.root, self._disk) is not None

    def writer_of(self, path: Path) -> Output | None:
        """Return the output whose folder of manifests a file is in; None where it is in none."""
        if path.suffix not in _MANIFESTS:
            return None
        return next((output for output in self.outputs if path.is_relative_to(output.folder)), None)

    def name(self, path: Path) -> str:
        """Return what findings call a file: its path from the project's folder."""
        return display_name(str(path), self.root)

    def place(self, name: str) -> Path:
        """Return where a file is that findings name; netpolc.toml for what is not a file."""
        for output in self.outputs:
            if name in output.state.places:
                return output.state.places[name]
        path = self.root / name
        is_file = DISK.exists(path) and not DISK.is_folder(path)
        return path if is_file or not self.has_config else self.root / FILE_NAME

    @property
    def has_checked(self) -> bool:
        """Whether its findings have been worked out, be it for an earlier state."""
        return self._found is not None

    def findings(self) -> tuple[Diagnostic, ...]:
        """Return the findings of all outputs, each once."""
        states = [output.state.snapshot for output in self.outputs]
        if self._found is None or self._found[0] != states:
            runs = [
                OutputFindings(
                    output.name,
                    state.sources,
                    state.result.diagnostics,
                    state.result.unused_ignores,
                )
                for output, state in zip(self.outputs, states, strict=True)
            ]
            diagnostics = diagnostics_of(shared_findings(runs))
            if self._errors_only:
                diagnostics = tuple(
                    finding for finding in diagnostics if finding.severity is Severity.ERROR
                )
            self._found = states, diagnostics
        return self._found[1]


def project_home(root: Path, settings: Settings, disk: OpenTexts, task: Task) -> Home:
    """Return the project of a folder."""
    return Home(root, settings.request(root, _today()), disk, task)


def loose_home(document: Document, disk: OpenTexts, task: Task) -> Home:
    """Return a document by itself; only its errors count where netpolc.toml is broken."""
    path = loose_path(document)
    request = Request(here=path.parent, today=_today(), sources=(str(path),), checking=True)
    home = Home(path.parent, request, disk, task)
    home.open(path, document.text)
    if home.output_of(path) is None:
        alone = replace(request, here=_NOWHERE)
        home = Home(path.parent, alone, disk, task, errors_only=True)
        home.open(path, document.text)
    return home


def loose_path(document: Document) -> Path:
    """Return the path of a document, one that leads nowhere if it is not a file."""
    if document.path is not None:
        return document.path
    is_named = Path(document.name).suffix in (INTENT_SUFFIX, *_MANIFESTS)
    return _NOWHERE / (document.name if is_named else f"{document.name}{INTENT_SUFFIX}")


def is_intents(document: Document) -> bool:
    """Return whether a document holds intents: so it is called, or the client says it."""
    return document.language == INTENT_LANGUAGE or document.name.endswith(INTENT_SUFFIX)


def is_checked_alone(document: Document) -> bool:
    """Return whether a document that belongs to no project is checked: intents, and policies.

    Most YAML that an editor opens has nothing to do with network policy.
    """
    is_yaml = document.name.endswith(_MANIFESTS)
    return is_intents(document) or (is_yaml and "NetworkPolicy" in document.text)


def _today() -> date:
    return datetime.now(UTC).date()
