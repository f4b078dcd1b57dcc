"""The connections of a report: the rows of `netpolc list`, with the statements that open their ends."""

from collections.abc import Iterator

from netpolc.analysis.connection_list import AddressRange
from netpolc.analysis.connection_openers import ConnectionOpeners, OpenedBy, shares
from netpolc.analysis.named_ends import ConnectionEnd
from netpolc.analysis.unknown_facts import PortNumber, reason, remedy
from netpolc.analysis.unknown_facts import UnknownFact as Fact
from netpolc.commands.list_ import listed
from netpolc.commands.list_nodes import ListNodes
from netpolc.commands.listed import Listed
from netpolc.commands.pipeline import Compilation
from netpolc.commands.report_statements import ReportStatements
from netpolc.graph.model import EdgeState, Node, NodeKind
from netpolc.ir.model import Policies
from netpolc.kube.cidr import Addresses
from netpolc.kube.inventory import Workload
from netpolc.kube.ports import NamedPort, Protocol, Traffic
from netpolc.kube.public_addresses import is_internet
from netpolc.kube.special_addresses import leads_to_instance_metadata
from netpolc.provenance import Origin, Origins
from netpolc.report.model import Connection, ExposureKind, Statement, UnknownFact
from netpolc.sets import IntervalSet

_EVERY_V4, _EVERY_V6 = (IntervalSet(((0, (1 << bits) - 1),)) for bits in (32, 128))
_FROM = {
    NodeKind.INTERNET: ExposureKind.FROM_INTERNET,
    NodeKind.EVERY_NAMESPACE: ExposureKind.FROM_EVERY_NAMESPACE,
    NodeKind.UNKNOWN_PODS: ExposureKind.FROM_UNKNOWN_PODS,
}


def report_connections(known: Compilation, statements: ReportStatements) -> Iterator[Connection]:
    """The connections of everything permitted, those of unknown pods after the listed ones."""
    nodes = ListNodes(known)
    written = _WrittenTraffic(known.written)
    openers = ConnectionOpeners(
        known.written, known.program.addresses, known.tiers, plain=known.closed_world
    )
    for row in listed(known, exposure=True):
        edge = nodes.edge(row)
        if row.opened_by is None:
            sender_opened, receiver_opened = _opened_by(openers, row)
        else:
            sender_opened, receiver_opened = (written.of(some, row) for some in row.opened_by)
        yield Connection(
            sender=edge.sender,
            receiver=edge.receiver,
            ports=row.ports,
            sender_opened=_statements(statements, sender_opened),
            receiver_opened=_statements(statements, receiver_opened),
            facts=tuple(_fact(fact) for fact in _facts(row)),
            is_undecided=edge.state is EdgeState.UNDECIDED,
            exposure=row.exposure,
            exposes=tuple(_exposes(row, edge.sender)),
        )


class _WrittenTraffic:
    """The traffic of each statement as written: two that open the same pods are one allow later."""

    def __init__(self, policies: Policies) -> None:
        self._found: dict[Origin, list[Traffic]] = {}
        for policy_set in policies.namespaces.values():
            for allow in policy_set.allows:
                for origin in allow.origins:
                    self._found.setdefault(origin, []).append(allow.traffic)

    def of(self, origins: Origins | None, row: Listed) -> Origins | None:
        """The origins that open some of the traffic of a row, if any can be told apart by it."""
        if origins is None or len(origins) == 1 or row.unknown:
            return origins
        traffic = row.traffic | row.possible
        used = tuple(
            origin
            for origin in origins
            if any(shares(opened, traffic) for opened in self._found.get(origin, ()))
        )
        return used or origins


def _opened_by(openers: ConnectionOpeners, row: Listed) -> OpenedBy:
    sender, receiver = row.ends
    assert isinstance(sender, Workload | AddressRange)
    assert isinstance(receiver, Workload | AddressRange)
    return openers.of(sender, receiver, row.traffic, row.possible)


def _statements(
    statements: ReportStatements, origins: Origins | None
) -> tuple[Statement, ...] | None:
    return None if origins is None else tuple(map(statements.of, origins))


def _facts(row: Listed) -> Iterator[Fact]:
    yield from row.facts
    yield from (PortNumber(NamedPort(Protocol.TCP, name)) for name in row.unknown)


def _fact(fact: Fact) -> UnknownFact:
    return UnknownFact(text=reason(fact), remedy=remedy(fact))


def _exposes(row: Listed, sender: Node) -> Iterator[ExposureKind]:
    """The ways in which a connection exposes a service."""
    if sender.kind in _FROM:
        yield _FROM[sender.kind]
    addresses = _addresses(row.ends[1])
    if addresses is None:
        return
    if addresses.v4 >= _EVERY_V4 or addresses.v6 >= _EVERY_V6:
        yield ExposureKind.TO_EVERYTHING
    elif is_internet(addresses):
        yield ExposureKind.TO_INTERNET
    if leads_to_instance_metadata(addresses):
        yield ExposureKind.TO_METADATA


def _addresses(end: ConnectionEnd) -> Addresses | None:
    match end:
        case Addresses():
            return end
        case AddressRange():
            return end.addresses()
        case _:
            return None
