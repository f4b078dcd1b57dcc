"""Pods that a Service selects and that no workload of the manifests makes.

An operator makes them, for a Kafka or a Prometheus, or another repository does. A default
closes them as well, so the arrows to them have to be proposed like all others.
"""

from collections.abc import Collection, Iterable, Iterator

from netpolc.kube.inventory import KubeService, Workload
from netpolc.kube.service_names import ServiceName

UNMADE = "Service"
"""The kind of such pods: a Service is all that is known of them."""


def unmade_pods(services: Iterable[KubeService], workloads: Collection[Workload]) -> list[Workload]:
    """The pods of each selector that selects no workload, named after the first such Service.

    Only namespaces with workloads count, because only they are closed.
    """
    unmade: dict[tuple[str, tuple[tuple[str, str], ...]], Workload] = {}
    for service in services:
        labels = None if service.selector is None else service.selector.exact_labels()
        neighbours = [workload for workload in workloads if workload.namespace == service.namespace]
        if not labels or not neighbours or service.selector is None:
            continue
        if not any(workload.surely_matches_some(service.selector) for workload in neighbours):
            pods = Workload(
                namespace=service.namespace,
                name=service.name,
                kind=UNMADE,
                labels=labels,
                span=service.span,
            )
            unmade.setdefault((service.namespace, tuple(sorted(labels.items()))), pods)
    return list(unmade.values())


def unmade_names(
    pods: Iterable[Workload], taken: Collection[tuple[str, str]]
) -> Iterator[tuple[str, ServiceName]]:
    """Names for such pods, each with all labels of the selector; names that are taken are avoided."""
    used = set(taken)
    for workload in pods:
        name = workload.name
        while (workload.namespace, name) in used:
            name = f"{name}-pods"
        used.add((workload.namespace, name))
        yield str(workload), ServiceName(name, tuple(sorted(workload.labels.items())))
