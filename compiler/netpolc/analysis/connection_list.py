"""All permitted connections between the workloads that are known, and with addresses.

In: policies and workloads. Out: rows of sender, receiver and ports by protocol, both
ends of each connection considered. This is the list of today's cluster, where `reach`
is about every pod that could exist, so it is worked out differently: workloads whose
namespace and labels are equal are one class, a policy's peers are looked up by label,
and only pairs that something permits are ever touched.

Ordered pairs of different workloads; addresses in maximal ranges with equal traffic; a
named port has the receiver's number, and admits nothing where no container has the name.

`connections` is the plain reading of what is given, by the conventions of `netpol-analyzer`,
which others compare with: labels that nobody states are absent, pods on the host's network are
like all others, blocks match addresses outside, and IPv6 exists where a policy names it.
`possible_connections`, in the module of its name, keeps what is unknown apart.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial, reduce
from ipaddress import IPv4Address, IPv6Address
from itertools import pairwise
from operator import or_

from netpolc.analysis.address_line import on_line
from netpolc.analysis.block_reading import blocks_of
from netpolc.analysis.class_view import ClassView
from netpolc.analysis.permitted_senders import permitted_senders
from netpolc.analysis.port_encoding import with_numbers
from netpolc.analysis.query import container_ports
from netpolc.analysis.tier_fold import TierFold
from netpolc.analysis.tiers import (
    NO_TIERS,
    TierReading,
    Tiers,
)
from netpolc.analysis.unknown_facts import UnknownFact
from netpolc.analysis.unknown_of_list import told_apart
from netpolc.analysis.workload_classes import WorkloadClass, WorkloadClasses
from netpolc.ir.model import Policies
from netpolc.kube.cidr import Addresses
from netpolc.kube.inventory import Inventory, Workload
from netpolc.kube.peers import Anyone, Direction, Outside, Peer
from netpolc.kube.ports import EVERY_PORT, PROTOCOLS, NamedPort, Traffic
from netpolc.sets import IntervalSet
from netpolc.sets.maximal_ranges import maximal_ranges
from netpolc.values import frozen

_BITS = {4: 32, 6: 128}
_NOTHING = Traffic()


@frozen
class AddressRange:
    """Addresses of an IP version from the first to the last, as numbers."""

    first: int
    last: int
    version: int = 4

    def __str__(self) -> str:
        """The range as lists show it."""
        kind = IPv4Address if self.version == 4 else IPv6Address  # noqa: PLR2004
        return f"{kind(self.first)}-{kind(self.last)}"

    def addresses(self) -> Addresses:
        """The addresses as a set."""
        numbers, none = IntervalSet(((self.first, self.last),)), IntervalSet()
        return Addresses(numbers, none) if self.version == 4 else Addresses(none, numbers)  # noqa: PLR2004


@frozen(kw_only=True)
class Row:
    """The traffic that one end may send to another, without port names.

    `possible` is what more is permitted if the `facts`, which nobody states, are so.
    """

    sender: Workload | AddressRange
    receiver: Workload | AddressRange
    traffic: Traffic
    possible: Traffic = _NOTHING
    facts: tuple[UnknownFact, ...] = ()

    def protocols(self) -> dict[str, list[list[int]]]:
        """Ports by protocol, as `--format json` shows them."""
        return protocols(self.traffic)


def protocols(traffic: Traffic) -> dict[str, list[list[int]]]:
    """Ranges of ports by protocol; a protocol without ports is left out."""
    return {
        p.value: [list(pair) for pair in traffic.numbers(p).ranges]
        for p in PROTOCOLS
        if traffic.numbers(p)
    }


def connections(policies: Policies, inventory: Inventory, tiers: Tiers = NO_TIERS) -> Iterator[Row]:
    """Every connection that the plain reading permits, receiver by receiver, then to addresses.

    In it, networks of tiers match addresses outside alone, and of equal priorities denial is first.
    """
    named = any(addresses.v6 for addresses in (*blocks_of((policies,)), *tiers.networks()))
    known = told_apart(policies, inventory, tiers)
    classes = WorkloadClasses(policies, known, plain_view(tiers))
    return rows_of_classes(classes, (4, 6) if named else (4,))


def plain_view(tiers: Tiers) -> ClassView:
    """The plain reading of workloads."""
    plain = TierReading(tiers, most=False, pods=Addresses(), nodes=Addresses())
    return ClassView(plain=True, tiers=plain if tiers else None)


def rows_of_classes(classes: WorkloadClasses, versions: tuple[int, ...]) -> Iterator[Row]:
    """The rows of classes under one reading, receiver by receiver, then to addresses."""
    for receiver in classes.all:
        for workload in receiver.workloads:
            yield from _into(classes, receiver, workload, versions)
    for sender in classes.all:
        for workload in sender.workloads:
            for block, traffic in address_ranges(
                classes, sender, Direction.EGRESS, workload, versions
            ):
                yield Row(sender=workload, receiver=block, traffic=traffic)


def _into(
    classes: WorkloadClasses, receiver: WorkloadClass, workload: Workload, versions: tuple[int, ...]
) -> Iterator[Row]:
    """The rows to one workload."""
    for sender, traffic in permitted_senders(classes, receiver, workload):
        for other in sender.workloads:
            if other is not workload:
                yield Row(sender=other, receiver=workload, traffic=traffic)
    for block, traffic in address_ranges(classes, receiver, Direction.INGRESS, workload, versions):
        yield Row(sender=block, receiver=workload, traffic=traffic)


def address_ranges(
    classes: WorkloadClasses,
    pods: WorkloadClass,
    direction: Direction,
    workload: Workload,
    versions: tuple[int, ...],
) -> Iterator[tuple[AddressRange, Traffic]]:
    """The maximal ranges of addresses with equal traffic, and that traffic."""
    view = classes.view
    listed = pods.allows(direction)
    ports = container_ports(workload) if direction is Direction.INGRESS else {}
    for version in versions:
        everything = IntervalSet(((0, (1 << _BITS[version]) - 1),))
        if view.tiers is not None:
            by_tiers = _by_tiers(classes, pods, direction, version, listed, ports)
            yield from ranges_with_traffic(by_tiers, version)
            continue
        if listed is None:
            yield AddressRange(*everything.ranges[0], version), EVERY_PORT
            continue
        unmatched = _numbers(view.blocks.unmatched, version)
        with_addresses = [
            (
                everything
                if isinstance(peer, Anyone)
                else _numbers(peer.addresses, version) - unmatched,
                with_numbers(traffic, ports),
            )
            for peer, traffic in listed
            if isinstance(peer, Anyone | Outside)
        ]
        yield from ranges_with_traffic(with_addresses, version)


def _by_tiers(
    classes: WorkloadClasses,
    pods: WorkloadClass,
    direction: Direction,
    version: int,
    listed: "tuple[tuple[Peer, Traffic], ...] | None",
    ports: Mapping[NamedPort, frozenset[int]],
) -> list[tuple[IntervalSet, Traffic]]:
    """Disjoint ranges of addresses with what the tiers permit there in the end."""
    view = classes.view
    assert view.tiers is not None
    unmatched = _numbers(view.blocks.unmatched, version)
    everything = IntervalSet(((0, (1 << _BITS[version]) - 1),))
    blocks = [
        (
            everything
            if isinstance(peer, Anyone)
            else _numbers(peer.addresses, version) - unmatched,
            with_numbers(traffic, ports),
        )
        for peer, traffic in listed or ()
        if isinstance(peer, Anyone | Outside)
    ]
    named = [*view.tiers.tiers.networks(), view.tiers.nodes]
    edges = _edges((*(s for s, _ in blocks), *(_numbers(a, version) for a in named)), version)
    pieces = []
    for first, end in pairwise(sorted(edges)):
        piece = IntervalSet(((first, end - 1),))
        permitted = None
        if listed is not None:
            permitted = reduce(or_, (t for some, t in blocks if first in some), _NOTHING)
        addresses = Addresses(v4=piece) if version == 4 else Addresses(v6=piece)  # noqa: PLR2004
        matches = partial(classes.rule_matches, pod=pods, other=on_line(addresses))
        groups = classes.groups_about(pods)
        fold = TierFold(reading=view.tiers, groups=groups, matches=matches, ports=ports)
        pieces.append((piece, fold.permitted(direction, permitted)))
    return pieces


def _numbers(addresses: Addresses, version: int) -> IntervalSet:
    return addresses.v4 if version == 4 else addresses.v6  # noqa: PLR2004


def ranges_with_traffic(
    with_addresses: Sequence[tuple[IntervalSet, Traffic]], version: int
) -> Iterator[tuple[AddressRange, Traffic]]:
    """The maximal ranges of addresses with equal traffic, where sets of addresses have some traffic each."""

    def at(address: int) -> Traffic:
        return reduce(
            or_, (some for numbers, some in with_addresses if address in numbers), _NOTHING
        )

    edges = _edges((numbers for numbers, _ in with_addresses), version)
    for first, last, traffic in maximal_ranges(edges, at):
        if traffic:
            yield AddressRange(first, last, version), traffic


def _edges(sets: Iterable[IntervalSet], version: int) -> set[int]:
    """The places where some set begins or ends, and the ends of all addresses."""
    edges = {0, 1 << _BITS[version]}
    for numbers in sets:
        for low, high in numbers.ranges:
            edges.update((low, high + 1))
    return edges
