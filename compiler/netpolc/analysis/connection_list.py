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
`possible_connections` keeps what is unknown apart: each row has what is certain, and what more
is permitted if the unknown facts that it names are so (`unknown_facts`).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial, reduce
from ipaddress import IPv4Address, IPv6Address
from itertools import pairwise
from operator import or_
from typing import TypeAlias

from netpolc.analysis.address_line import on_line
from netpolc.analysis.block_reading import OUTSIDE_ONLY, BlockReading, blocks_of, readings
from netpolc.analysis.bounds import tier_readings
from netpolc.analysis.namespace_partition import Facts
from netpolc.analysis.policy_index import Side
from netpolc.analysis.port_encoding import with_numbers
from netpolc.analysis.query import container_ports
from netpolc.analysis.tier_fold import TierFold
from netpolc.analysis.tiers import (
    NO_TIERS,
    Domains,
    Networks,
    Nodes,
    TierPeer,
    TierReading,
    TierRule,
    Tiers,
)
from netpolc.analysis.unknown_facts import UnknownFact
from netpolc.analysis.unknown_of_list import UnknownOfList, namespace_facts, told_apart
from netpolc.ir.model import Policies
from netpolc.kube.cidr import Addresses
from netpolc.kube.inventory import Inventory, Workload
from netpolc.kube.label_conventions import ControllerLabel
from netpolc.kube.peers import Anyone, Direction, Outside, Peer, Pods
from netpolc.kube.ports import EVERY_PORT, PROTOCOLS, NamedPort, Traffic
from netpolc.kube.selectors import EVERYTHING, Selector
from netpolc.program.model import ClusterAddresses
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


