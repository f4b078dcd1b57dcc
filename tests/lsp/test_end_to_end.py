"""Every feature over the standard input and output of a process, as an editor uses it."""

import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pytest_lsp", reason="the language server is an extra: make .venv/.ready-dev")

import pytest_lsp
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient

from tests.lsp.language_client import notified
from tests.lsp.session import write
from tests.lsp.test_features import DB, FILES

CONFIG = ClientServerConfig(server_command=[sys.executable, "-m", "netpolc", "lsp", "--stdio"])
BROKEN = DB + "db <- ns {env=dev}:22\n"
ANSWERS: Mapping[str, tuple[dict[str, Any], str]] = {
    types.TEXT_DOCUMENT_DIAGNOSTIC: ({}, "NP501"),
    types.WORKSPACE_DIAGNOSTIC: ({"previousResultIds": []}, "NP501"),
    types.TEXT_DOCUMENT_FORMATTING: ({"options": {"tabSize": 2, "insertSpaces": True}}, "[]"),
    types.TEXT_DOCUMENT_RANGE_FORMATTING: (
        {"options": {"tabSize": 2, "insertSpaces": True}, "range": "whole"},
        "[]",
    ),
    types.TEXT_DOCUMENT_ON_TYPE_FORMATTING: (
        {"options": {"tabSize": 2, "insertSpaces": True}, "ch": "\n", "position": (6, 0)},
        "[]",
    ),
    types.TEXT_DOCUMENT_COMPLETION: ({"position": (5, 6)}, "observers"),
    types.TEXT_DOCUMENT_HOVER: ({"position": (5, 1)}, "service `db`"),
    types.TEXT_DOCUMENT_DECLARATION: ({"position": (6, 8)}, "cluster.intent"),
    types.TEXT_DOCUMENT_DEFINITION: ({"position": (6, 8)}, "cluster.intent"),
    types.TEXT_DOCUMENT_REFERENCES: (
        {"position": (6, 8), "context": {"includeDeclaration": True}},
        "cluster.intent",
    ),
    types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT: ({"position": (5, 1)}, "kind"),
    types.TEXT_DOCUMENT_PREPARE_RENAME: ({"position": (5, 1)}, "db"),
    types.TEXT_DOCUMENT_RENAME: ({"position": (5, 1), "newName": "orders"}, "orders"),
    types.TEXT_DOCUMENT_DOCUMENT_SYMBOL: ({}, "service db = {app=postgres}"),
    types.WORKSPACE_SYMBOL: ({"query": "obs"}, "observers"),
    types.TEXT_DOCUMENT_FOLDING_RANGE: ({}, "region"),
    types.TEXT_DOCUMENT_SELECTION_RANGE: ({"positions": [{"line": 5, "character": 7}]}, "parent"),
    types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL: ({}, "data"),
    types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL_DELTA: ({"previousResultId": "0"}, "data"),
    types.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE: ({"range": "whole"}, "data"),
    types.TEXT_DOCUMENT_INLAY_HINT: ({"range": "whole"}, "{app=postgres}"),
    types.TEXT_DOCUMENT_CODE_LENS: ({}, "3 callers"),
    types.TEXT_DOCUMENT_CODE_ACTION: (
        {"range": "whole", "context": {"diagnostics": []}},
        "Explain NP501",
    ),
    types.WORKSPACE_EXECUTE_COMMAND: (
        {"command": "netpolc.explainRule", "arguments": ["NP501"]},
        "refuted-assertion",
    ),
    types.TEXT_DOCUMENT_DOCUMENT_LINK: ({}, "[]"),
    types.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY: ({"position": (5, 1)}, "db in ns shop"),
}
"""For each request its parameters, apart from the document, and what must be in the answer."""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("project"), {**FILES, "intents/db.intent": BROKEN})


@pytest_lsp.fixture(config=CONFIG, scope="module")
async def client(lsp_client: LanguageClient, project: Path) -> AsyncIterator[None]:
    capabilities = types.ClientCapabilities()
    await lsp_client.initialize_session(
        types.InitializeParams(capabilities=capabilities, root_uri=project.as_uri())
    )
    uri = (project / "intents/db.intent").as_uri()
    item = types.TextDocumentItem(uri, "netpolc", 1, BROKEN)
    await notified(lsp_client, types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, by_opening=item)
    yield
    await lsp_client.shutdown_session()


def _params(uri: str, more: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a request about a document."""
    whole = {"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}}
    found: dict[str, Any] = {"textDocument": {"uri": uri}, **more}
    if found.get("range") == "whole":
        found["range"] = whole
    if isinstance(place := found.get("position"), tuple):
        found["position"] = {"line": place[0], "character": place[1]}
    return found


@pytest.mark.asyncio(loop_scope="module")
async def test_diagnostics_are_sent(client: LanguageClient, project: Path) -> None:
    uri = (project / "intents/db.intent").as_uri()
    assert [one.code for one in client.diagnostics[uri]] == ["NP501"]


@pytest.mark.parametrize("method", ANSWERS)
@pytest.mark.asyncio(loop_scope="module")
async def test_a_request_is_answered(client: LanguageClient, project: Path, method: str) -> None:
    more, expected = ANSWERS[method]
    uri = (project / "intents/db.intent").as_uri()
    converter = client.protocol._converter
    kind: Any = types.METHOD_TO_TYPES[method][2]
    send: Any = client.protocol.send_request_async
    answer = await send(method, converter.structure(_params(uri, more), kind))
    assert expected in str(converter.unstructure(answer))


@pytest.mark.asyncio(loop_scope="module")
async def test_the_call_hierarchy(client: LanguageClient, project: Path) -> None:
    document = types.TextDocumentIdentifier((project / "intents/db.intent").as_uri())
    asked = types.CallHierarchyPrepareParams(document, types.Position(5, 1))
    items = await client.text_document_prepare_call_hierarchy_async(asked)
    assert items is not None
    incoming = await client.call_hierarchy_incoming_calls_async(
        types.CallHierarchyIncomingCallsParams(items[0])
    )
    assert incoming is not None
    assert [one.from_.name for one in incoming] == ["api in ns shop", "observers", "ns {env=dev}"]
    outgoing = await client.call_hierarchy_outgoing_calls_async(
        types.CallHierarchyOutgoingCallsParams(incoming[0].from_)
    )
    assert outgoing is not None
    assert [one.to.name for one in outgoing] == ["db in ns shop"]


def test_every_request_that_is_answered_is_tested() -> None:
    from netpolc.lsp.handlers import HANDLERS  # noqa: PLC0415

    calls = {types.CALL_HIERARCHY_INCOMING_CALLS, types.CALL_HIERARCHY_OUTGOING_CALLS}
    assert HANDLERS.keys() - ANSWERS.keys() == calls
