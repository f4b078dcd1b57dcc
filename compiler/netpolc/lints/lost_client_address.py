"""Blocks of client addresses in front of pods that do not see these addresses.

A load balancer or a node port hands connections on to another node, which replaces the client's
address with its own, unless the Service keeps connections on the node where they came in
(`externalTrafficPolicy: Local`). A rule that lists the clients' blocks then admits nobody.
"""

from collections.abc import Iterator

from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.ir.model import Allow, Policies
from netpolc.kube.inventory import Inventory, KubeService
from netpolc.kube.peers import Direction, Outside
from netpolc.lints.pod_ports import opens_some, pod_ports
from netpolc.provenance import Role
from netpolc.sets import IntervalSet

LOST_CLIENT_ADDRESS = Rule(code="NP619", name="lost-client-address", severity=Severity.NOTE)
_EVERY_V4 = IntervalSet(((0, (1 << 32) - 1),))
_EVERY_V6 = IntervalSet(((0, (1 << 128) - 1),))


def lost_client_addresses(policies: Policies, inventory: Inventory) -> Iterator[Diagnostic]:
    """Report, once for each Service, the first rule that lists addresses its pods do not see."""
    for service in inventory.services:
        policy_set = policies.namespaces.get(service.namespace)
        if not service.hides_clients or service.selector is None or policy_set is None:
            continue
        pods = [
            workload
            for workload in inventory.workloads
            if workload.namespace == service.namespace and workload.may_match(service.selector)
        ]
        declared = [port for workload in pods for port in workload.ports]
        ports = [port for called in service.ports for port in pod_ports(called, declared)]
        listed = (
            allow
            for subject in policy_set.of(Direction.INGRESS)
            if service.selector <= subject.selector
            or any(workload.may_match(subject.selector) for workload in pods)
            for allow in subject.allows
            if opens_some(allow, ports)
        )
        yield from _findings(service, listed)


def _findings(service: KubeService, allows: Iterator[Allow]) -> Iterator[Diagnostic]:
    for allow in allows:
        spans = [
            origin.span
            for origin in allow.origins
            if origin.span is not None and origin.role in {Role.ARROW, Role.POLICY}
        ]
        if spans and _lists_clients(allow):
            yield Diagnostic(
                rule=LOST_CLIENT_ADDRESS,
                message=f"pods of Service `{service.name}` see the addresses of nodes in place of their clients'",
                label=Label(spans[0], "lists addresses of clients"),
                help="in the Service write `externalTrafficPolicy: Local`, or permit the nodes' addresses",
            )
            return


def _lists_clients(allow: Allow) -> bool:
    """Whether the peer is some addresses of a family, and not all: a node's would be among those."""
    if not isinstance(allow.peer, Outside):
        return False
    addresses = allow.peer.addresses
    return (bool(addresses.v4) and addresses.v4 != _EVERY_V4) or (
        bool(addresses.v6) and addresses.v6 != _EVERY_V6
    )
