"""The requests that the server answers: which function answers which."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from lsprotocol import types

from netpolc.lsp import annotations, calls, editing, navigation, semantic_tokens, symbols
from netpolc.lsp.actions import code_action
from netpolc.lsp.completion import completion
from netpolc.lsp.pulled_diagnostics import document_diagnostic, workspace_diagnostic
from netpolc.lsp.workspace import Workspace

Handler: TypeAlias = Callable[[Workspace, Any], Any]

HANDLERS: Mapping[str, Handler] = {
    types.TEXT_DOCUMENT_DIAGNOSTIC: document_diagnostic,
    types.WORKSPACE_DIAGNOSTIC: workspace_diagnostic,
    types.TEXT_DOCUMENT_FORMATTING: editing.formatting,
    types.TEXT_DOCUMENT_RANGE_FORMATTING: editing.range_formatting,
    types.TEXT_DOCUMENT_ON_TYPE_FORMATTING: editing.on_type_formatting,
    types.TEXT_DOCUMENT_COMPLETION: completion,
    types.TEXT_DOCUMENT_HOVER: navigation.hover,
    types.TEXT_DOCUMENT_DECLARATION: navigation.definition,
    types.TEXT_DOCUMENT_DEFINITION: navigation.definition,
    types.TEXT_DOCUMENT_REFERENCES: navigation.references,
    types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT: navigation.document_highlight,
    types.TEXT_DOCUMENT_PREPARE_RENAME: editing.prepare_rename,
    types.TEXT_DOCUMENT_RENAME: editing.rename,
    types.TEXT_DOCUMENT_DOCUMENT_SYMBOL: symbols.document_symbol,
    types.WORKSPACE_SYMBOL: symbols.workspace_symbol,
    types.TEXT_DOCUMENT_FOLDING_RANGE: symbols.folding_range,
    types.TEXT_DOCUMENT_SELECTION_RANGE: symbols.selection_range,
    types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL: semantic_tokens.semantic_tokens_full,
    types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL_DELTA: semantic_tokens.semantic_tokens_delta,
    types.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE: semantic_tokens.semantic_tokens_range,
    types.TEXT_DOCUMENT_CODE_ACTION: code_action,
    types.TEXT_DOCUMENT_INLAY_HINT: annotations.inlay_hint,
    types.TEXT_DOCUMENT_CODE_LENS: annotations.code_lens,
    types.TEXT_DOCUMENT_DOCUMENT_LINK: annotations.document_link,
    types.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY: calls.prepare_call_hierarchy,
    types.CALL_HIERARCHY_INCOMING_CALLS: calls.incoming_calls,
    types.CALL_HIERARCHY_OUTGOING_CALLS: calls.outgoing_calls,
}
