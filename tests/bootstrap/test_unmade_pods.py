"""Pods that only a Service shows."""

from netpolc.bootstrap.unmade_pods import UNMADE, unmade_names, unmade_pods
from netpolc.kube.inventory import KubeService, Workload
from netpolc.kube.selectors import Selector

WEB = Workload(namespace="shop", name="web", kind="Deployment", labels={"app": "web"})


def service(name: str, namespace: str = "shop", **labels: str) -> KubeService:
    """A Service; without labels it selects nothing."""
    selector = Selector.labels(labels) if labels else None
    return KubeService(namespace=namespace, name=name, selector=selector)


def test_only_selectors_without_a_workload_in_a_closed_namespace_count() -> None:
    found = unmade_pods(
        [
            service("web", app="web"),
            service("db", app="db"),
            service("db-read", app="db"),
            service("outside"),
            service("db", "elsewhere", app="db"),
        ],
        [WEB],
    )
    assert [(one.namespace, one.name, one.kind) for one in found] == [("shop", "db", UNMADE)]


def test_a_name_that_is_taken_is_avoided() -> None:
    (pods,) = unmade_pods([service("web", app="other")], [WEB])
    ((_, name),) = unmade_names([pods], {("shop", "web")})
    assert (name.name, name.labels) == ("web-pods", (("app", "other"),))
