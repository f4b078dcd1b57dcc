"""A concrete connection for an answer, confirmed before anybody sees it.

A box describes infinitely many connections. A witness is one of them with every label,
address and port said, as few labels as possible: a key that may be absent is absent,
otherwise the first value that is named, otherwise a made-up one. It is then put to the
concrete evaluator, which knows nothing of boxes. If that disagrees, the analysis is
wrong, and a wrong answer must not be given: `WitnessUnconfirmed` is a bug, never input.
"""

from collections.abc import Mapping
from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address

from netpolc.analysis.address_line import off_line
from netpolc.analysis.block_reading import (
    ADDRESS_LABELS,
    MADE_UP_LABELS,
    OUTSIDE_ONLY,
    AddressParts,
    BlockReading,
)
from netpolc.analysis.chosen_labels import choice, chosen_labels
from netpolc.analysis.concrete_evaluator import Connection, End, Pod, contradiction, permits
from netpolc.analysis.connection_sets import interval
from netpolc.analysis.namespace_partition import Cluster
from netpolc.analysis.policy_version import PolicyVersion
from netpolc.analysis.port_encoding import TRAFFIC, PortLine, name_variable
from netpolc.analysis.query import container_ports
from netpolc.analysis.symbolic_case import ADDRESS, RECEIVER, SENDER, Case, labels_of, names_of
from netpolc.analysis.tiers import TierReading
from netpolc.ir.model import Policies
from netpolc.kube.cidr import Address
from netpolc.kube.name_rules import named_labels
from netpolc.kube.ports import NamedPort, Protocol
from netpolc.sets import IntervalSet, ValueSet
from netpolc.sets.boxes import Box, Variable
from netpolc.sets.value_set import EVERY, PRESENT
from netpolc.values import frozen

ANY_PORT = 8080


class WitnessUnconfirmed(Exception):  # noqa: N818 - named for what happened
    """The concrete evaluator does not confirm what the analysis found: a bug in netpolc."""


def confirmed(
    cluster: Cluster,
    case: Case,
    box: Box,
    line: PortLine,
    *,
    permitted: bool,
    side: PolicyVersion = PolicyVersion.ONLY,
) -> Connection:
    """A connection of the box, which the policies of the side permit (or do not), as stated."""
    connection = witness(case, box, line, side, cluster.parts)
    confirm(
        cluster.policies[side],
        connection,
        permitted=permitted,
        blocks=cluster.blocks,
        tiers=cluster.tiers[side],
    )
    return connection


def confirm(
    policies: Policies,
    connection: Connection,
    *,
    permitted: bool,
    blocks: BlockReading = OUTSIDE_ONLY,
    tiers: TierReading | None = None,
) -> None:
    """Put a connection to the concrete evaluator, under readings of blocks and of tiers.

    Raises:
        WitnessUnconfirmed: the policies do not decide as stated.
    """
    if (problem := contradiction(policies, connection)) is not None:
        raise WitnessUnconfirmed(f"{problem}: {connection}")  # noqa: EM102, TRY003
    if permits(policies, connection, blocks, tiers) is not permitted:
        word = "permitted" if permitted else "not permitted"
        raise WitnessUnconfirmed(f"not {word}: {connection}")  # noqa: EM102, TRY003


def witness(
    case: Case,
    box: Box,
    line: PortLine,
    side: PolicyVersion = PolicyVersion.ONLY,
    parts: AddressParts | None = None,
) -> Connection:
    """A connection of the box, as the namespaces' labels are on one side; not yet confirmed.

    Its pods have addresses among the `parts`, if blocks match pods.
    """
    protocol, port, ports = _port(case, box, line)
    ends = _Ends(case, box, side)
    sender = ends.end(SENDER, taken=None, ports={})
    taken = sender.namespace if isinstance(sender, Pod) and not case.same else None
    receiver = ends.end(RECEIVER, taken=taken, ports=ports)
    if isinstance(receiver, Pod) and receiver.namespace == taken:
        # The receiver had no choice, so the sender has one.
        sender = ends.end(SENDER, taken=taken, ports={})
    connection = Connection(sender=sender, receiver=receiver, protocol=protocol, port=port)
    if case.parts is None or not isinstance(sender, Pod) or not isinstance(receiver, Pod):
        return connection
    version = case.versions_of(case.parts, box)[0]
    if parts is None:
        return replace(connection, version=version)
    sender_address, receiver_address = _addresses(box, version, parts)
    return replace(
        connection,
        sender=replace(sender, address=sender_address),
        receiver=replace(receiver, address=receiver_address),
        version=version,
    )


def _addresses(box: Box, version: int, parts: AddressParts) -> tuple[Address, Address]:
    """Two addresses of the pods of a box."""
    here, there = (_possible(box, (end, ADDRESS_LABELS[version])) for end in (SENDER, RECEIVER))
    sender = parts.address(version, here)
    receiver = parts.address(version, there, taken=sender)
    # Where the receiver has no other address, the sender has one.
    return parts.address(version, here, taken=receiver), receiver


def _possible(box: Box, variable: Variable) -> ValueSet:
    """The values that a box leaves to a label."""
    possible = box.get(variable, EVERY)
    if not isinstance(possible, ValueSet):
        raise TypeError(variable)
    return possible


@frozen(eq=False)
class _Ends:
    """The ends of the connection to be made from a box of a case."""

    case: Case
    box: Box
    side: PolicyVersion

    def end(self, end: str, *, taken: str | None, ports: Mapping[NamedPort, frozenset[int]]) -> End:
        """One end; `taken` is the namespace that the other end has taken already."""
        place = self.case.place(end)
        if place is None:
            return an_address(*off_line(interval(self.box, ADDRESS)))
        slot = self.case.slot(end)
        names = names_of(self.box, slot)
        rest = names if taken is None else names - ValueSet.among(taken)
        name = choice(rest or names) or ""
        namespace_labels = _labels(place.facts[self.side].labels, self.box, slot)
        labels = _labels(self.case.pod(end).labels, self.box, end)
        return Pod(
            namespace=name,
            namespace_labels=named_labels(namespace_labels, name),
            labels={key: value for key, value in labels.items() if key not in MADE_UP_LABELS},
            ports=ports,
        )


def _labels(known: Mapping[str, str], box: Box, slot: str) -> dict[str, str]:
    return {**known, **chosen_labels(sorted(labels_of(box, slot)))}


def an_address(v4: IntervalSet, v6: IntervalSet) -> Address:
    """One of some addresses."""
    return IPv4Address(_plain(v4)) if v4 else IPv6Address(_plain(v6))


def _plain(numbers: IntervalSet) -> int:
    """The first of the numbers, but not the address of the first network itself."""
    low, high = numbers.ranges[0]
    return min(low + 1, high)


def _port(
    case: Case, box: Box, line: PortLine
) -> tuple[Protocol, int, Mapping[NamedPort, frozenset[int]]]:
    """Protocol, number, and the names that the receiver gives to ports."""
    numbers = interval(box, TRAFFIC)
    element = line.element(numbers.ranges[0][0])
    workload = case.workload(RECEIVER)
    known = {} if workload is None else container_ports(workload)
    if isinstance(element, NamedPort):
        return element.protocol, ANY_PORT, {**known, element: frozenset((ANY_PORT,))}
    protocol, port = element
    for name in line.names:
        if name.protocol is protocol and box.get(name_variable(name)) == PRESENT:
            known = {**known, name: frozenset((port,))}
    return protocol, port, known
