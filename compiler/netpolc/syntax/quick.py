"""The plain lines, read without the grammar.

Nine in ten lines of a large program are a name, an arrow, and peers that are names,
namespaces or blocks. The grammar takes some 100 microseconds for such a line, a regular
expression a tenth of that, and an organisation has 50,000 of them. So lines of this
shape are read here, and all others, every line with a mistake among them, by the grammar.

This is never a second definition of the language: what is not surely plain and right is
left alone, and the tests hold that both ways give the same node, spans included.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from netpolc.kube.blocks import Cidr
from netpolc.kube.names import label_value_problem, namespace_problem
from netpolc.source import SourceFile, Span
from netpolc.syntax.lines import Line
from netpolc.syntax.literals import Refused, block, block_with_holes, port
from netpolc.syntax.tree import (
    Arrow,
    ArrowStatement,
    BlockPeer,
    Connection,
    Name,
    NamePort,
    NamespaceHeader,
    NumberPort,
    Peer,
    PeerPorts,
    PodPeer,
    Port,
    Star,
)
from netpolc.syntax.words import RESERVED, WORD, is_address, is_number

_GAP, _SPACE = r"[ \t\r\n]+", r"[ \t\r\n]*"
_CIDR = r"[0-9A-Fa-f:.]+/[0-9]{1,3}"
_PORT = r"(?:\*|[A-Za-z0-9][A-Za-z0-9-]*)(?:/[a-z]+)?"
_HEADER = re.compile(rf"{_SPACE}namespace{_GAP}(?P<name>{WORD})")
_LEFT = re.compile(rf"{_SPACE}(?P<subject>{WORD}|\*){_SPACE}(?P<arrow><-|->)")
_PEER = re.compile(
    rf"""{_SPACE}
    (?P<peer>
        (?P<block>{_CIDR})(?:{_GAP}except{_GAP}(?P<holes>{_CIDR}|\[[^\[\]]*\]))?
      | ns{_GAP}(?P<only>{WORD})
      | (?P<pods>{WORD}|\*)(?:{_GAP}in{_GAP}ns{_GAP}(?P<home>{WORD}))?
    )
    (?:{_SPACE}:{_SPACE}(?P<ports>{_PORT}|\[{_SPACE}{_PORT}(?:{_SPACE},{_SPACE}{_PORT})*{_SPACE}\]))?
    {_SPACE}(?P<end>,|$)""",
    re.VERBOSE,
)
_ONE_PORT = re.compile(_PORT)
_HOLES = re.compile(rf"\[{_SPACE}{_CIDR}(?:{_SPACE},{_SPACE}{_CIDR})*{_SPACE}\]|{_CIDR}")
_ONE_HOLE = re.compile(_CIDR)
_REMEMBERED = 10_000


def plain_node(line: Line, source: SourceFile) -> ArrowStatement | NamespaceHeader | None:
    """The node of a line that is plain and right, else None."""
    header = _HEADER.fullmatch(line.text)
    if header is not None:
        return _header(header, line, source)
    left = _LEFT.match(line.text)
    if left is None:
        return None
    reader = _Reader(line, source)
    subject = reader.pods(left, "subject")
    peers = reader.peers(left.end())
    if subject is None or peers is None:
        return None
    span = subject.span.to(peers[-1].span)
    connection = Connection(
        subject=PodPeer(pods=subject, namespaces=None, span=subject.span),
        arrow=Arrow(left.group("arrow")),
        peers=peers,
        span=span,
    )
    return ArrowStatement(
        connection=connection, until=None, because=None, span=span, comments=line.comments
    )


def _header(match: re.Match[str], line: Line, source: SourceFile) -> NamespaceHeader | None:
    text = match.group("name")
    if not _is_namespace(text):
        return None
    start, end = match.span("name")
    begin = line.start + match.group().index("namespace")
    return NamespaceHeader(
        name=Name(text, source.span(line.start + start, line.start + end)),
        facts=(),
        span=source.span(begin, line.start + end),
        comments=line.comments,
    )


class _Reader:
    """Reads the parts of one line; None stands for what is not surely plain and right."""

    __slots__ = ("_file", "_start", "_text")

    def __init__(self, line: Line, source: SourceFile) -> None:
        self._file = source
        self._start = line.start
        self._text = line.text

    def peers(self, position: int) -> tuple[PeerPorts, ...] | None:
        """The peers from a position to the end of the line."""
        found: list[PeerPorts] = []
        while True:
            match = _PEER.match(self._text, position)
            if match is None or (peer := self._peer_ports(match)) is None:
                return None
            found.append(peer)
            if not match.group("end"):
                return tuple(found)
            position = match.end()

    def pods(self, match: re.Match[str], group: str) -> Name | Star | None:
        """A service's name, or `*`."""
        text = match.group(group)
        if text == "*":
            return Star(self._span(match, group))
        return Name(text, self._span(match, group)) if _is_service(text) else None

    def _span(self, match: re.Match[str], group: str) -> Span:
        start, end = match.span(group)
        return Span(file=self._file, start=self._start + start, end=self._start + end)

    def _peer_ports(self, match: re.Match[str]) -> PeerPorts | None:
        peer = self._peer(match)
        if peer is None:
            return None
        if match.group("ports") is None:
            return PeerPorts(peer=peer, ports=None, span=peer.span)
        ports = tuple(self._ports(match))
        if not all(ports):
            return None
        span = peer.span.to(self._span(match, "ports"))
        return PeerPorts(peer=peer, ports=tuple(filter(None, ports)), span=span)

    def _peer(self, match: re.Match[str]) -> Peer | None:
        if match.group("block") is not None:
            return self._block(match)
        span = self._span(match, "peer")
        if (only := match.group("only")) is not None:
            home = Name(only, self._span(match, "only"))
            return PodPeer(pods=None, namespaces=home, span=span) if _is_namespace(only) else None
        pods = self.pods(match, "pods")
        where = match.group("home")
        if pods is None or (where is not None and not _is_namespace(where)):
            return None
        namespace = Name(where, self._span(match, "home")) if where is not None else None
        return PodPeer(pods=pods, namespaces=namespace, span=span)

    def _block(self, match: re.Match[str]) -> BlockPeer | None:
        """A block; one exception without brackets and a peer behind it is for the grammar."""
        span = self._span(match, "peer")
        cidr = _cidr(match.group("block"))
        written = match.group("holes")
        if cidr is None or (written is not None and not _HOLES.fullmatch(written)):
            return None
        holes = tuple(map(_cidr, _ONE_HOLE.findall(written or "")))
        is_bare = written is not None and not written.startswith("[")
        if is_bare and match.group("ports") is None and match.group("end"):
            return None
        try:
            made = block_with_holes(cidr, span, [(hole, span) for hole in holes if hole])
        except Refused:
            return None
        return BlockPeer(made, span) if all(holes) else None

    def _ports(self, match: re.Match[str]) -> Iterator[Port | None]:
        offset = self._start
        for written in _ONE_PORT.finditer(self._text, *match.span("ports")):
            start, end = written.span()
            span = Span(file=self._file, start=offset + start, end=offset + end)
            match _port(written.group()):
                case NumberPort(protocol, first, last):
                    yield NumberPort(protocol, first, last, span)
                case NamePort(protocol, name):
                    yield NamePort(protocol, name, span)
                case None:
                    yield None


_NOWHERE = SourceFile("", "").whole()


@lru_cache(maxsize=_REMEMBERED)
def _is_service(text: str) -> bool:
    return not (
        text in RESERVED or is_number(text) or is_address(text) or label_value_problem(text)
    )


@lru_cache(maxsize=_REMEMBERED)
def _is_namespace(text: str) -> bool:
    return namespace_problem(text) is None


@lru_cache(maxsize=_REMEMBERED)
def _port(text: str) -> Port | None:
    try:
        return port(text, _NOWHERE)
    except Refused:
        return None


@lru_cache(maxsize=_REMEMBERED)
def _cidr(text: str) -> Cidr | None:
    try:
        return block(text, _NOWHERE)
    except Refused:
        return None
