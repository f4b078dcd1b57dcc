"""Which diagnostics a client that does not ask for them has been sent, and which it needs now."""

from collections import defaultdict
from collections.abc import Iterator

from lsprotocol import types

from netpolc.diagnostics.render import in_order
from netpolc.lsp.convert import diagnostic
from netpolc.lsp.workspace import View, Workspace


class Publisher:
    """Sends a file's diagnostics when they have changed; `waiting` says that they may have."""

    def __init__(self, work: Workspace) -> None:
        """Begin with nothing sent."""
        self.waiting = False
        self.on_disk = False
        self._work = work
        self._sent: dict[str, list[types.Diagnostic]] = {}

    def changed(self, *, on_disk: bool = False) -> None:
        """Note that diagnostics may have changed."""
        self.waiting = True
        self.on_disk = self.on_disk or on_disk

    def reports(self) -> Iterator[types.PublishDiagnosticsParams]:
        """Yield the diagnostics of each file for which others were sent before."""
        now: dict[str, list[types.Diagnostic]] = {}
        for view in self._work.views():
            now |= diagnostics_by_uri(view)
        for document in self._work.documents.all():
            now.setdefault(document.uri, [])
        for uri in [*now, *(self._sent.keys() - now.keys())]:
            found = now.get(uri, [])
            if self._sent.get(uri) != found:
                version = self._work.documents.version(uri)
                yield types.PublishDiagnosticsParams(uri, found, version)
        self._sent = now


def diagnostics_by_uri(view: View) -> dict[str, list[types.Diagnostic]]:
    """Return the diagnostics of all files of a view's project."""
    found: dict[str, list[types.Diagnostic]] = defaultdict(list)
    for one in in_order(view.findings()):
        found[view.uri(one.label.span.path)].append(diagnostic(one, view))
    return found
