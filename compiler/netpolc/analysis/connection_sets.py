"""Answers in words of the subject: classes of pods, sets of addresses, traffic.

Search works on boxes over many variables; nobody outside this folder should see one. A
box is turned into the two ends it describes and the traffic between them here.
"""

from typing import TypeAlias

from netpolc.analysis.address_line import as_addresses
from netpolc.analysis.block_reading import IP_VERSION, IP_VERSIONS, MADE_UP_LABELS
from netpolc.analysis.port_encoding import NAME, TRAFFIC, PortLine
from netpolc.analysis.query import AddressEnd, EndOfQuestion, PodEnd, Question
from netpolc.analysis.symbolic_case import ADDRESS, RECEIVER, SENDER, Case, labels_of, names_of
from netpolc.kube.cidr import Addresses
from netpolc.kube.inventory import Workload
from netpolc.kube.name_rules import METADATA_NAME
from netpolc.kube.ports import NamedPort, Protocol, Traffic
from netpolc.kube.selectors import EVERYTHING, Selector
from netpolc.sets import IntervalSet, ValueSet
from netpolc.sets.boxes import Box, Variable
from netpolc.values import frozen


@frozen(kw_only=True)
class PodClass:
    """Pods by the name of their namespace, its labels that are not known facts, and their own.

    With `workload`, they are those of one known workload.
    """

    names: ValueSet
    namespaces: Selector = EVERYTHING
    pods: Selector = EVERYTHING
    workload: Workload | None = None


EndClass: TypeAlias = PodClass | Addresses


@frozen(kw_only=True)
class Connections:
    """All connections from one class to another on some traffic.

    `same_namespace`: the two pods are in one namespace; else their namespaces differ.
    The traffic is limited to ports that bear each name in `called` and none in
    `not_called` at their receiver.
    """

    sender: EndClass
    receiver: EndClass
    traffic: Traffic
    same_namespace: bool = False
    called: frozenset[NamedPort] = frozenset()
    not_called: frozenset[NamedPort] = frozenset()
    version: int | None = None
    """The IP version over which two pods connect, where it decides; None for both."""


def connections(case: Case, box: Box, line: PortLine) -> Connections:
    """The connections that a box of a case describes."""
    names = {variable: allowed for variable, allowed in box.items() if _slot(variable) == NAME}
    called = {
        v for v, allowed in names.items() if isinstance(allowed, ValueSet) and allowed.complement
    }
    by_variable = {(NAME, f"{n.protocol.value}/{n.name}"): n for n in line.names}
    return Connections(
        sender=end_class(case, box, SENDER),
        receiver=end_class(case, box, RECEIVER),
        traffic=line.traffic(interval(box, TRAFFIC)),
        same_namespace=case.same,
        called=frozenset(n for v, n in by_variable.items() if v in called),
        not_called=frozenset(n for v, n in by_variable.items() if v in names and v not in called),
        version=_version(case, box),
    )


def is_within(connections: Connections, others: Connections) -> bool:
    """Whether one class has all connections of the other, as far as each end shows by itself."""
    return (
        (connections.same_namespace, connections.called, connections.not_called)
        == (others.same_namespace, others.called, others.not_called)
        and others.version in (None, connections.version)
        and connections.traffic <= others.traffic
        and _end_is_within(connections.sender, others.sender)
        and _end_is_within(connections.receiver, others.receiver)
    )


def _end_is_within(end: EndClass, other: EndClass) -> bool:
    match end, other:
        case PodClass(), PodClass():
            return (
                end.workload == other.workload
                and end.names <= other.names
                and end.namespaces <= other.namespaces
                and end.pods <= other.pods
            )
        case Addresses(), Addresses():
            return end <= other
        case _:
            return False


def question_about(connections: Connections) -> Question:
    """The question about all connections between two classes."""
    sender, receiver = (
        _asked_end(end, connections.version) for end in (connections.sender, connections.receiver)
    )
    return Question(sender=sender, receiver=receiver, traffic=connections.traffic)


def _asked_end(end: EndClass, version: int | None) -> EndOfQuestion:
    if not isinstance(end, PodClass):
        return AddressEnd(end)
    namespaces = Selector.of(((METADATA_NAME, end.names), *end.namespaces.requirements))
    over = () if version is None else ((IP_VERSION, IP_VERSIONS[version]),)
    return PodEnd(namespaces, end.pods & Selector.of(over))


def _version(case: Case, box: Box) -> int | None:
    """The only IP version that a connection between pods in a box can be of; None if it can be of both."""
    if case.parts is None or case.sender is None or case.receiver is None:
        return None
    versions = case.versions_of(case.parts, box)
    return versions[0] if len(versions) == 1 else None


def end_class(case: Case, box: Box, end: str) -> EndClass:
    """One end of the box of a case."""
    if case.place(end) is None:
        return as_addresses(interval(box, ADDRESS))
    slot = case.slot(end)
    return PodClass(
        names=names_of(box, slot),
        namespaces=Selector.of(labels_of(box, slot)).without_namespace_names(),
        pods=Selector.of(
            (key, allowed) for key, allowed in labels_of(box, end) if key not in MADE_UP_LABELS
        ),
        workload=case.workload(end),
    )


def interval(box: Box, variable: Variable) -> IntervalSet:
    """The numbers that a box leaves to a variable of numbers."""
    numbers = box[variable]
    if not isinstance(numbers, IntervalSet):
        raise TypeError(variable)
    return numbers


def protocols(traffic: Traffic) -> tuple[Protocol, ...]:
    """The protocols that have numbered ports in the traffic."""
    return tuple(p for p in Protocol if traffic.numbers(p))


def _slot(variable: object) -> str:
    return variable[0] if isinstance(variable, tuple) else ""