@frozen(kw_only=True)
class Row:
    """What one end may send to another. The traffic has no names.

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
    plain = TierReading(tiers, most=False, pods=Addresses(), nodes=Addresses())
    view = _View(plain=True, tiers=plain if tiers else None)
    return _rows(_Classes(policies, known, view), (4, 6) if named else (4,))


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
    lowest, highest = tier_readings(tiers, stated)
    unknown = UnknownOfList(policies, known, stated, lowest)
    least, most = readings(stated)
    fewest = _rows(_Classes(policies, known, _View(blocks=least, tiers=lowest)), (4, 6))
    if not unknown:
        yield from fewest
        return
    widest = _rows(_Classes(policies, known, _View(most=True, blocks=most, tiers=highest)), (4, 6))
    yield from _merged(list(fewest), list(widest), unknown)


def _merged(fewest: list[Row], widest: list[Row], unknown: UnknownOfList) -> Iterator[Row]:
    """The rows of both readings: the certain ones, and what the wider one permits beyond them."""
    certain: dict[_RowEnds, Traffic] = {}
    ranges: dict[_RowEnds, list[Row]] = {}
    for row in fewest:
        ends = _ends(row)
        if isinstance(row.sender, AddressRange) or isinstance(row.receiver, AddressRange):
            ranges.setdefault(ends, []).append(row)
        else:
            certain[ends] = row.traffic
    for row in widest:
        if not isinstance(row.sender, AddressRange) and not isinstance(row.receiver, AddressRange):
            traffic = certain.get(_ends(row), _NOTHING)
            yield _with(row, traffic, unknown)
            continue
        for piece, traffic in _pieces(row, ranges.get(_ends(row), [])):
            yield _with(piece, traffic, unknown)


_RowEnds: TypeAlias = tuple[str, str, int]


def _ends(row: Row) -> _RowEnds:
    """The workloads of a row; an end that is addresses is empty, with their IP version."""
    version = 0
    names = []
    for end in (row.sender, row.receiver):
        if isinstance(end, AddressRange):
            version = end.version
        names.append("" if isinstance(end, AddressRange) else str(end))
    return names[0], names[1], version


def _pieces(row: Row, certain: list[Row]) -> Iterator[tuple[Row, Traffic]]:
    """A row about addresses, cut where what is certain changes."""
    block = row.sender if isinstance(row.sender, AddressRange) else row.receiver
    assert isinstance(block, AddressRange)
    known = [
        (r.sender if isinstance(r.sender, AddressRange) else r.receiver, r.traffic) for r in certain
    ]
    cuts = {block.first, block.last + 1}
    for other, _ in known:
        assert isinstance(other, AddressRange)
        cuts |= {c for c in (other.first, other.last + 1) if block.first < c <= block.last}
    for first, end in pairwise(sorted(cuts)):
        part = AddressRange(first, end - 1, block.version)
        traffic = next(
            (t for r, t in known if isinstance(r, AddressRange) and r.first <= first <= r.last),
            _NOTHING,
        )
        ends = (part, row.receiver) if block is row.sender else (row.sender, part)
        yield replace(row, sender=ends[0], receiver=ends[1]), traffic


def _with(row: Row, certain: Traffic, unknown: UnknownOfList) -> Row:
    if row.traffic == certain:
        return row
    return replace(
        row, traffic=certain, possible=_beyond(row.traffic, certain), facts=unknown.between(row)
    )


def _beyond(wide: Traffic, narrow: Traffic) -> Traffic:
    """The traffic of the first that the second lacks."""
    return Traffic(
        tcp=wide.tcp - narrow.tcp, udp=wide.udp - narrow.udp, sctp=wide.sctp - narrow.sctp
    )


def _rows(classes: "_Classes", versions: tuple[int, ...]) -> Iterator[Row]:
    for receiver in classes.all:
        for workload in receiver.workloads:
            yield from _into(classes, receiver, workload, versions)
    for sender in classes.all:
        for workload in sender.workloads:
            for block, traffic in _outside(classes, sender, Direction.EGRESS, workload, versions):
                yield Row(sender=workload, receiver=block, traffic=traffic)


@frozen(kw_only=True)
class _View:
    """One reading of what is unknown: plain, or as what permits least or most."""

    plain: bool = False
    most: bool = False
    blocks: BlockReading = OUTSIDE_ONLY
    tiers: TierReading | None = None

    def matches(self, selector: Selector, workload: Workload) -> bool | None:
        """Whether a selector matches a workload's pods; None where that is unknown."""
        if self.plain:
            return selector.matches(workload.labels)
        if workload.surely_matches(selector):
            return True
        return None if workload.may_match(selector) else False

    def selects(self, selector: Selector, workload: Workload) -> bool:
        """Whether a selector is taken to match a workload's pods where that permits more."""
        if self.plain:
            return selector.matches(workload.labels)
        return workload.may_match(selector) if self.most else workload.surely_matches(selector)

    def closes(self, subject: Selector, workload: Workload) -> bool:
        """Whether a subject is taken to match a workload's pods where that permits less."""
        if self.plain:
            return subject.matches(workload.labels)
        return workload.surely_matches(subject) if self.most else workload.may_match(subject)

    def is_hidden(self, workload: Workload) -> bool:
        """Whether selectors of peers are taken to miss the workload."""
        return workload.host_network and not (self.plain or self.most)

    def is_open(self, workload: Workload) -> bool:
        """Whether no policy is taken to apply to the workload."""
        return workload.host_network and self.most

    def block_matches(self, addresses: Addresses, workload: Workload) -> bool:
        """Whether a block is taken to match a workload's pods, whose addresses are not known."""
        pods = self.blocks.pods
        if self.plain or pods is None or (workload.host_network and not self.most):
            return False
        if workload.host_network:
            return True
        return addresses.meets(pods) if self.most else pods <= addresses


@frozen(eq=False)
class _Class:
    """Workloads that no policy can tell apart, and the allows of each end; None: open."""

    number: int
    workloads: tuple[Workload, ...]
    namespace: str
    ingress: "tuple[tuple[Peer, Traffic], ...] | None"
    egress: "tuple[tuple[Peer, Traffic], ...] | None"

    def allows(self, direction: Direction) -> "tuple[tuple[Peer, Traffic], ...] | None":
        """The allows of one end."""
        return self.ingress if direction is Direction.INGRESS else self.egress


