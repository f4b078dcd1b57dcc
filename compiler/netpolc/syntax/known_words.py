"""Lines of which every word has been read before: they need not be read again.

The 54,754 arrows of a large organisation are made of 50 subjects, 12,853 peers and 509 lists of
ports. The grammar reads a line from left to right, and most arrows are `SUBJECT ARROW PEER:PORTS`. So
whether a subject is right does not depend on what follows it, nor a peer on the subject, nor ports on their
peer: where each of the three has been read in such a line, a line of all three is right too. Its nodes are
made by reading it when somebody asks for them (`tree.Connection`).

Only arrows as the formatter prints them are recognised, with single blanks around the sign, and the
header of a namespace, which is the same in each of its files. All other lines are read.
"""

from collections.abc import Callable
from datetime import date

from netpolc.source import SourceFile, Span
from netpolc.syntax.parts import Name
from netpolc.syntax.tokens import Pieces, Tokens
from netpolc.syntax.tree import (
    Arrow,
    ArrowStatement,
    Comments,
    Connection,
    Header,
    NamespaceHeader,
    Statement,
)
from netpolc.values import maker

_SIGNS = {f" {arrow.value} ": arrow for arrow in Arrow}
_connection: Callable[[Arrow, Span, Pieces | None, str, str], Connection] = maker(
    Connection, "arrow", "within", "at", "subject_text", "peers_text"
)
_arrow: Callable[[Connection, date | None, str | None, Span, Comments], ArrowStatement] = maker(
    ArrowStatement
)
_name: Callable[[str, Span, Pieces | None], Name] = maker(Name)
_header: Callable[[Name, tuple[()], Span, Comments], NamespaceHeader] = maker(NamespaceHeader)
_span: Callable[[SourceFile, int, int], Span] = maker(Span)


class KnownWords:
    """The subjects, the peers and the ports of the arrows that a run has read, and the headers."""

    __slots__ = ("_headers", "_peers", "_ports", "_subjects")

    def __init__(self) -> None:
        """Begin with none."""
        self._subjects: set[str] = set()
        self._peers: set[str] = set()
        self._ports: set[str] = set()
        self._headers: dict[str, Name] = {}

    def node(
        self, text: str, file: SourceFile, start: int, comments: Callable[[], Comments]
    ) -> ArrowStatement | NamespaceHeader | None:
        """The node of a whole line, if its words are known; only then are its comments taken."""
        for sign, arrow in _SIGNS.items():
            subject, _, peers = text.partition(sign)
            if subject in self._subjects:
                peer, colon, ports = peers.partition(":")
                if peer in self._peers and (ports in self._ports or not colon):
                    place = _span(file, start, start + len(text))
                    connection = _connection(arrow, place, None, subject, peers)
                    return _arrow(connection, None, None, place, comments())
        name = self._headers.get(text)
        if name is None:
            return None
        place = _span(file, start, start + len(text))
        return _header(_name(name.text, place, name.at), (), place, comments())

    def note(self, node: Statement | Header, tokens: Tokens) -> None:
        """Note the words of a line that was read."""
        if isinstance(node, ArrowStatement):
            self._note_arrow(node, tokens)
        elif isinstance(node, NamespaceHeader) and not node.facts:
            self._headers["".join(tokens.pieces)] = node.name

    def _note_arrow(self, arrow: ArrowStatement, tokens: Tokens) -> None:
        """Note the words of an arrow, if it has one peer and no clause."""
        peers, pieces = arrow.connection.peers, tokens.pieces
        if len(peers) != 1 or arrow.until is not None or arrow.because is not None:
            return
        subject, peer = arrow.connection.subject.at, peers[0].peer.at
        assert subject is not None
        assert peer is not None
        ports = "".join(pieces[peer[1] : -1])
        if not ports or ports[0] == ":":
            self._subjects.add("".join(pieces[slice(*subject)]))
            self._peers.add("".join(pieces[slice(*peer)]))
            if ports:
                self._ports.add(ports[1:])
