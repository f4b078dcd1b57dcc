"""The capabilities that the server announces at the beginning."""

from lsprotocol import types

from netpolc.lsp.actions import ACTION_KINDS, EXPLAIN, MOVE_CURSOR
from netpolc.lsp.client import commands_of, pulls_diagnostics
from netpolc.lsp.completion import TRIGGERS
from netpolc.lsp.semantic_tokens import TOKEN_KINDS, TOKEN_MODIFIERS


def server_capabilities(
    client: types.ClientCapabilities, encoding: types.PositionEncodingKind
) -> types.ServerCapabilities:
    """Return what the server offers a client."""
    return types.ServerCapabilities(
        position_encoding=encoding,
        text_document_sync=types.TextDocumentSyncOptions(
            open_close=True,
            change=types.TextDocumentSyncKind.Incremental,
            save=types.SaveOptions(include_text=False),
        ),
        diagnostic_provider=types.DiagnosticOptions(
            inter_file_dependencies=True, workspace_diagnostics=True, identifier="netpolc"
        )
        if pulls_diagnostics(client)
        else None,
        workspace=types.WorkspaceOptions(
            workspace_folders=types.WorkspaceFoldersServerCapabilities(
                supported=True, change_notifications=True
            )
        ),
        document_formatting_provider=True,
        document_range_formatting_provider=True,
        document_on_type_formatting_provider=types.DocumentOnTypeFormattingOptions("\n"),
        completion_provider=types.CompletionOptions(trigger_characters=TRIGGERS),
        hover_provider=True,
        declaration_provider=True,
        definition_provider=True,
        references_provider=True,
        document_highlight_provider=True,
        rename_provider=types.RenameOptions(prepare_provider=True),
        document_symbol_provider=True,
        workspace_symbol_provider=True,
        folding_range_provider=True,
        selection_range_provider=True,
        code_action_provider=types.CodeActionOptions(ACTION_KINDS),
        code_lens_provider=types.CodeLensOptions(),
        inlay_hint_provider=True,
        document_link_provider=types.DocumentLinkOptions(),
        call_hierarchy_provider=True,
        execute_command_provider=types.ExecuteCommandOptions(
            [command for command in (EXPLAIN, MOVE_CURSOR) if command not in commands_of(client)]
        ),
        semantic_tokens_provider=types.SemanticTokensOptions(
            legend=types.SemanticTokensLegend(TOKEN_KINDS, TOKEN_MODIFIERS),
            full=types.SemanticTokensFullDelta(delta=True),
            range=True,
        ),
    )
