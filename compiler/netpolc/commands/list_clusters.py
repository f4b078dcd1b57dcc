"""The readings of policies that a list of classes of pods asks."""

from netpolc.analysis.block_reading import blocks_of, reading_of_classes
from netpolc.analysis.bounds import tier_readings
from netpolc.analysis.namespace_partition import Cluster
from netpolc.analysis.tier_facts import tier_facts
from netpolc.analysis.tiers import TierReading
from netpolc.analysis.unknown_facts import UnknownFact
from netpolc.commands.pipeline import Compilation
from netpolc.values import frozen


@frozen(eq=False)
class ListClusters:
    """The readings of tiers that permit least and most, and the facts by which they differ.

    Both are one object where nothing of the tiers is unknown. What blocks match is left open within each.
    """

    certain: Cluster
    possible: Cluster
    facts: tuple[UnknownFact, ...] = ()


def list_clusters(known: Compilation) -> ListClusters:
    """The policies of a compilation, with tiers, as a list reads them."""
    stated = known.program.addresses
    blocks = reading_of_classes(stated, blocks_of((known.whole,)))
    least, most = tier_readings(known.tiers, stated)

    def cluster(tiers: TierReading | None) -> Cluster:
        return Cluster(known.whole, blocks=blocks, tiers=(tiers,), asked_by_policies=True)

    certain = cluster(least)
    facts = () if least is None else tuple(tier_facts(least))
    if not facts:
        return ListClusters(certain, certain)
    return ListClusters(certain, cluster(most), facts)
