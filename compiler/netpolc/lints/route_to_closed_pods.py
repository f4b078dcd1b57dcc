"""Routes to pods that nobody outside their namespace may reach.

A load balancer, an Ingress, a route of a gateway, a webhook or the port of a node brings
connections from outside the namespace. Where every rule about its pods and their port admits pods
of the own namespace alone, these connections fail, with a timeout or a 504.
"""

from collections.abc import Iterable, Iterator

from netpolc.analysis.namespace_partition import Facts
from netpolc.analysis.tiers import NO_TIERS, Tiers
from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.ir.model import Policies, PolicySet
from netpolc.kube.inventory import ContainerPort, Inventory, Workload
from netpolc.kube.peers import Direction, Pods
from netpolc.kube.service_aliases import follow_alias, port_of_alias
from netpolc.lints.accepting_rules import accepting_rules
from netpolc.lints.pod_ports import opens_some, pod_ports
from netpolc.manifest.routes import Caller, Route
from netpolc.provenance import closing
from netpolc.values import frozen

ROUTE_TO_CLOSED_PODS = Rule(code="NP617", name="route-to-closed-pods", severity=Severity.WARNING)


@frozen
class _Way:
    """A way from outside to pods and their ports; without ports, none of them is known."""

    where: str
    callers: str
    pods: Workload
    ports: tuple[ContainerPort, ...]


def routes_to_closed_pods(
    policies: Policies, inventory: Inventory, routes: Iterable[Route], tiers: Tiers = NO_TIERS
) -> Iterator[Diagnostic]:
    """Report the routes whose pods admit nobody who is not in their own namespace."""
    named: set[str] = set()
    for way in (*_of_routes(routes, inventory), *_of_nodes(inventory)):
        policy_set = policies.namespaces.get(way.pods.namespace)
        if policy_set is None or way.where in named or way.pods.host_network:
            continue
        if _is_closed(policy_set, way) and not _is_accepted(tiers, policy_set, way.pods):
            named.add(way.where)
            yield _finding(way, policy_set)


def _of_routes(routes: Iterable[Route], inventory: Inventory) -> Iterator[_Way]:
    services = {(service.namespace, service.name): service for service in inventory.services}
    for route in routes:
        if route.callers.by in {Caller.OPERATOR, Caller.NODE, Caller.KUBELET}:
            continue  # A pod that an operator makes may be in the same namespace; a node is in none.
        where = f"{route.path}:{route.line}" if route.line else route.path
        by = route.callers.by
        callers = "clients outside" if by is Caller.ANYONE else f"the {by.value}"
        if route.is_to_pods:
            yield from _to_pods(route, inventory, f"`{route.where}` ({where})", callers)
        named = services.get((route.namespace, route.service))
        if named is None or route.is_to_pods:
            continue
        service, _ = follow_alias(named, services)
        wanted = port_of_alias(named, route.port) if named.alias else route.port
        called = [
            service_port
            for service_port in service.ports
            if wanted in {None, service_port.number, service_port.name}
        ]
        for workload in inventory.workloads:
            if workload.namespace == service.namespace and (
                service.selector is not None and workload.may_match(service.selector)
            ):
                ports = tuple(
                    port
                    for service_port in called
                    for port in pod_ports(service_port, workload.ports)
                )
                yield _Way(f"`{route.where}` ({where})", callers, workload, ports)


def _to_pods(route: Route, inventory: Inventory, where: str, callers: str) -> Iterator[_Way]:
    """The way to pods that a route names itself, without a Service."""
    for workload in inventory.workloads:
        if route.reaches(workload):
            ports = tuple(port for port in workload.ports if port.name == route.port)
            if isinstance(route.port, int):
                ports = (ContainerPort(number=route.port),)
            if ports:
                yield _Way(where, callers, workload, ports)


def _of_nodes(inventory: Inventory) -> Iterator[_Way]:
    for workload in inventory.workloads:
        for port in workload.ports:
            if port.host_port:
                where = f" ({workload.span.path}:{workload.span.line})" if workload.span else ""
                yield _Way(
                    f"`hostPort: {port.host_port}`{where}", "clients of the node", workload, (port,)
                )


def _is_closed(policies: PolicySet, way: _Way) -> bool:
    subjects = [s for s in policies.of(Direction.INGRESS) if way.pods.surely_matches(s.selector)]
    allows = (
        allow
        for subject in policies.of(Direction.INGRESS)
        if way.pods.may_match(subject.selector)
        for allow in subject.allows
        if not way.ports or opens_some(allow, way.ports)
    )
    return bool(subjects) and not any(_admits_others(policies, allow.peer) for allow in allows)


def _is_accepted(tiers: Tiers, policies: PolicySet, workload: Workload) -> bool:
    """Whether an Admin rule may admit somebody from outside the namespace."""
    return any(
        workload.may_match(rule.subject.pods)
        and any(_admits_others(policies, peer) for peer in rule.peers)
        for rule in accepting_rules(tiers, Direction.INGRESS, Facts.of_namespace(policies))
    )


def _admits_others(policies: PolicySet, peer: object) -> bool:
    return not isinstance(peer, Pods) or peer.home(policies.namespace) != policies.namespace


def _finding(way: _Way, policies: PolicySet) -> Diagnostic:
    labels = (
        Label(origin.span, "closes their ingress")
        for subject in policies.of(Direction.INGRESS)
        if way.pods.surely_matches(subject.selector)
        for origin in closing(subject.origins)
        if origin.span is not None
    )
    return Diagnostic(
        rule=ROUTE_TO_CLOSED_PODS,
        message=f"{way.where} leads to `{way.pods}`, which {way.callers} may not reach",
        label=next(labels),
        help="permit the callers: `any`, their addresses, or the pods in their namespace",
    )
