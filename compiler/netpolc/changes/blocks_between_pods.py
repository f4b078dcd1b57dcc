"""The blocks that permit connections between pods on a side where no other peer does.

A comparison reads blocks as addresses outside the cluster. Where a block may match pods, a side may permit
connections that the comparison calls closed there. So that side is asked about them once more, with the
addresses that pods may have.

Only the namespaces at the ends of such connections decide about them, and only their policies are read.
"""

from collections.abc import Iterable, Iterator
from functools import cached_property, reduce
from operator import or_

from netpolc.analysis.block_reading import BlockReading, readings
from netpolc.analysis.connection_sets import Connections, PodClass, question_about
from netpolc.analysis.namespace_partition import Cluster
from netpolc.analysis.port_intersection import may_share_ports
from netpolc.analysis.search import Blocked, Permitted, blocked, permitted
from netpolc.analysis.three_valued import line_of
from netpolc.changes.model import Side
from netpolc.ir.model import Allow, Policies, PolicySet
from netpolc.kube.cidr import Addresses
from netpolc.kube.peers import Direction, Outside
from netpolc.program.model import ClusterAddresses
from netpolc.sets import ValueSet


class BlocksBetweenPods:
    """The blocks of a side which does not permit some connections if blocks match no pods."""

    def __init__(self, side: Side, stated: ClusterAddresses, asked: Iterable[Connections]) -> None:
        """Take the side, what is stated of the cluster's addresses, and all connections to ask about."""
        self._side = side
        self._least, self._most = readings(stated)
        self._blocks: dict[str, tuple[Allow, ...]] = {}
        self._listed = frozenset(filter(self._lists, asked))

    def may_permit(self, connections: Connections) -> bool:
        """Whether blocks may permit some of the connections between pods."""
        return connections in self._listed and any(
            piece.case.same is connections.same_namespace
            for piece in _permitted(self._widest, connections)
        )

    def surely_permit(self, connections: Connections) -> bool:
        """Whether blocks permit all of the connections between pods, whatever their addresses are."""
        return (
            self._least.pods is not None
            and connections in self._listed
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
        return Cluster(self._decisive, blocks=blocks, tiers=(self._side.reading,))

    @cached_property
    def _decisive(self) -> Policies:
        """The policies of the namespaces at the ends of the listed connections."""
        names = reduce(or_, (end.names for each in self._listed for end in _pods(each)))
        known = self._side.policies.namespaces
        return Policies({name: each for name, each in known.items() if name in names})

    def _lists(self, connections: Connections) -> bool:
        """Whether the policies at one end of connections between pods list a block for them."""
        ends = _pods(connections)
        return len(ends) == len(Direction) and any(
            allow.direction is direction
            and not allow.subject.isdisjoint(end.pods)
            and may_share_ports(allow.traffic, connections.traffic)
            for direction, end in zip((Direction.EGRESS, Direction.INGRESS), ends, strict=True)
            for allow in self._in(end.names)
        )

    def _in(self, names: ValueSet) -> Iterator[Allow]:
        """The allows of blocks in the namespaces with some names."""
        for name in sorted(names.values) if names.is_finite else self._side.policies.namespaces:
            if name in names:
                yield from self._blocks_of(name)

    def _blocks_of(self, name: str) -> tuple[Allow, ...]:
        """The allows of blocks that may match pods in a namespace."""
        blocks = self._blocks.get(name)
        if blocks is None:
            policies, pods = self._side.policies.namespaces.get(name), self._most.pods
            blocks = () if policies is None or pods is None else _blocks_that_meet(pods, policies)
            self._blocks[name] = blocks
        return blocks


def _blocks_that_meet(pods: Addresses, policies: PolicySet) -> tuple[Allow, ...]:
    return tuple(
        allow
        for allow in policies.allows
        if isinstance(allow.peer, Outside) and allow.peer.addresses.meets(pods)
    )


def _pods(connections: Connections) -> tuple[PodClass, ...]:
    """The ends of connections that are pods, the sender first."""
    return tuple(
        end for end in (connections.sender, connections.receiver) if isinstance(end, PodClass)
    )


def _permitted(cluster: Cluster, connections: Connections) -> Iterator[Permitted]:
    """The connections that may be permitted, whatever numbers named ports have."""
    question, reading = question_about(connections), line_of(cluster, (connections.traffic,)).free
    return permitted(cluster, question, asked=reading, granted=reading, refused=reading)


def _blocked(cluster: Cluster, connections: Connections) -> Iterator[Blocked]:
    """The connections that may not be permitted, whatever numbers named ports have."""
    question, reading = question_about(connections), line_of(cluster, (connections.traffic,)).free
    return blocked(cluster, question, asked=reading, granted=reading)
