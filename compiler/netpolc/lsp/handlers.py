"""The requests that the server answers: which function answers which."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from lsprotocol import types

from netpolc.lsp import editing, navigation
from netpolc.lsp.pulled_diagnostics import document_diagnostic, workspace_diagnostic
from netpolc.lsp.workspace import Workspace

Handler: TypeAlias = Callable[[Workspace, Any], Any]

HANDLERS: Mapping[str, Handler] = {
    types.TEXT_DOCUMENT_DIAGNOSTIC: document_diagnostic,
    types.WORKSPACE_DIAGNOSTIC: workspace_diagnostic,
    types.TEXT_DOCUMENT_FORMATTING: editing.formatting,
    types.TEXT_DOCUMENT_RANGE_FORMATTING: editing.range_formatting,
    types.TEXT_DOCUMENT_ON_TYPE_FORMATTING: editing.on_type_formatting,
    types.TEXT_DOCUMENT_HOVER: navigation.hover,
    types.TEXT_DOCUMENT_DEFINITION: navigation.definition,
}
