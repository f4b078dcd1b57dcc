"""Rows of `netpolc list` put together, so that an organisation fits on a screen.

Some pods of one group may reach some of another on some of the ports: which ones, the ungrouped
rows say.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from enum import Enum

from netpolc.analysis.connection_list import AddressRange
from netpolc.analysis.named_ends import ConnectionEnd
from netpolc.commands.listed import Listed
from netpolc.kube.cidr import Addresses
from netpolc.kube.inventory import Workload
from netpolc.kube.ports import Traffic

_ELSEWHERE, _OUTSIDE = "other namespaces", "addresses"


class GroupBy(Enum):
    """The unit of one end of a grouped row."""

    NAMESPACE = "namespace"
    SERVICE = "service"
    """A service, whatever labels its namespace may have."""


def group_rows(rows: Iterable[Listed], by: GroupBy) -> tuple[Listed, ...]:
    """Return one row for each pair of groups, with the ports of all their rows and their number."""
    name = _NAMES[by]
    grouped: dict[tuple[str, str], Listed] = {}
    for row in rows:
        sender, receiver = name(row.ends[0], row.sender), name(row.ends[1], row.receiver)
        listed = grouped.get((sender, receiver))
        if listed is None:
            grouped[sender, receiver] = replace(row, sender=sender, receiver=receiver)
            continue
        traffic = listed.traffic | row.traffic
        grouped[sender, receiver] = replace(
            listed,
            traffic=traffic,
            possible=_beyond(listed.possible | row.possible, traffic),
            unknown=tuple(sorted({*listed.unknown, *row.unknown})),
            facts=tuple(dict.fromkeys((*listed.facts, *row.facts))),
            exposure=listed.exposure and row.exposure,
            count=listed.count + row.count,
        )
    return tuple(sorted(grouped.values(), key=lambda row: (row.receiver, row.sender)))


def _beyond(wide: Traffic, narrow: Traffic) -> Traffic:
    """Return the traffic of the first that the second lacks."""
    tcp, udp, sctp = wide.tcp - narrow.tcp, wide.udp - narrow.udp, wide.sctp - narrow.sctp
    return replace(wide, tcp=tcp, udp=udp, sctp=sctp)


def _namespace(end: ConnectionEnd, _text: str) -> str:
    if isinstance(end, Addresses | AddressRange):
        return _OUTSIDE
    if isinstance(end, Workload):
        return end.namespace
    return _ELSEWHERE if end.names.complement else ", ".join(sorted(end.names.values))


def _service(end: ConnectionEnd, text: str) -> str:
    if isinstance(end, Addresses | AddressRange | Workload):
        return text
    pods = text.rpartition("/")[2] if end.pods.is_everything else text[text.index("/") + 1 :]
    return f"{_namespace(end, text)}/{pods}"


_NAMES: dict[GroupBy, Callable[[ConnectionEnd, str], str]] = {
    GroupBy.NAMESPACE: _namespace,
    GroupBy.SERVICE: _service,
}
