"""The plain lines, read without the grammar.

Nine in ten lines of a large program are a name, an arrow, and peers that are names,
namespaces or blocks. The grammar takes some 100 microseconds for such a line, a regular
expression a tenth of that, and an organisation has 50,000 of them. So lines of this
shape are read here, and all others, every line with a mistake among them, by the grammar.

This is never a second definition of the language: what is not surely plain and right is
left alone, and the tests hold that both ways give the same node, spans included.
"""

import re
from collections.abc import Callable
from functools import lru_cache

from netpolc.kube.blocks import Cidr
from netpolc.kube.names import label_value_problem, namespace_problem
from netpolc.kube.ports import Protocol
from netpolc.sets.making import maker
from netpolc.source import SourceFile, Span
from netpolc.syntax.lines import Line
from netpolc.syntax.literals import Refused, block, block_with_holes, port
from netpolc.syntax.tree import (
    Arrow,
    ArrowStatement,
    BlockPeer,
    Comments,
    Connection,
    DefaultSetting,
    Name,
    NamePort,
    NamespaceHeader,
    NamespaceTest,
    NumberPort,
    Peer,
    PeerPorts,
    PodPeer,
    PodTest,
    Port,
    Star,
)
from netpolc.syntax.words import RESERVED, WORD, is_address, is_number

_GAP, _SPACE = r"[ \t\r\n]+", r"[ \t\r\n]*"
_CIDR = r"[0-9A-Fa-f:.]+/[0-9]{1,3}"
_PORT = r"(?:\*|[A-Za-z0-9][A-Za-z0-9-]*)(?:/[a-z]+)?"
_HEADER = re.compile(rf"{_SPACE}namespace{_GAP}(?P<name>{WORD})")
_DEFAULT = re.compile(
    rf"{_SPACE}(?P<setting>default){_SPACE}:{_SPACE}(?P<verb>deny|allow)"
    rf"(?P<directions>(?:{_GAP}(?:ingress|egress))*)"
)
_LEFT = rf"{_SPACE}(?P<subject>{WORD}|\*){_SPACE}(?P<arrow><-|->)"
_ONE_PEER = rf"""{_SPACE}
    (?P<peer>
        (?P<block>{_CIDR})(?:{_GAP}except{_GAP}(?P<holes>{_CIDR}|\[[^\[\]]*\]))?
      | ns{_GAP}(?P<only>{WORD})
      | (?P<pods>{WORD}|\*)(?:{_GAP}in{_GAP}ns{_GAP}(?P<home>{WORD}))?
    )
    (?:{_SPACE}:{_SPACE}(?P<ports>{_PORT}|\[{_SPACE}{_PORT}(?:{_SPACE},{_SPACE}{_PORT})*{_SPACE}\]))?
    {_SPACE}"""
_ARROW = re.compile(f"{_LEFT}{_ONE_PEER}(?P<end>)$", re.VERBOSE)
"""A whole line with one peer, as most are: one match instead of two."""
_ONE_PORT = re.compile(_PORT)
_PEER = rf"(?x){_ONE_PEER}(?P<end>,|$)"
_HOLES = rf"\[{_SPACE}{_CIDR}(?:{_SPACE},{_SPACE}{_CIDR})*{_SPACE}\]|{_CIDR}"
"""Rarer; compiled (and remembered by `re`) when they are needed, as they take long to compile."""

_REMEMBERED = 10_000


def plain_node(
    line: Line, source: SourceFile
) -> ArrowStatement | DefaultSetting | NamespaceHeader | None:
    """The node of a line that is plain and right, else None."""
    arrow = _ARROW.match(line.text)
    if arrow is not None:
        return _Reader(line, source).arrow(arrow)
    header = _HEADER.fullmatch(line.text)
    if header is not None:
        return _header(header, line, source)
    default = _DEFAULT.fullmatch(line.text)
    if default is not None:
        return _default(default, line, source)
    left = re.match(_LEFT, line.text)
    if left is None:
        return None
    reader = _Reader(line, source)
    subject = reader.pods(left, "subject")
    peers = reader.peers(left.end())
    if subject is None or peers is None:
        return None
    span = subject.span.to(peers[-1].span)
    pods = _pod_peer(subject, None, subject.span)
    connection = _connection(pods, _ARROWS[left["arrow"]], peers, span)
    return _statement(connection, None, None, span, line.comments)


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


def _default(match: re.Match[str], line: Line, source: SourceFile) -> DefaultSetting | None:
    """A default; one that a program of plain lines would load the grammar for."""
    directions = match["directions"].split()
    deny = match["verb"] == "deny"
    if len(set(directions)) < len(directions) or (directions and not deny):
        return None
    return DefaultSetting(
        deny=deny,
        ingress="ingress" in directions,
        egress="egress" in directions,
        span=source.span(line.start + match.start("setting"), line.start + match.end()),
        comments=line.comments,
    )


