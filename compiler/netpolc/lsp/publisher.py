"""Which diagnostics a client that does not ask for them has been sent, and which it needs now.

What a namespace shows by itself is known soon after an edit, the assertions later. Where that takes
long enough to be seen, the edited documents get their own diagnostics first, together with those
of the last whole check whose lines are still the same, so that nothing flickers.
"""

from collections import defaultdict
from collections.abc import Iterator
from time import perf_counter

from lsprotocol import types

from netpolc.diagnostics import Diagnostic
from netpolc.diagnostics.diagnostic import has_errors
from netpolc.diagnostics.render import identity, in_order
from netpolc.lsp.convert import diagnostic
from netpolc.lsp.workspace import View, Workspace

_VISIBLE = 0.15
"""Seconds of a whole check from which on the first stage is shown by itself."""

Diagnostics = list[types.Diagnostic]


class Publisher:
    """Sends a file's diagnostics when they have changed; `waiting` says that they may have."""

    def __init__(self, work: Workspace) -> None:
        """Begin with nothing sent."""
        self.waiting = False
        self.on_disk = False
        self._work = work
        self._sent: dict[str, Diagnostics] = {}
        self._edited: set[str] = set()
        self._of_all: dict[str, list[tuple[types.Diagnostic, str]]] = {}
        self._took = 0.0

    def changed(self, uri: str = "", *, on_disk: bool = False) -> None:
        """Note that diagnostics may have changed, because a document was edited or the disk was."""
        self.waiting = True
        self.on_disk = self.on_disk or on_disk
        self._edited.add(uri)

    def reports(self) -> Iterator[types.PublishDiagnosticsParams]:
        """Yield the diagnostics of each file for which others were sent before.

        Nothing is complete, and `waiting` stays set, where a message overtakes the work.
        """
        started = perf_counter()
        if self._took > _VISIBLE:
            yield from self._first_stage()
        self._work.task.checkpoint()
        now: dict[str, Diagnostics] = {}
        for view in self._work.views():
            now |= diagnostics_by_uri(view)
        for uri in self._edited:
            view_of_edited = self._work.intents(uri)
            if view_of_edited is not None:
                self._of_all[uri] = _of_all(view_of_edited)
        for document in self._work.documents.all():
            now.setdefault(document.uri, [])
        for uri in [*now, *(self._sent.keys() - now.keys())]:
            yield from self._report(uri, now.get(uri, []))
        self._sent = now
        self._of_all = {uri: findings for uri, findings in self._of_all.items() if uri in now}
        self._edited.clear()
        self._took = perf_counter() - started
        self.waiting = self.on_disk = False

    def _first_stage(self) -> Iterator[types.PublishDiagnosticsParams]:
        """The diagnostics of the edited documents, as far as their namespaces show them alone."""
        for uri in sorted(self._edited):
            view = self._work.intents(uri)
            if view is None:
                continue
            alone = view.snapshot.understood.diagnostics
            findings = [
                diagnostic(finding, view)
                for finding in in_order(alone)
                if finding.label.span.path == view.path
            ]
            if not has_errors(alone):
                findings += self._still_there(view)
            yield from self._report(uri, findings)

    def _still_there(self, view: View) -> Iterator[types.Diagnostic]:
        """The diagnostics of the last whole check whose lines have not changed."""
        lines = view.document.text.split("\n")
        for finding, line in self._of_all.get(view.document.uri, ()):
            start = finding.range.start.line
            if start < len(lines) and lines[start] == line:
                yield finding

    def _report(self, uri: str, findings: Diagnostics) -> Iterator[types.PublishDiagnosticsParams]:
        if self._sent.get(uri) != findings:
            self._sent[uri] = findings
            yield types.PublishDiagnosticsParams(uri, findings, self._work.documents.version(uri))


def diagnostics_by_uri(view: View) -> dict[str, Diagnostics]:
    """Return the diagnostics of all files of a view's project."""
    before, now = view.home.converted, dict[int, tuple[Diagnostic, str, types.Diagnostic]]()
    by_uri: dict[str, Diagnostics] = defaultdict(list)
    for finding in in_order(view.findings()):
        # What an edit does not touch keeps its findings, the objects themselves.
        known = before.get(id(finding)) or (
            finding,
            view.uri(finding.label.span.path),
            diagnostic(finding, view),
        )
        now[id(finding)] = known
        by_uri[known[1]].append(known[2])
    view.home.converted = now
    return by_uri


def _of_all(view: View) -> list[tuple[types.Diagnostic, str]]:
    """The diagnostics of a view's document that only a whole check finds, each with its line."""
    alone = set(map(identity, view.snapshot.understood.diagnostics))
    return [
        (diagnostic(finding, view), finding.label.span.file.line_text(finding.label.span.line))
        for finding in view.snapshot.result.diagnostics
        if finding.label.span.path == view.path and identity(finding) not in alone
    ]
