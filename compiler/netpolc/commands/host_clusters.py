"""The policies that bound what workloads on the host's network are open to.

It is not defined whether NetworkPolicies apply to such a pod, or match it as a peer. Policies of tiers do neither,
unless they name addresses or nodes: the pod has the address of its node. What the policies of the pods at
the other end say of everybody applies all the same.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from netpolc.analysis.block_reading import EVERY_ADDRESS, blocks_of, reading_of_classes
from netpolc.analysis.blocks_as_pods import ANY_POD, blocks_as_pods
from netpolc.analysis.bounds import tier_readings
from netpolc.analysis.namespace_partition import Cluster
from netpolc.analysis.tier_facts import tier_facts
from netpolc.analysis.tiers import Domains, Networks, Nodes, TierPeer, Tiers
from netpolc.analysis.unknown_facts import EqualPriority
from netpolc.commands.list_clusters import ListClusters, WiderReading
from netpolc.commands.pipeline import Compilation
from netpolc.ir.model import Allow, Policies, PolicySet
from netpolc.kube.cidr import Addresses
from netpolc.kube.peers import Anyone, BlockScope, Direction, Outside, Peer, Pods
from netpolc.program.model import ClusterAddresses


def host_clusters(known: Compilation, direction: Direction) -> ListClusters:
    """The policies that permit workloads on the host's network least and most, in one of their directions."""
    stated = known.program.addresses
    rules = _naming_hosts(known.tiers, direction.other)
    least, most = tier_readings(rules, stated)
    connecting = replace(stated, nodes=_connecting_to_pods(stated))
    narrow = _for_everybody(known.whole, direction.other, connecting)
    blocks = reading_of_classes(stated, blocks_of((narrow,)))
    others = _of_direction(known.whole, direction.other)
    wide = blocks_as_pods(others, direction.other, partial(_may_match_nodes, stated=connecting))
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


def _connecting_to_pods(stated: ClusterAddresses) -> Addresses:
    """The addresses of nodes that are of an IP version that other pods have."""
    nodes, pods = stated.nodes or EVERY_ADDRESS, stated.pods or EVERY_ADDRESS
    if pods.v4 and pods.v6:
        return nodes
    return nodes.of_version(4 if pods.v4 else 6) or nodes


def _for_everybody(policies: Policies, direction: Direction, stated: ClusterAddresses) -> Policies:
    """The policies without the allows of a direction that may miss a peer on the host's network.

    Where blocks match nodes, a block with all of their addresses does not miss it.
    """

    def is_met(peer: Peer) -> bool:
        return (
            stated.blocks is BlockScope.ALL
            and isinstance(peer, Outside)
            and stated.nodes <= peer.addresses
        )

    def kept(allow: Allow) -> Iterator[Allow]:
        if allow.direction is not direction or isinstance(allow.peer, Anyone):
            yield allow
        elif is_met(allow.peer):
            yield replace(allow, peer=ANY_POD)

    def changed(policy_set: PolicySet) -> PolicySet:
        subjects = (
            replace(
                subject,
                allows=tuple(new for allow in subject.allows for new in kept(allow)),
                distinct=False,
            )
            for subject in policy_set.subjects
        )
        return replace(policy_set, subjects=tuple(subjects))

    return Policies({name: changed(each) for name, each in policies.namespaces.items()})


def _may_match_nodes(addresses: Addresses, stated: ClusterAddresses) -> bool:
    """Whether a block with these addresses may match a node."""
    return stated.blocks is not BlockScope.OUTSIDE and addresses.meets(stated.nodes)


def _of_direction(policies: Policies, direction: Direction) -> Policies:
    """The policies of one direction alone."""
    return Policies(
        {
            name: replace(each, subjects=tuple(each.of(direction)))
            for name, each in policies.namespaces.items()
        }
    )


def _naming_hosts(tiers: Tiers, direction: Direction) -> Tiers:
    """The rules of a direction that may be about a peer on the host's network."""

    def named(peers: tuple[TierPeer, ...]) -> Iterator[TierPeer]:
        for peer in peers:
            if isinstance(peer, Networks | Nodes | Domains):
                # Each may have the address of the pod's node, as the addresses of a domain name may.
                yield Domains(())
            elif not isinstance(peer, Pods):
                yield peer

    rules = (
        replace(rule, peers=tuple(named(rule.peers)))
        for rule in tiers.rules
        if rule.direction is direction
    )
    return replace(tiers, rules=tuple(rule for rule in rules if rule.peers))
