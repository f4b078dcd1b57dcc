"""The plain lines, read without the grammar.

Nine in ten lines of a large program are a name, an arrow, and peers that are names,
namespaces or blocks. The grammar takes some 100 microseconds for such a line, a regular
expression a twentieth of that, and an organisation has 50,000 of them. So lines of this
shape are read here, and all others, every line with a mistake among them, by the grammar.
Of an arrow only what it says is read at first: where each part stands is asked of few.

This is never a second definition of the language: what is not surely plain and right is
left alone, and the tests hold that both ways give the same node, spans included.
"""

import re
from collections.abc import Callable
from functools import lru_cache

from netpolc.frozen import frozen
from netpolc.kube.cidr import Block, Cidr
from netpolc.kube.name_rules import label_value_problem, namespace_problem
from netpolc.kube.ports import NamedPort, Protocol
from netpolc.sets.making import maker
from netpolc.source import SourceFile, Span
from netpolc.syntax.formatter import peers_text, port_text
from netpolc.syntax.keywords import RESERVED, WORD, is_address, is_number
from netpolc.syntax.literals import Refused, block, block_with_holes, port
from netpolc.syntax.logical_lines import Line
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
    PlainPeer,
    PlainPeers,
    PodPeer,
    PodTest,
    Port,
    Star,
)

GAP, SPACE = r"[ \t\r\n]+", r"[ \t\r\n]*"
"""What the grammar ignores."""

_CIDR = r"[0-9A-Fa-f:.]+/[0-9]{1,3}"
_PORT = r"(?:\*|[A-Za-z0-9][A-Za-z0-9-]*)(?:/[a-z]+)?"
_HEADER = re.compile(rf"{SPACE}namespace{GAP}(?P<name>{WORD})")
_DEFAULT = re.compile(
    rf"{SPACE}(?P<setting>default){SPACE}:{SPACE}(?P<verb>deny|allow)"
    rf"(?P<directions>(?:{GAP}(?:ingress|egress))*)"
)
_LEFT = re.compile(rf"{SPACE}(?P<subject>{WORD}|\*){SPACE}(?P<arrow><-|->)")


def peer_pattern(test: str, home: str) -> re.Pattern[str]:
    """A peer and what ends it, where pods are chosen by `test` and namespaces by `home`."""
    return re.compile(
        rf"""{SPACE}
        (?P<peer>
            (?P<block>{_CIDR})(?:{GAP}except{GAP}(?P<holes>{_CIDR}|\[[^\[\]]*\]))?
          | ns{GAP}(?P<only>{home})
          | (?P<pods>{test})(?:{GAP}in{GAP}ns{GAP}(?P<home>{home}))?
        )
        (?:{SPACE}:{SPACE}(?P<ports>{_PORT}|\[{SPACE}{_PORT}(?:{SPACE},{SPACE}{_PORT})*{SPACE}\]))?
        {SPACE}(?P<end>,|$)""",
        re.VERBOSE,
    )


_PEER = peer_pattern(rf"{WORD}|\*", WORD)
_ONE_PORT = re.compile(_PORT)
_HOLES = rf"\[{SPACE}{_CIDR}(?:{SPACE},{SPACE}{_CIDR})*{SPACE}\]|{_CIDR}"
"""Rarer; compiled (and remembered by `re`) when it is needed, as it takes long to compile."""

_ONE_HOLE = re.compile(_CIDR)
_REMEMBERED = 1 << 16


def plain_node(
    line: Line, source: SourceFile
) -> ArrowStatement | DefaultSetting | NamespaceHeader | None:
    """The node of a line that is plain and right, else None.

    An arrow's node knows what it says; its parts are made when somebody looks at them.
    """
    text = line.text
    left = _LEFT.match(text)
    if left is not None:
        return _arrow(left, line, source)
    header = _HEADER.fullmatch(text)
    if header is not None:
        return _header(header, line, source)
    default = _DEFAULT.fullmatch(text)
    return None if default is None else _default(default, line, source)


def _arrow(left: re.Match[str], line: Line, source: SourceFile) -> ArrowStatement | None:
    # Where comments inside the line are blanked, its parts could not be found again in the file.
    if not source.text.startswith(line.text, line.start):
        return None
    subject, sign = left.groups()
    begin, end = line.start + left.start(1), line.start + len(line.text)
    return plain_arrow(
        line.text[left.end() :],
        line.comments,
        subject=subject,
        sign=sign,
        span=_span(source, begin, end),
    )


