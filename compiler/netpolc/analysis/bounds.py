"""Policies under every reading of what is unknown, by the two readings that bound the others.

Where a fact is unknown there is a reading that permits least and one that permits most. What
both say is certain. Where they differ, the answer depends on the facts named here.

A claim that lists blocks needs more: where blocks match more, more is permitted, but more is
claimed or excused as well. So it is decided under each reading of blocks separately.
"""

from collections.abc import Hashable, Iterable
from dataclasses import field, replace
from functools import partial
from itertools import chain

from netpolc.analysis.block_reading import (
    EVERY_ADDRESS,
    OUTSIDE_ONLY,
    BlockReading,
    blocks_of,
    differ_about,
    matching_of,
    means_pods,
    readings,
)
from netpolc.analysis.concrete_evaluator import Connection, Pod
from netpolc.analysis.namespace_partition import Cluster
from netpolc.analysis.policy_version import PolicyVersion
from netpolc.analysis.query import EndOfQuestion, PodEnd
from netpolc.analysis.tier_facts import tier_facts
from netpolc.analysis.tiers import NO_TIERS, TierReading, Tiers
from netpolc.analysis.unknown_facts import BlockMatching, HostNetwork, UnknownFact
from netpolc.ir.model import Policies, PolicySet
from netpolc.kube.cidr import BITS, Addresses, Block, Cidr
from netpolc.kube.name_rules import METADATA_NAME
from netpolc.manifest.manifest_set import UnreadPolicy
from netpolc.memory import NO_MEMORY, Memory
from netpolc.program.model import ClusterAddresses
from netpolc.values import frozen


def tier_readings(
    tiers: Tiers, stated: ClusterAddresses
) -> tuple[TierReading, TierReading] | tuple[None, None]:
    """The readings of tiers that permit least and most; None where there are no tiers."""
    if not tiers:
        return None, None
    pods, nodes = stated.pods or EVERY_ADDRESS, stated.nodes or EVERY_ADDRESS
    if not tiers.meets_pods:
        pods = nodes = Addresses()
    return (
        TierReading(tiers, most=False, pods=pods, nodes=nodes),
        TierReading(tiers, most=True, pods=pods, nodes=nodes),
    )


