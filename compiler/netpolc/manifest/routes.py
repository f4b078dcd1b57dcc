"""Routes: ways into a Service for callers that are not in the manifests.

An Ingress, a route of the Gateway API, of OpenShift, of Istio or of an ingress controller, a
webhook, an aggregated API and the Alertmanagers of a Prometheus name a Service and its port
outright. A Service of type LoadBalancer or NodePort is a way into itself.
"""

from collections.abc import Callable, Iterator, Mapping
from enum import Enum

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
    OTHER_CLUSTERS = "other clusters"
    PROMETHEUS = "Prometheus"
    """The pods that read metrics."""


@frozen(kw_only=True)
class Route:
    """A way into a Service for callers that are not in the manifests.

    `port` is the Service's port. A route that is a guess may name no Service at all. `pods_of` is the
    kind of the object if the route leads to a port of the pods that the object itself makes. An
    ingress controller usually runs in the `controller_namespace`.
    """

    namespace: str
    service: str
    port: Port
    by: Caller
    where: str
    path: str
    line: int
    controller_namespace: str = ""
    is_guess: bool = False
    pods_of: str = ""


def routes(source: SourceFile, kube_object: KubeObject, namespace: str) -> Iterator[Route]:
    """The routes of an object, which is in a namespace."""
    group = kube_object.version.rpartition("/")[0]
    name = string_at(kube_object.node, "metadata", "name")
    where = f"{kube_object.kind} {name}"
    kind = _route_kind(kube_object.kind, group)
    if kind is None:
        return
    if (exposed := targets.exposed(kube_object.node)) and kind.by is Caller.ANYONE:
        where += f" {exposed}"
    for target in kind.find(kube_object.node):
        yield Route(
            namespace=target.namespace or namespace,
            service=target.service,
            port=target.port,
            by=kind.by,
            where=where,
            path=source.path,
            line=source.position(target.node.start)[0],
            controller_namespace=kind.namespace,
            is_guess=target.is_guess,
            pods_of=kube_object.kind if target.own_pods else "",
        )


@frozen
class _RouteKind:
    """The callers by objects of a kind, the function that finds the Services in them, and where the callers usually run."""

    by: Caller
    find: Callable[[Node], Iterator[Target]]
    namespace: str = ""


def _route_kind(kind: str, group: str) -> _RouteKind | None:
    return _ROUTE_KINDS.get((kind, group)) or _ROUTE_KINDS.get(("", group))


def _by_controller(
    namespace: str,
    find: Callable[[Node], Iterator[Target]] = targets.of_controller_route,
) -> _RouteKind:
    return _RouteKind(Caller.INGRESS_CONTROLLER, find, namespace)


_ROUTE_KINDS: Mapping[tuple[str, str], _RouteKind] = {
    ("Service", ""): _RouteKind(Caller.ANYONE, targets.of_service),
    ("Ingress", "networking.k8s.io"): _by_controller("ingress-nginx", targets.of_ingress),
    ("Ingress", "extensions"): _by_controller("ingress-nginx", targets.of_ingress),
    ("ConfigMap", ""): _by_controller("ingress-nginx", targets.of_tcp_services),
    ("TargetGroupBinding", "elbv2.k8s.aws"): _RouteKind(Caller.ANYONE, targets.of_controller_route),
    ("ServiceExport", "multicluster.x-k8s.io"): _RouteKind(
        Caller.OTHER_CLUSTERS, targets.of_export
    ),
    ("ServiceExport", "net.gke.io"): _RouteKind(Caller.OTHER_CLUSTERS, targets.of_export),
    ("", "gateway.networking.k8s.io"): _RouteKind(Caller.GATEWAY, targets.of_gateway_route),
    ("", "gateway.envoyproxy.io"): _RouteKind(Caller.GATEWAY, targets.of_controller_route),
    ("Route", "route.openshift.io"): _RouteKind(Caller.ROUTER, targets.of_openshift_route),
    ("Route", ""): _RouteKind(Caller.ROUTER, targets.of_openshift_route),
    ("VirtualService", "networking.istio.io"): _RouteKind(
        Caller.ISTIO_GATEWAY, targets.of_virtual_service
    ),
    ("", "apisix.apache.org"): _by_controller("ingress-apisix"),
    ("", "cis.f5.com"): _by_controller("kube-system"),
    ("", "configuration.konghq.com"): _by_controller("kong"),
    ("IngressRoute", "contour.heptio.com"): _by_controller("projectcontour"),
    ("", "projectcontour.io"): _by_controller("projectcontour"),
    ("", "getambassador.io"): _by_controller("emissary", targets.of_mapping),
    ("", "x.getambassador.io"): _by_controller("emissary", targets.of_mapping),
    ("", "gateway.solo.io"): _by_controller("gloo-system", targets.of_upstream_names),
    ("", "gloo.solo.io"): _by_controller("gloo-system"),
    **{
        ("TCP", f"ingress.{version}.haproxy.org"): _by_controller("haproxy-controller")
        for version in ("v1", "v3")
    },
    ("HTTPScaledObject", "http.keda.sh"): _by_controller("keda"),
    ("Service", "serving.knative.dev"): _by_controller(
        "knative-serving", targets.of_knative_service
    ),
    ("DomainMapping", "serving.knative.dev"): _by_controller(
        "knative-serving", targets.of_domain_mapping
    ),
    ("Ingress", "networking.internal.knative.dev"): _by_controller("knative-serving"),
    ("", "k8s.nginx.org"): _by_controller("nginx-ingress"),
    ("", "traefik.containo.us"): _by_controller("traefik"),
    ("", "traefik.io"): _by_controller("traefik"),
    ("Ingress", "voyager.appscode.com"): _by_controller("voyager"),
    ("RouteGroup", "zalando.org"): _by_controller("kube-system"),
    ("", "admissionregistration.k8s.io"): _RouteKind(Caller.API_SERVER, targets.of_webhooks),
    ("", "apiextensions.k8s.io"): _RouteKind(Caller.API_SERVER, targets.of_conversion),
    ("APIService", "apiregistration.k8s.io"): _RouteKind(
        Caller.API_SERVER, targets.of_aggregated_api
    ),
    ("Prometheus", "monitoring.coreos.com"): _RouteKind(
        Caller.PROMETHEUS, targets.of_alertmanagers
    ),
}
"""By kind and API group; an empty kind is every other kind of the group."""
