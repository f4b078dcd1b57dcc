"""The blocks that permit connections between pods on a side where no other peer does.

A comparison reads blocks as addresses outside the cluster. Where a block may match pods, a side may permit
connections that the comparison calls closed there. So that side is asked about them once more, with the
addresses that pods may have.
"""

from collections.abc import Iterator
from functools import cached_property

from netpolc.analysis.block_reading import BlockReading, matching_of, readings
from netpolc.analysis.connection_sets import Connections, PodClass
from netpolc.analysis.namespace_partition import Cluster
from netpolc.analysis.port_intersection import may_share_ports
from netpolc.analysis.query import PodEnd, Question
from netpolc.analysis.search import Blocked, Permitted, blocked, permitted
from netpolc.analysis.three_valued import line_of
from netpolc.analysis.unknown_facts import BlockMatching
from netpolc.changes.model import Side
from netpolc.ir.model import Allow
from netpolc.kube.cidr import Addresses
from netpolc.kube.name_rules import METADATA_NAME
from netpolc.kube.peers import Direction, Outside
from netpolc.kube.selectors import Selector
from netpolc.program.model import ClusterAddresses
from netpolc.sets import ValueSet


class BlocksBetweenPods:
    """The blocks of a side which does not permit some connections if blocks match no pods."""

    def __init__(self, side: Side, stated: ClusterAddresses) -> None:
        """Take the side, and what is stated of the cluster's addresses."""
        self._side = side
        self._least, self._most = readings(stated)
        self.fact: BlockMatching = matching_of(Addresses(), stated)
        pods = self._most.pods
        blocks = {
            name: tuple(
                allow
                for allow in policies.allows
                if isinstance(allow.peer, Outside)
                and pods is not None
                and allow.peer.addresses.meets(pods)
            )
            for name, policies in side.policies.namespaces.items()
        }
        self._blocks = {name: allows for name, allows in blocks.items() if allows}

    def may_permit(self, connections: Connections) -> bool:
        """Whether blocks may permit some of the connections between pods."""
        return self._are_listed(connections) and any(
            piece.case.same is connections.same_namespace
            for piece in _permitted(self._widest, connections)
        )

    def surely_permit(self, connections: Connections) -> bool:
        """Whether blocks permit all of the connections between pods, whatever their addresses are."""
        return (
            self._least.pods is not None
            and self._are_listed(connections)
            and not any(
                piece.case.same is connections.same_namespace
                for piece in _blocked(self._narrowest, connections)
            )
        )

    @cached_property
    def _widest(self) -> Cluster:
        return self._read(self._most)

    @cached_property
    def _narrowest(self) -> Cluster:
        return self._read(self._least)

    def _read(self, blocks: BlockReading) -> Cluster:
        side = self._side
        return Cluster(side.policies, blocks=blocks, tiers=(side.reading,))

    def _are_listed(self, connections: Connections) -> bool:
        """Whether the policies at one end of connections between pods list a block for them."""
        sender, receiver = connections.sender, connections.receiver
        if not isinstance(sender, PodClass) or not isinstance(receiver, PodClass):
            return False
        return any(
            allow.direction is direction
            and not allow.subject.isdisjoint(end.pods)
            and may_share_ports(allow.traffic, connections.traffic)
            for direction, end in ((Direction.EGRESS, sender), (Direction.INGRESS, receiver))
            for allow in self._in(end.names)
        )

    def _in(self, names: ValueSet) -> Iterator[Allow]:
        """The allows of blocks in the namespaces with some names."""
        for name in sorted(names.values) if names.is_finite else self._blocks:
            if name in names:
                yield from self._blocks.get(name, ())


def _permitted(cluster: Cluster, connections: Connections) -> Iterator[Permitted]:
    """The connections that may be permitted, whatever numbers named ports have."""
    question, reading = _question(connections), line_of(cluster, (connections.traffic,)).free
    return permitted(cluster, question, asked=reading, granted=reading, refused=reading)


def _blocked(cluster: Cluster, connections: Connections) -> Iterator[Blocked]:
    """The connections that may not be permitted, whatever numbers named ports have."""
    question, reading = _question(connections), line_of(cluster, (connections.traffic,)).free
    return blocked(cluster, question, asked=reading, granted=reading)


def _question(connections: Connections) -> Question:
    """The question about all pods of two classes."""
    sender, receiver = (
        PodEnd(Selector.of(((METADATA_NAME, end.names), *end.namespaces.requirements)), end.pods)
        for end in (connections.sender, connections.receiver)
        if isinstance(end, PodClass)
    )
    return Question(sender=sender, receiver=receiver, traffic=connections.traffic)