class _Reader:
    """Reads the parts of one line; None stands for what is not surely plain and right."""

    __slots__ = ("_comments", "_file", "_start", "_text")

    def __init__(self, line: Line, source: SourceFile) -> None:
        self._file = source
        self._start = line.start
        self._text = line.text
        self._comments = line.comments

    def arrow(self, match: re.Match[str]) -> ArrowStatement | None:
        """A line with one peer."""
        subject = self.pods(match, "subject")
        peer = None if subject is None else self._peer_ports(match)
        if subject is None or peer is None:
            return None
        span = _span(self._file, subject.span.start, peer.span.end)
        pods = _pod_peer(subject, None, subject.span)
        connection = _connection(pods, _ARROWS[match["arrow"]], (peer,), span)
        return _statement(connection, None, None, span, self._comments)

    def peers(self, position: int) -> tuple[PeerPorts, ...] | None:
        """The peers from a position to the end of the line."""
        found: list[PeerPorts] = []
        one_peer = re.compile(_PEER)
        while True:
            match = one_peer.match(self._text, position)
            if match is None or (peer := self._peer_ports(match)) is None:
                return None
            found.append(peer)
            if not match.group("end"):
                return tuple(found)
            position = match.end()

    def pods(self, match: re.Match[str], group: str) -> Name | Star | None:
        """A service's name, or `*`."""
        text = match[group]
        if text == "*":
            return Star(self._span(match, group))
        return _name(text, self._span(match, group)) if _is_service(text) else None

    def _span(self, match: re.Match[str], group: str) -> Span:
        start, end = match.span(group)
        return _span(self._file, self._start + start, self._start + end)

    def _peer_ports(self, match: re.Match[str]) -> PeerPorts | None:
        peer = self._peer(match)
        if peer is None:
            return None
        written = match["ports"]
        if written is None:
            return _peer_ports(peer, None, peer.span)
        found = _ports(written)
        if found is None:
            return None
        first, last = match.span("ports")
        begin = self._start + first
        ports = tuple(
            _number_port(
                port.protocol, port.first, port.last, _span(self._file, begin + start, begin + end)
            )
            if isinstance(port, NumberPort)
            else NamePort(port.protocol, port.name, _span(self._file, begin + start, begin + end))
            for port, start, end in found
        )
        span = _span(self._file, peer.span.start, self._start + last)
        return _peer_ports(peer, ports, span)

    def _peer(self, match: re.Match[str]) -> Peer | None:
        if match["block"] is not None:
            return self._block(match)
        span = self._span(match, "peer")
        if (only := match["only"]) is not None:
            home = _name(only, self._span(match, "only"))
            return _pod_peer(None, home, span) if _is_namespace(only) else None
        pods = self.pods(match, "pods")
        where = match["home"]
        if where is None:
            return None if pods is None else _pod_peer(pods, None, pods.span)
        if pods is None or not _is_namespace(where):
            return None
        return _pod_peer(pods, _name(where, self._span(match, "home")), span)

    def _block(self, match: re.Match[str]) -> BlockPeer | None:
        """A block; one exception without brackets and a peer behind it is for the grammar."""
        span = self._span(match, "peer")
        cidr = _cidr(match.group("block"))
        written = match.group("holes")
        if cidr is None or (written is not None and not re.fullmatch(_HOLES, written)):
            return None
        holes = tuple(map(_cidr, re.findall(_CIDR, written))) if written else ()
        is_bare = written is not None and not written.startswith("[")
        if is_bare and match.group("ports") is None and match.group("end"):
            return None
        try:
            made = block_with_holes(cidr, span, [(hole, span) for hole in holes if hole])
        except Refused:
            return None
        return BlockPeer(made, span) if all(holes) else None


_span: Callable[[SourceFile, int, int], Span] = maker(Span)
_name: Callable[[str, Span], Name] = maker(Name)
_pod_peer: Callable[[PodTest | None, NamespaceTest | None, Span], PodPeer] = maker(PodPeer)
_number_port: Callable[[Protocol, int, int, Span], NumberPort] = maker(NumberPort)
_peer_ports: Callable[[Peer, tuple[Port, ...] | None, Span], PeerPorts] = maker(PeerPorts)
_connection: Callable[[PodPeer, Arrow, tuple[PeerPorts, ...], Span], Connection] = maker(Connection)
_statement: Callable[[Connection, None, None, Span, Comments], ArrowStatement] = maker(
    ArrowStatement
)
_ARROWS = {arrow.value: arrow for arrow in Arrow}
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
def _ports(text: str) -> tuple[tuple[Port, int, int], ...] | None:
    """The ports of a text, each with where it stands in it; None where one is not right."""
    found: list[tuple[Port, int, int]] = []
    for written in _ONE_PORT.finditer(text):
        one = _port(written.group())
        if one is None:
            return None
        found.append((one, *written.span()))
    return tuple(found)


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
