"""The services that a report counts: known workloads, else what intents or policies name."""

from collections.abc import Iterable, Iterator, Mapping

from netpolc.analysis.open_pods import closed_pods, is_closed, open_pods
from netpolc.analysis.unknown_of_list import namespace_facts
from netpolc.commands.pipeline import Compilation
from netpolc.graph.model import Node
from netpolc.ir.model import PolicySet
from netpolc.kube.display import pods_text
from netpolc.kube.peers import Direction, Pods
from netpolc.kube.selectors import Selector
from netpolc.report.model import Coverage
from netpolc.values import frozen


@frozen(kw_only=True)
class ReportedService:
    """Pods that a report counts as one, by namespace and name."""

    namespace: str
    name: str
    pods: Selector

    def __str__(self) -> str:
        """Namespace and name."""
        return f"{self.namespace}/{self.name}"


class ReportServices:
    """The services by namespace, and what isolates them."""

    def __init__(self, known: Compilation) -> None:
        """Find the services of all namespaces."""
        self._known = known
        by_namespace: dict[str, list[ReportedService]] = {
            name: [] for name in known.whole.namespaces
        }
        for service in _services(known):
            by_namespace.setdefault(service.namespace, []).append(service)
        self._by_namespace: Mapping[str, list[ReportedService]] = {
            name: by_namespace[name] for name in sorted(by_namespace)
        }

    def coverage(self) -> Iterator[Coverage]:
        """The number of isolated services of each namespace."""
        for namespace, services in self._by_namespace.items():
            every = {
                direction: self._is_every_pod_isolated(namespace, direction)
                for direction in Direction
            }
            isolated = {
                direction: len(services) - sum(1 for _ in self._open(namespace, direction))
                for direction in Direction
            }
            yield Coverage(
                namespace=namespace,
                services=len(services),
                ingress=isolated[Direction.INGRESS],
                egress=isolated[Direction.EGRESS],
                every_ingress=every[Direction.INGRESS],
                every_egress=every[Direction.EGRESS],
            )

    def not_isolated(self, direction: Direction) -> Iterator[Node]:
        """The services that no policy isolates in a direction."""
        unprotected = direction is Direction.INGRESS
        for namespace in self._by_namespace:
            for service in self._open(namespace, direction):
                yield Node(namespace=namespace, names=(service.name,), unprotected=unprotected)

    def among(self, pods: Pods, home: str | None) -> Iterator[ReportedService]:
        """The services of which some pods may be among pods, seen from a namespace."""
        for namespace, services in self._by_namespace.items():
            if self._may_be(pods, namespace, home):
                yield from (
                    service for service in services if not service.pods.isdisjoint(pods.pods)
                )

    def _may_be(self, pods: Pods, namespace: str, home: str | None) -> bool:
        if pods.namespaces is None:
            return home is None or namespace == home
        facts = namespace_facts(self._known.whole, namespace)
        return facts.left(pods.namespaces) is not None

    def _is_every_pod_isolated(self, namespace: str, direction: Direction) -> bool:
        policies = self._known.whole.namespaces.get(namespace)
        return policies is not None and is_closed(policies, direction)

    def _open(self, namespace: str, direction: Direction) -> Iterator[ReportedService]:
        services = self._by_namespace[namespace]
        policies = self._known.whole.namespaces.get(namespace)
        if policies is None:
            yield from services
            return
        closed = closed_pods(policies, direction)
        yield from (service for service in services if open_pods(closed, service.pods))


def _services(known: Compilation) -> Iterator[ReportedService]:
    workloads = known.inventory.workloads
    if workloads:
        for workload in workloads:
            name = str(workload).removeprefix(f"{workload.namespace}/")
            yield ReportedService(
                namespace=workload.namespace, name=name, pods=Selector.labels(workload.labels)
            )
        return
    yield from _named(known)
    for namespace, policies in known.whole.namespaces.items():
        if namespace not in known.program.namespaces:
            for pods in dict.fromkeys(_subjects(policies)):
                yield ReportedService(namespace=namespace, name=pods_text(pods), pods=pods)


def _named(known: Compilation) -> Iterator[ReportedService]:
    """The services that statements name.

    A name that only assertions use may be a slip: it is none unless a policy selects its pods.
    """
    claims = {assertion.origin.place for assertion in known.program.assertions}
    for namespace in known.program.namespaces.values():
        policies = known.whole.namespaces.get(namespace.name)
        selected = set(_subjects(policies)) if policies else set()
        for name, service in sorted(namespace.services.items()):
            used = any(origin.place not in claims for origin in service.mentions)
            if used or service.declared is not None or service.pods in selected:
                yield ReportedService(namespace=namespace.name, name=name, pods=service.pods)


def _subjects(policies: PolicySet) -> Iterable[Selector]:
    """The pods that policies select by label; a policy for all pods of a namespace names no service."""
    return (subject.selector for subject in policies.subjects if not subject.selector.is_everything)
