"""Services that no policy protects, in namespaces where policies protect others.

NetworkPolicy protects only what it selects: `db <- api` closes db, and api stays open to
everyone. That is rarely meant in a namespace where somebody has begun to write arrows,
and nothing in the manifests shows it.
"""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from netpolc.analysis.tiers import TierReading
from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.ir.model import Policies, PolicySet
from netpolc.kube.inventory import Inventory, KubeService, Workload
from netpolc.kube.peers import Direction
from netpolc.kube.selectors import Selector
from netpolc.program.model import Namespace, Service
from netpolc.source import Span

UNPROTECTED_SERVICE = Rule(code="NP601", name="unprotected-service", severity=Severity.WARNING)

_SHOWN = 3


def unprotected_services(
    namespace: Namespace, policies: PolicySet, tiers: TierReading | None = None
) -> Iterator[Diagnostic]:
    """Report the services some of whose pods nothing closes, where other pods are closed.

    `policies` are all that hold in the namespace, those of others too. Pods are protected as well
    if `tiers`, read as what permits most, deny everyone.
    """
    if not policies.of(Direction.INGRESS):
        return
    if any(subject.selector.is_everything for subject in policies.of(Direction.INGRESS)):
        return  # As most are, by `default: deny`.
    from netpolc.analysis.open_pods import closed_pods, open_pods  # noqa: PLC0415 - with boxes

    own = {arrow.origin.span for arrow in namespace.arrows}
    closed = closed_pods(policies, Direction.INGRESS)
    for service in namespace.services.values():
        place = _place(service, own)
        if place is None or _is_protected(tiers, policies, service.pods):
            continue
        if open_pods(closed, service.pods):
            yield Diagnostic(
                rule=UNPROTECTED_SERVICE,
                message=f"everyone may reach `{service.name}` in namespace `{namespace.name}`",
                label=place,
                help=f"write `default: deny`, or say who may reach it: `{service.name} <- …`",
            )


def unprotected_workloads(
    policies: Policies, inventory: Inventory, tiers: TierReading | None = None
) -> Iterator[Diagnostic]:
    """Report the known workloads that no policy closes, where policies close other pods.

    One finding a namespace. Workloads that nobody calls (they declare no port and no Service
    selects them) are left out, and the namespaces of Kubernetes itself.
    """
    from netpolc.analysis.open_pods import closed_pods  # noqa: PLC0415 - as above

    closed = {
        name: closed_pods(policy_set, Direction.INGRESS)
        for name, policy_set in policies.namespaces.items()
    }
    services: dict[str, list[KubeService]] = {}
    for service in inventory.services:
        services.setdefault(service.namespace, []).append(service)
    by_namespace: dict[str, list[Workload]] = {}
    for workload in inventory.workloads:
        subjects = closed.get(workload.namespace)
        if not subjects or workload.namespace.startswith("kube-") or workload.host_network:
            continue
        called = _is_called(workload, services.get(workload.namespace, []))
        own = policies.namespaces[workload.namespace]
        if not called or _is_protected(tiers, own, Selector.labels(workload.labels)):
            continue
        if next(subjects.matching(workload.labels), None) is None:
            by_namespace.setdefault(workload.namespace, []).append(workload)
    for namespace, some in by_namespace.items():
        places = [Label(w.span, "open to everyone") for w in some if w.span is not None]
        names = ", ".join(f"`{w.name}`" for w in some[:_SHOWN])
        more = f" and {len(some) - _SHOWN} more" if len(some) > _SHOWN else ""
        if places:
            yield Diagnostic(
                rule=UNPROTECTED_SERVICE,
                message=f"everyone may reach {names}{more} in namespace `{namespace}`",
                label=places[0],
                others=tuple(places[1:_SHOWN]),
                help="close the whole namespace, `podSelector: {}`, or say who may reach them",
            )


def _is_protected(tiers: TierReading | None, known: PolicySet, pods: Selector) -> bool:
    if tiers is None:
        return False
    from netpolc.analysis.namespace_partition import Facts  # noqa: PLC0415 - as below
    from netpolc.analysis.protected_by_tiers import (  # noqa: PLC0415 - few programs have tiers
        protected_by_tiers,
    )

    return protected_by_tiers(tiers, Facts.of_namespace(known), pods)


def _is_called(workload: Workload, services: list[KubeService]) -> bool:
    return bool(workload.ports) or any(
        s.selector is not None and workload.may_match(s.selector) for s in services
    )


def _place(service: Service, own: AbstractSet[Span | None]) -> Label | None:
    """Find the service in the namespace's own statements; other namespaces do not own it."""
    for origin in service.mentions:
        if origin.span in own and origin.span is not None:
            return Label(origin.span, f"no arrow closes `{service.name}`")
    return None
