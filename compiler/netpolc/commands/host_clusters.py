"""The policies that bound what workloads on the host's network are open to.

It is not defined whether NetworkPolicies apply to such a pod, or match it as a peer. Policies of tiers do neither,
unless they name addresses or nodes: the pod has the address of its node. What the policies of the pods at
the other end say of everybody applies all the same.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from netpolc.analysis.block_reading import blocks_of, reading_of_classes
from netpolc.analysis.blocks_as_pods import blocks_as_pods
from netpolc.analysis.bounds import tier_readings
from netpolc.analysis.host_bounds import (
    for_everybody,
    nodes_facing_pods,
    pods_facing_nodes,
    rules_naming_hosts,
    with_allows,
)
from netpolc.analysis.namespace_partition import Cluster
from netpolc.analysis.tier_facts import tier_facts
from netpolc.analysis.unknown_facts import EqualPriority
from netpolc.commands.list_clusters import ListClusters, WiderReading
from netpolc.commands.pipeline import Compilation
from netpolc.ir.model import Allow, Policies
from netpolc.kube.cidr import Addresses
from netpolc.kube.peers import BlockScope, Direction
from netpolc.program.model import ClusterAddresses


def host_clusters(known: Compilation, direction: Direction) -> ListClusters:
    """The policies that permit workloads on the host's network least and most, in one of their directions."""
    stated = known.program.addresses
    rules = rules_naming_hosts(known.tiers, direction.other)
    least, most = tier_readings(rules, stated)
    facing = replace(stated, nodes=nodes_facing_pods(stated))
    narrow = _for_everybody(known.whole, direction.other, facing)
    blocks = reading_of_classes(_with_pods_facing_nodes(stated), blocks_of((narrow,)))
    others = known.whole.of(direction.other)
    wide = blocks_as_pods(others, direction.other, partial(_may_match_nodes, stated=facing))
    facts = () if least is None else tuple(tier_facts(least))
    return ListClusters(
        Cluster(narrow, blocks=blocks, tiers=(least,), asked_by_policies=True),
        (
            WiderReading(
                Cluster(wide, tiers=(most,), asked_by_policies=True),
                tuple(fact for fact in facts if isinstance(fact, EqualPriority)),
            ),
        ),
    )


def _with_pods_facing_nodes(stated: ClusterAddresses) -> ClusterAddresses:
    """The stated addresses, with those of pods that can connect with nodes where blocks match all pods."""
    if stated.blocks is not BlockScope.ALL:
        return stated
    return replace(stated, pods=pods_facing_nodes(stated) or stated.pods)


def _for_everybody(policies: Policies, direction: Direction, stated: ClusterAddresses) -> Policies:
    """The policies without the allows of a direction that may miss a peer on the host's network."""
    read = for_everybody(stated.nodes, stated.blocks)

    def kept(allow: Allow) -> Iterator[Allow]:
        if allow.direction is direction:
            yield from read(allow)
        else:
            yield allow

    return with_allows(policies, kept)


def _may_match_nodes(addresses: Addresses, stated: ClusterAddresses) -> bool:
    """Whether a block with these addresses may match a node."""
    return stated.blocks is not BlockScope.OUTSIDE and addresses.meets(stated.nodes)
