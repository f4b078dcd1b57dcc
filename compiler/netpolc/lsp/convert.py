"""Values of `ide` and `diagnostics` as values of the protocol."""

from collections.abc import Iterable

from lsprotocol import types
from pygls.uris import from_fs_path

from netpolc.diagnostics import Diagnostic, Severity
from netpolc.diagnostics.render.escape import visible
from netpolc.diagnostics.rule_pages import rule_page_address, rule_page_path
from netpolc.ide.text_edit import TextEdit
from netpolc.lsp.workspace import View

SOURCE = "netpolc"
_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.NOTE: types.DiagnosticSeverity.Information,
}
_UNNECESSARY = {"NP203", "NP604", "NP690"}
"""The rules about text that can be removed; editors show it faded."""
_LONGEST = 8_000


def diagnostic(finding: Diagnostic, view: View) -> types.Diagnostic:
    """Return a finding with its further labels and the page of its rule."""
    uri = _page(finding.rule.code, view.snapshot.options.lint.pages)
    related = [
        types.DiagnosticRelatedInformation(view.location(label.span), _shown(label.text))
        for label in finding.others
    ]
    return types.Diagnostic(
        range=view.range(finding.label.span),
        severity=_SEVERITIES[finding.severity],
        code=finding.rule.code,
        code_description=types.CodeDescription(uri) if uri else None,
        source=SOURCE,
        message=message(finding),
        tags=[types.DiagnosticTag.Unnecessary] if finding.rule.code in _UNNECESSARY else None,
        related_information=related or None,
    )


def _page(code: str, pages: str) -> str | None:
    """Return the address of a rule's page: that of the site, or of the file in this installation."""
    if pages:
        return rule_page_address(code, pages)
    path = rule_page_path(code)
    return from_fs_path(path) if path else None


def message(finding: Diagnostic) -> str:
    """Return what a finding says: its headline, what is at its place, and what to do."""
    parts = (finding.message, finding.label.text, finding.help and f"help: {finding.help}")
    return "\n".join(_shown(part) for part in parts if part)


def _shown(text: str) -> str:
    return visible(text, _LONGEST)


def text_edits(edits: tuple[TextEdit, ...], view: View) -> list[types.TextEdit]:
    """Return edits of the view's own document."""
    return [types.TextEdit(view.range(edit.span), edit.text) for edit in edits]


def workspace_edit(edits: Iterable[TextEdit], view: View) -> types.WorkspaceEdit:
    """Return edits of any files of the view's project."""
    changes: dict[str, list[types.TextEdit]] = {}
    for edit in edits:
        changed = types.TextEdit(view.range(edit.span), edit.text)
        changes.setdefault(view.uri(edit.span.path), []).append(changed)
    return types.WorkspaceEdit(changes=changes)
