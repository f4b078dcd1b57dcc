"""All certain and possible connections between the workloads that are known, and with addresses.

In: policies, workloads, and what is stated of the cluster's addresses. Out: the rows of
`connection_list`, which keep what is unknown apart: each row has what is certain, and what more is
permitted if the unknown facts that it names are so (`unknown_facts`).

Permissions only add, so the list is worked out twice, as what permits least and as what permits
most. Both have the same classes of workloads, and few pairs of answers: each pair is compared once.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise

from netpolc.analysis.block_reading import readings
from netpolc.analysis.bounds import tier_readings
from netpolc.analysis.class_view import ClassView
from netpolc.analysis.connection_list import (
    AddressRange,
    Row,
    address_ranges,
    rows_of_classes,
)
from netpolc.analysis.permitted_senders import permitted_senders
from netpolc.analysis.port_intersection import beyond
from netpolc.analysis.tiers import NO_TIERS, Tiers
from netpolc.analysis.unknown_facts import UnknownFact
from netpolc.analysis.unknown_of_list import UnknownOfList, told_apart
from netpolc.analysis.workload_classes import WorkloadClass, WorkloadClasses
from netpolc.ir.model import Policies
from netpolc.kube.inventory import Inventory, Workload
from netpolc.kube.peers import Direction
from netpolc.kube.ports import Traffic
from netpolc.program.model import ClusterAddresses
from netpolc.values import maker

_VERSIONS = (4, 6)
_NOTHING = Traffic()
_row: Callable[
    [
        Workload | AddressRange,
        Workload | AddressRange,
        Traffic,
        Traffic,
        tuple[UnknownFact, ...],
    ],
    Row,
] = maker(Row)


def possible_connections(
    policies: Policies, inventory: Inventory, stated: ClusterAddresses, tiers: Tiers = NO_TIERS
) -> Iterator[Row]:
    """Every connection that is certainly or possibly permitted.

    Args:
        policies: what is in the cluster.
        inventory: the workloads. Live pods of one owner that policies tell apart are listed
            one by one.
        stated: the cluster's own addresses, and which of them blocks match.
        tiers: the cluster-wide policies.
    """
    known = told_apart(policies, inventory, tiers)
    least, most = bounding_views(stated, tiers)
    unknown = UnknownOfList(policies, known, stated, least.tiers)
    fewest = WorkloadClasses(policies, known, least)
    if not unknown:
        return rows_of_classes(fewest, _VERSIONS)
    return _Readings(fewest, WorkloadClasses(policies, known, most), unknown).rows()


def bounding_views(stated: ClusterAddresses, tiers: Tiers) -> tuple[ClassView, ClassView]:
    """The views of workloads that permit least and most."""
    lowest, highest = tier_readings(tiers, stated)
    least, most = readings(stated)
    return (
        ClassView(blocks=least, tiers=lowest, nodes=stated.nodes),
        ClassView(most=True, blocks=most, tiers=highest, nodes=stated.nodes),
    )


class _Readings:
    """The classes under the readings that permit least and most, and the facts between the two."""

    def __init__(
        self, fewest: WorkloadClasses, widest: WorkloadClasses, unknown: UnknownOfList
    ) -> None:
        self._fewest = fewest
        self._widest = widest
        self._unknown = unknown
        self._beyond = cache(beyond)

    def rows(self) -> Iterator[Row]:
        """The rows, receiver by receiver, then to addresses."""
        for receiver in self._widest.all:
            for workload in receiver.workloads:
                yield from self._from_workloads(receiver, workload)
                for block, answer in self._addresses(receiver, Direction.INGRESS, workload):
                    yield _row(block, workload, *answer)
        for sender in self._widest.all:
            for workload in sender.workloads:
                for block, answer in self._addresses(sender, Direction.EGRESS, workload):
                    yield _row(workload, block, *answer)

    def _from_workloads(self, receiver: WorkloadClass, workload: Workload) -> Iterator[Row]:
        """The rows to a workload from all others."""
        low = self._fewest.all[receiver.number]
        senders = permitted_senders(self._fewest, low, workload)
        certain = {sender.number: traffic for sender, traffic in senders}
        for sender, traffic in permitted_senders(self._widest, receiver, workload):
            sure = certain.get(sender.number, _NOTHING)
            possible = _NOTHING if traffic is sure else self._beyond(traffic, sure)
            for each in sender.workloads:
                if each is not workload:
                    facts = () if traffic is sure else self._unknown.between(each, workload)
                    yield _row(each, workload, sure, possible, facts)

    def _addresses(
        self, pods: WorkloadClass, direction: Direction, workload: Workload
    ) -> Iterator[tuple[AddressRange, tuple[Traffic, Traffic, tuple[UnknownFact, ...]]]]:
        """The ranges of addresses with equal answers, and the answers."""
        low = self._fewest.all[pods.number]
        is_receiver = direction is Direction.INGRESS
        for version in _VERSIONS:
            of_version = (version,)
            certain = list(address_ranges(self._fewest, low, direction, workload, of_version))
            widest = address_ranges(self._widest, pods, direction, workload, of_version)
            for block, traffic, sure in _cut(widest, certain):
                if traffic is sure:
                    yield block, (sure, _NOTHING, ())
                    continue
                sender, receiver = (None, workload) if is_receiver else (workload, None)
                facts = self._unknown.between(sender, receiver, block.addresses())
                yield block, (sure, self._beyond(traffic, sure), facts)


def _cut(
    widest: Iterator[tuple[AddressRange, Traffic]], certain: list[tuple[AddressRange, Traffic]]
) -> Iterator[tuple[AddressRange, Traffic, Traffic]]:
    """The ranges of an IP version, cut where what is certain changes, with both readings' traffic."""
    firsts = [block.first for block, _ in certain]
    edges = sorted({edge for block, _ in certain for edge in (block.first, block.last + 1)})
    for block, traffic in widest:
        inside = edges[bisect_right(edges, block.first) : bisect_right(edges, block.last)]
        for first, end in pairwise((block.first, *inside, block.last + 1)):
            place = bisect_right(firsts, first) - 1
            is_sure = place >= 0 and first <= certain[place][0].last
            sure = certain[place][1] if is_sure else _NOTHING
            yield AddressRange(first, end - 1, block.version), traffic, sure
