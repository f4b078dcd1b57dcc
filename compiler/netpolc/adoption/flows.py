"""Lines of flow logs as connections, whatever wrote them.

Hubble's JSON lines have the field names of Cilium's flow.proto (api/v1/flow): `hubble
observe -o jsonpb` and the exporter wrap each flow in `flow`, the older `-o json` does not.
Anything else is CSV: source, destination, port, protocol, verdict, and if known count,
first seen and last seen. A line that is neither raises `BadLineError`; a line that is no
new connection (a reply, ICMP) is a `Skipped`.
"""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any, TypeAlias

from netpolc.adoption.naming import identifying
from netpolc.diagnostics.render.visible import visible
from netpolc.kube.names import namespace_problem
from netpolc.kube.ports import MAX_PORT, Protocol


class BadLineError(ValueError):
    """A line that cannot be understood; its text says why."""


@dataclass(frozen=True, slots=True, order=True)
class PodSide:
    """Pods of a namespace, by the labels that could identify them."""

    namespace: str
    labels: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, order=True)
class AddressSide:
    """An address outside the cluster; empty where it is one of too many."""

    address: str


@dataclass(frozen=True, slots=True, order=True)
class ReservedSide:
    """One of Cilium's reserved identities, such as `host`: no policy can select it."""

    name: str


Side: TypeAlias = PodSide | AddressSide | ReservedSide


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A connection that was seen; times are ISO 8601 in UTC, empty where not known."""

    sender: Side
    receiver: Side
    port: int
    protocol: Protocol
    dropped: bool
    count: int = 1
    first: str = ""
    last: str = ""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A line that is no connection of its own, and why."""

    reason: str


_EPHEMERAL = 32768
"""The first port that Linux gives to clients (ip_local_port_range)."""
_FIELDS, _SHOWN = 5, 80
_FORWARDED = frozenset({"FORWARDED", "REDIRECTED", "AUDIT", "ALLOWED", "PERMITTED", "ALLOW"})
_DROPPED = frozenset({"DROPPED", "DENIED", "DENY", "DROP"})
_RESERVED = ("kube-apiserver", "host", "remote-node", "health", "ingress", "init", "unmanaged")


def read_line(line: str) -> Flow | Skipped | None:
    """The flow of a line; None for blank lines and CSV's header. BadLineError where it is none."""
    text = line.strip().removeprefix("\ufeff")
    if not text:
        return None
    return _hubble(text) if text.startswith("{") else _csv(text)


def _hubble(text: str) -> Flow | Skipped:
    try:
        data: Any = json.loads(text)
    except (ValueError, RecursionError):
        message = "no JSON"
        raise BadLineError(message) from None
    flow = _mapping(data.get("flow")) or data
    if "verdict" not in flow and "l4" not in flow:
        return Skipped("no flow")  # lost events and node states stand in the same stream
    found = [(name, _mapping(value)) for name, value in _mapping(flow.get("l4")).items()]
    layer = [(Protocol(name), value) for name, value in found if name in Protocol.__members__]
    if not layer:
        return Skipped("neither TCP, UDP nor SCTP")
    protocol, ports = layer[0]
    port = _port(ports.get("destination_port"))
    if _is_reply(flow, ports, port):
        return Skipped("reply")
    verdict = str(flow.get("verdict"))
    if verdict not in _FORWARDED | _DROPPED:
        return Skipped("verdict that is neither forwarded nor dropped")
    addresses = _mapping(flow.get("IP"))
    time = _time(flow.get("time"))
    return Flow(
        sender=_side(flow.get("source"), addresses.get("source")),
        receiver=_side(flow.get("destination"), addresses.get("destination")),
        port=port,
        protocol=protocol,
        dropped=verdict in _DROPPED,
        first=time,
        last=time,
    )


