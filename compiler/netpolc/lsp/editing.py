"""Requests whose answers are edits."""

from lsprotocol import types

from netpolc.ide.formatting import format_lines, format_whole
from netpolc.lsp.convert import text_edits
from netpolc.lsp.workspace import View, Workspace


def formatting(
    work: Workspace, params: types.DocumentFormattingParams
) -> list[types.TextEdit] | None:
    """Return the edits that bring a document into its canonical form."""
    view = work.intents(params.text_document.uri)
    if view is None:
        return None
    return text_edits(format_whole(view.file, view.snapshot.options.namespace), view)


def range_formatting(
    work: Workspace, params: types.DocumentRangeFormattingParams
) -> list[types.TextEdit] | None:
    """Return the edits that bring the statements of a range into their canonical form."""
    view = work.intents(params.text_document.uri)
    if view is None:
        return None
    span = view.span(params.range)
    last = view.file.position(span.end)[0]
    return _lines(view, span.line, last)


def on_type_formatting(
    work: Workspace, params: types.DocumentOnTypeFormattingParams
) -> list[types.TextEdit] | None:
    """Return the edits that format the statement on the line that has just been ended."""
    view = work.intents(params.text_document.uri)
    if view is None:
        return None
    line = view.file.position(view.offset(params.position))[0] - 1
    return _lines(view, line, line) if line else []


def _lines(view: View, first: int, last: int) -> list[types.TextEdit]:
    tree = view.snapshot.tree(view.path)
    return [] if tree is None else text_edits(tuple(format_lines(tree, first, last)), view)
