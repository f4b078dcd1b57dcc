"""Arrows without a flow in the log: lines that may no longer be needed.

A statement is named only if no pod and no address, as the log describes them, could have
made a flow of the log by it. What the log does not say in full, the number of a port's
name or the address of a node, counts for every statement that it may be about. So what is
named was surely not seen; that it is not needed is for a person to say.
"""

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from netpolc.analysis.query import AddressEnd, EndOfQuestion, PodEnd
from netpolc.flowlogs.aggregate import FlowKind
from netpolc.flowlogs.flows import AddressParty, Entity
from netpolc.flowlogs.permitted import end_of, traffic_of
from netpolc.flowlogs.vocabulary import Intents, Names
from netpolc.kube.peers import Anyone, Direction, Outside, Peer, Pods
from netpolc.kube.ports import Traffic
from netpolc.program.model import Arrow, NamedGrant, Namespace
from netpolc.provenance import Origin
from netpolc.values import frozen

_WITH_ADDRESS = frozenset({"host", "remote-node", "kube-apiserver"})
"""Entities that a block may match, in some network plugins."""

_ANYTHING = frozenset({"service", "init", "unmanaged", "unknown"})
"""Entities that may be pods."""

_End: TypeAlias = EndOfQuestion | str | None


@frozen(kw_only=True)
class Unseen:
    """A statement of which nothing was seen, or of which some peers were not (`grants`)."""

    namespace: str
    origin: Origin
    grants: tuple[NamedGrant, ...]
    wholly: bool


def unseen(intents: Intents, names: Names, kinds: tuple[FlowKind, ...]) -> tuple[Unseen, ...]:
    """The arrows none of whose connections was seen, and the peers of others, in file order.

    A flow counts for an arrow if some pod as the log describes it could have made it by the
    arrow; so what is named here was surely not in the log.
    """
    about: dict[tuple[str, Direction], list[_Ends]] = {}
    for kind in kinds:
        sender, receiver = (
            one.name if isinstance(one, Entity) else end_of(one, names)
            for one in (kind.sender, kind.receiver)
        )
        ends = _Ends(sender, receiver, traffic_of(kind))
        for direction, party in (
            (Direction.EGRESS, kind.sender),
            (Direction.INGRESS, kind.receiver),
        ):
            if not isinstance(party, AddressParty | Entity):
                about.setdefault((party.namespace, direction), []).append(ends)
    found = (
        one
        for namespace in intents.program.namespaces.values()
        for one in _missed(namespace, about)
    )
    return tuple(sorted(found, key=lambda one: (one.origin.path, one.origin.line)))


def _missed(
    namespace: Namespace, about: Mapping[tuple[str, Direction], list["_Ends"]]
) -> Iterator[Unseen]:
    """The arrows of a namespace with peers that were not seen."""
    for arrow in namespace.arrows:
        mine = _about_subject(about.get((namespace.name, arrow.direction), []), arrow)
        missed = tuple(one for one in arrow.grants if not _is_seen(one, arrow, mine))
        if missed:
            yield Unseen(
                namespace=namespace.name,
                origin=arrow.origin,
                grants=missed,
                wholly=len(missed) == len(arrow.grants),
            )


@frozen
class _Ends:
    """Both ends of a flow; of an entity its name."""

    sender: _End
    receiver: _End
    traffic: Traffic

    def of(self, direction: Direction) -> tuple[_End, _End]:
        """The subject's end of a direction, and the other."""
        ends = self.receiver, self.sender
        return ends if direction is Direction.INGRESS else (ends[1], ends[0])


def _about_subject(flows: list[_Ends], arrow: Arrow) -> list[_Ends]:
    found = []
    for ends in flows:
        own, _ = ends.of(arrow.direction)
        if isinstance(own, PodEnd) and not own.pods.isdisjoint(arrow.subject):
            found.append(ends)
    return found


def _is_seen(one: NamedGrant, arrow: Arrow, flows: list[_Ends]) -> bool:
    grant = one.grant
    return any(
        _is_peer(grant.peer, *ends.of(arrow.direction)) and _meets(grant.traffic, ends.traffic)
        for ends in flows
    )


def _is_peer(peer: Peer, own: _End, other: _End) -> bool:
    """Whether the other end may be such a peer of a subject."""
    match peer, other:
        case Anyone(), _:
            return True
        case Outside(), str(entity):
            return entity in _WITH_ADDRESS or entity in _ANYTHING
        case Pods(), str(entity):
            return entity in _ANYTHING
        case Outside(addresses), AddressEnd(seen):
            return seen <= addresses
        case Pods(namespaces, pods), PodEnd(where, which):
            if which.isdisjoint(pods):
                return False
            if namespaces is None:
                assert isinstance(own, PodEnd)
                return not where.isdisjoint(own.namespaces)
            return not where.isdisjoint(namespaces)
        case _:
            return False


def _meets(granted: Traffic, seen: Traffic) -> bool:
    """Whether a port that was seen may be among those granted; a name may have that number."""
    for one, other in ((granted.tcp, seen.tcp), (granted.udp, seen.udp), (granted.sctp, seen.sctp)):
        if not one.isdisjoint(other):
            return True
    return any(seen.numbers(port.protocol) for port in granted.named)
