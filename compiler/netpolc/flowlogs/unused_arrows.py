"""Arrows without a flow in the log: lines that may no longer be needed.

A statement is named only if no pod and no address, as the log describes them, could have
made a flow of the log by it. What the log does not say in full, the number of a port's
name or the address of a node, counts for every statement that it may be about. So what is
named was surely not seen; that it is not needed is for a person to say.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property
from itertools import islice
from typing import TypeAlias, TypeVar

from netpolc.flowlogs.aggregate import FlowKind
from netpolc.flowlogs.flows import AddressParty, Entity, Party, PodParty, ServiceParty
from netpolc.flowlogs.vocabulary import Intents, Names
from netpolc.kube.peers import Anyone, Direction, Grant, Outside, Pods
from netpolc.kube.ports import Protocol, Traffic
from netpolc.kube.selector_index import SelectorIndex
from netpolc.kube.selectors import Selector
from netpolc.program.model import Arrow, NamedGrant
from netpolc.provenance import Origin
from netpolc.sets import IntervalSet
from netpolc.values import frozen

V = TypeVar("V")

_WITH_ADDRESS = frozenset({"host", "remote-node", "kube-apiserver"})
"""Entities that a block may match, in some network plugins."""

_ANYTHING = frozenset({"service", "init", "unmanaged", "unknown"})
"""Entities that may be pods."""

_FEW = 32
"""So few kinds of flows are looked at one by one."""

_Own: TypeAlias = PodParty | ServiceParty


@frozen(kw_only=True)
class Unseen:
    """A statement of which nothing was seen, or of which some peers were not (`grants`)."""

    namespace: str
    origin: Origin
    grants: tuple[NamedGrant, ...]
    wholly: bool


def unseen(intents: Intents, names: Names, kinds: Iterable[FlowKind]) -> tuple[Unseen, ...]:
    """The arrows none of whose connections was seen, and the peers of others, in file order.

    A flow counts for an arrow if some pod as the log describes it could have made it by the
    arrow; so what is named here was surely not in the log.
    """
    namespaces = intents.program.namespaces.values()
    flows = {
        (namespace.name, arrow.direction): _Flows(names, arrow.direction)
        for namespace in namespaces
        for arrow in namespace.arrows
    }
    for kind in kinds:
        for direction, party in (
            (Direction.EGRESS, kind.sender),
            (Direction.INGRESS, kind.receiver),
        ):
            if isinstance(party, PodParty | ServiceParty):
                about = flows.get((party.namespace, direction))
                if about is not None:
                    about.add(kind)
    unseen_arrows = (
        missed
        for namespace in namespaces
        for arrow in namespace.arrows
        for missed in _missed(namespace.name, arrow, flows[namespace.name, arrow.direction])
    )
    return tuple(sorted(unseen_arrows, key=lambda arrow: (arrow.origin.path, arrow.origin.line)))


def _missed(namespace: str, arrow: Arrow, flows: "_Flows") -> Iterator[Unseen]:
    """The arrow, if it has peers that were not seen."""
    owns = flows.of_subject(arrow.subject)
    missed = tuple(
        named_grant for named_grant in arrow.grants if not flows.has(named_grant.grant, owns)
    )
    if missed:
        yield Unseen(
            namespace=namespace,
            origin=arrow.origin,
            grants=missed,
            wholly=len(missed) == len(arrow.grants),
        )


class _Flows:
    """The kinds of flows at one end of a namespace's connections, by both ends."""

    def __init__(self, names: Names, direction: Direction) -> None:
        self._names, self._is_ingress = names, direction is Direction.INGRESS
        self._kinds: dict[Party, dict[_Own, list[FlowKind]]] = {}
        self._of_own: dict[_Own, list[FlowKind]] = {}

    def add(self, kind: FlowKind) -> None:
        """Take a kind of flow in; nothing may be added after the first question."""
        own, other = kind.receiver, kind.sender
        if not self._is_ingress:
            own, other = other, own
        assert isinstance(own, PodParty | ServiceParty)
        self._kinds.setdefault(other, {}).setdefault(own, []).append(kind)
        self._of_own.setdefault(own, []).append(kind)

    def of_subject(self, subject: Selector) -> "_OwnEnds":
        """The own ends that may be pods of a subject."""
        return _OwnEnds(self._names, self._by_own, subject)

    def has(self, grant: Grant, owns: "_OwnEnds") -> bool:
        """Whether a kind of flow of these own ends may be with a grant's peer, on its traffic."""
        kinds: Iterator[FlowKind]
        if isinstance(grant.peer, Anyone):
            kinds = (kind for own in owns for kind in self._of_own[own])
        elif owns.have_few(self._of_own):
            kinds = self._with(grant.peer, owns)
        else:
            kinds = self._from_peers(grant.peer, owns)
        return any(_meets(grant.traffic, kind.protocol, kind.port) for kind in kinds)

    def _with(self, peer: Pods | Outside, owns: "_OwnEnds") -> Iterator[FlowKind]:
        """The kinds of flows of own ends that may be with a peer, looked for among all of the own ends."""
        for own in owns:
            for kind in self._of_own[own]:
                other = kind.sender if self._is_ingress else kind.receiver
                if self._may_be(peer, other) and self._is_near(peer, own, other):
                    yield kind

    def _from_peers(self, peer: Pods | Outside, owns: "_OwnEnds") -> Iterator[FlowKind]:
        """The same, looked for among those of the peer."""
        for other in self._peers(peer):
            for own, kinds in owns.among(self._kinds[other]):
                if self._is_near(peer, own, other):
                    yield from kinds

    def _may_be(self, peer: Pods | Outside, other: Party) -> bool:
        """Whether an end may be a peer, as far as the own end does not matter."""
        match other:
            case Entity():
                return other.name in _entities_of(peer)
            case AddressParty(address):
                return isinstance(peer, Outside) and address in peer.addresses
            case _:
                end = self._names.end(other)
                return (
                    isinstance(peer, Pods)
                    and not end.pods.isdisjoint(peer.pods)
                    and (peer.namespaces is None or not end.namespaces.isdisjoint(peer.namespaces))
                )

    @cached_property
    def _by_own(self) -> SelectorIndex[_Own]:
        return SelectorIndex((self._names.end(own).pods, own) for own in self._of_own)

    @cached_property
    def _pods(self) -> SelectorIndex[_Own]:
        pods = (kind for kind in self._kinds if isinstance(kind, PodParty | ServiceParty))
        return SelectorIndex((self._names.end(pod).pods, pod) for pod in pods)

    @cached_property
    def _addresses(self) -> list[tuple[int, int, AddressParty]]:
        addresses = (kind for kind in self._kinds if isinstance(kind, AddressParty))
        return sorted(
            (address_party.address.version, int(address_party.address), address_party)
            for address_party in addresses
        )

    @cached_property
    def _entities(self) -> list[Entity]:
        return [kind for kind in self._kinds if isinstance(kind, Entity)]

    def _peers(self, peer: Pods | Outside) -> Iterator[Party]:
        """The other ends that may be a peer, in any order, as far as the own end does not matter."""
        yield from (e for e in self._entities if e.name in _entities_of(peer))
        if isinstance(peer, Outside):
            yield from self._within(4, peer.addresses.v4)
            yield from self._within(6, peer.addresses.v6)
            return
        near = self._pods.each_overlapping(peer.pods)
        yield from (pod for pod in near if self._may_be(peer, pod))

    def _within(self, version: int, addresses: IntervalSet) -> Iterator[Party]:
        for first, last in addresses.ranges:
            start = bisect_left(self._addresses, (version, first))
            end = bisect_left(self._addresses, (version, last + 1))
            yield from (address_party for _, _, address_party in self._addresses[start:end])

    def _is_near(self, peer: Pods | Outside, own: _Own, other: Party) -> bool:
        """Whether the ends may share a namespace, where a peer is in the subject's own."""
        if not (isinstance(peer, Pods) and peer.namespaces is None):
            return True
        if not isinstance(other, PodParty | ServiceParty):
            return True
        ends = self._names.end(other), self._names.end(own)
        return not ends[0].namespaces.isdisjoint(ends[1].namespaces)


