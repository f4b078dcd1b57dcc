"""One connection of an entry in full detail, confirmed on both sides.

A reviewer asks for an example. It is made up from a box: labels that may be absent are
absent, the first value otherwise. Then the concrete evaluator, which knows no boxes, must
say that exactly one side permits it. If it does not, that is a bug in netpolc, and reported as one.
"""

from collections.abc import Iterable, Mapping
from ipaddress import ip_address

from netpolc.analysis.chosen_labels import choice, chosen_labels
from netpolc.analysis.concrete_evaluator import Connection, End, Pod
from netpolc.analysis.policy_version import PolicyVersion
from netpolc.analysis.witness import ANY_PORT, an_address, confirm
from netpolc.changes.model import Side
from netpolc.changes.subject_view import (
    AWAY,
    HOME,
    PEER,
    SUBJECT,
    Frame,
    KnownLabels,
    addresses_of,
    is_about_pods,
    named_ports,
    names_of,
    selector_of,
    traffic_of,
    version_of,
)
from netpolc.kube.name_rules import named_labels
from netpolc.kube.peers import Direction
from netpolc.kube.ports import NamedPort, Protocol
from netpolc.kube.selectors import Selector
from netpolc.sets import ValueSet
from netpolc.sets.boxes import Box

_WELL_KNOWN = tuple(map(ip_address, ("169.254.169.254", "8.8.8.8", "2001:4860:4860::8888")))
"""Addresses that say at once what is meant: the metadata service, the internet."""

_Ports = Mapping[NamedPort, frozenset[int]]


def entry_witness(
    box: Box, frame: Frame, known: KnownLabels, sides: tuple[Side, Side], permitted: PolicyVersion
) -> Connection:
    """A connection of the box, which the side permits and the other one does not.

    The labels of its namespaces are those of the side that permits it.
    """
    version = version_of(box)
    if version is None and is_about_pods(box) and _tell_versions_apart(sides):
        version = 4
    connections = [_connection(box, frame, known, side, version) for side in PolicyVersion]
    for number, side in enumerate(sides):
        confirm(
            side.policies, connections[number], permitted=number == permitted, tiers=side.reading
        )
    return connections[permitted]


def _tell_versions_apart(sides: Iterable[Side]) -> bool:
    """Whether policies decide about pods by the IP version of a connection."""
    readings = (side.reading for side in sides)
    return any(reading is not None and reading.tells_versions_apart for reading in readings)


def _connection(
    box: Box, frame: Frame, known: KnownLabels, side: PolicyVersion, version: int | None
) -> Connection:
    protocol, number, ports = _port(box)
    ingress = frame.direction is Direction.INGRESS
    far = _far(box, frame, known, side, {} if ingress else ports)
    same = isinstance(far, Pod) and far.namespace == frame.namespace
    where = selector_of(box, HOME) & (selector_of(box, AWAY) if same else Selector())
    subject = Pod(
        namespace=frame.namespace,
        namespace_labels=_namespace(frame.namespace, where, known, side),
        labels=chosen_labels(selector_of(box, SUBJECT).requirements),
        ports=ports if ingress else {},
    )
    sender, receiver = (far, subject) if ingress else (subject, far)
    return Connection(
        sender=sender, receiver=receiver, protocol=protocol, port=number, version=version
    )


def _far(box: Box, frame: Frame, known: KnownLabels, side: PolicyVersion, ports: _Ports) -> End:
    addresses = addresses_of(box)
    if addresses is not None:
        well_known = next((a for a in _WELL_KNOWN if a in addresses), None)
        if well_known is not None:
            return well_known
        return an_address(addresses.v4, addresses.v6)
    names = names_of(box)
    elsewhere = names - ValueSet.among(frame.namespace)
    name = frame.namespace if frame.namespace in names else choice(elsewhere) or ""
    where = selector_of(box, AWAY)
    if name == frame.namespace:
        where &= selector_of(box, HOME)
    return Pod(
        namespace=name,
        namespace_labels=_namespace(name, where, known, side),
        labels=chosen_labels(selector_of(box, PEER).requirements),
        ports=ports,
    )


def _namespace(
    name: str, asked: Selector, known: KnownLabels, side: PolicyVersion
) -> Mapping[str, str]:
    return named_labels({**chosen_labels(asked.requirements), **known.of(name, side)}, name)


def _port(box: Box) -> tuple[Protocol, int, _Ports]:
    traffic = traffic_of(box)
    protocol = next(p for p in Protocol if traffic.numbers(p))
    borne = [name for name, allowed in named_ports(box) if allowed.complement]
    if borne:
        protocol = borne[0].protocol
    numbers = traffic.numbers(protocol)
    number = ANY_PORT if ANY_PORT in numbers else numbers.ranges[0][0]
    return protocol, number, {name: frozenset((number,)) for name in borne}
