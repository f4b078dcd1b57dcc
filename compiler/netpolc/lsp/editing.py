"""Requests whose answers are edits."""

from lsprotocol import types

from netpolc.ide.formatting import format_lines, format_whole
from netpolc.ide.occurrence import Occurrence
from netpolc.ide.rename import renamable_at, span_to_rename
from netpolc.ide.rename import rename as find_rename
from netpolc.lsp.convert import text_edits, workspace_edit
from netpolc.lsp.refused import Refused
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
    tree = view.tree
    return [] if tree is None else text_edits(tuple(format_lines(tree, first, last)), view)


def prepare_rename(
    work: Workspace, params: types.PrepareRenameParams
) -> types.PrepareRenamePlaceholder | None:
    """Return the name at a position, if it can be changed."""
    view = work.intents(params.text_document.uri)
    name = _renamable(view, params.position)
    if view is None or name is None:
        return None
    return types.PrepareRenamePlaceholder(view.range(span_to_rename(name)), name.name)


def rename(work: Workspace, params: types.RenameParams) -> types.WorkspaceEdit | None:
    """Return the edits that rename what is at a position; raise why there are none."""
    view = work.intents(params.text_document.uri)
    name = _renamable(view, params.position)
    if view is None or name is None:
        return None
    renamed = find_rename(view.snapshots(), name, params.new_name)
    if renamed.refusal:
        raise Refused(renamed.refusal)
    return workspace_edit(renamed.edits, view)


def _renamable(view: View | None, position: types.Position) -> Occurrence | None:
    if view is None:
        return None
    return renamable_at(view.snapshot, view.path, view.offset(position))
