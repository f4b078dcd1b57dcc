"""Cheap tests of whether one allow could open what another one opens.

Whether some allows open all that another one opens is a question for boxes
(`redundant`), and a costly one: an organisation's 50,000 arrows would ask it 50,000
times. Nearly all are answered by looking at two peers: `web` and `api` share no pod,
two blocks share no address. What these tests cannot tell is left to the boxes.

Which number a name of a port means is up to the receiving pod, which may give one number two names
or none. So a named port is opened by the same name, or by all numbers together, and never by another name.
"""

from collections.abc import Container, Iterable, Iterator, Sequence
from heapq import merge
from itertools import groupby

from netpolc.ir.model import Allow
from netpolc.kube.cidr import Cidr, Nesting
from netpolc.kube.peers import Anyone, Outside, Peer, Pods
from netpolc.kube.ports import PROTOCOLS, NamedPort, Protocol, Traffic
from netpolc.kube.selector_index import SelectorIndex
from netpolc.kube.selectors import Selector

_MANY, _NARROW = 32, 16
"""From how many candidates on they are looked for by port, and how many ports are few."""


class Neighbours:
    """The allows of one subject, to be asked which may open what another allow opens.

    Found by the labels that a peer's namespaces and pods must have, and by where its blocks
    lie: with thousands of peers an arrow, each meets the few that speak of the same. Where many do, such
    as one block with a port for each line, they are found by their ports.
    """

    __slots__ = (
        "_allows",
        "_anyone",
        "_blocks",
        "_home",
        "_outside",
        "_pods",
        "_ports",
        "_skipped",
    )

    def __init__(self, allows: Sequence[Allow], namespace: str) -> None:
        """Take the allows of a namespace in."""
        self._home = Selector.namespace(namespace)
        self._file(allows)

    def _file(self, allows: Sequence[Allow]) -> None:
        self._allows = allows
        self._skipped = 0
        self._anyone: list[int] = []
        self._outside: dict[Cidr, list[int]] = {}
        self._blocks: Nesting | None = None
        self._ports: _ByPort | None = None
        pods: dict[Selector, dict[Selector, list[int]]] = {}
        for index, allow in enumerate(allows):
            match allow.peer:
                case Pods() as peer:
                    there = pods.setdefault(peer.namespaces or self._home, {})
                    there.setdefault(peer.pods, []).append(index)
                case Outside(addresses):
                    for block in addresses.blocks:
                        self._outside.setdefault(block.cidr, []).append(index)
                case _:
                    self._anyone.append(index)
        self._pods = SelectorIndex(
            (namespaces, SelectorIndex(by_pods.items())) for namespaces, by_pods in pods.items()
        )

    def of(self, allow: Allow, without: Container[int] = ()) -> Iterator[Allow]:
        """The allows that may open what another one opens, in their order.

        The first ones are found without the others being looked at. The allows whose ids are in
        `without` are left out, now and later.
        """
        if self._skipped > len(self._allows):
            self._file([kept for kept in self._allows if id(kept) not in without])
        allows = self._allows
        candidates = self._candidates(allow.peer)
        number = sum(map(len, candidates))
        if number > _MANY:
            if self._ports is None:
                self._ports = _ByPort(self._allows)
            on_ports = self._ports.meeting(allow.traffic)
            if on_ports is not None and sum(map(len, on_ports)) < number:
                candidates = on_ports
        for index in _in_order(candidates):
            other = allows[index]
            if id(other) in without:
                self._skipped += 1
            elif other is not allow and not is_irrelevant(other, allow, self._home):
                yield other

    def _candidates(self, peer: Peer) -> list[Sequence[int]]:
        """The places of allows whose peers may meet another one, in ascending lists."""
        places: list[Sequence[int]] = [self._anyone]
        match peer:
            case Pods(namespaces, pods):
                for there in self._pods.overlapping(namespaces or self._home):
                    places += there.overlapping(pods)
            case Outside(addresses):
                if self._blocks is None:
                    self._blocks = Nesting(self._outside)
                for block in addresses.blocks:
                    places += (self._outside[cidr] for cidr in self._blocks.meeting(block.cidr))
            case _:
                return [range(len(self._allows))]
        return places


