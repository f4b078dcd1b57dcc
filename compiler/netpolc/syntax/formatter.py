"""Trees as text, in the one way the language is written.

Two readers need it. Reports, manifests and diffs quote a statement by its canonical text,
on one line and without comments, so that moving or re-spacing a line touches nothing. And
`netpolc fmt` writes whole files, comments kept, long lines broken.

What a person chose stays: the order of statements, peers, ports and labels, and which
names are in which statement. What says nothing goes: spaces, needless quotes and
brackets, `/tcp`, the second `=` of `==`, the ways to write one and the same block.
"""

import re
from collections.abc import Iterable
from typing import assert_never

from netpolc.kube.cidr import Block
from netpolc.kube.ports import MAX_PORT, Protocol
from netpolc.syntax.keywords import SWITCHES, pod_name, quoted
from netpolc.syntax.parts import (
    BlockPeer,
    LabelTest,
    Name,
    NumberPort,
    Operator,
    PeerPorts,
    PodPeer,
    PodTest,
    Port,
    Requirement,
)
from netpolc.syntax.tokens import STRING
from netpolc.syntax.tree import (
    AddressSetting,
    Arrow,
    ArrowStatement,
    AssertionStatement,
    BaselineSetting,
    BlocksSetting,
    ClusterHeader,
    Comments,
    Connection,
    DefaultSetting,
    DnsSetting,
    GroupDeclaration,
    Header,
    IntentFile,
    LabelSetting,
    MirrorSetting,
    NamespaceHeader,
    ServiceDeclaration,
    Statement,
)

WIDTH = 100
"""Lines longer than this are broken after commas."""

_SIGNS = {arrow: arrow.value for arrow in Arrow}
_CONTINUED = "  "
_COMMA_OR_STRING = STRING + "|, "


def format_file(tree: IntentFile) -> str:
    """A whole file. Parsing it again gives an equal tree with the same comments.

    The tree must be that of a file without errors: what could not be read is not in it.
    """
    return format_nodes(
        (
            node
            for section in tree.sections
            for node in (section.header, *section.statements)
            if node is not None
        ),
        tree.tail,
    )


def format_nodes(nodes: Iterable[Statement | Header], tail: Iterable[str]) -> str:
    """A file of headers and statements, which may be made one by one, and its last comments."""
    lines: list[str] = []
    for node in nodes:
        _add(lines, node)
    last = list(tail)
    while last and not last[-1]:
        last.pop()
    _add_above(lines, last)
    return "\n".join(lines) + "\n" if lines else ""


def statement_text(statement: Statement | Header) -> str:
    """The canonical text of a statement or a header: one line, no comments."""
    match statement:
        case ArrowStatement(connection=connection):
            subject = pod_peer_text(connection.subject)
            return arrow_text(statement, subject, peers_text(connection.peers))
        case AssertionStatement():
            enforce = "enforce " if statement.enforced else ""
            claim = f"{enforce}{statement.claim.value} {_connection(statement.connection)}"
            return claim + _reason(statement.because)
        case NamespaceHeader(name=name, facts=facts):
            labels = ", ".join(f"{key.text}={value.text}" for key, value in facts)
            return f"namespace {name.text}" + (f" {{{labels}}}" if facts else "")
        case ClusterHeader():
            return "cluster"
        case ServiceDeclaration(name=name, pods=pods):
            return f"service {pod_name(name.text)} = {_braces(pods)}"
        case GroupDeclaration(name=name, peers=peers):
            return f"group {pod_name(name.text)} = {peers_text(peers)}"
        case _:
            return _setting(statement)


def _setting(
    setting: DefaultSetting
    | BaselineSetting
    | LabelSetting
    | DnsSetting
    | MirrorSetting
    | AddressSetting
    | BlocksSetting,
) -> str:
    match setting:
        case DefaultSetting(deny=deny):
            words = ("deny" if deny else "allow", *_directions(setting))
            return f"default: {' '.join(words)}"
        case BaselineSetting():
            return " ".join(("baseline: deny", *_directions(setting)))
        case LabelSetting(key=key):
            return f"label: {key.text}"
        case DnsSetting(peers=peers):
            text = peers_text(peers)
            return f"dns: {quoted(text) if text in SWITCHES else text}"
        case MirrorSetting(mirror=mirror):
            return f"mirror: {'yes' if mirror else 'no'}"
        case BlocksSetting(scope=scope):
            return f"blocks: {scope.value}"
        case AddressSetting(setting=kind, blocks=blocks):
            return f"{kind.value}: {', '.join(str(block.block) for block in blocks)}"
        case _:
            assert_never(setting)


def _directions(setting: DefaultSetting | BaselineSetting) -> tuple[str, ...]:
    """The directions of a setting, as written: `deny` alone is ingress and says no word."""
    directions = (("ingress", setting.ingress), ("egress", setting.egress))
    return tuple(word for word, is_written in directions if is_written)


def _reason(because: str | None) -> str:
    return f" because {quoted(because)}" if because is not None else ""


