"""Unknown pods that the blocks of known workloads may match.

Where nobody states which addresses pods have, and whether blocks match them, each class of unknown pods may have
addresses in any block. These pods are listed by their addresses: rows for every class, for every block,
would be far too many.
"""

from collections.abc import Iterator, Sequence
from functools import reduce
from operator import or_
from typing import TypeAlias

from netpolc.analysis.block_reading import unsettled
from netpolc.analysis.class_view import ClassView
from netpolc.analysis.connection_list import AddressRange, Row, ranges_with_traffic
from netpolc.analysis.port_encoding import with_numbers
from netpolc.analysis.port_intersection import beyond
from netpolc.analysis.query import container_ports
from netpolc.analysis.unknown_facts import BlockMatching
from netpolc.analysis.workload_classes import WorkloadClasses
from netpolc.ir.model import Policies
from netpolc.kube.inventory import Inventory, Workload
from netpolc.kube.peers import ANY_POD, Anyone, Direction, Outside, Peer
from netpolc.kube.ports import NO_TRAFFIC, Traffic
from netpolc.program.model import ClusterAddresses

_VERSIONS = (4, 6)
_EVERY_POD = (Anyone(), ANY_POD)
_Allows: TypeAlias = Sequence[tuple[Peer, Traffic]]


def pods_in_blocks(
    policies: Policies, inventory: Inventory, stated: ClusterAddresses
) -> Iterator[Row]:
    """What is possible between known workloads and unknown pods with addresses in their blocks."""
    if stated.pods or stated.blocks is not None:
        return
    for pods in WorkloadClasses(policies, inventory, ClassView(most=True)).all:
        for direction in Direction:
            listed = pods.allows(direction) or ()
            if any(_may_match_pods(peer, stated) for peer, _ in listed):
                for workload in pods.workloads:
                    yield from _rows(workload, direction, listed, stated)


def _may_match_pods(peer: Peer, stated: ClusterAddresses) -> bool:
    return isinstance(peer, Outside) and BlockMatching() in unsettled(peer.addresses, stated)


def _rows(
    workload: Workload, direction: Direction, listed: _Allows, stated: ClusterAddresses
) -> Iterator[Row]:
    """The rows of a workload in one direction. Names of ports of pods that are not known remain."""
    if direction is Direction.INGRESS:
        ports = container_ports(workload)
        listed = [(peer, with_numbers(traffic, ports)) for peer, traffic in listed]
    certain = reduce(or_, (traffic for peer, traffic in listed if peer in _EVERY_POD), NO_TRAFFIC)
    blocks = [
        (peer.addresses, traffic)
        for peer, traffic in listed
        if isinstance(peer, Outside) and _may_match_pods(peer, stated)
    ]
    for version in _VERSIONS:
        numbers = [(addresses.numbers(version), traffic) for addresses, traffic in blocks]
        for block, traffic in ranges_with_traffic(numbers, version):
            if possible := beyond(traffic, certain):
                yield _row(direction, workload, block, possible)


def _row(direction: Direction, workload: Workload, block: AddressRange, possible: Traffic) -> Row:
    ends: tuple[Workload | AddressRange, ...] = (block, workload)
    sender, receiver = ends if direction is Direction.INGRESS else ends[::-1]
    return Row(
        sender=sender,
        receiver=receiver,
        traffic=NO_TRAFFIC,
        possible=possible,
        facts=(BlockMatching(),),
    )
