"""Code actions, and the command that one of them runs."""

from collections.abc import Iterator, Sequence
from typing import Any

from lsprotocol import types

from netpolc.commands.explain import find_rules
from netpolc.diagnostics.all_rules import all_rules
from netpolc.ide.code_actions import CodeAction, code_actions, fix_all
from netpolc.ide.text_edit import TextEdit
from netpolc.lsp.client import Client
from netpolc.lsp.convert import diagnostic, workspace_edit
from netpolc.lsp.workspace import View, Workspace

EXPLAIN = "netpolc.explainRule"
MOVE_CURSOR = "netpolc.moveCursor"
SILENCE = "netpolc.silence"
"""A command of clients: it has a document, a position, and the comment that a reason completes."""
FIX_ALL = "source.fixAll.netpolc"
ACTION_KINDS = [types.CodeActionKind.QuickFix, types.CodeActionKind.SourceFixAll]


def code_action(work: Workspace, params: types.CodeActionParams) -> list[types.CodeAction] | None:
    """Return what can be changed in a range of a document."""
    view = work.view(params.text_document.uri)
    if view is None:
        return None
    only = params.context.only
    actions: list[types.CodeAction] = []
    if _wanted(types.CodeActionKind.QuickFix, only):
        span = view.span(params.range)
        offered = code_actions(view.snapshot, view.findings(), span)
        actions += (_quick_fix(action, view, work.client) for action in offered)
    if only is not None and _wanted(FIX_ALL, only):
        edits = fix_all(view.file)
        actions += _fix_all(edits, view)
    return actions


def _wanted(kind: str, only: Sequence[types.CodeActionKind | str] | None) -> bool:
    """Whether a kind of action is asked for: by itself, or by one that it is a part of."""
    if only is None:
        return True
    asked = [
        allowed.value if isinstance(allowed, types.CodeActionKind) else allowed for allowed in only
    ]
    return any(f"{kind}.".startswith(f"{wanted}.") or not wanted for wanted in asked)


def _quick_fix(fix: CodeAction, view: View, client: Client) -> types.CodeAction:
    action = types.CodeAction(
        title=fix.title,
        kind=types.CodeActionKind.QuickFix,
        diagnostics=[diagnostic(fix.finding, view)] if fix.finding else None,
        is_preferred=fix.is_preferred or None,
        edit=workspace_edit(fix.edits, view) if fix.edits else None,
    )
    if fix.explains:
        action.command = types.Command(title=fix.title, command=EXPLAIN, arguments=[fix.explains])
    if fix.cursor is not None:
        _let_user_write(action, fix.edits[0], fix.cursor, view, client)
    return action


def _let_user_write(
    action: types.CodeAction, edit: TextEdit, cursor: int, view: View, client: Client
) -> None:
    """Let the user write at a place of the inserted text, in the best way that the client has.

    It asks for the words, or takes the cursor there with the edit, or is told to do so afterwards.
    """
    uri, before, after = view.uri(edit.span.path), edit.text[:cursor], edit.text[cursor:]
    place = view.range(edit.span)
    if SILENCE in client.commands:
        action.edit = None
        action.command = types.Command(action.title, SILENCE, arguments=[uri, place.start, before])
    elif client.snippet_edits:
        snippet = types.SnippetTextEdit(place, types.StringValue(f"{before}$0{after}"))
        document = types.OptionalVersionedTextDocumentIdentifier(uri, view.document.version)
        changed = types.TextDocumentEdit(document, [snippet])
        action.edit = types.WorkspaceEdit(document_changes=[changed])
    elif client.shows_documents:
        # The text before the place is a comment in plain letters: each is one unit of any encoding.
        target = types.Position(place.start.line, cursor)
        action.command = types.Command(action.title, MOVE_CURSOR, arguments=[uri, target])


def _fix_all(edits: tuple[TextEdit, ...], view: View) -> Iterator[types.CodeAction]:
    if edits:
        yield types.CodeAction(
            title="Apply all safe fixes of netpolc", kind=FIX_ALL, edit=workspace_edit(edits, view)
        )


def explanation(code: object) -> dict[str, str] | None:
    """Return the page of a rule as Markdown; None where there is no such rule."""
    rule = find_rules(all_rules(), str(code)).rule
    if rule is None:
        return None
    head = f"# {rule.code} {rule.name} ({rule.severity.value})"
    return {"code": rule.code, "name": rule.name, "markdown": f"{head}\n\n{rule.explanation}"}


def document_to_show(arguments: Sequence[Any]) -> types.ShowDocumentParams | None:
    """Return the request to move the cursor to a position in a document, from a command's arguments."""
    match arguments:
        case [str(uri), {"line": int(line), "character": int(character)}]:
            place = types.Position(line, character)
            return types.ShowDocumentParams(
                uri, take_focus=True, selection=types.Range(place, place)
            )
        case _:
            return None
