"""The statements and policies that open the ends of a connection between known ends.

`connection_list` adds up traffic and forgets what it comes from, which would be most of its memory. For
one of its rows this is worked out again, from the allows about its two ends alone.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Protocol, TypeAlias

from netpolc.analysis.block_reading import readings
from netpolc.analysis.class_rows import Openers
from netpolc.analysis.connection_list import AddressRange
from netpolc.analysis.namespace_partition import Facts
from netpolc.analysis.policy_index import PolicyIndex
from netpolc.analysis.port_encoding import with_numbers
from netpolc.analysis.port_intersection import Carried
from netpolc.analysis.query import container_ports
from netpolc.analysis.tiers import NO_TIERS, Networks, TierPeer, TierRule, Tiers
from netpolc.analysis.unknown_of_list import namespace_facts
from netpolc.ir.model import Policies
from netpolc.kube.cidr import Addresses
from netpolc.kube.inventory import Workload
from netpolc.kube.peers import Anyone, Direction, Outside, Peer, Pods
from netpolc.kube.ports import PROTOCOLS, Traffic
from netpolc.kube.selectors import EVERYTHING
from netpolc.manifest.tier_model import Action
from netpolc.program.model import ClusterAddresses
from netpolc.provenance import Origins, merged
from netpolc.sets import IntervalSet

Overlaps: TypeAlias = Callable[[Traffic], bool]
KnownEnd: TypeAlias = Workload | AddressRange
OpenedBy: TypeAlias = tuple[Origins | None, Origins | None]
"""The statements that open the sender's and the receiver's end; None for an end not isolated."""


class _Carrying(Protocol):
    """A row with what opens its ends."""

    @property
    def carried(self) -> Carried: ...
    @property
    def possible(self) -> Traffic: ...
    @property
    def egress(self) -> Openers: ...
    @property
    def ingress(self) -> Openers: ...


def opened_by(row: _Carrying) -> OpenedBy:
    """The statements that open the ends of a row to some of its traffic."""
    carried = replace(row.carried, traffic=row.carried.traffic | row.possible)
    return origins_of(row.egress, carried), origins_of(row.ingress, carried)


def origins_of(openers: Openers, carried: Carried) -> Origins | None:
    """The origins of all that opens an end to some of what is carried."""
    if openers is None:
        return None
    used = [opener for opener in openers if _opens(opener.traffic, carried)]
    return merged(*(opener.origins for opener in used or openers))


def _opens(listed: Traffic, carried: Carried) -> bool:
    """Whether an end that lists some traffic is opened to some of what is carried."""
    if shares(listed, carried.traffic):
        return True
    named = {name for depending in carried.depending for name in depending.names}
    return not named.isdisjoint(listed.named) or any(
        listed.numbers(name.protocol) & depending.numbers
        for depending in carried.depending
        for name in depending.names
    )


def shares(traffic: Traffic, other: Traffic) -> bool:
    """Whether two kinds of traffic share a number or a name."""
    return (
        traffic.is_everything
        or not traffic.named.isdisjoint(other.named)
        or any(traffic.numbers(p) & other.numbers(p) for p in PROTOCOLS)
    )


class ConnectionOpeners:
    """Finds what opens the ends of permitted connections."""

    def __init__(
        self, policies: Policies, stated: ClusterAddresses, tiers: Tiers = NO_TIERS
    ) -> None:
        """Take what is in the cluster, and what is stated of its addresses."""
        self._policies = policies
        self._pods = readings(stated)[1].pods
        self._rules = [rule for rule in tiers.rules if rule.action is Action.ACCEPT]
        self._side = cache(self._find_side)
        self._facts = cache(self._find_facts)

    def of(self, sender: KnownEnd, receiver: KnownEnd, traffic: Traffic) -> OpenedBy:
        """The openers of both ends, for some of the traffic of a permitted connection."""
        ports = container_ports(receiver) if isinstance(receiver, Workload) else {}

        def overlaps(listed: Traffic) -> bool:
            return shares(with_numbers(listed, ports), traffic)

        ends = (sender, receiver, Direction.EGRESS), (receiver, sender, Direction.INGRESS)
        openings = [
            self._opening(pod, other, direction, overlaps) if isinstance(pod, Workload) else None
            for pod, other, direction in ends
        ]
        return openings[0], openings[1]

    def _opening(
        self, pod: Workload, other: KnownEnd, direction: Direction, overlaps: Overlaps
    ) -> Origins | None:
        by_tiers = [
            rule.origins
            for rule in self._rules
            if rule.direction is direction and overlaps(rule.traffic)
            if self._is_about(rule, pod, other)
        ]
        side = self._side(pod.namespace, direction)
        if side is None or not any(pod.may_match(subject.selector) for subject in side.subjects):
            return merged(*by_tiers) if by_tiers else None
        allows = (side.allows[index] for index in side.about_pod(pod))
        opening = (
            allow.origins
            for allow in allows
            if pod.may_match(allow.subject) and overlaps(allow.traffic)
            if self._is_peer(allow.peer, other, pod.namespace)
        )
        return merged(*by_tiers, *opening)

    def _find_side(self, namespace: str, direction: Direction) -> PolicyIndex | None:
        known = self._policies.namespaces.get(namespace)
        return None if known is None else PolicyIndex.of(known, direction)

    def _find_facts(self, namespace: str) -> Facts:
        return namespace_facts(self._policies, namespace)

    def _is_about(self, rule: TierRule, pod: Workload, other: KnownEnd) -> bool:
        return self._may_be(rule.subject, pod) and any(
            self._is_tier_peer(peer, other) for peer in rule.peers
        )

    def _is_tier_peer(self, peer: TierPeer, other: KnownEnd) -> bool:
        match peer:
            case Pods():
                return isinstance(other, Workload) and self._may_be(peer, other)
            case Networks(addresses):
                return isinstance(other, Workload) or addresses.meets(_addresses(other))
            case Anyone():
                return True
            case _:
                return isinstance(other, AddressRange)

    def _is_peer(self, peer: Peer, other: KnownEnd, home: str) -> bool:
        match peer:
            case Anyone():
                return True
            case Outside(addresses):
                if isinstance(other, Workload):
                    return self._pods is not None and addresses.meets(self._pods)
                return addresses.meets(_addresses(other))
            case Pods(None, pods):
                return (
                    isinstance(other, Workload)
                    and other.namespace == home
                    and other.may_match(pods)
                )
            case Pods():
                return isinstance(other, Workload) and self._may_be(peer, other)

    def _may_be(self, pods: Pods, workload: Workload) -> bool:
        """Whether a workload's pods may be among pods, whose namespaces are given."""
        left = self._facts(workload.namespace).left(pods.namespaces or EVERYTHING)
        return left is not None and workload.may_match(pods.pods)


def _addresses(some: AddressRange) -> Addresses:
    numbers = IntervalSet(((some.first, some.last),))
    return Addresses(v4=numbers) if some.version == 4 else Addresses(v6=numbers)  # noqa: PLR2004
