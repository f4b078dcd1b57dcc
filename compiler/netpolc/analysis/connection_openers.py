"""The statements and policies that open the ends of a connection between known ends.

`connection_list` adds up traffic and forgets what it comes from, which would be most of its memory. For
one of its rows this is worked out again, from the allows about its two ends alone.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import Protocol, TypeAlias

from netpolc.analysis.address_line import on_line
from netpolc.analysis.class_rows import Openers
from netpolc.analysis.class_view import ClassView
from netpolc.analysis.connection_list import AddressRange, plain_view
from netpolc.analysis.namespace_partition import Facts
from netpolc.analysis.policy_index import PolicyIndex
from netpolc.analysis.port_encoding import with_numbers
from netpolc.analysis.port_intersection import Carried
from netpolc.analysis.possible_connections import bounding_views
from netpolc.analysis.query import container_ports
from netpolc.analysis.tiers import NO_TIERS, Domains, Networks, Nodes, TierPeer, TierRule, Tiers
from netpolc.analysis.unknown_of_list import namespace_facts
from netpolc.ir.model import Allow, Policies
from netpolc.kube.inventory import Workload
from netpolc.kube.peers import Anyone, Direction, Outside, Peer, Pods
from netpolc.kube.ports import NO_TRAFFIC, PROTOCOLS, Traffic
from netpolc.kube.selectors import EVERYTHING, Selector
from netpolc.manifest.tier_model import Action
from netpolc.program.model import ClusterAddresses
from netpolc.provenance import Origins, merged

KnownEnd: TypeAlias = Workload | AddressRange
OpenedBy: TypeAlias = tuple[Origins | None, Origins | None]
"""The statements that open the sender's and the receiver's end; None for an end not isolated."""

_ViewsOf: TypeAlias = "Callable[[Traffic], Iterator[_View]]"
"""The readings in which the traffic that an end lists opens some of a connection's traffic."""


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
    """The origins of the openers that open an end to some of the carried traffic."""
    if openers is None:
        return None
    used = [opener for opener in openers if _opens(opener.traffic, carried)]
    return merged(*(opener.origins for opener in used or openers))


def _opens(listed: Traffic, carried: Carried) -> bool:
    """Whether an opener that lists some traffic opens an end to some of the carried traffic."""
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
    """Finds what opens the ends of permitted connections.

    Certain traffic is opened by what applies to both ends for certain, possible traffic by what may apply.
    """

    def __init__(
        self,
        policies: Policies,
        stated: ClusterAddresses,
        tiers: Tiers = NO_TIERS,
        *,
        plain: bool = False,
    ) -> None:
        """Take what is in the cluster, and what is stated of its addresses.

        With `plain`, the connections are those of the plain reading, else those of `possible_connections`.
        """
        views = (plain_view(tiers),) if plain else bounding_views(stated, tiers)
        self._views = tuple(_View(policies, view) for view in views)
        self._policies = policies
        self._rules = [rule for rule in tiers.rules if rule.action is Action.ACCEPT]
        self._side = cache(self._find_side)

    def of(
        self, sender: KnownEnd, receiver: KnownEnd, certain: Traffic, possible: Traffic = NO_TRAFFIC
    ) -> OpenedBy:
        """The openers of both ends, for some of the traffic of a permitted connection."""
        ports = container_ports(receiver) if isinstance(receiver, Workload) else {}
        asked = [
            (view, traffic)
            for view, traffic in zip(self._views, (certain, possible), strict=False)
            if traffic
        ]

        def views(listed: Traffic) -> Iterator[_View]:
            numbers = with_numbers(listed, ports)
            return (view for view, traffic in asked if shares(numbers, traffic))

        ends = (sender, receiver, Direction.EGRESS), (receiver, sender, Direction.INGRESS)
        openings = [
            self._opening(pod, other, direction, views) if isinstance(pod, Workload) else None
            for pod, other, direction in ends
        ]
        return openings[0], openings[1]

    def _opening(
        self, pod: Workload, other: KnownEnd, direction: Direction, views: _ViewsOf
    ) -> Origins | None:
        by_tiers = [
            rule.origins
            for rule in self._rules
            if rule.direction is direction
            if any(view.accepts(rule, pod, other) for view in views(rule.traffic))
        ]
        side = self._side(pod.namespace, direction)
        least = self._views[0]
        if side is None or not any(least.closes(each.selector, pod) for each in side.subjects):
            return merged(*by_tiers) if by_tiers else None
        allows = [side.allows[index] for index in side.about_pod(pod)]
        opening = [
            allow.origins
            for allow in allows
            if any(view.opens(allow, pod, other) for view in views(allow.traffic))
        ]
        if by_tiers or opening:
            return merged(*by_tiers, *opening)
        # Allows of which one applies, whatever labels a namespace has (`whatever_the_labels`).
        widest = self._views[-1]
        return merged(
            *(
                allow.origins
                for allow in allows
                if any(views(allow.traffic)) and widest.opens(allow, pod, other)
            )
        )

    def _find_side(self, namespace: str, direction: Direction) -> PolicyIndex | None:
        known = self._policies.namespaces.get(namespace)
        return None if known is None else PolicyIndex.of(known, direction)


