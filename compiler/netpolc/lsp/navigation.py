"""Requests about what is at a position."""

from lsprotocol import types

from netpolc.ide.generated_file import statements_of
from netpolc.ide.hover import hover as find_hover
from netpolc.ide.occurrence import Occurrence, Use
from netpolc.lsp.workspace import View, Workspace


def hover(work: Workspace, params: types.HoverParams) -> types.Hover | None:
    """Return what is known about the text at a position."""
    view = work.intents(params.text_document.uri)
    if view is None:
        return None
    shown = find_hover(view.snapshot, view.path, view.offset(params.position))
    if shown is None:
        return None
    content = types.MarkupContent(types.MarkupKind.Markdown, shown.markdown)
    return types.Hover(content, view.range(shown.span))


def definition(work: Workspace, params: types.DefinitionParams) -> list[types.Location] | None:
    """Return where the name at a position is declared, of a generated file its statements."""
    view = work.view(params.text_document.uri)
    if view is None:
        return None
    if view.writer is not None:
        return [view.location(span) for span in statements_of(view.snapshot, view.file)]
    names = view.snapshot.names
    name = names.at(view.path, view.offset(params.position))
    if name is None:
        return None
    return [view.location(occurrence.span) for occurrence in names.definitions(names.symbol(name))]


def references(work: Workspace, params: types.ReferenceParams) -> list[types.Location] | None:
    """Return where what a position names is named, in all files."""
    view = work.intents(params.text_document.uri)
    if view is None:
        return None
    return [
        view.location(occurrence.span)
        for occurrence in _named_at(view, params.position)
        if params.context.include_declaration or occurrence.use is not Use.DECLARES
    ]


def document_highlight(
    work: Workspace, params: types.DocumentHighlightParams
) -> list[types.DocumentHighlight] | None:
    """Return where what a position names is named in the same document."""
    view = work.intents(params.text_document.uri)
    if view is None:
        return None
    return [
        types.DocumentHighlight(
            view.range(occurrence.span),
            types.DocumentHighlightKind.Write
            if occurrence.use is Use.DECLARES
            else types.DocumentHighlightKind.Read,
        )
        for occurrence in _named_at(view, params.position)
        if occurrence.span.path == view.path
    ]


def _named_at(view: View, position: types.Position) -> list[Occurrence]:
    names = view.snapshot.names
    name = names.at(view.path, view.offset(position))
    return [] if name is None else list(names.references(names.symbol(name)))
