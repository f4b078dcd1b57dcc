"""Arrows for what is missing, as a person would have written them.

One arrow has one peer, so that each can be taken or left by itself. There may be a million of
them: a proposal has nodes of the syntax tree that it shares with others, and its text.
"""

from collections.abc import Iterable, Iterator
from functools import reduce
from operator import or_

from netpolc.flowlogs.aggregate import FlowKind, Seen
from netpolc.flowlogs.classify import (
    ClassifiedFlow,
    ClassifiedLog,
    FlowClass,
    Opening,
    namespaces_of,
    party_key,
)
from netpolc.flowlogs.flows import AddressParty, Entity, Party, PodParty, ServiceParty
from netpolc.flowlogs.node_ends import NodeEnds
from netpolc.flowlogs.permitted import block_of, traffic_of
from netpolc.flowlogs.vocabulary import Called, Intents, Names
from netpolc.kube.cidr import Addresses
from netpolc.kube.peers import Direction
from netpolc.kube.ports import Protocol, Traffic
from netpolc.kube.public_addresses import private
from netpolc.passes.decompile.build_nodes import braces, ports_of, word
from netpolc.remembered import ByIdentity
from netpolc.source import NOWHERE
from netpolc.syntax import parts, tree
from netpolc.syntax.formatter import peers_text, pod_peer_text, statement_text
from netpolc.values import frozen


@frozen(kw_only=True)
class Proposal:
    """An arrow that is proposed, its text, and what was seen of its flows."""

    namespace: str
    direction: Direction
    subject: parts.PodPeer
    peer: parts.Peer
    traffic: Traffic
    openings: tuple[Opening, ...]
    text: str
    seen: Seen

    def statement(self, comments: tree.Comments = tree.NO_COMMENTS) -> tree.ArrowStatement:
        """The arrow as a statement."""
        peer = parts.PeerPorts(peer=self.peer, ports=ports_of(self.traffic))
        return _statement(self.direction, self.subject, (peer,), comments)


def proposals(log: ClassifiedLog, intents: Intents) -> tuple[Proposal, ...]:
    """The arrows for what is missing, by namespace, receivers first."""
    words = _Words(log.names, {*namespaces_of(log.openings), *intents.program.namespaces})
    of_subject: dict[tuple[str, bool, str], list[Opening]] = {}
    for opening in log.openings:
        _, subject = words.subject(opening.subject)
        key = opening.namespace, opening.direction is Direction.EGRESS, f"{subject} "
        of_subject.setdefault(key, []).append(opening)
    return tuple(
        proposal
        for _, openings in sorted(of_subject.items())
        for proposal in _of_subject(openings, words)
    )


def _of_subject(openings: Iterable[Opening], words: "_Words") -> list[Proposal]:
    """The arrows of one subject and direction: own pods, pods elsewhere, addresses."""
    by_peer: dict[str, list[Opening]] = {}
    for opening in openings:
        _, peer = words.peer(opening)
        by_peer.setdefault(peer, []).append(opening)
    ordered = [(_order(same[0]), _proposal(same, words)) for same in by_peer.values()]
    ordered.sort(key=lambda pair: (pair[0], pair[1].text))
    return [proposal for _, proposal in ordered]


def _proposal(openings: list[Opening], words: "_Words") -> Proposal:
    first = openings[0]
    subject, _ = words.subject(first.subject)
    peer, _ = words.peer(first)
    traffic = reduce(or_, {words.traffic(opening.flow.kind) for opening in openings})
    ports = parts.PeerPorts(peer=peer, ports=ports_of(traffic))
    return Proposal(
        namespace=first.namespace,
        direction=first.direction,
        subject=subject,
        peer=peer,
        traffic=traffic,
        openings=tuple(openings),
        text=statement_text(_statement(first.direction, subject, (ports,))),
        seen=_added([opening.flow.seen for opening in openings]),
    )


def _order(opening: Opening) -> tuple[object, ...]:
    assert not isinstance(opening.peer, Entity)
    other = party_key(opening.peer)
    if isinstance(opening.peer, AddressParty):
        return (other[0], False, other)
    return (other[0], opening.peer.namespace != opening.namespace, ())


def assumption(proposed: Iterable[Proposal], nodes: NodeEnds) -> str:
    """What proposals take for granted about private addresses where no node is known; else an empty text."""
    blocks = (each.peer.block for each in proposed if isinstance(each.peer, parts.BlockPeer))
    if nodes.any_known or not any(Addresses.of([block]) <= private() for block in blocks):
        return ""
    return "Private addresses are taken as outside the cluster: state `nodes:`, or give the Nodes by `--with`."


