"""Connections as seen from a subject, in one box.

Comparison distinguishes whether the two pods share a namespace; an arrow does not:
`db <- ns *` means both. Seen from a subject whose namespace is known, that difference is
nothing but a value of the peer's namespace name. In that frame classes can be joined,
cut and compared with arrows, exactly, and turned back into classes.

Labels that a namespace is known to have are left out of a box, as comparison does.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping

from netpolc.analysis.address_line import as_addresses, on_line
from netpolc.analysis.block_reading import IP_VERSIONS
from netpolc.analysis.connection_sets import (
    Connections,
    EndClass,
    PodClass,
    interval,
)
from netpolc.analysis.namespace_partition import facts_of
from netpolc.analysis.policy_version import PolicyVersion
from netpolc.analysis.port_encoding import NAME, TRAFFIC, PortLine, name_variable
from netpolc.analysis.query import EVERY_ADDRESS
from netpolc.analysis.symbolic_case import ADDRESS, VERSION, labels_of
from netpolc.ir.model import Policies
from netpolc.kube.cidr import Addresses
from netpolc.kube.name_rules import METADATA_NAME
from netpolc.kube.peers import Anyone, Direction, Outside, Peer
from netpolc.kube.ports import PROTOCOLS, NamedPort, Protocol, Traffic
from netpolc.kube.selectors import Selector
from netpolc.sets import IntervalSet, ValueSet
from netpolc.sets.boxes import Box, Possibilities, Variable
from netpolc.sets.value_set import ABSENT, EVERY, PRESENT
from netpolc.values import frozen

SUBJECT, HOME, PEER, AWAY = "subject", "subject's namespace", "peer", "peer's namespace"
NAMES = (AWAY, METADATA_NAME)
_LINE = PortLine()
"""For turning numbers back into traffic. Its readings are not used: it remembers them for ever."""


@frozen
class Frame:
    """The view on connections: a namespace, and an arrow's direction."""

    namespace: str
    direction: Direction

    def boxes(self, connections: Connections) -> Iterator[Box]:
        """The boxes of a class whose subject's end is in the namespace."""
        subject, peer = connections.receiver, connections.sender
        if self.direction is Direction.EGRESS:
            subject, peer = peer, subject
        assert isinstance(subject, PodClass)
        ends: dict[Variable, Possibilities] = {**_labels(SUBJECT, subject.pods)}
        if not connections.same_namespace:
            # In the own namespace both ends use the same labels: once is enough.
            ends.update(_labels(HOME, subject.namespaces))
        if isinstance(peer, PodClass):
            own = ValueSet.among(self.namespace)
            ends[NAMES] = _plain(own if connections.same_namespace else peer.names - own)
            ends.update({**_labels(AWAY, peer.namespaces), **_labels(PEER, peer.pods)})
            if connections.version is not None:
                ends[VERSION] = IP_VERSIONS[connections.version]
        else:
            ends[ADDRESS] = on_line(peer)
        for ports in _ports(connections.traffic, connections.called, connections.not_called):
            yield {**ends, **ports}

    def connections(self, box: Box) -> Iterator[Connections]:
        """The classes that a box of this frame describes."""
        allowed = names_of(box)
        if not is_about_pods(box):
            yield self._class(box, as_addresses(interval(box, ADDRESS)), same=False)
            return
        own = ValueSet.among(self.namespace)
        for names, same in ((allowed & own, True), (allowed - own, False)):
            if names:
                peer = PodClass(
                    names=names,
                    namespaces=_selector(box, HOME, AWAY) if same else _selector(box, AWAY),
                    pods=_selector(box, PEER),
                )
                yield self._class(box, peer, same=same)

    def _class(self, box: Box, peer: EndClass, *, same: bool) -> Connections:
        subject = PodClass(
            names=ValueSet.among(self.namespace),
            namespaces=_selector(box, HOME, AWAY) if same else _selector(box, HOME),
            pods=_selector(box, SUBJECT),
        )
        ingress = self.direction is Direction.INGRESS
        return Connections(
            sender=peer if ingress else subject,
            receiver=subject if ingress else peer,
            traffic=_LINE.traffic(interval(box, TRAFFIC)),
            same_namespace=same,
            called=frozenset(name for name, allowed in named_ports(box) if allowed.complement),
            not_called=frozenset(
                name for name, allowed in named_ports(box) if not allowed.complement
            ),
            version=version_of(box),
        )

    def arrow(self, subject: Selector, peer: Peer, traffic: Traffic) -> Iterator[Box]:
        """The boxes of what an arrow's subject and one peer of it mean, before any facts."""
        if subject.impossible:
            return
        for far in self._far(peer):
            to_addresses = ADDRESS in far and self.direction is Direction.EGRESS
            for ports in PortLine().numbered(traffic) if to_addresses else PortLine().free(traffic):
                yield {**_labels(SUBJECT, subject), **far, **ports}

    def _far(self, peer: Peer) -> Iterator[Box]:
        match peer:
            case Anyone():
                yield {NAMES: EVERY}
                yield {ADDRESS: on_line(EVERY_ADDRESS.addresses)}
            case Outside(addresses):
                if addresses:
                    yield {ADDRESS: on_line(addresses)}
            case _:
                where = peer.namespaces
                if peer.pods.impossible or (where is not None and where.impossible):
                    return
                names = ValueSet.among(self.namespace)
                if where is not None:
                    names = dict(where.requirements).get(METADATA_NAME, EVERY)
                    yield {
                        **_labels(AWAY, where),
                        NAMES: _plain(names),
                        **_labels(PEER, peer.pods),
                    }
                else:
                    yield {NAMES: names, **_labels(PEER, peer.pods)}


