"""Unknown pods that the blocks of known workloads may match.

Where nobody states which addresses pods have, and whether blocks match them, each class of unknown pods may have
addresses in any block. These pods are listed by their addresses: rows for every class, for every block,
would be far too many.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import reduce
from operator import or_
from typing import TypeAlias

from netpolc.analysis.block_reading import unsettled
from netpolc.analysis.class_view import ClassView
from netpolc.analysis.connection_list import AddressRange, Row, address_ranges
from netpolc.analysis.port_encoding import with_numbers
from netpolc.analysis.port_intersection import beyond
from netpolc.analysis.query import container_ports
from netpolc.analysis.unknown_facts import BlockMatching
from netpolc.analysis.workload_classes import WorkloadClass, WorkloadClasses
from netpolc.ir.model import Policies
from netpolc.kube.inventory import Inventory, Workload
from netpolc.kube.peers import Anyone, Direction, Outside, Peer, Pods
from netpolc.kube.ports import NO_TRAFFIC, NamedPort, Traffic
from netpolc.kube.selectors import EVERYTHING
from netpolc.program.model import ClusterAddresses

_VERSIONS = (4, 6)
_EVERY_POD = (Anyone(), Pods(EVERYTHING, EVERYTHING))
_Allows: TypeAlias = Iterable[tuple[Peer, Traffic]]


def pods_in_blocks(
    policies: Policies, inventory: Inventory, stated: ClusterAddresses
) -> Iterator[Row]:
    """What is possible between known workloads and unknown pods with addresses in their blocks."""
    if stated.pods or stated.blocks is not None:
        return
    classes = WorkloadClasses(policies, inventory, ClassView(most=True))
    for pods in classes.all:
        for direction in Direction:
            listed = pods.allows(direction) or ()
            blocks = tuple(
                (peer, traffic)
                for peer, traffic in listed
                if isinstance(peer, Outside)
                and BlockMatching() in unsettled(peer.addresses, stated)
            )
            for workload in pods.workloads if blocks else ():
                ports = container_ports(workload) if direction is Direction.INGRESS else {}
                certain = _from_every_pod(listed, ports)
                only = _with_allows(pods, direction, blocks)
                for block, traffic in address_ranges(classes, only, direction, workload, _VERSIONS):
                    if possible := beyond(traffic, certain):
                        yield _row(direction, workload, block, possible)


def _from_every_pod(listed: _Allows, ports: Mapping[NamedPort, frozenset[int]]) -> Traffic:
    """The traffic that allows permit with every pod, whatever address it has."""
    permitted = (with_numbers(traffic, ports) for peer, traffic in listed if peer in _EVERY_POD)
    return reduce(or_, permitted, NO_TRAFFIC)


def _with_allows(
    pods: WorkloadClass, direction: Direction, allows: tuple[tuple[Peer, Traffic], ...]
) -> WorkloadClass:
    if direction is Direction.INGRESS:
        return replace(pods, ingress=allows)
    return replace(pods, egress=allows)


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