class _View:
    """One reading of which allows and rules of tiers are about two known ends."""

    def __init__(self, policies: Policies, view: ClassView) -> None:
        self._policies = policies
        self._view = view
        self._facts = cache(self._find_facts)
        self.closes = view.closes

    def opens(self, allow: Allow, pod: Workload, other: KnownEnd) -> bool:
        """Whether an allow is about a pod and lists the other end."""
        return self._view.selects(allow.subject, pod) and self._is_peer(
            allow.peer, other, pod.namespace
        )

    def accepts(self, rule: TierRule, pod: Workload, other: KnownEnd) -> bool:
        """Whether a rule of a tier that accepts is about a pod and the other end."""
        return self._is_among(rule.subject, pod) and any(
            self._is_tier_peer(peer, other) for peer in rule.peers
        )

    def _is_peer(self, peer: Peer, other: KnownEnd, home: str) -> bool:
        match peer, other:
            case Anyone(), _:
                return True
            case Outside(addresses), Workload():
                return self._view.block_may_match(addresses, other)
            case Outside(addresses), AddressRange():
                matched = on_line(addresses) - on_line(self._view.blocks.unmatched)
                return bool(matched & on_line(other.addresses()))
            case Pods(namespaces, pods), Workload():
                return (
                    not self._view.is_hidden(other)
                    and self._view.selects(pods, other)
                    and self._is_in(
                        other, Selector.namespace(home) if namespaces is None else namespaces
                    )
                )
        return False

    def _is_tier_peer(self, peer: TierPeer, other: KnownEnd) -> bool:
        reading = self._view.tiers
        assert reading is not None
        match peer, other:
            case Anyone(), _:
                return True
            case Pods(), Workload():
                return self._is_among(peer, other)
            case Networks(addresses), Workload():
                # Networks may share the addresses that pods may have.
                return self._view.most if other.host_network else addresses.meets(reading.pods)
            case Networks(addresses), AddressRange():
                return addresses.meets(other.addresses())
            case Nodes(), AddressRange():
                return self._view.most and reading.nodes.meets(other.addresses())
            case Domains(), _:
                return self._view.most and (isinstance(other, AddressRange) or bool(reading.pods))
        return False

    def _is_among(self, pods: Pods, workload: Workload) -> bool:
        """Whether the pods of a workload are among pods of a tier's policy."""
        matches = self._view.matches(pods.pods, workload)
        return (
            not self._view.is_hidden(workload)
            and (self._view.most if matches is None else matches)
            and self._is_in(workload, pods.namespaces or EVERYTHING)
        )

    def _is_in(self, workload: Workload, namespaces: Selector) -> bool:
        """Whether a selector matches a workload's namespace."""
        left = self._facts(workload.namespace).left(namespaces)
        return left is not None and (self._view.most or not left)

    def _find_facts(self, namespace: str) -> Facts:
        return namespace_facts(self._policies, namespace, complete=self._view.plain)
