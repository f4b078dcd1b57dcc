"""The readings of policies that a list of classes of pods asks."""

from netpolc.analysis.block_reading import blocks_of, reading_of_classes, unsettled
from netpolc.analysis.blocks_as_pods import blocks_as_pods
from netpolc.analysis.bounds import tier_readings
from netpolc.analysis.namespace_partition import Cluster
from netpolc.analysis.tier_facts import tier_facts
from netpolc.analysis.tiers import TierReading
from netpolc.analysis.unknown_facts import BlockMatching, UnknownFact
from netpolc.commands.pipeline import Compilation
from netpolc.ir.model import Policies
from netpolc.kube.cidr import Addresses
from netpolc.kube.peers import Direction
from netpolc.values import frozen


@frozen(eq=False)
class WiderReading:
    """A reading that permits what the least one permits, and perhaps more, and the facts by which they differ."""

    cluster: Cluster
    facts: tuple[UnknownFact, ...]


@frozen(eq=False)
class ListClusters:
    """The reading that permits least, and those that permit more; none where nothing is unknown.

    What blocks match is left open within each where the addresses of pods are stated, or that blocks match them.
    """

    certain: Cluster
    wider: tuple[WiderReading, ...] = ()


def list_clusters(known: Compilation) -> ListClusters:
    """The policies of a compilation, with tiers, as a list reads them."""
    least, most = tier_readings(known.tiers, known.program.addresses)
    facts = () if least is None else tuple(tier_facts(least))
    wider = (WiderReading(_cluster(known, known.whole, most), facts),) if facts else ()
    return ListClusters(_cluster(known, known.whole, least), wider)


def exposure_clusters(
    known: Compilation, clusters: ListClusters, direction: Direction
) -> ListClusters:
    """The readings of a list, and those that the exposure of workloads in a direction adds.

    Where nobody states what blocks match, those in the policies of unknown pods may match each workload.
    """
    stated = known.program.addresses

    def may_match(addresses: Addresses) -> bool:
        return BlockMatching() in unsettled(addresses, stated)

    if stated.pods or stated.blocks is not None:
        return clusters
    wide = blocks_as_pods(known.whole, direction.other, may_match)
    if wide is known.whole:
        return clusters
    least, most = tier_readings(known.tiers, stated)
    by_blocks = WiderReading(_cluster(known, wide, least), (BlockMatching(),))
    by_both = (
        WiderReading(_cluster(known, wide, most), (*reading.facts, BlockMatching()))
        for reading in clusters.wider
    )
    return ListClusters(clusters.certain, (*clusters.wider, by_blocks, *by_both))


def _cluster(known: Compilation, policies: Policies, tiers: TierReading | None) -> Cluster:
    blocks = reading_of_classes(known.program.addresses, blocks_of((policies,)))
    return Cluster(policies, blocks=blocks, tiers=(tiers,), asked_by_policies=True)