class _OwnEnds:
    """The own ends that may be pods of a subject; where the log leaves that open, they are not all listed."""

    def __init__(self, names: Names, index: SelectorIndex[_Own], subject: Selector) -> None:
        self._names, self._index, self._subject = names, index, subject
        self._listed: list[_Own] = []
        self._rest = index.each_overlapping(subject)

    def __iter__(self) -> Iterator[_Own]:
        """The ends, in any order."""
        return self._index.each_overlapping(self._subject)

    def have_few(self, kinds: Mapping[_Own, Sequence[FlowKind]]) -> bool:
        """Whether the ends have few kinds of flows together."""
        return self._are_fewer_than(_FEW) and sum(len(kinds[own]) for own in self._listed) < _FEW

    def among(self, table: Mapping[_Own, V]) -> Iterator[tuple[_Own, V]]:
        """The entries of a table whose keys are such ends, looked for from whichever are fewer."""
        if self._are_fewer_than(len(table)):
            yield from ((own, table[own]) for own in self._listed if own in table)
            return
        for own, value in table.items():
            if not self._names.end(own).pods.isdisjoint(self._subject):
                yield own, value

    def _are_fewer_than(self, number: int) -> bool:
        """Whether the ends are fewer; then all of them are listed."""
        self._listed += islice(self._rest, max(0, number - len(self._listed)))
        return len(self._listed) < number


def _entities_of(peer: Pods | Outside) -> AbstractSet[str]:
    """The names of entities that may be a peer."""
    return _ANYTHING if isinstance(peer, Pods) else _ANYTHING | _WITH_ADDRESS


def _meets(granted: Traffic, protocol: Protocol, port: int) -> bool:
    """Whether a port that was seen may be among those granted; a name may have that number."""
    names = (named_port.protocol for named_port in granted.named)
    return port in granted.numbers(protocol) or protocol in names
