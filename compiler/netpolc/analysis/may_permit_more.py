"""Whether a set of cluster-wide policies may permit more of a class of connections than another, as far as facts tell.

What permits least and what permits most may be equal on both sides, and a connection still be decided
otherwise: by the address of a pod that only one side asks for. So the rules themselves are compared. Of each
list only those count that may match the class; names and priorities do not, nor does the order of rules
that cannot decide the same connection or decide it alike.

Policies of equal priority that disagree are told apart by their names: an implementation may go by them.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import TypeAlias

from netpolc.analysis.connection_sets import Connections, EndClass, PodClass
from netpolc.analysis.namespace_partition import Facts
from netpolc.analysis.port_intersection import may_share_ports
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
from netpolc.manifest.tier_model import Action, Tier
from netpolc.sets.value_index import Limits
from netpolc.values import frozen

NamespaceFacts: TypeAlias = Mapping[str, Facts]
"""What is known of the labels of namespaces, by their names."""
_NOTHING_KNOWN = Facts({})
_RISING = (Action.DENY, Action.PASS, Action.ACCEPT)
"""The actions, each after those that permit less."""


def may_permit_more(
    readings: Sequence[TierReading | None],
    connections: Connections,
    facts: Sequence[NamespaceFacts],
) -> bool:
    """Whether the tiers of the second of two sides may permit some connections that those of the first do not."""
    lists = product(Tier, Direction)
    return not all(
        _surely_permits_no_more(
            *(
                _without_idle(list(_steps(reading, tier, direction, connections, known)))
                for reading, known in zip(reversed(readings), reversed(facts), strict=True)
            )
        )
        for tier, direction in lists
    )


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
        return isinstance(steps[-1], _Tie) or not about.is_covered_by(steps[-1])

    def may_contradict(self, connections: Connections) -> bool:
        """Whether more than one rule may decide; a single one hides nothing that comes after it."""
        found = [
            step
            for tier, direction in product(Tier, Direction)
            for step in self._of(tier, direction, connections)
        ]
        return len(found) > 1 or any(isinstance(step, _Tie) for step in found)

    def _of(
        self, tier: Tier, direction: Direction, connections: Connections
    ) -> list["_Step | _Tie"]:
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


@frozen
class _Step:
    """A peer of a rule: the connections that it names, and what becomes of them."""

    action: Action
    subject: Pods
    peer: TierPeer
    traffic: Traffic

    @property
    def may_pass(self) -> bool:
        """Whether it leaves connections to the next tier."""
        return self.action is Action.PASS

    @property
    def matched(self) -> Hashable:
        """What it matches."""
        return self.subject, self.peer, self.traffic

    def raised_to(self, action: Action) -> "_Step":
        """The step with an action that permits more, or the same step."""
        return replace(self, action=max(self.action, action, key=_RISING.index))

    def commutes(self, other: "_Step | _Tie") -> bool:
        """Whether the order of the two decides nothing."""
        return isinstance(other, _Step) and (
            self.action is other.action
            or _are_disjoint(self.subject, other.subject)
            or _are_disjoint(self.peer, other.peer)
            or not may_share_ports(self.traffic, other.traffic)
        )


@frozen
class _Tie:
    """Policies of equal priority that disagree, by their names."""

    policies: frozenset[tuple[str, tuple[_Step, ...]]]

    @property
    def may_pass(self) -> bool:
        """Whether one of the policies may leave connections to the next tier."""
        return any(step.may_pass for _, steps in self.policies for step in steps)

    def commutes(self, other: "_Step | _Tie") -> bool:  # noqa: ARG002 - as a step
        """Nothing changes places with policies of which it is unknown which one decides."""
        return False


_Layers: TypeAlias = tuple[frozenset[_Step | _Tie], ...]


def _surely_permits_no_more(
    steps: Sequence["_Step | _Tie"], others: Sequence["_Step | _Tie"]
) -> bool:
    """Whether a list permits no more than another one, whatever is unknown.

    Without one of its denials, or with `Accept` in the place of another action, a list permits no less;
    without one of its acceptances it permits no more. So it is tried whether such edits make both lists equal.
    """
    actions = {step.matched: step.action for step in others if isinstance(step, _Step)}
    matched = {step.matched for step in steps if isinstance(step, _Step)}
    raised = [
        step if isinstance(step, _Tie) else step.raised_to(actions.get(step.matched, Action.DENY))
        for step in steps
        if isinstance(step, _Tie) or step.action is not Action.DENY or step.matched in actions
    ]
    lowered = [
        step
        for step in others
        if isinstance(step, _Tie) or step.action is not Action.ACCEPT or step.matched in matched
    ]
    return _normal_form(raised) == _normal_form(lowered)


def _normal_form(steps: Sequence["_Step | _Tie"]) -> _Layers:
    """The steps that may decide, in layers: equal for lists that differ in an order without effect.

    A step is in the first layer after all earlier steps with which it does not commute.
    """
    layers: list[set[_Step | _Tie]] = []
    for step in _without_idle(steps):
        blocking = [
            place
            for place, layer in enumerate(layers)
            if not all(step.commutes(earlier) for earlier in layer)
        ]
        place = blocking[-1] + 1 if blocking else 0
        if place == len(layers):
            layers.append(set())
        layers[place].add(step)
    return tuple(map(frozenset, layers))


def _without_idle(steps: Sequence[_Step | _Tie]) -> list[_Step | _Tie]:
    """The steps without those that decide nothing: repeated ones, and passes that keep nothing from deciding."""
    seen: set[Hashable] = set()
    kept: list[_Step | _Tie] = []
    for step in steps:
        if isinstance(step, _Tie) or step.matched not in seen:
            kept.append(step)
        if isinstance(step, _Step):
            seen.add(step.matched)
    found: list[_Step | _Tie] = []
    for step in reversed(kept):
        passes = isinstance(step, _Step) and step.action is Action.PASS
        if not (passes and all(step.commutes(later) for later in found)):
            found.append(step)
    return found[::-1]


def _steps(
    reading: TierReading | None,
    tier: Tier,
    direction: Direction,
    connections: Connections,
    facts: NamespaceFacts,
) -> Iterator[_Step | _Tie]:
    """The steps of a list that may match a connection of the class, up to one that matches all of them."""
    about = _about(reading, direction, connections, facts)
    if about is None:
        return
    for group in about.reading.near(tier, direction, (_limits(about.own, about.other),)):
        policies = about.steps_of(group)
        if len(policies) > 1 and len({step.action for _, some in policies for step in some}) > 1:
            yield _Tie(frozenset(policies))
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

    def steps_of(self, group: Group) -> list[tuple[str, tuple[_Step, ...]]]:
        """The steps of the policies of one priority that may match, by policy."""
        found = (
            (rules[0].policy, tuple(step for rule in rules for step in self._of_rule(rule)))
            for rules in group
        )
        return [(policy, steps) for policy, steps in found if steps]

    def _of_rule(self, rule: TierRule) -> Iterator[_Step]:
        if not (
            self._selects_some(rule.subject, self.own)
            and may_share_ports(rule.traffic, self.traffic)
        ):
            return
        for peer in rule.peers:
            if self._may_name(peer):
                yield _Step(rule.action, rule.subject, peer, rule.traffic)

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

    def is_covered_by(self, step: _Step) -> bool:
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


def _are_disjoint(peer: TierPeer, other: TierPeer) -> bool:
    """Whether two peers surely have no end in common."""
    match peer, other:
        case Pods(namespaces, pods), Pods(other_namespaces, other_pods):
            return pods.isdisjoint(other_pods) or (namespaces or EVERYTHING).isdisjoint(
                other_namespaces or EVERYTHING
            )
        case Networks(addresses), Networks(others):
            return not addresses.meets(others)
        case _:
            return False
