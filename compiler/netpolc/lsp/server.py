"""The language server: its state, and when it works on what."""

import logging
from collections.abc import Callable, Iterable
from time import perf_counter
from traceback import format_exc
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path

from netpolc.diagnostics.rule_pages import rule_page_path
from netpolc.lsp.actions import EXPLAIN, MOVE_CURSOR, document_to_show, explanation
from netpolc.lsp.capabilities import server_capabilities
from netpolc.lsp.client import client_of, encoding_of, pulls_diagnostics
from netpolc.lsp.documents import path_of
from netpolc.lsp.handlers import HANDLERS, Handler
from netpolc.lsp.progress import Progress
from netpolc.lsp.publisher import Publisher
from netpolc.lsp.refused import Overtaken, Refused, is_unexpected
from netpolc.lsp.settings import read_settings
from netpolc.lsp.workspace import Workspace
from netpolc.version import __version__

logging.getLogger("pygls.protocol.json_rpc").addFilter(is_unexpected)

SLOW = 0.25
"""Seconds after which a piece of work is logged."""


class Server(LanguageServer):
    """A session's documents, projects and findings; `exit_code` is set when the client ends it."""

    def __init__(self) -> None:
        """Begin without a client."""
        super().__init__("netpolc", __version__)
        self.work = Workspace()
        self.work.task.window = Progress(self)
        self.exit_code: int | None = None
        self.is_shut_down = False
        self._options: Any = None
        self._publisher = Publisher(self.work)
        features = self.protocol.fm
        for method, function in self._own().items():
            features.add_builtin_feature(method, function)
        for method, handler in HANDLERS.items():
            features.features[method] = self._timed(method, handler)

    def _own(self) -> dict[str, Callable[[Any], object]]:
        """The functions in the place of those of pygls, which ends lines at too many characters."""
        return {
            types.INITIALIZE: self._initialize,
            types.INITIALIZED: self._initialized,
            types.SHUTDOWN: self._shut_down,
            types.EXIT: self._exit,
            types.TEXT_DOCUMENT_DID_OPEN: self._open,
            types.TEXT_DOCUMENT_DID_CHANGE: self._change,
            types.TEXT_DOCUMENT_DID_CLOSE: self._close,
            types.TEXT_DOCUMENT_DID_SAVE: self._save,
            types.WORKSPACE_DID_CHANGE_WATCHED_FILES: self._watched,
            types.WORKSPACE_EXECUTE_COMMAND: self._execute,
            types.WORKSPACE_DID_CHANGE_CONFIGURATION: self._configured,
            types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: self._folders_changed,
        }

    def _initialize(self, params: types.InitializeParams) -> types.InitializeResult:
        self.protocol.client_capabilities = params.capabilities
        self.process_id = params.process_id
        self.work.client = client_of(params.capabilities)
        opened = [workspace_folder.uri for workspace_folder in params.workspace_folders or ()] or [
            params.root_uri or ""
        ]
        self._open_folders(opened)
        encoding = self.work.documents.encoding = encoding_of(params.capabilities)
        self._options = params.initialization_options
        self._configure()
        capabilities = server_capabilities(params.capabilities, encoding)
        return types.InitializeResult(capabilities, self.protocol.server_info)

    def _initialized(self, _params: object) -> None:
        self._watch_files()

    def _shut_down(self, _params: object) -> None:
        self.is_shut_down = True

    def _exit(self, _params: object) -> None:
        """End the session; it is an error without a shutdown before."""
        self.exit_code = 0 if self.is_shut_down else 1

    def _open(self, params: types.DidOpenTextDocumentParams) -> None:
        self.work.edited(self.work.documents.open(params.text_document))
        self._publisher.changed(params.text_document.uri)

    def _change(self, params: types.DidChangeTextDocumentParams) -> None:
        """Change the text of a document; one that is not open has none."""
        document = self.work.documents.get(params.text_document.uri)
        if document is not None:
            document.change(params.content_changes, params.text_document.version)
            self.work.edited(document)
            self._publisher.changed(document.uri)

    def _close(self, params: types.DidCloseTextDocumentParams) -> None:
        document = self.work.documents.close(params.text_document.uri)
        if document is not None:
            self.work.closed(document)
            self._publisher.changed()

    def _watched(self, params: types.DidChangeWatchedFilesParams) -> None:
        """Read what has changed on the disk; of open documents the text counts."""
        paths = (path_of(change.uri) for change in params.changes)
        self.work.changed(path for path in paths if path is not None)
        self._publisher.changed(on_disk=True)

    def _save(self, params: types.DidSaveTextDocumentParams) -> None:
        """Read a saved file: some clients do not report changes of files."""
        path = path_of(params.text_document.uri)
        if path is not None:
            self.work.changed([path])
            self._publisher.changed()

    def _folders_changed(self, params: types.DidChangeWorkspaceFoldersParams) -> None:
        gone = {path_of(workspace_folder.uri) for workspace_folder in params.event.removed}
        kept = [str(path) for path in self.work.folders if path not in gone]
        self._open_folders(
            [
                *map(from_fs_path, kept),
                *(workspace_folder.uri for workspace_folder in params.event.added),
            ]
        )
        self.work.changed([])
        self._publisher.changed()

    def _open_folders(self, uris: Iterable[str | None]) -> None:
        paths = (path_of(uri) for uri in uris if uri)
        self.work.folders = tuple(path for path in paths if path is not None)

    def _execute(self, params: types.ExecuteCommandParams) -> dict[str, str] | None:
        """Carry out a command; return the page of a rule where it is wanted."""
        arguments = params.arguments or ()
        if params.command == MOVE_CURSOR and (target := document_to_show(arguments)):
            self.window_show_document(target)
            return None
        code = next(iter(arguments), None)
        page = explanation(code) if params.command == EXPLAIN else None
        if page is None:
            message = f"nothing to do: {params.command} {code}"
            raise Refused(message)
        path = rule_page_path(page["code"])
        if path and self.work.client.shows_documents:
            self.window_show_document(types.ShowDocumentParams(from_fs_path(path) or ""))
        return page

    def _configured(self, params: types.DidChangeConfigurationParams) -> None:
        self._configure(params.settings)

    def _configure(self, configuration: Any = None) -> None:
        """Take the settings of the editor: its initialization options, and what it has configured."""
        settings, wrong = read_settings(self._options, configuration)
        for problem in wrong:
            self.log(types.MessageType.Error, f"setting left out: {problem}")
        self.work.configure(settings)
        self._publisher.changed()

    def idle(self) -> None:
        """Do what can wait until no message is waiting; the next time, if a message overtakes it."""
        if not self._publisher.waiting:
            return
        started = perf_counter()
        try:
            self._publish()
            self._show_again()
        except Overtaken:
            return
        except Exception:  # noqa: BLE001 - a bug must not end the session; requests are caught by pygls
            self.log(types.MessageType.Error, f"a bug in netpolc:\n{format_exc()}")
            self._publisher.waiting = False
        self._log_if_slow("diagnostics", started)

    def _publish(self) -> None:
        if not self._pulled:
            for report in self._publisher.reports():
                self.text_document_publish_diagnostics(report)
            return
        if self._publisher.on_disk and self._refreshes:
            self.workspace_diagnostic_refresh(None)
        self._publisher.waiting = self._publisher.on_disk = False

    def _show_again(self) -> None:
        """Let the client ask again for lenses and hints: what they say depends on other files too."""
        if not self.work.documents.all():  # Nor is the client asked anything before it has begun.
            return
        workspace = self.client_capabilities.workspace
        if workspace and workspace.code_lens and workspace.code_lens.refresh_support:
            self.workspace_code_lens_refresh(None)
        if workspace and workspace.inlay_hint and workspace.inlay_hint.refresh_support:
            self.workspace_inlay_hint_refresh(None)

    def _watch_files(self) -> None:
        """Ask the client to report changes of files, if it can."""
        workspace = self.client_capabilities.workspace
        watching = workspace.did_change_watched_files if workspace else None
        if watching is None or not watching.dynamic_registration:
            return
        watchers = [types.FileSystemWatcher(pattern) for pattern in _WATCHED]
        registration = types.Registration(
            id="netpolc-files",
            method=types.WORKSPACE_DID_CHANGE_WATCHED_FILES,
            register_options=types.DidChangeWatchedFilesRegistrationOptions(watchers),
        )
        self.client_register_capability(types.RegistrationParams([registration]))

    def log(self, kind: types.MessageType, message: str) -> None:
        """Write to the log that the client keeps."""
        self.window_log_message(types.LogMessageParams(kind, message))

    @property
    def _pulled(self) -> bool:
        return pulls_diagnostics(self.client_capabilities)

    @property
    def _refreshes(self) -> bool:
        workspace = self.client_capabilities.workspace
        return bool(workspace and workspace.diagnostics and workspace.diagnostics.refresh_support)

    def _timed(self, method: str, handler: Handler) -> Callable[[Any], Any]:
        def timed(params: Any) -> Any:
            started = perf_counter()
            try:
                return handler(self.work, params)
            finally:
                self._log_if_slow(method, started)

        return timed

    def _log_if_slow(self, what: str, started: float) -> None:
        took = perf_counter() - started
        if took > SLOW:
            steps = self.work.task.steps()
            detail = f": {steps}" if steps else ""
            self.log(types.MessageType.Log, f"{what} took {took * 1000:,.0f} ms{detail}")


_WATCHED = ("**/*.intent", "**/netpolc.toml", "**/*.{yaml,yml,json}")