def _in_order(lists: Iterable[Sequence[int]]) -> Iterable[int]:
    """The numbers of ascending lists in ascending order, each once."""
    lists = [some for some in lists if some]
    if len(lists) <= 1:
        return lists[0] if lists else ()
    return (number for number, _ in groupby(merge(*lists)))


class _ByPort:
    """Allows by their ports; those of wide ranges are in every answer."""

    __slots__ = ("_named", "_numbers", "_protocols", "_wide")

    def __init__(self, allows: Sequence[Allow]) -> None:
        self._numbers: dict[tuple[Protocol, int], list[int]] = {}
        self._protocols: dict[Protocol, list[int]] = {}
        self._named: dict[NamedPort, list[int]] = {}
        self._wide: list[int] = []
        for index, allow in enumerate(allows):
            for name in allow.traffic.named:
                self._named.setdefault(name, []).append(index)
            numbers = _few_ports(allow.traffic)
            if numbers is None:
                self._wide.append(index)
                continue
            for number in numbers:
                self._numbers.setdefault(number, []).append(index)
            for protocol in {protocol for protocol, _ in numbers}:
                self._protocols.setdefault(protocol, []).append(index)

    def meeting(self, traffic: Traffic) -> list[Sequence[int]] | None:
        """The allows that may open a port of the traffic; None if its ports are too many to look up."""
        numbers = _few_ports(traffic)
        if numbers is None:
            return None
        return [
            self._wide,
            *(self._numbers.get(number, ()) for number in numbers),
            *(self._named.get(name, ()) for name in traffic.named),
            *(self._protocols.get(protocol, ()) for protocol in _protocols_of_names(traffic)),
        ]


def _few_ports(traffic: Traffic) -> list[tuple[Protocol, int]] | None:
    """The numbers of ports one by one; None where they are many."""
    ports: list[tuple[Protocol, int]] = []
    for protocol in PROTOCOLS:
        for first, last in traffic.numbers(protocol).ranges:
            if last - first > _NARROW or len(ports) > _NARROW:
                return None
            ports += ((protocol, number) for number in range(first, last + 1))
    return ports


def _protocols_of_names(traffic: Traffic) -> set[Protocol]:
    return {name.protocol for name in traffic.named}


def is_irrelevant(other: Allow, allow: Allow, home: Selector) -> bool:
    """Whether what an allow opens, in the namespace `home`, is open without another one or not at all.

    So it is with whatever else is open: the other opens no part of it, or a part that depends on a
    name of a port which the allow does not have.
    """
    return _peers_apart(other.peer, allow.peer, home) or _opens_none_of(
        other.traffic, allow.traffic
    )


def _peers_apart(peer: Peer, other: Peer, home: Selector) -> bool:
    if isinstance(peer, Anyone) or isinstance(other, Anyone):
        return False
    if isinstance(peer, Outside) or isinstance(other, Outside):
        return not (
            isinstance(peer, Outside)
            and isinstance(other, Outside)
            and peer.addresses.meets(other.addresses)
        )
    if peer.pods.isdisjoint(other.pods):
        return True
    if peer.namespaces is None and other.namespaces is None:
        return False
    return (peer.namespaces or home).isdisjoint(other.namespaces or home)


def _opens_none_of(other: Traffic, traffic: Traffic) -> bool:
    """Whether traffic does not help to open other traffic, for any numbers of the names of ports."""
    if other is traffic or not other.named.isdisjoint(traffic.named):
        return False
    if any(other.numbers(protocol) for protocol in _protocols_of_names(traffic)):
        return False  # All numbers together open every name.
    return (
        traffic.tcp.isdisjoint(other.tcp)
        and traffic.udp.isdisjoint(other.udp)
        and traffic.sctp.isdisjoint(other.sctp)
    )