class _Classes:
    """The classes, and which of them a peer means; remembered for each peer."""

    def __init__(self, policies: Policies, inventory: Inventory, view: _View) -> None:
        self.view = view
        grouped: dict[_Alike, list[Workload]] = {}
        for workload in inventory.workloads:
            grouped.setdefault(_alike(workload), []).append(workload)
        sides = {
            (name, direction): Side.of(each, direction)
            for name, each in policies.namespaces.items()
            for direction in Direction
        }
        self.all = tuple(
            _Class(
                number,
                tuple(grouped[key]),
                key[0],
                *(
                    _allows(sides.get((key[0], direction)), grouped[key][0], view)
                    for direction in (Direction.INGRESS, Direction.EGRESS)
                ),
            )
            for number, key in enumerate(sorted(grouped, key=_order))
        )
        self._varying: dict[tuple[str, str], list[int]] = {}
        self._namespaces: dict[str, list[int]] = {}
        self._by_label: dict[tuple[str, str, str], list[int]] = {}
        for each in self.all:
            self._namespaces.setdefault(each.namespace, []).append(each.number)
            for label, value in each.workloads[0].labels.items():
                self._by_label.setdefault((each.namespace, label, value), []).append(each.number)
            for varying in each.workloads[0].varying:
                self._varying.setdefault((each.namespace, varying.key), []).append(each.number)
        self._facts = {
            name: namespace_facts(policies, name, complete=view.plain) for name in self._namespaces
        }
        self._among: dict[tuple[Pods, int], bool | None] = {}
        self._chosen: dict[_Seen, frozenset[int]] = {}
        self._open_senders = tuple(each.number for each in self.all if each.egress is None)
        self._listing: dict[int, list[_Seen]] | None = None
        self._listed_by: dict[_Seen, list[tuple[int, Traffic]]] = {}

    def meant(self, peer: Peer, home: str) -> frozenset[int]:
        """The classes that a peer means, by number, seen from a namespace."""
        seen = _seen(peer, home)
        found = self._chosen.get(seen)
        if found is None:
            found = self._chosen[seen] = frozenset(self._meant(peer, home))
        return found

    def leaving_to(self, receiver: int) -> dict[int, Traffic]:
        """What senders permit to a class of receivers, names and all; those that permit something."""
        found = dict.fromkeys(self._open_senders, EVERY_PORT)
        for seen in self._peers_of(receiver):
            for sender, traffic in self._listed_by[seen]:
                first = found.get(sender)
                found[sender] = traffic if first is None else first | traffic
        return found

    def _peers_of(self, receiver: int) -> list["_Seen"]:
        """The peers of closed senders that mean a class; all are worked out on first use."""
        if self._listing is None:
            self._listing = {}
            for sender in self.all:
                for peer, traffic in sender.egress or ():
                    seen = _seen(peer, sender.namespace)
                    if seen not in self._listed_by:
                        for number in self.meant(peer, sender.namespace):
                            self._listing.setdefault(number, []).append(seen)
                    self._listed_by.setdefault(seen, []).append((sender.number, traffic))
        return self._listing.get(receiver, [])

    def _meant(self, peer: Peer, home: str) -> Iterator[int]:
        match peer:
            case Anyone():
                yield from range(len(self.all))
            case Pods(namespaces, pods):
                for name in self._in(namespaces, home):
                    yield from self._with(name, pods)
            case Outside(addresses):
                yield from (
                    each.number
                    for each in self.all
                    if self.view.block_matches(addresses, each.workloads[0])
                )

    def _in(self, namespaces: Selector | None, home: str) -> Iterable[str]:
        if namespaces is None:
            return (home,) if home in self._namespaces else ()
        names: Iterable[str] = self._namespaces
        if (exact := namespaces.namespace_names) is not None:
            names = sorted(name for name in exact if name in self._namespaces)
        return (name for name in names if self._may_be(self._facts[name], namespaces))

    def rule_matches(
        self, rule: TierRule, pod: _Class, other: "_Class | IntervalSet"
    ) -> bool | None:
        """Whether a rule of a tier is about a class and another one, or addresses on their line."""
        subject = self._is_among(rule.subject, pod)
        if subject is False:
            return False
        peers = [self._is_tier_peer(peer, other) for peer in rule.peers]
        peer = True if True in peers else None if None in peers else False
        return peer if subject or peer is False else None

    def _is_tier_peer(self, peer: TierPeer, other: "_Class | IntervalSet") -> bool | None:
        reading = self.view.tiers
        assert reading is not None
        match peer, other:
            case Pods(), _Class():
                return self._is_among(peer, other)
            case Anyone(), _:
                return True
            case Networks(addresses), _Class():
                if other.workloads[0].host_network and not self.view.plain:
                    return None
                meets = addresses.meets(reading.pods)
                return True if meets and reading.pods <= addresses else None if meets else False
            case Networks(addresses), IntervalSet():
                return other <= on_line(addresses)
            case Nodes(), IntervalSet():
                return None if other & on_line(reading.nodes) else False
            case Domains(), IntervalSet():
                return None
            case Domains(), _:
                return None if reading.pods else False
        return False

    def _is_among(self, pods: Pods, one: _Class) -> bool | None:
        """Whether the workloads of a class are among pods of a tier's policy."""
        key = (pods, one.number)
        if key not in self._among:
            workload = one.workloads[0]
            left = self._facts[one.namespace].left(pods.namespaces or EVERYTHING)
            found = None if left is None else self.view.matches(pods.pods, workload)
            hidden = workload.host_network and not self.view.plain
            self._among[key] = (
                False if left is None or found is False or hidden else None if left else found
            )
        return self._among[key]

    def _may_be(self, facts: Facts, namespaces: Selector) -> bool:
        """Whether a namespace with these labels is taken to be meant by a selector."""
        left = facts.left(namespaces)
        return left is not None and (self.view.most or not left)

    def _with(self, name: str, pods: Selector) -> Iterator[int]:
        near = self._namespaces[name]
        for key, allowed in pods.requirements:
            if allowed.is_finite:
                near = [
                    i
                    for v in sorted(allowed.values)
                    for i in self._by_label.get((name, key, v), ())
                ]
                near += self._varying.get((name, key), ())
                break
        for number in near:
            one = self.all[number].workloads[0]
            if not self.view.is_hidden(one) and self.view.selects(pods, one):
                yield number


