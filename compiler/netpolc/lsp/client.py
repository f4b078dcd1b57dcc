"""The capabilities that the client announces at the beginning."""

from lsprotocol import types

from netpolc.values import frozen


@frozen(kw_only=True)
class Client:
    """The capabilities of the client.

    `commands` are the commands that it carries out itself. `snippet_edits` is whether an edit can leave
    the cursor where the user has to write, `shows_documents` whether the server can move it there.
    """

    commands: frozenset[str] = frozenset()
    snippet_edits: bool = False
    shows_documents: bool = False


def client_of(capabilities: types.ClientCapabilities) -> Client:
    """Return what a client with these capabilities can do."""
    workspace, window = capabilities.workspace, capabilities.window
    edits = workspace.workspace_edit if workspace else None
    shows = window.show_document if window else None
    return Client(
        commands=commands_of(capabilities),
        snippet_edits=bool(edits and edits.document_changes and edits.snippet_edit_support),
        shows_documents=bool(shows and shows.support),
    )


def encoding_of(client: types.ClientCapabilities) -> types.PositionEncodingKind:
    """Return the first encoding of positions that the client offers; UTF-16 without an offer."""
    offered = (client.general and client.general.position_encodings) or ()
    for encoding in offered:
        if encoding in set(types.PositionEncodingKind):
            return types.PositionEncodingKind(encoding)
    return types.PositionEncodingKind.Utf16


def pulls_diagnostics(client: types.ClientCapabilities) -> bool:
    """Return whether the client asks for diagnostics; to any other they are sent.

    An edit changes diagnostics of other files as well. A client that cannot be told to ask again
    (`workspace/diagnostic/refresh`) would not see those, whatever else it offers.
    """
    asks = client.text_document and client.text_document.diagnostic
    again = client.workspace and client.workspace.diagnostics
    return bool(asks and again and again.refresh_support)


def commands_of(client: types.ClientCapabilities) -> frozenset[str]:
    """Return the commands that the client carries out itself: `experimental.commands`, a list."""
    named = client.experimental.get("commands") if isinstance(client.experimental, dict) else None
    return frozenset(command for command in named or () if isinstance(command, str))
