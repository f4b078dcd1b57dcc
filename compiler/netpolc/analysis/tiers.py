"""The policies of the Admin and Baseline tiers, as lists of rules in the order of their priority.

A connection's egress is decided at its sender and its ingress at its receiver, each by the
Admin tier, then NetworkPolicy, then the Baseline tier, then acceptance. In a tier the first
rule that matches decides: `Accept` and `Deny` for good, `Pass` leaves it to the next tier.
NetworkPolicy's part is the IR's; here is the rest.

Two things can be unknown. Policies of equal priority may decide in either order, and
whether `networks`, `nodes` and `domainNames` match an end depends on addresses that nobody
states. A `TierReading` settles them in one way: as what permits most, or least.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace
from itertools import groupby
from operator import itemgetter
from typing import TypeAlias

from netpolc.analysis.block_reading import EVERY_ADDRESS
from netpolc.kube.cidr import Addresses
from netpolc.kube.peers import Anyone, Direction, Pods
from netpolc.kube.ports import NamedPort, Traffic
from netpolc.kube.selectors import EVERYTHING, Selector
from netpolc.manifest.manifest_set import UnreadPolicy
from netpolc.manifest.tier_model import Action, Tier
from netpolc.provenance import Origins
from netpolc.sets import ValueSet
from netpolc.sets.value_index import Limits, ValueIndex
from netpolc.values import frozen


@frozen
class Networks:
    """Every end with one of these addresses, pods included."""

    addresses: Addresses


@frozen
class Nodes:
    """The addresses of the nodes that have some labels."""

    labels: Selector


@frozen
class Domains:
    """The addresses that some domain names resolve to."""

    names: tuple[str, ...]


TierPeer: TypeAlias = Pods | Networks | Nodes | Domains | Anyone
"""Whom a rule names. `Anyone` is the peer that an API of another version has: it fails closed."""


@frozen(kw_only=True)
class TierRule:
    """One rule of a policy, for one direction; `policy` and `index` are its place in the order."""

    tier: Tier
    priority: int
    policy: str
    index: int
    direction: Direction
    action: Action
    subject: Pods
    peers: tuple[TierPeer, ...]
    traffic: Traffic
    name: str = field(default="", compare=False)
    origins: Origins = field(default=(), compare=False)

    @property
    def place(self) -> str:
        """The rule's place for people: its tier, priority and name."""
        called = f"rule `{self.name}`, " if self.name else ""
        return f"{called}{self.tier.value} tier, priority {self.priority}"

    @property
    def is_enforced(self) -> bool:
        """Whether a statement of the program makes it."""
        return any(origin.policy is None for origin in self.origins)


@frozen
class Tiers:
    """All rules of all policies, in their order: tier, priority, policy, place in the policy.

    `unread` are policies of kinds that are not read, which may decide before or after any of them.
    `meets_pods` is whether networks may match pods, as the API says.
    """

    rules: tuple[TierRule, ...] = ()
    unread: tuple[UnreadPolicy, ...] = ()
    meets_pods: bool = True

    @classmethod
    def of(cls, rules: Iterable[TierRule], unread: Iterable[UnreadPolicy] = ()) -> "Tiers":
        """The rules in their order."""
        order = {tier: place for place, tier in enumerate(Tier)}
        return cls(
            tuple(
                sorted(
                    rules,
                    key=lambda r: (order[r.tier], r.priority, r.policy, r.direction.value, r.index),
                )
            ),
            tuple(dict.fromkeys(unread)),
        )

    def with_rules(self, rules: Iterable[TierRule]) -> "Tiers":
        """These tiers with more rules."""
        return replace(self, rules=Tiers.of((*self.rules, *rules)).rules)

    def __bool__(self) -> bool:
        """Whether there is a rule."""
        return bool(self.rules)

    def pods(self) -> tuple[Pods, ...]:
        """The pods that rules are about or name."""
        peers = (end for rule in self.rules for end in (rule.subject, *rule.peers))
        return tuple(dict.fromkeys(end for end in peers if isinstance(end, Pods)))

    def networks(self) -> tuple[Addresses, ...]:
        """The addresses of all networks that rules name."""
        peers = (peer for rule in self.rules for peer in rule.peers)
        return tuple(peer.addresses for peer in peers if isinstance(peer, Networks))

    @property
    def ports(self) -> frozenset[NamedPort]:
        """The named ports of all rules."""
        return frozenset().union(*(rule.traffic.named for rule in self.rules))


NO_TIERS = Tiers()
_FEW = 4
"""So many policies are looked at one by one, which takes less time than an index."""

RulesOfOnePolicy: TypeAlias = tuple[TierRule, ...]
Group: TypeAlias = tuple[RulesOfOnePolicy, ...]
"""The policies of one priority, each with its rules of one direction."""