_Seen: TypeAlias = tuple[str, Peer]
"""A peer and the namespace that it is seen from, where that matters."""


def _seen(peer: Peer, home: str) -> _Seen:
    return (home if isinstance(peer, Pods) and peer.namespaces is None else "", peer)


_Alike: TypeAlias = tuple[str, tuple[tuple[str, str], ...], tuple[ControllerLabel, ...], bool]
"""What two workloads share that no policy tells apart."""


def _alike(workload: Workload) -> _Alike:
    labels = tuple(sorted(workload.labels.items()))
    return workload.namespace, labels, workload.varying, workload.host_network


def _order(key: _Alike) -> tuple[object, ...]:
    return key[0], key[1], key[3], [label.pattern for label in key[2]]


def _allows(
    side: Side | None, workload: Workload, view: _View
) -> tuple[tuple[Peer, Traffic], ...] | None:
    """What a workload's pods list in a direction; None where they are open."""
    if side is None or view.is_open(workload):
        return None
    closed = side.always_closed or any(view.closes(s.selector, workload) for s in side.subjects)
    if not closed:
        return None
    near = side.about_pod(workload.labels) if not workload.varying else range(len(side.allows))
    allows = (side.allows[i] for i in near)
    return tuple((a.peer, a.traffic) for a in allows if view.selects(a.subject, workload))


def _into(
    classes: _Classes, receiver: _Class, workload: Workload, versions: tuple[int, ...]
) -> Iterator[Row]:
    """The rows to one workload."""
    ports = container_ports(workload)
    if classes.view.tiers is not None:
        yield from _into_by_tiers(classes, receiver, workload, versions, classes.view.tiers)
        return
    entering = _entering(classes, receiver, workload)
    # From the end that names the fewer: an open receiver is asked about by its senders.
    leaving = classes.leaving_to(receiver.number) if entering is None else {}
    for number in sorted(leaving if entering is None else entering):
        sender = classes.all[number]
        if entering is None:
            traffic = with_numbers(leaving[number], ports)
        else:
            egress = _leaving(classes, sender, receiver.number)
            traffic = _common(entering[number], with_numbers(egress, ports))
        if traffic:
            for one in sender.workloads:
                if one is not workload:
                    yield Row(sender=one, receiver=workload, traffic=traffic)
    for block, traffic in _outside(classes, receiver, Direction.INGRESS, workload, versions):
        yield Row(sender=block, receiver=workload, traffic=traffic)


