"""Routes: ways into a Service for callers that are not in the manifests.

An Ingress, a route of the Gateway API, of OpenShift, of Istio or of an ingress controller, a
webhook, an aggregated API and the Alertmanagers of a Prometheus name a Service and its port
outright. A Service of type LoadBalancer or NodePort is a way into itself.
"""

from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from typing import TypeAlias

from netpolc.manifest import route_targets as targets
from netpolc.manifest.objects import KubeObject
from netpolc.manifest.route_targets import Port, Target
from netpolc.source import SourceFile
from netpolc.values import frozen
from netpolc.yaml.nodes import Node, string_at


class Caller(Enum):
    """The callers of a Service from outside the manifests."""

    INGRESS_CONTROLLER = "ingress controller"
    GATEWAY = "gateway"
    ISTIO_GATEWAY = "Istio gateway"
    ROUTER = "router"
    """The pods that serve the Routes of OpenShift."""
    API_SERVER = "API server"
    ANYONE = "anyone"
    """Clients outside the cluster, who reach the Service by a load balancer or a node."""
    PROMETHEUS = "Prometheus"
    """The pods that read metrics."""


@frozen(kw_only=True)
class Route:
    """A way into a Service for callers that are not in the manifests.

    `port` is the Service's port.
    """

    namespace: str
    service: str
    port: Port
    by: Caller
    where: str
    path: str
    line: int


def routes(source: SourceFile, kube_object: KubeObject, namespace: str) -> Iterator[Route]:
    """The routes of an object, which is in a namespace."""
    group = kube_object.version.rpartition("/")[0]
    name = string_at(kube_object.node, "metadata", "name")
    where = f"{kube_object.kind} {name}"
    by, find = _finder(kube_object.kind, group)
    if (exposed := targets.exposed(kube_object.node)) and by is Caller.ANYONE:
        where += f" {exposed}"
    for target in find(kube_object.node):
        yield Route(
            namespace=target.namespace or namespace,
            service=target.service,
            port=target.port,
            by=by,
            where=where,
            path=source.path,
            line=source.position(target.node.start)[0],
        )


_Finder: TypeAlias = Callable[[Node], Iterator[Target]]


def _finder(kind: str, group: str) -> tuple[Caller, _Finder]:
    """The callers by objects of a kind, and the function that finds the Services in them."""
    if group == "gateway.networking.k8s.io" and kind.endswith("Route"):
        return Caller.GATEWAY, targets.of_gateway_route
    return _FINDERS.get((kind, group)) or _FINDERS.get(("", group), (Caller.ANYONE, _no_targets))


def _no_targets(_: Node) -> Iterator[Target]:
    return iter(())


_FINDERS: Mapping[tuple[str, str], tuple[Caller, _Finder]] = {
    ("Service", ""): (Caller.ANYONE, targets.of_service),
    ("TargetGroupBinding", "elbv2.k8s.aws"): (Caller.ANYONE, targets.of_controller_route),
    ("Ingress", "networking.k8s.io"): (Caller.INGRESS_CONTROLLER, targets.of_ingress),
    ("Ingress", "extensions"): (Caller.INGRESS_CONTROLLER, targets.of_ingress),
    **{
        ("Route", group): (Caller.ROUTER, targets.of_openshift_route)
        for group in ("route.openshift.io", "")
    },
    **{
        ("", group): (Caller.INGRESS_CONTROLLER, targets.of_controller_route)
        for group in (
            "apisix.apache.org",
            "configuration.konghq.com",
            "k8s.nginx.org",
            "projectcontour.io",
            "traefik.containo.us",
            "traefik.io",
        )
    },
    ("", "getambassador.io"): (Caller.INGRESS_CONTROLLER, targets.of_mapping),
    ("VirtualService", "networking.istio.io"): (
        Caller.ISTIO_GATEWAY,
        targets.of_virtual_service,
    ),
    ("", "admissionregistration.k8s.io"): (Caller.API_SERVER, targets.of_webhooks),
    ("", "apiextensions.k8s.io"): (Caller.API_SERVER, targets.of_conversion),
    ("APIService", "apiregistration.k8s.io"): (Caller.API_SERVER, targets.of_aggregated_api),
    ("Prometheus", "monitoring.coreos.com"): (Caller.PROMETHEUS, targets.of_alertmanagers),
}
"""By kind and API group; an empty kind is every other kind of the group."""