class TierReading:
    """One way to settle what is unknown of tiers.

    `most`: what permits most, else what permits least. `pods` are the addresses that pods may have,
    none where networks are taken to match no pod; `nodes` those that nodes may have. `groups` are
    the rules of a tier and direction by priority, then by policy, `rules` those of a direction with an action.
    """

    __slots__ = ("_filed", "_indexes", "groups", "most", "nodes", "pods", "rules", "tiers")

    def __init__(self, tiers: Tiers, *, most: bool, pods: Addresses, nodes: Addresses) -> None:
        self._indexes: dict[tuple[Tier, Direction], ValueIndex[tuple[int, int]]] = {}
        self._filed: dict[tuple[Tier, Direction], _FiledPolicies] = {}
        self.tiers, self.most, self.pods, self.nodes = tiers, most, pods, nodes
        self.groups: dict[tuple[Tier, Direction], tuple[Group, ...]] = {
            (tier, direction): tuple(
                _grouped(r for r in tiers.rules if (r.tier, r.direction) == (tier, direction))
            )
            for tier in Tier
            for direction in Direction
        }
        self.rules: dict[tuple[Direction, Action], list[TierRule]] = {}
        for rule in tiers.rules:
            self.rules.setdefault((rule.direction, rule.action), []).append(rule)

    def near(self, tier: Tier, direction: Direction, wanted: Iterable[Limits]) -> tuple[Group, ...]:
        """The groups, with the policies that may be about two ends within one of the limits (`end_limits`)."""
        groups = self.groups[tier, direction]
        if sum(map(len, groups)) <= _FEW:
            return groups
        index = self._indexes.get((tier, direction))
        if index is None:
            index = self._indexes[tier, direction] = ValueIndex(
                (limits, (number, place))
                for number, group in enumerate(groups)
                for place, rules in enumerate(group)
                for rule in rules
                for limits in _limits(rule)
            )
        places = sorted({place for limits in wanted for place in index.meeting(limits)})
        return tuple(
            tuple(groups[number][place] for _, place in same)
            for number, same in groupby(places, key=itemgetter(0))
        )

    def about(
        self,
        tier: Tier,
        direction: Direction,
        labels: Mapping[str, str],
        namespace_labels: Mapping[str, str],
    ) -> list[Group]:
        """The groups, with the policies that may be about a pod with exactly these labels."""
        filed = self._filed.get((tier, direction))
        if filed is None:
            filed = self._filed[tier, direction] = _FiledPolicies(self.groups[tier, direction])
        return filed.near(labels, namespace_labels)

    def pods_of(self, version: int | None) -> Addresses:
        """The addresses that pods may have in connections of an IP version, None if it is not known."""
        return self.pods.of_version(version) or self.pods

    @property
    def tells_versions_apart(self) -> bool:
        """Whether some networks match pods in connections of one IP version otherwise than of the other.

        Not where all addresses are possible: then it is unknown whether pods have those of each version.
        """
        versions = [self.pods.of_version(version) for version in (4, 6)]
        if not all(versions) or self.pods == EVERY_ADDRESS:
            return False
        return any(
            len({(network.meets(pods), pods <= network) for pods in versions}) > 1
            for network in self.tiers.networks()
        )

    def settles_like(self, other: "TierReading | None") -> bool:
        """Whether another reading settles what is unknown in the same way."""
        return other is not None and (self.most, self.pods, self.nodes) == (
            other.most,
            other.pods,
            other.nodes,
        )


class _FiledPolicies:
    """The policies of a tier and direction, by a label that their pods or namespaces must have.

    Witnesses are confirmed with it, so it shares nothing with the index that finds them.
    """

    __slots__ = ("_by_label", "_others")

    def __init__(self, groups: Iterable[Group]) -> None:
        self._others: list[tuple[int, RulesOfOnePolicy]] = []
        self._by_label: dict[tuple[bool, str, str], list[tuple[int, RulesOfOnePolicy]]] = {}
        for place, group in enumerate(groups):
            for rules in group:
                label = _required_label(rules)
                same = self._others if label is None else self._by_label.setdefault(label, [])
                same.append((place, rules))

    def near(self, labels: Mapping[str, str], namespace_labels: Mapping[str, str]) -> list[Group]:
        """The groups, in their order, with the policies that may be about a pod with these labels."""
        entries = list(self._others)
        for of_namespace, every in ((False, labels), (True, namespace_labels)):
            for key, value in every.items():
                entries += self._by_label.get((of_namespace, key, value), ())
        entries.sort(key=_place)
        return [tuple(rules for _, rules in same) for _, same in groupby(entries, key=_place)]


def _place(filed: tuple[int, RulesOfOnePolicy]) -> int:
    return filed[0]


def _required_label(rules: RulesOfOnePolicy) -> tuple[bool, str, str] | None:
    """A label that the pods of all rules of a policy must have, or (True) their namespaces."""
    subjects = {rule.subject for rule in rules}
    if len(subjects) > 1:
        return None
    (subject,) = subjects
    for of_namespace, selector in ((False, subject.pods), (True, subject.namespaces)):
        for key, value in (selector or EVERYTHING).required_labels().items():
            return of_namespace, key, value
    return None


def end_limits(
    own: Iterable[tuple[str, ValueSet]],
    own_namespace: Iterable[tuple[str, ValueSet]],
    other: Iterable[tuple[str, ValueSet]],
    other_namespace: Iterable[tuple[str, ValueSet]],
) -> Limits:
    """The labels of the pods at both ends and of their namespaces, the own end that of a rule's subject."""
    ends = (own, own_namespace, other, other_namespace)
    return {(place, key): allowed for place, end in enumerate(ends) for key, allowed in end}


def _limits(rule: TierRule) -> Iterator[Limits]:
    """What each peer of a rule requires of both ends."""
    subject = rule.subject
    for peer in rule.peers:
        pods = peer if isinstance(peer, Pods) else Pods(None, EVERYTHING)
        selectors = (subject.pods, subject.namespaces, pods.pods, pods.namespaces)
        yield end_limits(*((selector or EVERYTHING).requirements for selector in selectors))


def _grouped(rules: Iterable[TierRule]) -> Iterator[Group]:
    for _, same in groupby(rules, key=lambda rule: rule.priority):
        yield tuple(tuple(own) for _, own in groupby(same, key=lambda rule: rule.policy))
