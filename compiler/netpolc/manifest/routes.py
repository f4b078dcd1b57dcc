"""Routes: ways into a Service for callers that are not in the manifests.

An Ingress, a route of the Gateway API, of OpenShift, of Istio or of an ingress controller, a
webhook, an aggregated API and the Alertmanagers of a Prometheus name a Service and its port
outright. A Service of type LoadBalancer or NodePort is a way into itself.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from enum import Enum

from netpolc.kube.inventory import Workload
from netpolc.kube.label_conventions import INGRESS_CONTROLLERS
from netpolc.kube.selectors import Selector
from netpolc.manifest import controller_targets as controllers
from netpolc.manifest import custom_targets
from netpolc.manifest import route_targets as targets
from netpolc.manifest.objects import KubeObject
from netpolc.manifest.read_workloads import TEMPLATED
from netpolc.manifest.target import Port, Target
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
    TUNNEL = "tunnel"
    """The pods of cloudflared, to which Cloudflare passes connections."""
    ENVOY = "Envoy of Cilium"
    EVENT_SOURCE = "broker of events"
    """The pods of Knative that deliver events."""
    NODE = "node"
    """Nodes, which mount the volumes of their pods."""
    KUBELET = "kubelet"
    """The kubelets of nodes, which send the requests of probes and hooks."""
    OPERATOR = "operator"
    """An operator that reads a custom object of a kind that is not known here, or the pods that it makes."""


@frozen
class Callers:
    """The callers of a Service from outside the manifests.

    An ingress controller usually runs in the `namespace`, and its pods have one of the `names`.
    """

    by: Caller
    namespace: str = ""
    names: frozenset[str] = frozenset()


@frozen(kw_only=True)
class Route:
    """A way into a Service for callers that are not in the manifests.

    `port` is the Service's port. A route that is a guess may name no Service at all. `pods_of` is the
    kind of a workload if the route leads to a port of its pods, and `pods` are the labels of the pods if
    it leads to theirs. A `host` is in place of the Service if only DNS or addresses tell which one it is.
    """

    namespace: str
    service: str
    port: Port
    callers: Callers
    where: str
    path: str
    line: int
    is_guess: bool = False
    pods_of: str = ""
    pods: Selector | None = None
    host: str = ""

    @property
    def is_to_pods(self) -> bool:
        """Whether it leads to a port of pods themselves, and not to that of a Service."""
        return bool(self.pods_of) or self.pods is not None

    def reaches(self, workload: Workload) -> bool:
        """Whether it leads to the pods of a workload themselves."""
        if workload.namespace != self.namespace:
            return False
        if self.pods is not None:
            return workload.surely_matches_some(self.pods)
        return (workload.name, workload.kind) == (self.service, self.pods_of)


def routes(source: SourceFile, kube_object: KubeObject, namespace: str) -> Iterator[Route]:
    """The routes of an object, which is in a namespace."""
    group = kube_object.version.rpartition("/")[0]
    has_route = False
    for kind in _route_kinds(kube_object.kind, group):
        for route in _of_kind(kind, source, kube_object, namespace):
            has_route = True
            yield route
    if not has_route and _is_custom(group) and (kube_object.kind, group) not in _ROUTE_KINDS:
        yield from _of_kind(_OF_OPERATOR, source, kube_object, namespace)


def _of_kind(
    kind: "_RouteKind", source: SourceFile, kube_object: KubeObject, namespace: str
) -> Iterator[Route]:
    """The routes of one kind that an object is."""
    where = f"{kube_object.kind} {string_at(kube_object.node, 'metadata', 'name')}"
    if kind.callers.by is Caller.ANYONE and (exposed := targets.exposed(kube_object.node)):
        where += f" {exposed}"
    for target in kind.find(kube_object.node):
        yield Route(
            namespace=target.namespace or namespace,
            service=target.service,
            port=target.port,
            callers=kind.callers,
            where=where,
            path=source.path,
            line=source.position(target.node.start)[0],
            is_guess=target.is_guess,
            pods_of=target.pods_of,
            host=target.host,
            pods=None if target.pods is None else Selector.labels(target.pods),
        )


@frozen
class _RouteKind:
    """The callers by objects of a kind, and the function that finds the Services in them."""

    callers: Callers
    find: Callable[[Node], Iterator[Target]]


def _route_kinds(kind: str, group: str) -> tuple[_RouteKind, ...]:
    """The routes that objects of a kind are; those of a custom kind that is not known are guesses."""
    known = _ROUTE_KINDS.get((kind, group)) or _ROUTE_KINDS.get(("", group)) or ()
    return known if isinstance(known, tuple) else (known,)


def _is_custom(group: str) -> bool:
    """Whether an API group is not one of Kubernetes itself."""
    return "." in group and not group.endswith(".k8s.io")


_OF_OPERATOR = _RouteKind(Callers(Caller.OPERATOR), custom_targets.of_custom_object)
"""Who calls the Services that a custom object names is not known."""


def _by_controller(
    namespace: str,
    *names: str,
    find: Callable[[Node], Iterator[Target]] = controllers.of_controller_route,
) -> _RouteKind:
    return _RouteKind(Callers(Caller.INGRESS_CONTROLLER, namespace, frozenset(names)), find)


_INGRESS = _by_controller("ingress-nginx", *INGRESS_CONTROLLERS, find=targets.of_ingress)
_KONG = _by_controller("kong", "kong")
_CONTOUR = _by_controller("projectcontour", "contour", "envoy")
_EMISSARY_PODS = ("ambassador", "emissary-ingress")
_EMISSARY = _by_controller("emissary", *_EMISSARY_PODS, find=controllers.of_mapping)
_TRAEFIK = _by_controller("traefik", "traefik")
_GATEWAY = _RouteKind(Callers(Caller.GATEWAY), controllers.of_controller_route)
_EXPORT = _RouteKind(Callers(Caller.OTHER_CLUSTERS), targets.of_export)
_INFERENCE = _RouteKind(Callers(Caller.GATEWAY), targets.of_inference_pool)
_ENVOY = _RouteKind(Callers(Caller.ENVOY), controllers.of_controller_route)
_EVENTS = _RouteKind(Callers(Caller.EVENT_SOURCE), controllers.of_controller_route)
_TUNNEL = _RouteKind(Callers(Caller.TUNNEL), controllers.of_subjects)
_BY_NODE = _RouteKind(Callers(Caller.NODE), custom_targets.of_custom_object)
_OF_PODS = (
    _RouteKind(Callers(Caller.NODE), custom_targets.of_volumes),
    _RouteKind(Callers(Caller.KUBELET), custom_targets.of_probes),
)
_TYK = _by_controller("tyk", "tyk-gateway", "gateway-tyk-oss-tyk-gateway")

_ROUTE_KINDS: Mapping[tuple[str, str], _RouteKind | tuple[_RouteKind, ...]] = {
    ("Service", ""): (
        _RouteKind(Callers(Caller.ANYONE), targets.of_service),
        _RouteKind(Callers(Caller.OTHER_CLUSTERS), targets.of_shared_service),
        _by_controller("emissary", *_EMISSARY_PODS, find=controllers.of_mapping_annotation),
    ),
    ("Pod", ""): _OF_PODS,
    **{(kind, group): _OF_PODS for kind, groups in TEMPLATED.items() for group in groups},
    ("PersistentVolume", ""): _BY_NODE,
    ("StorageClass", "storage.k8s.io"): _BY_NODE,
    ("Ingress", "networking.k8s.io"): _INGRESS,
    ("Ingress", "extensions"): _INGRESS,
    ("MultiClusterIngress", "networking.karmada.io"): _INGRESS,
    ("ConfigMap", ""): (
        _by_controller("ingress-nginx", *INGRESS_CONTROLLERS, find=targets.of_tcp_services),
        _RouteKind(Callers(Caller.TUNNEL), controllers.of_tunnel_config),
        replace(_TYK, find=controllers.of_tyk_config),
    ),
    ("Canary", "flagger.app"): _RouteKind(Callers(Caller.OPERATOR), custom_targets.of_canary),
    ("MultiClusterService", "networking.gke.io"): _RouteKind(
        Callers(Caller.ANYONE), targets.of_multi_cluster_service
    ),
    ("TargetGroupBinding", "elbv2.k8s.aws"): _RouteKind(
        Callers(Caller.ANYONE), controllers.of_controller_route
    ),
    ("ServiceExport", "multicluster.x-k8s.io"): _EXPORT,
    ("ServiceExport", "net.gke.io"): _EXPORT,
    ("ServiceExport", "networking.fleet.azure.com"): _EXPORT,
    ("", "gateway.networking.k8s.io"): _RouteKind(
        Callers(Caller.GATEWAY), targets.of_gateway_route
    ),
    ("", "gateway.envoyproxy.io"): _GATEWAY,
    ("", "gateway.kgateway.dev"): _GATEWAY,
    ("InferencePool", "inference.networking.k8s.io"): _INFERENCE,
    ("InferencePool", "inference.networking.x-k8s.io"): _INFERENCE,
    ("Route", "route.openshift.io"): _RouteKind(Callers(Caller.ROUTER), targets.of_openshift_route),
    ("Route", ""): _RouteKind(Callers(Caller.ROUTER), targets.of_openshift_route),
    ("VirtualService", "networking.istio.io"): _RouteKind(
        Callers(Caller.ISTIO_GATEWAY), controllers.of_virtual_service
    ),
    ("CiliumEnvoyConfig", "cilium.io"): _ENVOY,
    ("CiliumClusterwideEnvoyConfig", "cilium.io"): _ENVOY,
    ("", "apisix.apache.org"): _by_controller("ingress-apisix", "apisix"),
    ("", "cis.f5.com"): _by_controller("kube-system", "f5-bigip-ctlr", "k8s-bigip-ctlr"),
    ("", "citrix.com"): _by_controller("netscaler", "citrix-ingress-controller"),
    ("", "configuration.konghq.com"): _KONG,
    ("IngressRoute", "contour.heptio.com"): _CONTOUR,
    ("", "projectcontour.io"): _CONTOUR,
    ("", "getambassador.io"): _EMISSARY,
    ("", "x.getambassador.io"): _EMISSARY,
    ("", "gateway.solo.io"): _by_controller(
        "gloo-system", "gateway-proxy", find=controllers.of_upstream_names
    ),
    ("", "gloo.solo.io"): _by_controller("gloo-system", "gateway-proxy"),
    **{
        ("TCP", f"ingress.{version}.haproxy.org"): _by_controller(
            "haproxy-controller", "haproxy-ingress", "kubernetes-ingress"
        )
        for version in ("v1", "v3")
    },
    ("HTTPScaledObject", "http.keda.sh"): _by_controller(
        "keda", "keda-add-ons-http-interceptor", "http-add-on"
    ),
    ("Service", "serving.knative.dev"): _by_controller(
        "knative-serving", find=controllers.of_knative_service
    ),
    ("DomainMapping", "serving.knative.dev"): _by_controller(
        "knative-serving", find=controllers.of_domain_mapping
    ),
    ("Ingress", "networking.internal.knative.dev"): _by_controller("knative-serving"),
    **{
        ("", f"{group}.knative.dev"): _EVENTS
        for group in ("eventing", "flows", "messaging", "sources")
    },
    ("", "k8s.nginx.org"): _by_controller(
        "nginx-ingress", "nginx-ingress", "nginx-ingress-controller"
    ),
    ("TunnelBinding", "networking.cfargotunnel.com"): _TUNNEL,
    ("", "tyk.tyk.io"): _TYK,
    ("", "traefik.containo.us"): _TRAEFIK,
    ("", "traefik.io"): _TRAEFIK,
    ("Ingress", "voyager.appscode.com"): _by_controller("voyager", "voyager"),
    ("RouteGroup", "zalando.org"): _by_controller("kube-system", "skipper-ingress", "skipper"),
    ("", "admissionregistration.k8s.io"): _RouteKind(
        Callers(Caller.API_SERVER), targets.of_webhooks
    ),
    ("", "apiextensions.k8s.io"): _RouteKind(Callers(Caller.API_SERVER), targets.of_conversion),
    ("APIService", "apiregistration.k8s.io"): _RouteKind(
        Callers(Caller.API_SERVER), targets.of_aggregated_api
    ),
    ("Prometheus", "monitoring.coreos.com"): (
        _RouteKind(Callers(Caller.PROMETHEUS), targets.of_alertmanagers),
        _OF_OPERATOR,
    ),
}
"""By kind and API group; an empty kind is every other kind of the group."""