@frozen(eq=False)
class Bounds:
    """The readings that permit least and most, and the facts by which they differ.

    Where nothing is unknown, both are one object. `blocks` is what is stated of blocks if they differ
    in how blocks match. `unread` are policies of kinds that are not read: whatever they are about is unknown.
    `by_blocks` has the bounds under each reading of blocks; it is empty where no claim lists
    blocks, or the facts settle what they match.
    """

    least: Cluster
    most: Cluster
    blocks: ClusterAddresses | None = None
    unread: tuple[UnreadPolicy, ...] = ()
    by_blocks: tuple["Bounds", ...] = ()
    claimed: frozenset[Addresses] = frozenset()
    """The blocks of claims that are about pods too, where blocks match pods."""
    stated: ClusterAddresses = ClusterAddresses()
    listed: tuple[Addresses, ...] = ()
    """The blocks that claims list."""
    hosts: tuple[HostNetwork, ...] = ()
    """The facts by which readings of a question about pods on the host's network differ."""
    of_hosts: "dict[Hashable, tuple[Bounds, ...]]" = field(default_factory=dict)
    """The bounds of questions with such pods at some ends, as far as somebody has asked (`host_bounds`)."""

    @classmethod
    def certain(cls, cluster: Cluster) -> "Bounds":
        """The bounds of policies that are read in one way only."""
        return cls(cluster, cluster)

    @classmethod
    def of(
        cls,
        policies: Policies,
        stated: ClusterAddresses,
        listed: Iterable[Addresses] = (),
        tiers: Tiers = NO_TIERS,
        memory: Memory = NO_MEMORY,
    ) -> "Bounds":
        """The bounds of policies, by what is stated of the cluster's own addresses.

        Args:
            policies: what is in the cluster.
            stated: the cluster's own addresses, and which of them blocks match.
            listed: the blocks that claims list.
            tiers: the cluster-wide policies.
            memory: what is remembered of these policies.
        """
        least, most = readings(stated)
        claimed = tuple(listed)
        pods_too = frozenset(block for block in claimed if means_pods(block, stated))
        met = _meet(claimed, least, most) or any(
            memory.once(
                "meets",
                name,
                (policy_set, stated),
                partial(_policies_meet, policy_set, least, most),
            )
            for name, policy_set in policies.namespaces.items()
        )
        if not met:
            least = most = OUTSIDE_ONLY
        lowest, highest = tier_readings(tiers, stated)
        tiers_differ = lowest is not None and bool(tier_facts(lowest))

        def bounds(blocks: BlockReading, memory: Memory) -> Bounds:
            fewest = Cluster(
                policies, blocks=blocks, listed=claimed, tiers=(lowest,), memory=memory
            )
            more = fewest
            if tiers_differ:
                more = Cluster(
                    policies, blocks=blocks, listed=claimed, tiers=(highest,), memory=memory
                )
            return cls(
                fewest, more, unread=tiers.unread, claimed=pods_too, stated=stated, listed=claimed
            )

        narrow = bounds(least, memory)
        if least == most:
            return narrow
        wide = bounds(most, memory.part("wide"))
        by_blocks = (narrow, wide) if claimed else ()
        return replace(narrow, most=wide.most, blocks=stated, by_blocks=by_blocks, of_hosts={})

    @property
    def clusters(self) -> tuple[Cluster, ...]:
        """All readings that somebody has asked, each once."""
        others = (*self.by_blocks, *chain.from_iterable(self.of_hosts.values()))
        inner = (cluster for each in others for cluster in (each.least, each.most))
        return tuple(dict.fromkeys((self.least, self.most, *inner)))

    def unread_about(self, ends: Iterable[EndOfQuestion]) -> tuple[UnreadPolicy, ...]:
        """The policies that are not read and may be about pods at one of some ends."""
        pods = [end for end in ends if isinstance(end, PodEnd)] if self.unread else []
        return tuple(
            policy
            for policy in self.unread
            if not policy.namespace or any(self._may_be_in(end, policy.namespace) for end in pods)
        )

    def _may_be_in(self, end: PodEnd, namespace: str) -> bool:
        if end.workload is not None:
            return end.workload.namespace == namespace
        rest = self.least.anywhere.named(namespace).left(end.namespaces, PolicyVersion.ONLY)
        return rest is not None and all(
            namespace in names for key, names in rest if key == METADATA_NAME
        )

    def facts(self, connection: Connection) -> tuple[UnknownFact, ...]:
        """The unknown facts by which the readings may differ about a connection."""
        if self.hosts:
            return self.hosts
        tiers = self.least.tiers[PolicyVersion.ONLY]
        by_tiers = () if tiers is None else tier_facts(tiers, connection)
        return (*self.block_facts(connection), *by_tiers)

    def block_facts(self, connection: Connection) -> tuple[BlockMatching, ...]:
        """What it depends on whether blocks match an end of a connection."""
        if self.blocks is None:
            return ()
        ends = (connection.sender, connection.receiver)
        outside = Addresses.of(
            Block(Cidr(end.version, int(end), BITS[end.version]))
            for end in ends
            if not isinstance(end, Pod)
        )
        return (matching_of(outside, self.blocks),)


def _meet(blocks: Iterable[Addresses], least: BlockReading, most: BlockReading) -> bool:
    """Whether it matters to some blocks by which of two readings they are read."""
    return any(differ_about(least, most, each) for each in blocks)


def _policies_meet(policies: PolicySet, least: BlockReading, most: BlockReading) -> bool:
    return _meet(blocks_of((Policies({policies.namespace: policies}),)), least, most)