def _is_reply(flow: Mapping[str, Any], ports: Mapping[str, Any], port: int) -> bool:
    """Whether a packet answers another; where the flow does not say, by flags and ports."""
    said = flow.get("is_reply", flow.get("reply") or None)
    if isinstance(said, bool):
        return said
    flags = _mapping(ports.get("flags"))
    if flags.get("SYN") is True:
        return flags.get("ACK") is True
    source = ports.get("source_port")
    return port >= _EPHEMERAL and isinstance(source, int) and source < _EPHEMERAL


def _side(end: object, address: object) -> Side:
    data = _mapping(end)
    namespace = data.get("namespace")
    listed = data.get("labels")
    labels = [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else []
    if isinstance(namespace, str) and namespace and not namespace_problem(namespace):
        # Labels of other sources (`reserved:`, `cidr:`) are Cilium's, not the pod's.
        plain = [one for one in labels if ":" not in one.removeprefix("k8s:").partition("=")[0]]
        pairs = (one.removeprefix("k8s:").partition("=") for one in plain)
        own = {k: v for k, _, v in pairs if not k.startswith(("io.cilium.", "io.kubernetes."))}
        return PodSide(namespace, identifying(own))
    names = [one.removeprefix("reserved:") for one in labels if one.startswith("reserved:")]
    for name in _RESERVED:
        if name in names:
            return ReservedSide(name)
    return AddressSide(_address(address))


def _csv(text: str) -> Flow | None:
    try:
        row = [one.strip() for one in next(csv.reader([text], strict=True))]
    except (csv.Error, StopIteration):
        message = "no CSV"
        raise BadLineError(message) from None
    if row[0].lower() == "source":
        return None
    if len(row) < _FIELDS:
        message = f"{len(row)} fields where source, destination, port, protocol, verdict are needed"
        raise BadLineError(message)
    row += [""] * 3
    protocol, verdict = row[3].upper(), row[4].upper()
    if protocol not in Protocol.__members__:
        message = f"`{visible(row[3], _SHOWN)}` is no protocol"
        raise BadLineError(message)
    if verdict not in _FORWARDED | _DROPPED:
        message = f"`{visible(row[4], _SHOWN)}` is no verdict"
        raise BadLineError(message)
    count = _whole(row[5]) if row[5] else 1
    if count is None:
        message = f"`{visible(row[5], _SHOWN)}` is no count"
        raise BadLineError(message)
    return Flow(
        sender=_csv_side(row[0]),
        receiver=_csv_side(row[1]),
        port=_port(_whole(row[2])),
        protocol=Protocol(protocol),
        dropped=verdict in _DROPPED,
        count=count,
        first=_time(row[6]),
        last=_time(row[7] or row[6]),
    )


def _csv_side(text: str) -> Side:
    """`shop/app=api;tier=web`, an address, or `reserved:host`."""
    if text.startswith("reserved:") and text.removeprefix("reserved:") in _RESERVED:
        return ReservedSide(text.removeprefix("reserved:"))
    namespace, slash, labels = text.partition("/")
    if not slash:
        return AddressSide(_address(text))
    if problem := namespace_problem(namespace):
        message = f"`{visible(namespace, _SHOWN)}` {problem}"
        raise BadLineError(message)
    pairs = [one.strip().partition("=") for one in labels.split(";") if one.strip()]
    return PodSide(namespace, identifying({key: value for key, _, value in pairs}))


def _address(value: object) -> str:
    try:
        found = ip_address(str(value).partition("%")[0])
        return str(getattr(found, "ipv4_mapped", None) or found)
    except ValueError:
        message = f"`{visible(str(value), _SHOWN)}` is neither pods nor an address"
        raise BadLineError(message) from None


def _port(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MAX_PORT:
        return value
    message = "no port in 1-65535"
    raise BadLineError(message)


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else None  # noqa: PLR2004


def _time(value: object) -> str:
    """The time to the second in UTC; empty where there is none."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) and value else None
        if moment is None:
            return ""
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError):
        return ""


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
