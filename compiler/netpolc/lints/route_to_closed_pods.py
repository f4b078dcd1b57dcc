"""Routes to pods that nobody outside their namespace may reach.

A load balancer, an Ingress, a route of a gateway or a webhook brings connections from outside
the namespace. Where every rule of its pods admits pods of the own namespace alone,
these connections fail, with a timeout or a 504.
"""

from collections.abc import Iterable, Iterator

from netpolc.analysis.namespace_partition import Facts
from netpolc.analysis.tiers import NO_TIERS, Tiers
from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.ir.model import Policies, PolicySet
from netpolc.kube.inventory import Inventory, Workload
from netpolc.kube.peers import Direction, Pods
from netpolc.lints.accepting_rules import accepting_rules
from netpolc.manifest.routes import Caller, Route
from netpolc.provenance import closing

ROUTE_TO_CLOSED_PODS = Rule(code="NP617", name="route-to-closed-pods", severity=Severity.WARNING)


def routes_to_closed_pods(
    policies: Policies, inventory: Inventory, routes: Iterable[Route], tiers: Tiers = NO_TIERS
) -> Iterator[Diagnostic]:
    """Name the routes whose pods admit nobody who is not in their own namespace."""
    for route in routes:
        one = policies.namespaces.get(route.namespace)
        for workload in _behind(route, inventory) if one is not None else ():
            if one is None or workload.host_network or not _is_closed(one, workload):
                continue
            if not _is_accepted(tiers, one, workload):
                yield _finding(route, one, workload)
                break


def _behind(route: Route, inventory: Inventory) -> list[Workload]:
    """The workloads that the Service of a route selects."""
    selectors = [
        service.selector
        for service in inventory.services
        if (service.namespace, service.name) == (route.namespace, route.service)
    ]
    return [
        workload
        for workload in inventory.workloads
        if workload.namespace == route.namespace
        and any(some is not None and workload.may_match(some) for some in selectors)
    ]


def _is_closed(policies: PolicySet, workload: Workload) -> bool:
    subjects = [s for s in policies.of(Direction.INGRESS) if workload.surely_matches(s.selector)]
    allows = (
        allow
        for subject in policies.of(Direction.INGRESS)
        if workload.may_match(subject.selector)
        for allow in subject.allows
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


def _finding(route: Route, policies: PolicySet, workload: Workload) -> Diagnostic:
    labels = (
        Label(origin.span, "closes their ingress")
        for subject in policies.of(Direction.INGRESS)
        if workload.surely_matches(subject.selector)
        for origin in closing(subject.origins)
        if origin.span is not None
    )
    first = next(labels)
    where = f"{route.path}:{route.line}" if route.line else route.path
    callers = "clients outside" if route.by is Caller.ANYONE else f"the {route.by.value}"
    return Diagnostic(
        rule=ROUTE_TO_CLOSED_PODS,
        message=f"`{route.where}` ({where}) leads to `{workload}`, which {callers} may not reach",
        label=first,
        help="permit the callers: `any`, their addresses, or the pods in their namespace",
    )
