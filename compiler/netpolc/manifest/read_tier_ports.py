"""The ports of the rules of tiers: `protocols` of v1alpha2, `ports` of v1alpha1."""

from netpolc.kube.name_rules import port_name_problem
from netpolc.kube.ports import MAX_PORT, PROTOCOLS
from netpolc.manifest.field_reader import (
    MISSING_FIELD,
    Report,
    members,
    shown,
    text,
    warn_of_empty,
    whole,
)
from netpolc.manifest.read_ports import INVALID_PORT, INVALID_PROTOCOL, in_range
from netpolc.manifest.tier_fields import exactly_one
from netpolc.manifest.tier_model import TierPort
from netpolc.yaml.nodes import Node

_NAMES = frozenset(protocol.value for protocol in PROTOCOLS)
_NUMBERED = {name.lower(): name for name in ("TCP", "UDP", "SCTP")}
_PORT = frozenset({"protocol", "port"})
_RANGE = frozenset({"start", "end"})
_EMPTY = {"protocol": "TCP"}


def alpha2_port(report: Report, node: Node, path: str) -> TierPort:
    """A ClusterNetworkPolicyProtocol."""
    fields = exactly_one(report, node, path, "protocol", (*_NUMBERED, "destinationNamedPort"))
    if "destinationNamedPort" in fields:
        return _named(report, fields["destinationNamedPort"], f"{path}.destinationNamedPort")
    for field, protocol in _NUMBERED.items():
        if field in fields:
            at = f"{path}.{field}"
            inside = exactly_one(report, fields[field], at, "protocol", ("destinationPort",))
            return _destination(
                report, inside.get("destinationPort"), f"{at}.destinationPort", protocol
            )
    return TierPort()


def alpha1_port(report: Report, node: Node, path: str) -> TierPort:
    """An AdminNetworkPolicyPort."""
    fields = exactly_one(report, node, path, "port", ("portNumber", "portRange", "namedPort"))
    if "namedPort" in fields:
        return _named(report, fields["namedPort"], f"{path}.namedPort")
    if "portNumber" in fields:
        at = f"{path}.portNumber"
        inside = members(report, fields["portNumber"], at, _PORT)
        warn_of_empty(report, fields["portNumber"], at, _EMPTY)
        number = _number(report, fields["portNumber"], inside, at, "port")
        return TierPort(protocol=_protocol(report, inside, at), first=number, last=number)
    if "portRange" in fields:
        at = f"{path}.portRange"
        inside = members(report, fields["portRange"], at, _RANGE | {"protocol"})
        warn_of_empty(report, fields["portRange"], at, _EMPTY)
        protocol = _protocol(report, inside, at)
        return _range(report, fields["portRange"], inside, at, protocol)
    return TierPort()


def _destination(report: Report, node: Node | None, path: str, protocol: str) -> TierPort:
    fields = exactly_one(report, node, path, "port", ("number", "range"))
    if node is None or not fields:
        return TierPort(protocol=protocol)
    if "number" in fields:
        number = _number(report, node, fields, path, "number")
        return TierPort(protocol=protocol, first=number, last=number)
    at = f"{path}.range"
    inside = members(report, fields["range"], at, _RANGE)
    return _range(report, fields["range"], inside, at, protocol)


def _range(
    report: Report, node: Node, fields: dict[str, Node], path: str, protocol: str
) -> TierPort:
    before = report.errors
    first, last = (_number(report, node, fields, path, field) for field in ("start", "end"))
    if report.errors == before and first >= last:
        message = f"the range {first}-{last} does not end after it starts"
        report.add(INVALID_PORT, node, path, message, "`start` must be less than `end`")
    return TierPort(protocol=protocol, first=first, last=last)


def _number(report: Report, node: Node, fields: dict[str, Node], path: str, field: str) -> int:
    number = whole(report, fields.get(field), f"{path}.{field}")
    if field not in fields and isinstance(node.data, dict):
        report.add(MISSING_FIELD, node, f"{path}.{field}", f"no `{field}`")
    if number is not None and not in_range(number):
        message = f"port {shown(str(number))} is not in 1-{MAX_PORT}"
        report.add(INVALID_PORT, fields[field], f"{path}.{field}", message)
    return number or 0


def _protocol(report: Report, fields: dict[str, Node], path: str) -> str:
    name = text(report, fields.get("protocol"), f"{path}.protocol")
    if name is None or name in _NAMES:
        return name or "TCP"
    message = f"`{shown(name)}` is not a valid protocol"
    advice = "write `TCP`, `UDP` or `SCTP`"
    report.add(INVALID_PROTOCOL, fields["protocol"], f"{path}.protocol", message, advice)
    return "TCP"


def _named(report: Report, node: Node, path: str) -> TierPort:
    name = text(report, node, path)
    if name is not None and (problem := port_name_problem(name)) is not None:
        report.add(INVALID_PORT, node, path, f"`{shown(name)}` {problem}")
    return TierPort(name=name or "")
