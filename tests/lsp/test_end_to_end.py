"""The server as an editor starts it: a process that speaks over its standard input and output."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

pytest.importorskip("pytest_lsp", reason="the language server is an extra: make .venv/.ready-dev")

import pytest_lsp
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient

from tests.lsp.session import write
from tests.lsp.test_features import DB, FILES

CONFIG = ClientServerConfig(server_command=[sys.executable, "-m", "netpolc", "lsp", "--stdio"])


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write(tmp_path, FILES)


@pytest_lsp.fixture(config=CONFIG)
async def client(lsp_client: LanguageClient, project: Path) -> AsyncIterator[None]:
    capabilities = types.ClientCapabilities()
    await lsp_client.initialize_session(
        types.InitializeParams(capabilities=capabilities, root_uri=project.as_uri())
    )
    yield
    await lsp_client.shutdown_session()


@pytest.mark.asyncio
async def test_diagnostics_hover_and_definition(client: LanguageClient, project: Path) -> None:
    uri = (project / "intents/db.intent").as_uri()
    text = DB + "db <- ns {env=dev}:22\n"
    client.text_document_did_open(
        types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, "netpolc", 1, text))
    )
    await client.wait_for_notification(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    assert [one.code for one in client.diagnostics[uri]] == ["NP501"]
    document = types.TextDocumentIdentifier(uri)
    hover = await client.text_document_hover_async(
        types.HoverParams(document, types.Position(5, 1))
    )
    assert hover is not None
    assert isinstance(hover.contents, types.MarkupContent)
    assert "service `db`" in hover.contents.value