def _into_by_tiers(
    classes: _Classes,
    receiver: _Class,
    workload: Workload,
    versions: tuple[int, ...],
    reading: TierReading,
) -> Iterator[Row]:
    """The rows to one workload, where tiers decide before and after what the policies say."""
    ports = container_ports(workload)
    entering = _entering(classes, receiver, workload)
    for sender in classes.all:
        permitted = None if entering is None else entering.get(sender.number, _NOTHING)
        into = partial(classes.rule_matches, pod=receiver, other=sender)
        ingress = TierFold(reading=reading, matches=into, ports=ports).permitted(
            Direction.INGRESS, permitted
        )
        leaving = None if sender.egress is None else _leaving(classes, sender, receiver.number)
        out = partial(classes.rule_matches, pod=sender, other=receiver)
        egress = TierFold(reading=reading, matches=out, ports=ports).permitted(
            Direction.EGRESS, leaving
        )
        if traffic := _common(ingress, egress):
            for one in sender.workloads:
                if one is not workload:
                    yield Row(sender=one, receiver=workload, traffic=traffic)
    for block, traffic in _outside(classes, receiver, Direction.INGRESS, workload, versions):
        yield Row(sender=block, receiver=workload, traffic=traffic)


def _entering(classes: _Classes, receiver: _Class, workload: Workload) -> dict[int, Traffic] | None:
    """What the receiver's end permits each class of senders; None where it is open."""
    if receiver.ingress is None:
        return None
    ports = container_ports(workload)
    found: dict[int, Traffic] = {}
    for peer, listed in receiver.ingress:
        traffic = with_numbers(listed, ports)
        for number in classes.meant(peer, receiver.namespace):
            first = found.get(number)
            found[number] = traffic if first is None else first | traffic
    return found


def _leaving(classes: _Classes, sender: _Class, receiver: int) -> Traffic:
    """What the sender's end permits to a class of receivers, names and all."""
    if sender.egress is None:
        return EVERY_PORT
    traffic = Traffic()
    for peer, listed in sender.egress:
        if receiver in classes.meant(peer, sender.namespace):
            traffic |= listed
    return traffic


def _common(one: Traffic, other: Traffic) -> Traffic:
    if one.is_everything or one == other:
        return other
    if other.is_everything:
        return one
    return Traffic(tcp=one.tcp & other.tcp, udp=one.udp & other.udp, sctp=one.sctp & other.sctp)


def _outside(
    classes: _Classes,
    pods: _Class,
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
            yield from _ranges(by_tiers, version)
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
        yield from _ranges(with_addresses, version)


def _by_tiers(
    classes: _Classes,
    pods: _Class,
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
    found = []
    for first, end in pairwise(sorted(edges)):
        piece = IntervalSet(((first, end - 1),))
        permitted = None
        if listed is not None:
            permitted = reduce(or_, (t for some, t in blocks if first in some), _NOTHING)
        addresses = Addresses(v4=piece) if version == 4 else Addresses(v6=piece)  # noqa: PLR2004
        matches = partial(classes.rule_matches, pod=pods, other=on_line(addresses))
        fold = TierFold(reading=view.tiers, matches=matches, ports=ports)
        found.append((piece, fold.permitted(direction, permitted)))
    return found


def _numbers(addresses: Addresses, version: int) -> IntervalSet:
    return addresses.v4 if version == 4 else addresses.v6  # noqa: PLR2004


def _ranges(
    with_addresses: list[tuple[IntervalSet, Traffic]], version: int
) -> Iterator[tuple[AddressRange, Traffic]]:
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
