"""Ports on which no receiver listens, above all the port of a Service.

NetworkPolicy is applied after a Service has been translated, so the ports of an arrow
are those of the pod. People think of the address they call, `http://web:80`, and write
80 where the pod listens on 8080; the policy is applied without complaint and the
connection fails. Where workloads and Services are given, both numbers are known.

Containers need not declare their ports. Only receivers that declare some are judged.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace

from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.ir.model import Allow, Policies
from netpolc.kube.inventory import Inventory, KubeService, ServicePort, Workload
from netpolc.kube.peers import Direction, Pods
from netpolc.kube.platform import mesh_ports
from netpolc.kube.ports import PROTOCOLS, NamedPort, Protocol
from netpolc.kube.selectors import Selector
from netpolc.lints.written_peer import pods_span
from netpolc.program.model import Program
from netpolc.provenance import Origin, Role
from netpolc.source import Span

SERVICE_PORT = Rule(code="NP609", name="service-port", severity=Severity.WARNING)
UNLISTENED_PORT = Rule(code="NP610", name="unlistened-port", severity=Severity.WARNING)


def receiver_ports(
    program: Program, policies: Policies, inventory: Inventory
) -> Iterator[Diagnostic]:
    """Report the ports of arrows on which no known receiver listens."""
    if not inventory.workloads:
        return
    for name, policy_set in policies.namespaces.items():
        for allow in policy_set.allows:
            origin = next(
                (o for o in allow.origins if o.role in {Role.ARROW, Role.POLICY} and o.span), None
            )
            receivers = _receivers(allow, name, inventory)
            if origin and origin.span and receivers and all(w.ports for w in receivers):
                home = policies.namespaces.get(receivers[0].namespace)
                labels = {} if home is None else home.labels
                added = frozenset[int]().union(*(mesh_ports(labels, w.labels) for w in receivers))
                findings = tuple(_findings(allow, origin.span, receivers, inventory, added))
                if findings:
                    place = _peer_place(allow, origin, name, program)
                    yield from (
                        replace(finding, label=Label(place, finding.label.text))
                        for finding in findings
                    )


def _peer_place(allow: Allow, origin: Origin, own: str, program: Program) -> Span:
    """The place of the opened peer in the statement; the whole statement where it is not pods."""
    assert origin.span is not None
    peer = allow.peer
    home = peer.home(own) if isinstance(peer, Pods) else None
    if not isinstance(peer, Pods) or home is None:
        return origin.span
    known = program.namespaces.get(home)
    services = {} if known is None else known.services
    return pods_span(origin, peer.pods, services) or origin.span


def _receivers(allow: Allow, own: str, inventory: Inventory) -> list[Workload]:
    """The known workloads that receive what the allow opens, of one namespace."""
    if allow.direction is Direction.INGRESS:
        return _matching(own, allow.subject, inventory)
    peer = allow.peer
    if not isinstance(peer, Pods) or peer.pods.is_everything:
        return []
    home = peer.home(own)
    return _matching(home, peer.pods, inventory) if home else []


def _matching(namespace: str, pods: Selector, inventory: Inventory) -> list[Workload]:
    if pods.is_everything:
        return []
    return inventory.matching(namespace, pods)


def _findings(
    allow: Allow,
    span: Span,
    receivers: list[Workload],
    inventory: Inventory,
    added: Collection[int],
) -> Iterator[Diagnostic]:
    """The findings about an allow; `added` are TCP ports that are in no manifest."""
    for protocol, number in _single_ports(allow):
        if protocol is Protocol.TCP and number in added:
            continue
        if any(p.protocol is protocol and p.number == number for w in receivers for p in w.ports):
            continue
        service = _service_with(protocol, number, receivers, inventory)
        yield (
            _unlistened(span, f"{number}", protocol, receivers)
            if service is None
            else (_through_service(span, number, *service, receivers))
        )
    for name in sorted(allow.traffic.named):
        if not any(NamedPort(p.protocol, p.name) == name for w in receivers for p in w.ports):
            yield _unlistened(span, name.name, name.protocol, receivers)


def _single_ports(allow: Allow) -> Iterator[tuple[Protocol, int]]:
    """The ports that are named one by one; a range is wider than what listens by intention."""
    for protocol in PROTOCOLS:
        for low, high in allow.traffic.numbers(protocol).ranges:
            if low == high:
                yield protocol, low


def _service_with(
    protocol: Protocol, number: int, receivers: list[Workload], inventory: Inventory
) -> tuple[KubeService, ServicePort] | None:
    """The Service of these workloads that has the port, and its target elsewhere."""
    for service in inventory.services:
        selector = service.selector
        if selector is None or service.namespace != receivers[0].namespace:
            continue
        if any(w.may_match(selector) for w in receivers):
            for port in service.ports:
                if port.protocol is protocol and port.number == number != port.target:
                    return service, port
    return None


def _through_service(
    span: Span, number: int, service: KubeService, port: ServicePort, receivers: list[Workload]
) -> Diagnostic:
    target = _target(port, receivers)
    return Diagnostic(
        rule=SERVICE_PORT,
        message=f"{number} is the port of Service `{service.name}`; its pods listen on {target}",
        label=Label(span, f"nobody listens on {number} here"),
        help=f"write {target}: policies see the port of the pod",
    )


def _target(port: ServicePort, receivers: list[Workload]) -> str:
    if isinstance(port.target, int):
        return str(port.target)
    numbers = {
        p.number
        for w in receivers
        for p in w.ports
        if (p.name, p.protocol) == (port.target, port.protocol)
    }
    known = f" ({', '.join(map(str, sorted(numbers)))})" if numbers else ""
    return f"`{port.target}`{known}"


def _unlistened(span: Span, port: str, protocol: Protocol, receivers: list[Workload]) -> Diagnostic:
    declared = sorted({p.number for w in receivers for p in w.ports if p.protocol is protocol})
    others = ", ".join(map(str, declared)) or "none"
    return Diagnostic(
        rule=UNLISTENED_PORT,
        message=f"no container of `{receivers[0]}` declares {protocol.value} port `{port}`",
        label=Label(span, f"the containers declare {others}"),
        help="write the port on which the pods listen",
    )
