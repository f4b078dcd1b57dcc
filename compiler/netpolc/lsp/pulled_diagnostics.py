"""Diagnostics for a client that asks for them: of a document, or of all files of its projects."""

from hashlib import blake2b
from json import dumps

from lsprotocol import types
from lsprotocol.converters import get_converter

from netpolc.lsp.publisher import diagnostics_by_uri
from netpolc.lsp.workspace import Workspace

_CONVERTER = get_converter()


def document_diagnostic(
    work: Workspace, params: types.DocumentDiagnosticParams
) -> types.DocumentDiagnosticReport:
    """Return the diagnostics of a document, or that they are those of an earlier answer."""
    view = work.view(params.text_document.uri)
    findings = diagnostics_by_uri(view).get(view.document.uri, []) if view else []
    name = _result_id(findings)
    if name == params.previous_result_id:
        return types.RelatedUnchangedDocumentDiagnosticReport(result_id=name)
    return types.RelatedFullDocumentDiagnosticReport(items=findings, result_id=name)


def workspace_diagnostic(
    work: Workspace, params: types.WorkspaceDiagnosticParams
) -> types.WorkspaceDiagnosticReport:
    """Return the diagnostics of all files of the projects with open documents."""
    before = {
        previous_result_id.uri: previous_result_id.value
        for previous_result_id in params.previous_result_ids
    }
    by_uri: dict[str, list[types.Diagnostic]] = {uri: [] for uri in before}
    for view in work.views():
        by_uri |= diagnostics_by_uri(view)
    return types.WorkspaceDiagnosticReport(
        [_report(work, uri, items, before.get(uri)) for uri, items in by_uri.items()]
    )


def _report(
    work: Workspace, uri: str, items: list[types.Diagnostic], before: str | None
) -> types.WorkspaceDocumentDiagnosticReport:
    version = work.documents.version(uri)
    name = _result_id(items)
    if name == before:
        return types.WorkspaceUnchangedDocumentDiagnosticReport(
            uri=uri, result_id=name, version=version
        )
    return types.WorkspaceFullDocumentDiagnosticReport(
        uri=uri, items=items, result_id=name, version=version
    )


def _result_id(items: list[types.Diagnostic]) -> str:
    """Return a name for these diagnostics, which equal ones have as well."""
    text = dumps(_CONVERTER.unstructure(items), sort_keys=True)
    return blake2b(text.encode(), digest_size=12).hexdigest()
