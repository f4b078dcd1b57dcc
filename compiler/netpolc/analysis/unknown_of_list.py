"""The unknown facts about the workloads, namespaces and blocks of a list of connections.

In: policies, workloads, and what is stated of the cluster's addresses. Out: whether anything
is unknown that the policies ask for, and for one row the unknown facts that decide it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import TypeAlias

from netpolc.analysis.block_reading import differ_about, matching_of, readings
from netpolc.analysis.namespace_partition import Facts
from netpolc.analysis.tier_facts import tier_facts
from netpolc.analysis.tiers import NO_TIERS, TierReading, Tiers
from netpolc.analysis.unknown_facts import (
    BlockMatching,
    HostNetwork,
    NamespaceLabel,
    ReplicaLabel,
    UnknownFact,
)
from netpolc.ir.model import Policies
from netpolc.kube.cidr import Addresses
from netpolc.kube.inventory import Inventory, Workload
from netpolc.kube.label_conventions import ControllerLabel, LabelValue
from netpolc.kube.name_rules import named_labels
from netpolc.kube.peers import Direction, Outside, Pods
from netpolc.kube.selector_index import SelectorIndex
from netpolc.kube.selectors import Selector
from netpolc.program.model import ClusterAddresses


def namespace_facts(policies: Policies, name: str, *, complete: bool = False) -> Facts:
    """The known labels of a namespace; with `complete`, it has no others."""
    known = policies.namespaces.get(name)
    labels = named_labels(known.labels if known is not None else {}, name)
    return Facts(labels, complete or (known is not None and known.complete))


def told_apart(policies: Policies, inventory: Inventory, tiers: Tiers = NO_TIERS) -> Inventory:
    """The workloads, those of live pods that a policy tells apart replaced by their pods.

    Labels that policies ask for and an operator may add to the pods of its object are unknown.
    """
    selectors = (*_pod_selectors(policies), *(pods.pods for pods in tiers.pods()))
    keys = frozenset(key for pods in selectors for key, _ in pods.requirements)
    operated = {
        (owner.namespace, owner.kind, owner.name): owner.keys_added(keys)
        for owner in inventory.customs
    }
    workloads = (
        member
        for workload in inventory.workloads
        for member in (
            workload.pods
            if workload.pods and any(label.key in keys for label in workload.varying)
            else (_with_unknown(workload, operated),)
        )
    )
    return replace(inventory, workloads=tuple(workloads))


def _with_unknown(
    workload: Workload, operated: Mapping[tuple[str, str, str], frozenset[str]]
) -> Workload:
    """The workload with the labels of unknown value that the operator of its object may add."""
    added = operated.get((workload.namespace, workload.kind, workload.name), frozenset())
    added -= workload.labels.keys() | {label.key for label in workload.varying}
    if workload.pod or not added:
        return workload
    unknown = (
        ControllerLabel(key=key, kind=LabelValue.UNKNOWN, pattern=".*") for key in sorted(added)
    )
    return replace(workload, varying=(*workload.varying, *unknown))


_EndFacts: TypeAlias = tuple[tuple[UnknownFact, ...], bool]
"""The facts about an end, and whether policies list blocks for it that may match pods."""
_ADDRESSES: _EndFacts = ((), False)


class UnknownOfList:
    """The unknown facts that some policies ask for."""

    def __init__(
        self,
        policies: Policies,
        inventory: Inventory,
        stated: ClusterAddresses,
        tiers: TierReading | None = None,
    ) -> None:
        self._tiers = () if tiers is None else tuple(tier_facts(tiers))
        rules = NO_TIERS if tiers is None else tiers.tiers
        self._hosts = any(workload.host_network for workload in inventory.workloads)
        self._stated = stated
        self._matching_of_pods = matching_of(Addresses(), stated)
        self._blocks = _unsettled_blocks(policies, stated)
        selectors = (*_pod_selectors(policies), *(pods.pods for pods in rules.pods()))
        keys = frozenset(key for pods in selectors for key, _ in pods.requirements)
        self._varying = {
            str(workload): keys & {label.key for label in workload.varying}
            for workload in inventory.workloads
            if workload.varying
        }
        self._labels = {
            (name, direction): _unknown_keys(policies, name, asked)
            for direction in Direction
            for asked in (_namespace_keys(policies, direction, rules),)
            for name in {workload.namespace for workload in inventory.workloads}
        }
        self._workloads = inventory.workloads
        """Kept because `_numbers` has their identities."""
        self._numbers: dict[tuple[int, Direction], int] = {}
        self._ends: list[_EndFacts] = [_ADDRESSES]
        self._places: dict[_EndFacts, int] = {}
        self._joined = lru_cache(maxsize=1 << 14)(self._join)

    def __bool__(self) -> bool:
        """Whether anything is unknown that the policies ask for."""
        return (
            self._hosts
            or bool(self._blocks)
            or bool(self._tiers)
            or any(self._varying.values())
            or any(self._labels.values())
        )

    def between(
        self,
        sender: Workload | None,
        receiver: Workload | None,
        addresses: Addresses | None = None,
    ) -> tuple[UnknownFact, ...]:
        """The unknown facts about the ends of a connection; an end that is `addresses` is None."""
        # Senders are the peers of ingress rules, receivers those of egress rules.
        return self._joined(
            self._number(sender, Direction.INGRESS),
            self._number(receiver, Direction.EGRESS),
            self._matching_of_pods if addresses is None else matching_of(addresses, self._stated),
        )

    def _number(self, workload: Workload | None, direction: Direction) -> int:
        """The place in `_ends` of what is unknown about an end; equal ends share it."""
        if workload is None:
            return 0
        key = id(workload), direction
        number = self._numbers.get(key)
        if number is None:
            facts = tuple(self._about(workload, direction))
            end = facts, self._lists_blocks(workload, direction.other)
            number = self._numbers[key] = self._places.setdefault(end, len(self._ends))
            if number == len(self._ends):
                self._ends.append(end)
        return number

    def _join(self, sender: int, receiver: int, matching: BlockMatching) -> tuple[UnknownFact, ...]:
        """The facts about a connection, by the numbers of its ends, and by what blocks match."""
        ends = self._ends[sender], self._ends[receiver]
        facts: list[UnknownFact] = [fact for about, _ in ends for fact in about]
        if any(lists_blocks for _, lists_blocks in ends):
            facts.append(matching)
        return tuple(dict.fromkeys((*facts, *self._tiers)))

    def _lists_blocks(self, workload: Workload, direction: Direction) -> bool:
        """Whether policies list blocks for a workload, of which it is unknown what they match."""
        subjects = self._blocks.get((workload.namespace, direction))
        if subjects is None:
            return False
        near = subjects.overlapping(Selector.labels(workload.labels))
        return any(map(workload.may_match, near))

    def _about(self, workload: Workload, direction: Direction) -> Iterator[UnknownFact]:
        if workload.host_network:
            yield HostNetwork(str(workload))
        for key in sorted(self._varying.get(str(workload), ())):
            yield ReplicaLabel(str(workload), key)
        for key in self._labels[workload.namespace, direction]:
            yield NamespaceLabel(workload.namespace, key)


def _unsettled_blocks(
    policies: Policies, stated: ClusterAddresses
) -> dict[tuple[str, Direction], SelectorIndex[Selector]]:
    """The subjects of allows with blocks of which it is unknown what they match, by namespace."""
    least, most = readings(stated)
    if most.pods is None and least.unmatched == most.unmatched:
        return {}
    by_direction: dict[tuple[str, Direction], list[Selector]] = {}
    for name, policy_set in policies.namespaces.items():
        for allow in policy_set.allows:
            if isinstance(allow.peer, Outside) and differ_about(least, most, allow.peer.addresses):
                by_direction.setdefault((name, allow.direction), []).append(allow.subject)
    return {key: SelectorIndex.of(subjects) for key, subjects in by_direction.items()}


def _pod_selectors(policies: Policies) -> Iterator[Selector]:
    for policy_set in policies.namespaces.values():
        yield from (subject.selector for subject in policy_set.subjects)
        for allow in policy_set.allows:
            if isinstance(allow.peer, Pods):
                yield allow.peer.pods


def _namespace_keys(policies: Policies, direction: Direction, tiers: Tiers) -> frozenset[str]:
    """The labels of namespaces that some peer of a direction asks for."""
    peers = (
        allow.peer
        for policy_set in policies.namespaces.values()
        for allow in policy_set.allows
        if allow.direction is direction
    )
    selectors = (
        *(peer.namespaces for peer in peers if isinstance(peer, Pods)),
        *(pods.namespaces for pods in tiers.pods()),
    )
    return frozenset(
        key for selector in selectors if selector is not None for key, _ in selector.requirements
    )


def _unknown_keys(policies: Policies, name: str, asked: frozenset[str]) -> tuple[str, ...]:
    """The labels among those asked for that nobody states of a namespace."""
    facts = namespace_facts(policies, name)
    return () if facts.complete else tuple(sorted(asked - facts.labels.keys()))
