"""Policies under every reading of what is unknown, by the two readings that bound the others.

Permissions only add, so where a fact is unknown there is a reading that permits least and
one that permits most. What both say is certain. Where they differ, the answer depends on
the facts named here.
"""

from collections.abc import Iterable

from netpolc.analysis.block_reading import blocks_of, readings
from netpolc.analysis.namespace_partition import Cluster
from netpolc.analysis.unknown_facts import BlockMatching, UnknownFact
from netpolc.ir.model import Policies
from netpolc.kube.cidr import Addresses
from netpolc.program.model import ClusterAddresses
from netpolc.values import frozen


@frozen(eq=False)
class Bounds:
    """The readings that permit least and most, and the facts by which they differ.

    Where nothing is unknown, both are one object and there are no facts.
    """

    least: Cluster
    most: Cluster
    facts: tuple[UnknownFact, ...] = ()

    @classmethod
    def certain(cls, cluster: Cluster) -> "Bounds":
        """The bounds of policies that are read in one way only."""
        return cls(cluster, cluster)

    @classmethod
    def of(
        cls, policies: Policies, stated: ClusterAddresses, asked: Iterable[Addresses] = ()
    ) -> "Bounds":
        """The bounds of policies, by what is stated of the cluster's own addresses.

        Args:
            policies: what is in the cluster.
            stated: the cluster's own addresses, and which of them blocks match.
            asked: the blocks of the claims or the question that are put to it.
        """
        least, most = readings(stated)
        blocks = list(blocks_of((policies,)))
        met = any(
            (most.pods is not None and each.meets(most.pods)) or each.meets(least.unmatched)
            for each in blocks
        )
        if not met:
            return cls.certain(Cluster(policies))
        claimed = tuple(asked)
        fewest = Cluster(policies, blocks=least, asked=claimed)
        if least == most:
            return cls.certain(fewest)
        return cls(fewest, Cluster(policies, blocks=most, asked=claimed), (BlockMatching(),))
