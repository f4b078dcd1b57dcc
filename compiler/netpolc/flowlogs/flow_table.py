"""Flows as a table, for logs of anything else: one CSV line for each kind of connection.

    source,destination,port,protocol,verdict,count,first,last
    shop/api,shop/db,5432,tcp,forwarded,120,2026-03-01T08:00:00Z,2026-03-07T17:20:00Z
    "shop/{app=api, tier=web}",203.0.113.7,443,tcp,forwarded

The last three columns may be missing. A first line of columns' names may set another
order. An end is `namespace/service`, `namespace/{label=value, …}` or an address.
"""

import csv
from collections.abc import Sequence

from netpolc.flowlogs.flows import (
    EPHEMERAL,
    AddressParty,
    Flow,
    Left,
    Misread,
    MisreadError,
    Party,
    PodParty,
    Read,
    ServiceParty,
    Verdict,
    moment,
    outside_address,
    valid_label,
    valid_namespace,
    valid_port,
)
from netpolc.kube.name_rules import label_value_problem
from netpolc.kube.ports import Protocol
from netpolc.values import frozen

COLUMNS = ("source", "destination", "port", "protocol", "verdict", "count", "first", "last")
_NEEDED = 5
_MOST = 10**15
_VERDICTS = {
    **dict.fromkeys(("forwarded", "allowed", "allow", "accept", "accepted"), Verdict.FORWARDED),
    **dict.fromkeys(("dropped", "denied", "deny", "drop", "blocked", "reject"), Verdict.DROPPED),
    **dict.fromkeys(("audit", "audited"), Verdict.AUDITED),
}


@frozen
class Table:
    """The order of a table's columns."""

    columns: tuple[str, ...] = COLUMNS

    def read_line(self, text: str) -> Read:
        """A line of the table as a flow, as left out, or as misread."""
        try:
            cells = _cells(text)
            if len(cells) > len(self.columns):
                return Misread(f"it has {len(cells)} columns, not {len(self.columns)}")
            return _flow(dict(zip(self.columns, cells, strict=False)))
        except MisreadError as error:
            return Misread(str(error))


def header(text: str) -> Table | None:
    """The order that a first line sets; None where it is not a line of columns' names."""
    try:
        names = tuple(cell.lower() for cell in _cells(text))
    except MisreadError:
        return None
    known = set(names) <= set(COLUMNS) and len(set(names)) == len(names)
    return Table(names) if known and set(COLUMNS[:_NEEDED]) <= set(names) else None


def _cells(text: str) -> Sequence[str]:
    try:
        rows = list(csv.reader([text], strict=True, skipinitialspace=True))
    except csv.Error as error:
        message = f"it is not a line of CSV: {error}"
        raise MisreadError(message) from None
    return [cell.strip() for cell in rows[0]] if rows else []


def _flow(cells: dict[str, str]) -> Read:
    missing = [name for name in COLUMNS[:_NEEDED] if not cells.get(name)]
    if missing:
        return Misread(f"it has no {missing[0]}")
    name = cells["protocol"].upper()
    if name in {"ICMP", "ICMPV4", "ICMPV6"}:
        return Left("traffic without ports (ICMP and others)")
    if name not in Protocol.__members__:
        return Misread(f"{name[:80]!r} is not a protocol (tcp, udp or sctp)")
    verdict = _VERDICTS.get(cells["verdict"].lower())
    if verdict is None:
        return Misread(f"{cells['verdict'][:80]!r} is not a verdict (forwarded, dropped or audit)")
    port = valid_port(_number(cells["port"], "port"))
    first, last = (moment(cells[c]) if cells.get(c) else None for c in ("first", "last"))
    return Flow(
        sender=_party(cells["source"]),
        receiver=_party(cells["destination"]),
        protocol=Protocol[name],
        port=port,
        verdict=verdict,
        certain=port < EPHEMERAL,
        presumed=True,
        count=_number(cells["count"], "count") if cells.get("count") else 1,
        first=first or last,
        last=last or first,
    )


def _number(text: str, what: str) -> int:
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text[:20]) <= _MOST:
        message = f"{text[:80]!r} is not a valid {what}"
        raise MisreadError(message)
    return int(text)


def _party(text: str) -> Party:
    namespace, slash, rest = text.partition("/")
    if not slash:
        return _address(text)
    valid_namespace(namespace)
    if rest.startswith("{") and rest.endswith("}"):
        return PodParty(namespace=namespace, labels=_labels(rest[1:-1]))
    if not rest or label_value_problem(rest):
        message = f"{text[:80]!r} is not a valid service"
        raise MisreadError(message)
    return ServiceParty(namespace, rest)


def _labels(text: str) -> tuple[tuple[str, str], ...]:
    labels: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        key, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals:
            message = f"{part[:80]!r} is not a label such as app=api"
            raise MisreadError(message)
        key, value = valid_label(key, value)
        if labels.setdefault(key, value) != value:
            message = f"the label {key} has two values"
            raise MisreadError(message)
    return tuple(sorted(labels.items()))


def _address(text: str) -> AddressParty:
    party = outside_address(text)
    if party is None:
        message = (
            f"{text[:80]!r} is not an end (namespace/service, namespace/{{app=api}}, an address)"
        )
        raise MisreadError(message)
    return party
