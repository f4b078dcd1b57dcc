"""Whether a set of cluster-wide policies may permit more of a class of connections than another, as far as facts tell.

What permits least and what permits most may be equal on both sides, and a connection still be decided
otherwise: by the address of a pod that only one side asks for. So the rules themselves are compared. Of each
list only those count that may match the class; names and priorities do not.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import TypeAlias

from netpolc.analysis.connection_sets import Connections, EndClass, PodClass
from netpolc.analysis.namespace_partition import Facts
from netpolc.analysis.port_intersection import may_share_ports
from netpolc.analysis.tier_steps import Step, Tie, surely_permits_no_more
from netpolc.analysis.tiers import (
    Domains,
    Group,
    Networks,
    Nodes,
    TierPeer,
    TierReading,
    TierRule,
    end_limits,
)
from netpolc.kube.cidr import Addresses
from netpolc.kube.name_rules import METADATA_NAME
from netpolc.kube.peers import Anyone, Direction, Pods
from netpolc.kube.ports import Traffic
from netpolc.kube.selectors import EVERYTHING, Selector
from netpolc.manifest.tier_model import Tier
from netpolc.sets.value_index import Limits
from netpolc.values import frozen

NamespaceFacts: TypeAlias = Mapping[str, Facts]
"""What is known of the labels of namespaces, by their names."""
_NOTHING_KNOWN = Facts({})


def may_permit_more(
    readings: Sequence[TierReading | None],
    connections: Connections,
    facts: Sequence[NamespaceFacts],
) -> bool:
    """Whether the tiers of the second of two sides may permit some connections that those of the first do not."""
    for tier, direction in product(Tier, Direction):
        before, after = (
            list(_steps(reading, tier, direction, connections, known))
            for reading, known in zip(readings, facts, strict=True)
        )
        if not surely_permits_no_more(after, before, tier):
            return True
    return False


@frozen(eq=False)
class TierSteps:
    """The rules of a reading that may decide some connections."""

    reading: TierReading | None
    facts: NamespaceFacts

    def may_pass(self, direction: Direction, connections: Connections) -> bool:
        """Whether the Admin tier may leave some of the connections to NetworkPolicies at an end."""
        about = _about(self.reading, direction, connections, self.facts)
        steps = self._of(Tier.ADMIN, direction, connections)
        if about is None or not steps or any(step.may_pass for step in steps):
            return True
        return isinstance(steps[-1], Tie) or not about.is_covered_by(steps[-1])

    def may_contradict(self, connections: Connections) -> bool:
        """Whether more than one rule may decide; a single one hides nothing that comes after it."""
        steps = [
            step
            for tier, direction in product(Tier, Direction)
            for step in self._of(tier, direction, connections)
        ]
        return len(steps) > 1 or any(isinstance(step, Tie) for step in steps)

    def _of(self, tier: Tier, direction: Direction, connections: Connections) -> list["Step | Tie"]:
        return list(_steps(self.reading, tier, direction, connections, self.facts))


def may_meet(connections: Connections, other: Connections) -> bool:
    """Whether two classes of connections may have one in common."""
    return (
        connections.same_namespace is other.same_namespace
        and (connections.version or other.version) == (other.version or connections.version)
        and _ends_meet(connections.sender, other.sender)
        and _ends_meet(connections.receiver, other.receiver)
        and may_share_ports(connections.traffic, other.traffic)
    )


def _steps(
    reading: TierReading | None,
    tier: Tier,
    direction: Direction,
    connections: Connections,
    facts: NamespaceFacts,
) -> Iterator[Step | Tie]:
    """The steps of a list that may match a connection of the class, up to one that matches all of them."""
    about = _about(reading, direction, connections, facts)
    if about is None:
        return
    for group in about.reading.near(tier, direction, (_limits(about.own, about.other),)):
        policies = about.steps_of(group)
        if len(policies) > 1 and len({step.action for _, some in policies for step in some}) > 1:
            yield Tie(frozenset(policies))
            continue
        for step in (step for _, some in policies for step in some):
            yield step
            if about.is_covered_by(step):
                return


@frozen(eq=False)
class _About:
    """The rules of a reading as far as they are about a class of connections."""

    reading: TierReading
    own: PodClass
    other: EndClass
    traffic: Traffic
    version: int | None
    facts: NamespaceFacts

    def steps_of(self, group: Group) -> list[tuple[str, tuple[Step, ...]]]:
        """The steps of the policies of one priority that may match, by policy."""
        found = (
            (rules[0].policy, tuple(step for rule in rules for step in self._of_rule(rule)))
            for rules in group
        )
        return [(policy, steps) for policy, steps in found if steps]

    def _of_rule(self, rule: TierRule) -> Iterator[Step]:
        if not (
            self._selects_some(rule.subject, self.own)
            and may_share_ports(rule.traffic, self.traffic)
        ):
            return
        for peer in rule.peers:
            if self._may_name(peer):
                yield Step(rule.action, rule.subject, peer, rule.traffic)

    def _may_name(self, peer: TierPeer) -> bool:
        match peer, self.other:
            case Anyone(), _:
                return True
            case Pods(), PodClass() as pods:
                return self._selects_some(peer, pods)
            case Networks(addresses), PodClass():
                return addresses.meets(self._pods)
            case Networks(addresses), there:
                return not isinstance(there, PodClass) and addresses.meets(there)
            case Nodes(), there:
                return not isinstance(there, PodClass) and self.reading.nodes.meets(there)
            case Domains(), PodClass():
                return bool(self.reading.pods)
            case _:
                return isinstance(peer, Domains)

    @property
    def _pods(self) -> Addresses:
        """The addresses that pods may have in the connections."""
        return self.reading.pods_of(self.version)

    def is_covered_by(self, step: Step) -> bool:
        """Whether a step matches all connections of the class for certain."""
        return (
            self._selects_all(step.subject, self.own)
            and self._surely_names(step.peer)
            and not self.traffic.named
            and self.traffic <= step.traffic
        )

    def _surely_names(self, peer: TierPeer) -> bool:
        match peer, self.other:
            case Anyone(), _:
                return True
            case Pods(), PodClass() as pods:
                return self._selects_all(peer, pods)
            case Networks(addresses), PodClass():
                return self._pods <= addresses
            case Networks(addresses), there:
                return not isinstance(there, PodClass) and there <= addresses
            case _:
                return False

    def _selects_some(self, pods: Pods, end: PodClass) -> bool:
        """Whether some pods of a class may be selected."""
        left = self._left(pods, end)
        return not (
            left is None or left.isdisjoint(_namespaces_of(end)) or pods.pods.isdisjoint(end.pods)
        )

    def _selects_all(self, pods: Pods, end: PodClass) -> bool:
        """Whether all pods of a class are selected."""
        left = self._left(pods, end)
        return left is not None and _namespaces_of(end) <= left and end.pods <= pods.pods

    def _left(self, pods: Pods, end: PodClass) -> Selector | None:
        """What the known labels leave of a selector of namespaces; None if they rule it out."""
        namespaces = pods.namespaces or EVERYTHING
        name = end.names.single
        if name is None:
            return namespaces
        rest = self.facts.get(name, _NOTHING_KNOWN).left(namespaces.without_namespace_names())
        if rest is None:
            return None
        names = [(key, allowed) for key, allowed in namespaces.requirements if key == METADATA_NAME]
        return Selector.of((*rest, *names))


def _about(
    reading: TierReading | None,
    direction: Direction,
    connections: Connections,
    facts: NamespaceFacts,
) -> _About | None:
    """The rules of a reading about the end of a direction; None where there are none."""
    own, other = connections.receiver, connections.sender
    if direction is Direction.EGRESS:
        own, other = other, own
    if reading is None or not isinstance(own, PodClass):
        return None
    return _About(reading, own, other, connections.traffic, connections.version, facts)


def _limits(own: PodClass, other: EndClass) -> Limits:
    """The labels that both ends of a class have."""
    here = own.pods, _namespaces_of(own)
    there = (
        (other.pods, _namespaces_of(other))
        if isinstance(other, PodClass)
        else (EVERYTHING, EVERYTHING)
    )
    return end_limits(*(selector.requirements for selector in (*here, *there)))


def _namespaces_of(pods: PodClass) -> Selector:
    return Selector.of(((METADATA_NAME, pods.names), *pods.namespaces.requirements))


def _ends_meet(end: EndClass, other: EndClass) -> bool:
    match end, other:
        case PodClass() as pods, PodClass() as others:
            return not (
                pods.pods.isdisjoint(others.pods)
                or _namespaces_of(pods).isdisjoint(_namespaces_of(others))
            )
        case Addresses() as addresses, Addresses() as others:
            return addresses.meets(others)
        case _:
            return False
