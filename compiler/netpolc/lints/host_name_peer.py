"""Names of hosts where the name of a service must be.

NetworkPolicy has no host names: a peer is pods by labels or addresses. A bare name with
dots is a legal label value, so `api -> api.example.com:443` compiles, and selects pods
labelled with that name, which nobody has.
"""

import re
from collections.abc import Iterator

from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.program.model import Namespace

HOST_NAME_PEER = Rule(code="NP611", name="host-name-peer", severity=Severity.WARNING)

_SERVICE = r"([a-z0-9-]+)\.([a-z0-9-]+)(?:\.svc(?:\.cluster\.local)?)?"
"""The DNS name of a Service in a cluster: `SERVICE.NAMESPACE`, with or without the domain."""


def host_name_peers(namespace: Namespace) -> Iterator[Diagnostic]:
    """Name the undeclared services of a namespace whose name looks like a host's."""
    for service in namespace.services.values():
        if "." not in service.name or service.declared is not None:
            continue
        for origin in service.mentions[:1]:
            if origin.span is not None:
                yield Diagnostic(
                    rule=HOST_NAME_PEER,
                    message=f"`{service.name}` is taken for a service, not for a host",
                    label=Label(
                        origin.span, f"selects pods labelled {namespace.label}={service.name}"
                    ),
                    help=_advice(service.name),
                )


def _advice(name: str) -> str:
    """What to write instead: for the DNS name of a Service, the service in its namespace."""
    found = re.fullmatch(_SERVICE, name)
    if found is not None:
        return f"write `{found[1]} in ns {found[2]}`"
    return "NetworkPolicy has no host names: write addresses, or `internet`"