def _connection(connection: Connection) -> str:
    subject, peers = pod_peer_text(connection.subject), peers_text(connection.peers)
    return f"{subject} {_SIGNS[connection.arrow]} {peers}"


def arrow_text(statement: ArrowStatement, subject: str, peers: str) -> str:
    """The canonical text of an arrow, from those of its subject and its peers."""
    text = f"{subject} {_SIGNS[statement.connection.arrow]} {peers}"
    if statement.until is not None:
        text += f" until {statement.until}"
    return text + _reason(statement.because) if statement.because is not None else text


def peers_text(peers: tuple[PeerPorts, ...]) -> str:
    """The canonical text of a list of peers."""
    if len(peers) == 1:
        return _peer_ports(peers[0], None)
    following = (*peers[1:], None)
    return ", ".join(map(_peer_ports, peers, following)) or "none"


def _peer_ports(written: PeerPorts, after: PeerPorts | None) -> str:
    """A peer with its ports; the next peer decides whether it needs brackets."""
    peer = written.peer
    if isinstance(peer, PodPeer):
        text = pod_peer_text(peer)
    elif isinstance(peer, BlockPeer):
        text = str(peer.block)
        if len(peer.block.excepts) == 1 and _is_taken_for_hole(written, after):
            text = f"{peer.block.cidr} except [{peer.block.excepts[0]}]"
    else:
        text = peer.word.value
    if written.ports is None:
        return text
    ports = ", ".join(map(port_text, written.ports))
    return f"{text}:{ports}" if len(written.ports) == 1 else f"{text}:[{ports}]"


def _is_taken_for_hole(written: PeerPorts, after: PeerPorts | None) -> bool:
    """Whether a reader, and so the parser, would take the next peer for one more exception."""
    match after, written.peer:
        case PeerPorts(peer=BlockPeer(Block(inner, ()))), BlockPeer(Block(outer, _)):
            return written.ports is None and inner in outer
        case _:
            return False


def pod_peer_text(peer: PodPeer) -> str:
    """The canonical text of pods, and so of a subject."""
    if peer.namespaces is None:
        return _pods(peer.pods) if peer.pods is not None else "*"
    where = peer.namespaces
    namespaces = where.text if isinstance(where, Name) else _pods(where)
    return f"{_pods(peer.pods)} in ns {namespaces}" if peer.pods is not None else f"ns {namespaces}"


def _pods(test: PodTest) -> str:
    if isinstance(test, Name):
        return pod_name(test.text)
    return _braces(test) if isinstance(test, LabelTest) else "*"


def _braces(test: LabelTest) -> str:
    return f"{{{', '.join(map(_requirement, test.requirements))}}}"


def _requirement(requirement: Requirement) -> str:
    key, values = requirement.key.text, requirement.values
    match requirement.operator:
        case Operator.EXISTS:
            return key
        case Operator.ABSENT:
            return f"!{key}"
        case Operator.IN if len(values) == 1:
            return f"{key}={values[0].text}"
        case Operator.NOT_IN if len(values) == 1:
            return f"{key}!={values[0].text}"
        case operator:
            listed = ", ".join(value.text or '""' for value in values)
            return f"{key} {operator.value} ({listed})"


def port_text(port: Port) -> str:
    """The canonical text of a port."""
    protocol = "" if port.protocol is Protocol.TCP else f"/{port.protocol.value.lower()}"
    if not isinstance(port, NumberPort):
        return port.name + protocol
    if (port.first, port.last) == (1, MAX_PORT):
        return "*" + protocol
    if port.first == port.last:
        return f"{port.first}{protocol}"
    return f"{port.first}-{port.last}{protocol}"


def _add(lines: list[str], node: Statement | Header) -> None:
    """Add a statement with the comments above and after it."""
    comments: Comments = node.comments
    _add_above(lines, (*comments.before, *comments.inside))
    broken = _broken(statement_text(node))
    if comments.after:
        broken[-1] += f"  {comments.after}"
    lines.extend(broken)


def _add_above(lines: list[str], comments: Iterable[str]) -> None:
    """Add comments and blank lines; none at the beginning of a file, and no two in a row."""
    for comment in comments:
        if comment or (lines and lines[-1]):
            lines.append(comment)


def _broken(text: str) -> list[str]:
    """The text on as many lines as it takes, broken after commas."""
    if len(text) <= WIDTH:
        return [text]
    lines: list[str] = []
    line = ""
    for piece in _pieces(text):
        if line.strip() and len(line) + len(piece.rstrip()) > WIDTH:
            lines.append(line.rstrip())
            line = _CONTINUED
        line += piece
    return [*lines, line]


def _pieces(text: str) -> Iterable[str]:
    """The stretches of a text between the commas outside quotes, each with its comma."""
    start = 0
    for match in re.finditer(_COMMA_OR_STRING, text):
        if match.group() == ", ":
            yield text[start : match.end()]
            start = match.end()
    yield text[start:]
