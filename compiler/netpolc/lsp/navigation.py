"""Requests about what is at a position."""

from lsprotocol import types

from netpolc.ide.hover import hover as find_hover
from netpolc.lsp.workspace import Workspace


def hover(work: Workspace, params: types.HoverParams) -> types.Hover | None:
    """Return what is known about the text at a position."""
    view = work.intents(params.text_document.uri)
    if view is None:
        return None
    found = find_hover(view.snapshot, view.path, view.offset(params.position))
    if found is None:
        return None
    content = types.MarkupContent(types.MarkupKind.Markdown, found.markdown)
    return types.Hover(content, view.range(found.span))


def definition(work: Workspace, params: types.DefinitionParams) -> list[types.Location] | None:
    """Return where the name at a position is declared."""
    view = work.intents(params.text_document.uri)
    if view is None:
        return None
    names = view.snapshot.names
    name = names.at(view.path, view.offset(params.position))
    if name is None:
        return None
    return [view.location(one.span) for one in names.definitions(names.symbol(name))]
