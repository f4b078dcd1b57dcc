"""Requests about the structure of documents and the names in projects."""

from lsprotocol import types

from netpolc.ide.occurrence import NameKind, Occurrence
from netpolc.ide.outline import OutlineEntry, OutlineKind, find_symbols, folds, outline
from netpolc.ide.selection_range import selection_ranges
from netpolc.lsp.workspace import View, Workspace

_ENTRY_KINDS = {
    OutlineKind.SECTION: types.SymbolKind.Namespace,
    OutlineKind.SERVICE: types.SymbolKind.Class,
    OutlineKind.GROUP: types.SymbolKind.Enum,
    OutlineKind.ARROW: types.SymbolKind.Method,
    OutlineKind.ASSERTION: types.SymbolKind.Event,
    OutlineKind.SETTING: types.SymbolKind.Property,
}


def document_symbol(
    work: Workspace, params: types.DocumentSymbolParams
) -> list[types.DocumentSymbol] | None:
    """Return the outline of a document."""
    view = work.intents(params.text_document.uri)
    tree = view.tree if view else None
    if view is None or tree is None:
        return None
    return [_symbol(entry, view) for entry in outline(tree)]


def _symbol(entry: OutlineEntry, view: View) -> types.DocumentSymbol:
    return types.DocumentSymbol(
        name=entry.text,
        kind=_ENTRY_KINDS[entry.kind],
        range=view.range(entry.whole),
        selection_range=view.range(entry.name),
        children=[_symbol(child, view) for child in entry.children],
    )


def workspace_symbol(
    work: Workspace, params: types.WorkspaceSymbolParams
) -> list[types.SymbolInformation]:
    """Return the services, groups and namespaces of the open projects whose names match."""
    return [
        _information(occurrence, view)
        for view in work.views()
        for occurrence in find_symbols(view.snapshot.names, params.query)
    ]


def _information(occurrence: Occurrence, view: View) -> types.SymbolInformation:
    kind = types.SymbolKind.Class
    if occurrence.kind is NameKind.NAMESPACE:
        kind = types.SymbolKind.Namespace
    elif view.snapshot.names.is_group(view.snapshot.names.symbol(occurrence)):
        kind = types.SymbolKind.Enum
    container = occurrence.scope if occurrence.kind is NameKind.PODS else None
    return types.SymbolInformation(
        name=occurrence.name,
        kind=kind,
        location=view.location(occurrence.span),
        container_name=container,
    )


def folding_range(
    work: Workspace, params: types.FoldingRangeParams
) -> list[types.FoldingRange] | None:
    """Return the lines that can be folded."""
    view = work.intents(params.text_document.uri)
    tree = view.tree if view else None
    if tree is None:
        return None
    return [
        types.FoldingRange(
            start_line=fold.first - 1,
            end_line=fold.last - 1,
            kind=types.FoldingRangeKind.Comment
            if fold.is_comment
            else types.FoldingRangeKind.Region,
        )
        for fold in folds(tree)
    ]


def selection_range(
    work: Workspace, params: types.SelectionRangeParams
) -> list[types.SelectionRange] | None:
    """Return for each position what to select when the selection is widened."""
    view = work.intents(params.text_document.uri)
    tree = view.tree if view else None
    if view is None or tree is None:
        return None
    ranges = []
    for position in params.positions:
        wider: types.SelectionRange | None = None
        for span in reversed(selection_ranges(tree, view.snapshot.names, view.offset(position))):
            wider = types.SelectionRange(view.range(span), parent=wider)
        assert wider is not None
        ranges.append(wider)
    return ranges
