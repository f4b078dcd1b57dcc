"""Names of hosts where the name of a service must be.

NetworkPolicy has no host names: a peer is pods by labels or addresses. A bare name with
dots is a legal label value, so `api -> api.example.com:443` compiles, and selects pods
labelled with that name, which nobody has.
"""

import re
from collections.abc import Iterator

from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.lints.written_peer import pods_span
from netpolc.program.model import Namespace

HOST_NAME_PEER = Rule(code="NP611", name="host-name-peer", severity=Severity.WARNING)

_LOCALHOST = "localhost"
_SERVICE = r"([a-z0-9-]+)\.([a-z0-9-]+)(\.svc(?:\.cluster\.local)?)?"
"""The DNS name of a Service in a cluster: `SERVICE.NAMESPACE`, with or without the domain."""


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
                    message=f"`{service.name}` is taken for a service, not for a host",
                    label=Label(span, f"selects pods labelled {namespace.label}={service.name}"),
                    help=_advice(service.name),
                )


def is_host_like(name: str) -> bool:
    """Whether a name of a service looks like that of a host."""
    return "." in name or name == _LOCALHOST


def _advice(name: str) -> str:
    """Advise on a replacement: for the DNS name of a Service, the service in its namespace."""
    if name == _LOCALHOST:
        return "remove it: a pod can always reach itself"
    match = re.fullmatch(_SERVICE, name)
    if match is None:
        return "NetworkPolicy has no host names: write addresses, or `internet`"
    service = f"`{match[1]} in ns {match[2]}`"
    if match[3]:
        return f"write {service}"
    return f"for a Service write {service}; for a host its addresses, or `internet`"
