"""The ports of NetworkPolicy v1, read and checked as the API server does.

A port is a number, a number and an `endPort`, or the name of a container's port; and
what is left out widens it (a missing port is every port). Rules: API reference,
NetworkPolicyPort; `ValidateNetworkPolicyPort` of the server.
"""

from netpolc.diagnostics import Rule, Severity
from netpolc.kube.name_rules import port_name_problem
from netpolc.kube.ports import MAX_PORT, PROTOCOLS
from netpolc.manifest.field_reader import (
    Report,
    members,
    shown,
    text,
    warn_of_empty,
    whole,
    whole_number,
    wrong,
)
from netpolc.manifest.model import PolicyPort
from netpolc.yaml.nodes import Node

INVALID_PORT = Rule(code="NP425", name="invalid-policy-port", severity=Severity.ERROR)
INVALID_PROTOCOL = Rule(code="NP426", name="invalid-policy-protocol", severity=Severity.ERROR)

_PORT = frozenset({"protocol", "port", "endPort"})
_EMPTY = {"port": "every port", "endPort": "the one port", "protocol": "TCP"}
"""The API's meaning of a field with nothing below it."""
_NAMES = frozenset(protocol.value for protocol in PROTOCOLS)


def port(report: Report, node: Node, path: str) -> PolicyPort:
    """A NetworkPolicyPort."""
    fields = members(report, node, path, _PORT)
    warn_of_empty(report, node, path, _EMPTY)
    first = _port(report, fields.get("port"), f"{path}.port")
    last = whole(report, fields.get("endPort"), f"{path}.endPort")
    if last is not None and ("port" not in fields or first is not None):
        _check_end(report, fields["endPort"], f"{path}.endPort", first, last)
    return PolicyPort(
        protocol=_protocol(report, fields.get("protocol"), f"{path}.protocol"),
        port=first,
        end_port=last,
        span=report.span(node),
    )


def in_range(number: int) -> bool:
    """Whether a number is a port."""
    return 1 <= number <= MAX_PORT


def _protocol(report: Report, node: Node | None, path: str) -> str | None:
    name = text(report, node, path)
    if node is None or name is None or name in _NAMES:
        return name
    upper = name.upper()
    advice = f"write `{upper}`" if upper in _NAMES else "write `TCP`, `UDP` or `SCTP`"
    report.add(
        INVALID_PROTOCOL, node, path, f"`{shown(name)}` is not a valid protocol here", advice
    )
    return None


def _port(report: Report, node: Node | None, path: str) -> int | str | None:
    if node is None:
        return None
    if isinstance(node.data, str):
        if (problem := port_name_problem(node.data)) is not None:
            advice = "write the number without quotes" if node.data.isdecimal() else ""
            report.add(INVALID_PORT, node, path, f"`{shown(node.data)}` {problem}", advice)
        return node.data
    number = whole_number(node)
    if number is None:
        wrong(report, node, path, "a whole number or a port's name")
    elif not in_range(number):
        report.add(INVALID_PORT, node, path, f"port {shown(str(number))} is not in 1-{MAX_PORT}")
    return number


def _check_end(report: Report, node: Node, path: str, first: int | str | None, last: int) -> None:
    if first is None:
        message, advice = "`endPort` needs a `port`", "add the range's first port"
    elif isinstance(first, str):
        message = f"`endPort` cannot go with the name `{shown(first)}`"
        advice = "a range needs a number as `port`"
    elif not in_range(last):
        message, advice = f"port {shown(str(last))} is not in 1-{MAX_PORT}", ""
    elif last < first:
        message = f"the range {first}-{last} ends before it begins"
        advice = f"write `port: {last}` and `endPort: {first}`" if in_range(first) else ""
    else:
        return
    report.add(INVALID_PORT, node, path, message, advice)