class KnownLabels:
    """The stated labels of namespaces on both sides, as comparison knows them."""

    def __init__(self, *sides: Policies) -> None:
        names = sorted({name for side in sides for name in side.namespaces})
        self._facts = {
            name: facts_of([side.namespaces.get(name) for side in sides]) for name in names
        }

    def of(self, namespace: str, side: PolicyVersion) -> Mapping[str, str]:
        """The stated labels of a namespace, without the label of its name."""
        facts = self._facts.get(namespace)
        return {} if facts is None else facts[side].labels

    def settled(self, box: Box, side: PolicyVersion) -> Iterator[Box]:
        """The box cut by namespaces, with what is known of their labels left out."""
        names = box.get(NAMES)
        asked = Selector.of(labels_of(box, AWAY)).without_namespace_names()
        if not isinstance(names, ValueSet) or asked.is_everything:
            yield box
            return
        plain = {v: a for v, a in box.items() if not (isinstance(v, tuple) and v[0] == AWAY)}
        rest: dict[Selector, list[str]] = {}
        for name, facts in self._facts.items():
            left = facts[side].left(asked) if name in names else None
            if left is not None:
                rest.setdefault(Selector.of(left), []).append(name)
        for selector, some in rest.items():
            yield {**plain, **_labels(AWAY, selector), NAMES: ValueSet(frozenset(some))}
        unknown = names - ValueSet(frozenset(self._facts))
        if unknown:
            yield {**box, NAMES: unknown}


def named_ports(box: Box) -> Iterator[tuple[NamedPort, ValueSet]]:
    """The names that a box says a port bears, or does not bear, at its receiver."""
    for text, allowed in labels_of(box, NAME):
        protocol, _, name = text.partition("/")
        yield NamedPort(Protocol(protocol), name), allowed


def traffic_of(box: Box) -> Traffic:
    """The numbered ports of a box."""
    return _LINE.traffic(interval(box, TRAFFIC))


def numbers_of(box: Box) -> IntervalSet:
    """The numbered ports of a box, all protocols on one line."""
    return interval(box, TRAFFIC)


def proper(box: Box) -> Iterator[Box]:
    """The box without ports that cannot be: a port that bears a name of another protocol.

    Cutting a box leaves such parts behind, as it knows nothing of protocols.
    """
    names = list(named_ports(box))
    called = [name for name, allowed in names if allowed.complement]
    not_called = [name for name, allowed in names if not allowed.complement]
    rest = without(box, (NAME, TRAFFIC[0]))
    for ports in _ports(traffic_of(box), called, not_called):
        yield {**rest, **ports}


def addresses_of(box: Box) -> Addresses | None:
    """The addresses at the far end of a box; None where pods are."""
    return as_addresses(interval(box, ADDRESS)) if ADDRESS in box else None


def selector_of(box: Box, slot: str) -> Selector:
    """The selector of a box for one set of labels, without the name of a namespace."""
    return _selector(box, slot)


def names_of(box: Box) -> ValueSet:
    """The names that the peer's namespace may have."""
    names = box.get(NAMES, EVERY)
    assert isinstance(names, ValueSet)
    return names


def version_of(box: Box) -> int | None:
    """The IP version over which the pods of a box connect; None for both."""
    value = box.get(VERSION, EVERY)
    return next((version for version, only in IP_VERSIONS.items() if only == value), None)


def is_about_pods(box: Box) -> bool:
    """Whether pods are at the far end, not addresses."""
    return ADDRESS not in box


def without(box: Box, slots: Iterable[str]) -> Mapping[Variable, Possibilities]:
    """The box without what it says of some slots, and without what says nothing."""
    gone = set(slots)
    return {
        v: a
        for v, a in box.items()
        if not (isinstance(v, tuple) and v[0] in gone)
        and not (isinstance(a, ValueSet) and a.is_full)
    }


def _plain(names: ValueSet) -> ValueSet:
    """Names of namespaces, which always exist, in one form: `EVERY` for all."""
    return ValueSet(names.values, names.complement, absent=names.complement)


def _selector(box: Box, *slots: str) -> Selector:
    asked = Selector.of(each for slot in slots for each in labels_of(box, slot))
    return asked.without_namespace_names()


def _labels(slot: str, selector: Selector) -> Box:
    return {(slot, key): allowed for key, allowed in selector.requirements}


def _ports(
    traffic: Traffic, called: Collection[NamedPort], not_called: Collection[NamedPort]
) -> Iterator[Box]:
    """Ports, and ports with names; names of ports of another protocol are left out.

    A port of UDP bears no name of TCP. A class that asks for it has only TCP ports, and one
    that asks for the contrary has all of the others.
    """
    if not called and not not_called:
        yield from PortLine().numbered(traffic)
        return
    asked = {name.protocol for name in (*called, *not_called)}
    for protocol in PROTOCOLS:
        if protocol not in asked or {name.protocol for name in called} - {protocol}:
            continue
        names: dict[Variable, Possibilities] = {
            name_variable(name): allowed
            for some, allowed in ((called, PRESENT), (not_called, ABSENT))
            for name in sorted(some)
            if name.protocol is protocol
        }
        for box in PortLine().numbered(_only(traffic, {protocol})):
            yield {**box, **names}
    if not called:
        yield from PortLine().numbered(_only(traffic, set(PROTOCOLS) - asked))


def _only(traffic: Traffic, some: Collection[Protocol]) -> Traffic:
    return Traffic.of(
        (protocol, low, high)
        for protocol in PROTOCOLS
        if protocol in some
        for low, high in traffic.numbers(protocol).ranges
    )