def plain_arrow(
    written: str, comments: Comments, *, subject: str, sign: str, span: Span
) -> ArrowStatement | None:
    """An arrow whose nodes are not made yet; None where its peers, `written`, are not plain."""
    peers = _peers(written)
    if peers is None or not (subject == "*" or is_service(subject)):
        return None
    return _statement(None, None, span, comments, _plain_arrow(subject, _ARROWS[sign], peers))


@frozen
class _PlainArrow:
    """A line that has been looked at: `tree.Plain`."""

    subject: str
    arrow: Arrow
    peers: PlainPeers

    def connection(self, span: Span) -> Connection:
        """The nodes, with their places."""
        reader = Reader(span.text, span.file, span.start)
        left = _LEFT.match(span.text)
        subject = None if left is None else reader.pods(left, "subject")
        peers = None if left is None else reader.peers(left.end())
        if subject is None or peers is None:
            message = f"not the span of a plain arrow: {span.text!r}"
            raise ValueError(message)
        pods = PodPeer(pods=subject, namespaces=None, span=subject.span)
        return Connection(subject=pods, arrow=self.arrow, peers=peers, span=span)


@lru_cache(maxsize=_REMEMBERED)
def _peers(text: str) -> PlainPeers | None:
    """What stands to the right of an arrow; of 55,000 arrows half say what another says."""
    found: list[PlainPeer] = []
    texts: list[str] = []
    position = 0
    while True:
        match = _PEER.match(text, position)
        if match is None or (peer := _plain_peer(match)) is None:
            return None
        found.append(peer[0])
        texts.append(peer[1])
        if not match["end"]:
            break
        position = match.end()
    if len(found) > 1 and any(one.block is not None for one in found):
        nodes = Reader(text, _NO_FILE, 0).peers(0)  # Blocks in a row may need brackets.
        return None if nodes is None else PlainPeers(tuple(found), peers_text(nodes))
    return _plain_peers(tuple(found), ", ".join(texts))


def _plain_peer(match: re.Match[str]) -> tuple[PlainPeer, str] | None:
    """A peer with its canonical text."""
    _, cidr, _, only, pods, home, written, _ = match.groups()
    ports, suffix = None, ""
    if written is not None:
        known = _plain_ports(written)
        if known is None:
            return None
        ports, suffix = known
    if cidr is not None:
        block = _block(match)
        return None if block is None else (_peer(None, None, block, ports), f"{block}{suffix}")
    if only is not None:
        text = f"ns {only}{suffix}"
        return (_peer(None, only, None, ports), text) if is_namespace(only) else None
    if not (pods == "*" or is_service(pods)) or not (home is None or is_namespace(home)):
        return None
    text = f"{pods}{suffix}" if home is None else f"{pods} in ns {home}{suffix}"
    return _peer(pods, home, None, ports), text


def _block(match: re.Match[str]) -> Block | None:
    """A block; one exception without brackets and a peer behind it is for the grammar."""
    cidr = _cidr(match["block"])
    written = match["holes"]
    if cidr is None or (written is not None and not re.fullmatch(_HOLES, written)):
        return None
    if written is None:
        return Block(cidr)
    holes = tuple(map(_cidr, _ONE_HOLE.findall(written)))
    if not written.startswith("[") and match["ports"] is None and match["end"]:
        return None
    try:
        made = block_with_holes(cidr, _NOWHERE, [(hole, _NOWHERE) for hole in holes if hole])
    except Refused:
        return None
    return made if all(holes) else None


@lru_cache(maxsize=_REMEMBERED)
def _plain_ports(
    text: str,
) -> tuple[tuple[tuple[Protocol, int, int] | NamedPort, ...], str] | None:
    """Ports, and their canonical text with its colon."""
    found = _ports(text)
    if found is None:
        return None
    ports = tuple(port for port, _, _ in found)
    texts = ", ".join(map(port_text, ports))
    return tuple(map(_plain_port, ports)), f":[{texts}]" if len(ports) > 1 else f":{texts}"


def _plain_port(port: Port) -> tuple[Protocol, int, int] | NamedPort:
    if isinstance(port, NumberPort):
        return port.protocol, port.first, port.last
    return NamedPort(port.protocol, port.name)


