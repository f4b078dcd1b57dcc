"""Names of hosts where the name of a service must be.

NetworkPolicy has no host names: a peer is pods by labels or addresses. A bare name with
dots is a legal label value, so `api -> api.example.com:443` compiles, and selects pods
labelled with that name, which nobody has.
"""

import re
from collections.abc import Iterator
from ipaddress import IPv4Address, summarize_address_range

from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.lints.written_peer import is_subject, pods_span
from netpolc.program.model import Namespace

HOST_NAME_PEER = Rule(code="NP611", name="host-name-peer", severity=Severity.WARNING)

_LOCALHOST = "localhost"
_SERVICE = r"([a-z0-9-]+)\.([a-z0-9-]+)"
"""The short DNS name of a Service in a cluster: `SERVICE.NAMESPACE`."""

_SERVICE_OF_CLUSTER = rf"(?:[a-z0-9-]+\.)?{_SERVICE}\.svc(?:\.[a-z0-9.-]+)?"
"""The name with `svc` and the cluster's domain, or that of one pod of the Service."""

_NUMBERS = r"[0-9.-]+"
"""A range of addresses, such as `10.0.0.1-10.0.0.9`, or a part of an address."""

_MOST_BLOCKS = 8


def host_name_peers(namespace: Namespace) -> Iterator[Diagnostic]:
    """Report the undeclared services of a namespace whose name looks like a host's."""
    for service in namespace.services.values():
        if service.declared is not None or not is_host_like(service.name):
            continue
        for origin in service.mentions[:1]:
            span = pods_span(origin, service.pods, namespace.services)
            if span is not None:
                yield Diagnostic(
                    rule=HOST_NAME_PEER,
                    message=f"`{service.name}` is treated as a service, not as {_meant(service.name)}",
                    label=Label(span, f"selects pods labelled {namespace.label}={service.name}"),
                    help=_advice(service.name, is_subject=is_subject(span, origin)),
                )


def is_host_like(name: str) -> bool:
    """Whether a name of a service looks like that of a host."""
    return "." in name or name == _LOCALHOST


def _meant(name: str) -> str:
    return "addresses" if re.fullmatch(_NUMBERS, name) else "a host"


def _advice(name: str, *, is_subject: bool) -> str:
    """Advise on a replacement: for the DNS name of a Service, the service in its namespace."""
    if name == _LOCALHOST:
        return "remove it: a pod can always reach itself"
    if re.fullmatch(_NUMBERS, name):
        return f"write {_blocks_of_range(name)}"
    if (match := re.fullmatch(_SERVICE_OF_CLUSTER, name)) is not None:
        return f"write {_service_in(match[1], match[2], is_subject=is_subject)}"
    if (match := re.fullmatch(_SERVICE, name)) is not None:
        service = _service_in(match[1], match[2], is_subject=is_subject)
        return f"for a Service write {service}; for a host its addresses, or `internet`"
    return "NetworkPolicy has no host names: write addresses, or `internet`"


def _service_in(service: str, namespace: str, *, is_subject: bool) -> str:
    """A service of another namespace; as a subject, it belongs in a section of that namespace."""
    if is_subject:
        return f"the statement about `{service}` in a section `namespace {namespace}`"
    return f"`{service} in ns {namespace}`"


def _blocks_of_range(name: str) -> str:
    """The blocks of a range of addresses; where it is not such a range, or has many, what a block looks like."""
    first, _, last = name.partition("-")
    try:
        blocks = list(summarize_address_range(IPv4Address(first), IPv4Address(last)))
    except ValueError:
        blocks = []
    if 0 < len(blocks) <= _MOST_BLOCKS:
        return f"the blocks of the range: `{', '.join(map(str, blocks))}`"
    return "address blocks, such as `10.0.0.0/24`"
