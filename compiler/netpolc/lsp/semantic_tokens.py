"""Requests about the colours of words: of a document, of a range, and what changed since the last answer."""

from collections.abc import Sequence

from lsprotocol import types

from netpolc.ide.semantic_tokens import SemanticToken, TokenKind, semantic_tokens
from netpolc.lsp.workspace import View, Workspace

TOKEN_KINDS = [kind.value for kind in TokenKind]
TOKEN_MODIFIERS = ["declaration"]
_NUMBERS = {kind: number for number, kind in enumerate(TokenKind)}
_LENGTH = 5
"""How many numbers a token has."""


def semantic_tokens_full(
    work: Workspace, params: types.SemanticTokensParams
) -> types.SemanticTokens | None:
    """Return what each word of a document is."""
    view = work.intents(params.text_document.uri)
    return None if view is None else _whole(work, view)


def semantic_tokens_delta(
    work: Workspace, params: types.SemanticTokensDeltaParams
) -> types.SemanticTokens | types.SemanticTokensDelta | None:
    """Return how the words of a document differ from those of the last answer, all if it is not the one named."""
    view = work.intents(params.text_document.uri)
    if view is None:
        return None
    name, before = view.document.tokens
    whole = _whole(work, view)
    if params.previous_result_id != name:
        return whole
    return types.SemanticTokensDelta(_edits(before, whole.data), whole.result_id)


def semantic_tokens_range(
    work: Workspace, params: types.SemanticTokensRangeParams
) -> types.SemanticTokens | None:
    """Return what each word in a range of a document is."""
    view = work.intents(params.text_document.uri)
    if view is None:
        return None
    span = view.span(params.range)
    tokens = semantic_tokens(view.file, view.snapshot.names)
    inside = [
        semantic_token
        for semantic_token in tokens
        if semantic_token.span.end > span.start and semantic_token.span.start < span.end
    ]
    return types.SemanticTokens(_encoded(inside, view))


def _whole(work: Workspace, view: View) -> types.SemanticTokens:
    """Return the words of a document under a new name, and keep them for the next answer."""
    data = _encoded(semantic_tokens(view.file, view.snapshot.names), view)
    name = str(next(work.numbers))
    view.document.tokens = name, data
    return types.SemanticTokens(data, name)


def _edits(before: Sequence[int], after: Sequence[int]) -> list[types.SemanticTokensEdit]:
    """Return the one edit between the tokens that both begin with and those that both end with."""
    if before == after:
        return []
    shorter = min(len(before), len(after))
    start = next((at for at in range(shorter) if before[at] != after[at]), shorter)
    start -= start % _LENGTH
    rest = shorter - start
    same = next((at for at in range(rest) if before[-1 - at] != after[-1 - at]), rest)
    same -= same % _LENGTH
    end, new = len(before) - same, after[start : len(after) - same]
    return [types.SemanticTokensEdit(start, end - start, new)]


def _encoded(tokens: list[SemanticToken], view: View) -> list[int]:
    """The protocol's numbers: each token's place from the one before, its length, kind and modifiers."""
    data: list[int] = []
    line = character = 0
    for token in tokens:
        place = view.range(token.span)
        start = place.start
        column = start.character - character if start.line == line else start.character
        length = place.end.character - start.character
        data += (start.line - line, column, length, _NUMBERS[token.kind], int(token.declares))
        line, character = start.line, start.character
    return data
