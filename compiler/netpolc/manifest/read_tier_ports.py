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
    found = exactly_one(report, node, path, "protocol", (*_NUMBERED, "destinationNamedPort"))
    if "destinationNamedPort" in found:
        return _named(report, found["destinationNamedPort"], f"{path}.destinationNamedPort")
    for field, protocol in _NUMBERED.items():
        if field in found:
            at = f"{path}.{field}"
            inside = exactly_one(report, found[field], at, "protocol", ("destinationPort",))
            return _destination(
                report, inside.get("destinationPort"), f"{at}.destinationPort", protocol
            )
    return TierPort()


def alpha1_port(report: Report, node: Node, path: str) -> TierPort:
    """An AdminNetworkPolicyPort."""
    found = exactly_one(report, node, path, "port", ("portNumber", "portRange", "namedPort"))
    if "namedPort" in found:
        return _named(report, found["namedPort"], f"{path}.namedPort")
    if "portNumber" in found:
        at = f"{path}.portNumber"
        inside = members(report, found["portNumber"], at, _PORT)
        warn_of_empty(report, found["portNumber"], at, _EMPTY)
        number = _number(report, found["portNumber"], inside, at, "port")
        return TierPort(protocol=_protocol(report, inside, at), first=number, last=number)
    if "portRange" in found:
        at = f"{path}.portRange"
        inside = members(report, found["portRange"], at, _RANGE | {"protocol"})
        warn_of_empty(report, found["portRange"], at, _EMPTY)
        protocol = _protocol(report, inside, at)
        return _range(report, found["portRange"], inside, at, protocol)
    return TierPort()


def _destination(report: Report, node: Node | None, path: str, protocol: str) -> TierPort:
    found = exactly_one(report, node, path, "port", ("number", "range"))
    if node is None or not found:
        return TierPort(protocol=protocol)
    if "number" in found:
        number = _number(report, node, found, path, "number")
        return TierPort(protocol=protocol, first=number, last=number)
    at = f"{path}.range"
    inside = members(report, found["range"], at, _RANGE)
    return _range(report, found["range"], inside, at, protocol)


def _range(
    report: Report, node: Node, found: dict[str, Node], path: str, protocol: str
) -> TierPort:
    before = report.errors
    first, last = (_number(report, node, found, path, field) for field in ("start", "end"))
    if report.errors == before and first >= last:
        message = f"the range {first}-{last} does not end after it starts"
        report.add(INVALID_PORT, node, path, message, "`start` must be less than `end`")
    return TierPort(protocol=protocol, first=first, last=last)


def _number(report: Report, node: Node, found: dict[str, Node], path: str, field: str) -> int:
    number = whole(report, found.get(field), f"{path}.{field}")
    if field not in found and isinstance(node.data, dict):
        report.add(MISSING_FIELD, node, f"{path}.{field}", f"no `{field}`")
    if number is not None and not in_range(number):
        message = f"port {shown(str(number))} is not in 1-{MAX_PORT}"
        report.add(INVALID_PORT, found[field], f"{path}.{field}", message)
    return number or 0


def _protocol(report: Report, found: dict[str, Node], path: str) -> str:
    name = text(report, found.get("protocol"), f"{path}.protocol")
    if name is None or name in _NAMES:
        return name or "TCP"
    message = f"`{shown(name)}` is not a valid protocol"
    advice = "write `TCP`, `UDP` or `SCTP`"
    report.add(INVALID_PROTOCOL, found["protocol"], f"{path}.protocol", message, advice)
    return "TCP"


def _named(report: Report, node: Node, path: str) -> TierPort:
    name = text(report, node, path)
    if name is not None and (problem := port_name_problem(name)) is not None:
        report.add(INVALID_PORT, node, path, f"`{shown(name)}` {problem}")
    return TierPort(name=name or "")
