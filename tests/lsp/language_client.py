"""Waiting for what a server in a process of its own sends."""

import asyncio

from lsprotocol import types
from pytest_lsp import LanguageClient

_LONGEST = 60.0
"""Seconds that a server may be silent on the busiest machine."""


async def notified(
    client: LanguageClient, method: str, *, by_opening: types.TextDocumentItem
) -> None:
    """Open a document and wait for a notification, as long as the server lives.

    The client's own function waits for ever for a server that ended before it was called.
    """
    assert client._server is not None
    notification = client.protocol.wait_for_notification_async(method)
    ended = asyncio.ensure_future(client._server.wait())
    client.text_document_did_open(types.DidOpenTextDocumentParams(by_opening))
    await asyncio.wait({notification, ended}, timeout=_LONGEST, return_when="FIRST_COMPLETED")
    assert notification.done(), f"the server's exit code is {client._server.returncode}"
    ended.cancel()
    await notification