def _header(match: re.Match[str], line: Line, source: SourceFile) -> NamespaceHeader | None:
    text = match.group("name")
    if not is_namespace(text):
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


class Reader:
    """Reads the parts of one line; None stands for what is not surely plain and right."""

    __slots__ = ("_file", "_start", "_text")
    _pattern = _PEER

    def __init__(self, text: str, source: SourceFile, start: int) -> None:
        """Read a text that begins at an offset of a file."""
        self._file = source
        self._start = start
        self._text = text

    def peers(self, position: int) -> tuple[PeerPorts, ...] | None:
        """The peers from a position to the end of the line."""
        found: list[PeerPorts] = []
        while True:
            match = self._pattern.match(self._text, position)
            if match is None or (peer := self._peer_ports(match)) is None:
                return None
            found.append(peer)
            if not match.group("end"):
                return tuple(found)
            position = match.end()

    def pods(self, match: re.Match[str], group: str) -> PodTest | None:
        """A service's name, or `*`."""
        text = match[group]
        if text == "*":
            return Star(self.span(match, group))
        return Name(text, self.span(match, group)) if is_service(text) else None

    def home(self, match: re.Match[str], group: str) -> NamespaceTest | None:
        """A namespace's name."""
        text = match[group]
        return Name(text, self.span(match, group)) if is_namespace(text) else None

    def pod_peer(self, match: re.Match[str], group: str) -> PodPeer | None:
        """Pods by name or by namespace or by both; `group` is the whole of it."""
        span = self.span(match, group)
        if match["only"] is not None:
            home = self.home(match, "only")
            return None if home is None else PodPeer(pods=None, namespaces=home, span=span)
        pods = self.pods(match, "pods")
        home = None if match["home"] is None else self.home(match, "home")
        if pods is None or (home is None and match["home"] is not None):
            return None
        return PodPeer(pods=pods, namespaces=home, span=pods.span if home is None else span)

    def span(self, match: re.Match[str], group: str) -> Span:
        """Where a group stands in the file."""
        start, end = match.span(group)
        return _span(self._file, self._start + start, self._start + end)

    def _peer_ports(self, match: re.Match[str]) -> PeerPorts | None:
        peer = self._peer(match)
        if peer is None:
            return None
        written = match["ports"]
        if written is None:
            return PeerPorts(peer=peer, ports=None, span=peer.span)
        found = _ports(written)
        if found is None:
            return None
        first, last = match.span("ports")
        begin = self._start + first
        ports = tuple(
            NumberPort(
                port.protocol, port.first, port.last, _span(self._file, begin + start, begin + end)
            )
            if isinstance(port, NumberPort)
            else NamePort(port.protocol, port.name, _span(self._file, begin + start, begin + end))
            for port, start, end in found
        )
        span = _span(self._file, peer.span.start, self._start + last)
        return PeerPorts(peer=peer, ports=ports, span=span)

    def _peer(self, match: re.Match[str]) -> Peer | None:
        if match["block"] is None:
            return self.pod_peer(match, "peer")
        block = _block(match)
        return None if block is None else BlockPeer(block, self.span(match, "peer"))


_span: Callable[[SourceFile, int, int], Span] = maker(Span)
_peer: Callable[
    [
        str | None,
        str | None,
        Block | None,
        tuple[tuple[Protocol, int, int] | NamedPort, ...] | None,
    ],
    PlainPeer,
] = maker(PlainPeer)
_plain_peers: Callable[[tuple[PlainPeer, ...], str], PlainPeers] = maker(PlainPeers)
_plain_arrow: Callable[[str, Arrow, PlainPeers], _PlainArrow] = maker(_PlainArrow)
_statement: Callable[[None, None, Span, Comments, _PlainArrow], ArrowStatement] = maker(
    ArrowStatement, without=("connection",)
)
_ARROWS = {arrow.value: arrow for arrow in Arrow}
_NO_FILE = SourceFile("", "")
_NOWHERE = _NO_FILE.whole()


@lru_cache(maxsize=_REMEMBERED)
def is_service(text: str) -> bool:
    """Whether a word names a service without quotes."""
    return not (
        text in RESERVED or is_number(text) or is_address(text) or label_value_problem(text)
    )


@lru_cache(maxsize=_REMEMBERED)
def is_namespace(text: str) -> bool:
    """Whether a namespace can be called so."""
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
