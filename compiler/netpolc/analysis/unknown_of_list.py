"""The unknown facts about the workloads, namespaces and blocks of a list of connections.

In: policies, workloads, and what is stated of the cluster's addresses. Out: whether anything
is unknown that the policies ask for, and for one row the unknown facts that decide it.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from netpolc.analysis.block_reading import differ_about, readings
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
from netpolc.kube.inventory import Inventory, Workload
from netpolc.kube.name_rules import named_labels
from netpolc.kube.peers import BlockScope, Direction, Outside, Pods
from netpolc.kube.selectors import EVERYTHING, Selector
from netpolc.program.model import ClusterAddresses

if TYPE_CHECKING:
    from netpolc.analysis.connection_list import Row


def namespace_facts(policies: Policies, name: str, *, complete: bool = False) -> Facts:
    """The known labels of a namespace; with `complete`, it has no others."""
    known = policies.namespaces.get(name)
    labels = named_labels(known.labels if known is not None else {}, name)
    return Facts(labels, complete or (known is not None and known.complete))


def told_apart(policies: Policies, inventory: Inventory, tiers: Tiers = NO_TIERS) -> Inventory:
    """The workloads, those of live pods that a policy tells apart replaced by their pods."""
    selectors = (*_pod_selectors(policies), *(pods.pods for pods in tiers.pods()))
    keys = frozenset(key for pods in selectors for key, _ in pods.requirements)
    workloads = (
        one
        for workload in inventory.workloads
        for one in (
            workload.pods
            if workload.pods and any(label.key in keys for label in workload.varying)
            else (workload,)
        )
    )
    return replace(inventory, workloads=tuple(workloads))


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
        self._all_match = stated.blocks is BlockScope.ALL
        self._blocks = _unsettled_blocks(policies, stated)
        self._on_blocks: dict[tuple[str, Direction], bool] = {}
        selectors = (*_pod_selectors(policies), *(pods.pods for pods in rules.pods()))
        keys = frozenset(key for pods in selectors for key, _ in pods.requirements)
        self._varying = {
            str(workload): keys & {label.key for label in workload.varying}
            for workload in inventory.workloads
            if workload.varying
        }
        self._labels = {
            (name, direction): _unknown_keys(policies, name, direction, rules)
            for name in {workload.namespace for workload in inventory.workloads}
            for direction in Direction
        }

    def __bool__(self) -> bool:
        """Whether anything is unknown that the policies ask for."""
        return (
            self._hosts
            or bool(self._blocks)
            or bool(self._tiers)
            or any(self._varying.values())
            or any(self._labels.values())
        )

    def between(self, row: "Row") -> tuple[UnknownFact, ...]:
        """The unknown facts about the two ends of a row."""
        # Senders are the peers of ingress rules, receivers those of egress rules.
        ends = ((row.sender, Direction.INGRESS), (row.receiver, Direction.EGRESS))
        facts: list[UnknownFact] = []
        on_blocks = False
        for end, direction in ends:
            if isinstance(end, Workload):
                facts += self._about(end, direction)
                on_blocks = on_blocks or self._lists_blocks(end, direction.other)
        if on_blocks:
            are_pods = isinstance(row.sender, Workload) and isinstance(row.receiver, Workload)
            facts.append(BlockMatching(all_match=self._all_match and are_pods))
        return tuple(dict.fromkeys((*facts, *self._tiers)))

    def _lists_blocks(self, workload: Workload, direction: Direction) -> bool:
        """Whether policies list blocks for a workload, of which it is unknown what they match."""
        key = str(workload), direction
        found = self._on_blocks.get(key)
        if found is None:
            subjects = self._blocks.get((workload.namespace, direction), ())
            found = self._on_blocks[key] = any(map(workload.may_match, subjects))
        return found

    def _about(self, workload: Workload, direction: Direction) -> Iterator[UnknownFact]:
        if workload.host_network:
            yield HostNetwork(str(workload))
        for key in sorted(self._varying.get(str(workload), ())):
            yield ReplicaLabel(str(workload), key)
        for key in self._labels[workload.namespace, direction]:
            yield NamespaceLabel(workload.namespace, key)


def _unsettled_blocks(
    policies: Policies, stated: ClusterAddresses
) -> dict[tuple[str, Direction], tuple[Selector, ...]]:
    """The subjects of allows with blocks of which it is unknown what they match, by namespace."""
    least, most = readings(stated)
    if most.pods is None and least.unmatched == most.unmatched:
        return {}
    found: dict[tuple[str, Direction], dict[Selector, None]] = {}
    for name, policy_set in policies.namespaces.items():
        for allow in policy_set.allows:
            if isinstance(allow.peer, Outside) and differ_about(least, most, allow.peer.addresses):
                found.setdefault((name, allow.direction), {})[allow.subject] = None
    return {key: tuple(subjects) for key, subjects in found.items()}


def _pod_selectors(policies: Policies) -> Iterator[Selector]:
    for policy_set in policies.namespaces.values():
        yield from (subject.selector for subject in policy_set.subjects)
        for allow in policy_set.allows:
            if isinstance(allow.peer, Pods):
                yield allow.peer.pods


def _unknown_keys(
    policies: Policies, name: str, direction: Direction, tiers: Tiers
) -> tuple[str, ...]:
    """The labels of a namespace that some peer of a direction asks for and nobody states."""
    facts = namespace_facts(policies, name)
    if facts.complete:
        return ()
    asked = {
        key
        for policy_set in policies.namespaces.values()
        for allow in policy_set.allows
        if allow.direction is direction
        and isinstance(allow.peer, Pods)
        and allow.peer.namespaces is not None
        for key, _ in allow.peer.namespaces.requirements
    }
    asked |= {
        key for pods in tiers.pods() for key, _ in (pods.namespaces or EVERYTHING).requirements
    }
    return tuple(sorted(asked - facts.labels.keys()))
