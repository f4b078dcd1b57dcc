"""All permitted connections between the workloads that are known, and with addresses.

In: policies and workloads. Out: rows of sender, receiver and ports by protocol, both
ends of each connection considered. This is the list of today's cluster, where `reach`
is about every pod that could exist, so it is worked out differently: workloads whose
namespace and labels are equal are one class, a policy's peers are looked up by label,
and only pairs that something permits are ever touched.

Conventions are those of `netpol-analyzer`, which others compare with: ordered pairs of
different workloads; addresses are IPv4, in maximal ranges with equal traffic; a named
port has the receiver's number, and admits nothing where no container has the name;
pods on the host's network are listed like all others.
"""

from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv4Address
from itertools import pairwise
from typing import TypeAlias

from netpolc.analysis.policy_index import Side
from netpolc.analysis.port_encoding import with_numbers
from netpolc.analysis.query import container_ports
from netpolc.frozen import frozen
from netpolc.ir.model import Policies, PolicySet
from netpolc.kube.inventory import Inventory, Workload
from netpolc.kube.name_rules import METADATA_NAME
from netpolc.kube.peers import Anyone, Direction, Outside, Peer, Pods
from netpolc.kube.ports import EVERY_PORT, PROTOCOLS, Traffic
from netpolc.kube.selectors import Selector
from netpolc.sets import IntervalSet

_LAST = (1 << 32) - 1
_EVERY_V4 = IntervalSet(((0, _LAST),))


@frozen
class AddressRange:
    """IPv4 addresses from the first to the last, as numbers."""

    first: int
    last: int

    def __str__(self) -> str:
        """The range as lists show it."""
        return f"{IPv4Address(self.first)}-{IPv4Address(self.last)}"


@frozen(kw_only=True)
class Row:
    """What one end may send to another. The traffic has no names."""

    sender: Workload | AddressRange
    receiver: Workload | AddressRange
    traffic: Traffic

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


def connections(policies: Policies, inventory: Inventory) -> Iterator[Row]:
    """Every permitted connection, receiver by receiver, then from workloads to addresses."""
    classes = _Classes(policies, inventory)
    for receiver in classes.all:
        for workload in receiver.workloads:
            yield from _into(classes, receiver, workload)
    for sender in classes.all:
        for workload in sender.workloads:
            for block, traffic in _outside(sender, Direction.EGRESS, workload):
                yield Row(sender=workload, receiver=block, traffic=traffic)


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

    def __init__(self, policies: Policies, inventory: Inventory) -> None:
        grouped: dict[tuple[str, tuple[tuple[str, str], ...]], list[Workload]] = {}
        for workload in inventory.workloads:
            key = workload.namespace, tuple(sorted(workload.labels.items()))
            grouped.setdefault(key, []).append(workload)
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
                    _allows(sides.get((key[0], direction)), dict(key[1]))
                    for direction in (Direction.INGRESS, Direction.EGRESS)
                ),
            )
            for number, key in enumerate(sorted(grouped))
        )
        self._labels = [dict(key[1]) for key in sorted(grouped)]
        self._namespaces: dict[str, list[int]] = {}
        self._by_label: dict[tuple[str, str, str], list[int]] = {}
        for each in self.all:
            self._namespaces.setdefault(each.namespace, []).append(each.number)
            for label, value in self._labels[each.number].items():
                self._by_label.setdefault((each.namespace, label, value), []).append(each.number)
        self._facts = {
            name: _namespace_labels(policies.namespaces.get(name), name)
            for name in self._namespaces
        }
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
            case Outside():
                return

    def _in(self, namespaces: Selector | None, home: str) -> Iterable[str]:
        if namespaces is None:
            return (home,) if home in self._namespaces else ()
        exact = dict(namespaces.requirements).get(METADATA_NAME)
        names: Iterable[str] = self._namespaces
        if exact is not None and not exact.complement:
            names = sorted(name for name in exact.values if name in self._namespaces)
        return (name for name in names if namespaces.matches(self._facts[name]))

    def _with(self, name: str, pods: Selector) -> Iterator[int]:
        near = self._namespaces[name]
        for key, allowed in pods.requirements:
            if allowed.is_finite:
                near = [
                    i
                    for v in sorted(allowed.values)
                    for i in self._by_label.get((name, key, v), ())
                ]
                break
        return (i for i in near if pods.matches(self._labels[i]))


_Seen: TypeAlias = tuple[str, Peer]
"""A peer and the namespace that it is seen from, where that matters."""


def _seen(peer: Peer, home: str) -> _Seen:
    return (home if isinstance(peer, Pods) and peer.namespaces is None else "", peer)


def _namespace_labels(known: PolicySet | None, name: str) -> Mapping[str, str]:
    """A namespace's labels as far as they are stated; what is not stated is not there."""
    return {**(known.labels if known is not None else {}), METADATA_NAME: name}


def _allows(
    side: Side | None, labels: Mapping[str, str]
) -> tuple[tuple[Peer, Traffic], ...] | None:
    """What the pods with these labels list; None where they are open."""
    if side is None:
        return None
    if side.always_closed is None and not any(
        one.selector.matches(labels) for one in side.subjects
    ):
        return None
    near = (side.allows[i] for i in side.about_pod(labels))
    return tuple((a.peer, a.traffic) for a in near if a.subject.matches(labels))


def _into(classes: _Classes, receiver: _Class, workload: Workload) -> Iterator[Row]:
    """The rows to one workload."""
    ports = container_ports(workload)
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
    for block, traffic in _outside(receiver, Direction.INGRESS, workload):
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
    pods: _Class, direction: Direction, workload: Workload
) -> Iterator[tuple[AddressRange, Traffic]]:
    """The maximal ranges of addresses with equal traffic, and that traffic."""
    listed = pods.allows(direction)
    if listed is None:
        yield AddressRange(0, _LAST), EVERY_PORT
        return
    ports = container_ports(workload) if direction is Direction.INGRESS else {}
    with_addresses = [
        (_EVERY_V4 if isinstance(peer, Anyone) else peer.addresses.v4, with_numbers(traffic, ports))
        for peer, traffic in listed
        if isinstance(peer, Anyone | Outside)
    ]
    last: tuple[AddressRange, Traffic] | None = None
    for first, end in pairwise(_cuts(numbers for numbers, _ in with_addresses)):
        traffic = Traffic()
        for numbers, some in with_addresses:
            if first in numbers:
                traffic |= some
        if last is not None and last[1] == traffic:
            last = AddressRange(last[0].first, end - 1), traffic
            continue
        if last is not None and last[1]:
            yield last
        last = AddressRange(first, end - 1), traffic
    if last is not None and last[1]:
        yield last


def _cuts(sets: Iterable[IntervalSet]) -> list[int]:
    """The places where some set begins or ends, and the ends of all addresses."""
    cuts = {0, _LAST + 1}
    for numbers in sets:
        for low, high in numbers.ranges:
            cuts.update((low, high + 1))
    return sorted(cuts)