def guesses(classified: ClassifiedFlow, log: ClassifiedLog) -> Iterator[tuple[str, str]]:
    """Arrows that permit a kind of flow of a node where blocks match nodes, each with its namespace."""
    if classified.flow_class is not FlowClass.NODE:
        return
    kind, words = classified.kind, _Words(log.names, set())
    for direction in classified.opened:
        own, peer = kind.receiver, kind.sender
        if direction is Direction.EGRESS:
            own, peer = peer, own
        node = log.nodes.of(peer)
        assert isinstance(own, PodParty | ServiceParty)
        assert node is not None
        subject = log.names.called(own)
        assert subject is not None
        opening = Opening(
            namespace=own.namespace,
            direction=direction,
            subject=subject,
            peer=peer,
            flow=classified,
        )
        peers: list[parts.Peer] = [words.peer(opening)[0]] if node.mixed else []
        peers += map(parts.BlockPeer, node.blocks)
        ports = ports_of(traffic_of(kind))
        with_ports = tuple(parts.PeerPorts(peer=each, ports=ports) for each in peers)
        if with_ports:
            arrow = _statement(direction, words.subject(subject)[0], with_ports)
            yield own.namespace, statement_text(arrow)


def closing(direction: Direction, subject: parts.PodPeer) -> tree.ArrowStatement:
    """The arrow that closes a subject and opens nothing: `db <- none`."""
    return _statement(direction, subject, ())


def _statement(
    direction: Direction,
    subject: parts.PodPeer,
    peers: tuple[parts.PeerPorts, ...],
    comments: tree.Comments = tree.NO_COMMENTS,
) -> tree.ArrowStatement:
    sign = tree.Arrow.IN if direction is Direction.INGRESS else tree.Arrow.OUT
    connection = tree.Connection(subject=subject, arrow=sign, peers=peers)
    return tree.ArrowStatement(
        connection=connection, until=None, because=None, span=NOWHERE, comments=comments
    )


class _Words:
    """Subjects and peers of proposals, as nodes and as text; `speaking` namespaces say something."""

    __slots__ = ("_names", "_peers", "_speaking", "_subjects", "_traffic")

    def __init__(self, names: Names, speaking: set[str]) -> None:
        self._names, self._speaking = names, speaking
        self._subjects = ByIdentity(_subject)
        self._peers: dict[tuple[Party, str], tuple[parts.Peer, str]] = {}
        self._traffic: dict[tuple[Protocol, int], Traffic] = {}

    def subject(self, called: Called) -> tuple[parts.PodPeer, str]:
        """The subject of arrows about some pods."""
        return self._subjects.of(called)

    def traffic(self, kind: FlowKind) -> Traffic:
        """The one port of a kind of flow."""
        port = kind.protocol, kind.port
        if port not in self._traffic:
            self._traffic[port] = traffic_of(kind)
        return self._traffic[port]

    def peer(self, opening: Opening) -> tuple[parts.Peer, str]:
        """The peer at the other end of an opening."""
        if isinstance(opening.peer, AddressParty):  # Of which there are too many to remember.
            return _with_text(parts.BlockPeer(block_of(opening.peer)))
        key = opening.peer, opening.namespace
        if key not in self._peers:
            self._peers[key] = _with_text(self._pods(opening))
        return self._peers[key]

    def _pods(self, opening: Opening) -> parts.Peer:
        party = opening.peer
        assert not isinstance(party, AddressParty | Entity)
        called = self._names.called(party)
        assert called is not None
        own = party.namespace == opening.namespace
        # A bare name is looked up in the other namespace, which must say something for that.
        known = own or party.namespace in self._speaking
        return parts.PodPeer(
            pods=called.test if known else braces(called.pods),
            namespaces=None if own else word(party.namespace),
        )


def _subject(called: Called) -> tuple[parts.PodPeer, str]:
    subject = parts.PodPeer(pods=called.test, namespaces=None)
    return subject, pod_peer_text(subject)


def _with_text(peer: parts.Peer) -> tuple[parts.Peer, str]:
    return peer, peers_text((parts.PeerPorts(peer=peer, ports=None),))


def _added(seen: list[Seen]) -> Seen:
    if len(seen) == 1:
        return seen[0]
    total = Seen()
    for part in seen:
        total.include(part)
    return total
