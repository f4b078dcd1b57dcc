"""The request for the words that can come at a position."""

from lsprotocol import types

from netpolc.ide.completion import CompletionKind, completions
from netpolc.lsp.workspace import Workspace

_KINDS = {
    CompletionKind.KEYWORD: types.CompletionItemKind.Keyword,
    CompletionKind.SERVICE: types.CompletionItemKind.Class,
    CompletionKind.GROUP: types.CompletionItemKind.Enum,
    CompletionKind.NAMESPACE: types.CompletionItemKind.Module,
    CompletionKind.LABEL: types.CompletionItemKind.Property,
    CompletionKind.VALUE: types.CompletionItemKind.EnumMember,
    CompletionKind.PORT: types.CompletionItemKind.Value,
    CompletionKind.TEXT: types.CompletionItemKind.Text,
}
TRIGGERS = [" ", ":", ",", "{", "=", "(", "[", "/", '"']


def completion(work: Workspace, params: types.CompletionParams) -> types.CompletionList | None:
    """Return the words that can come at a position, the best first."""
    view = work.intents(params.text_document.uri)
    if view is None:
        return None
    asked = params.context is None or params.context.trigger_character != " "
    offset = view.offset(params.position)
    proposed = completions(view.snapshot, view.path, offset, asked=asked)
    items = [
        types.CompletionItem(
            label=proposal.text,
            kind=_KINDS[proposal.kind],
            detail=proposal.detail or None,
            sort_text=f"{number:04}",
            filter_text=proposal.text,
            text_edit=types.TextEdit(view.range(proposal.span), proposal.text),
        )
        for number, proposal in enumerate(proposed)
    ]
    return types.CompletionList(is_incomplete=False, items=items)
