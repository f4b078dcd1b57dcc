"""Routes: ways into a Service for callers that are not in the manifests.

An Ingress, a route of the Gateway API, of OpenShift or of an ingress controller, a
webhook, an aggregated API and the Alertmanagers of a Prometheus name a Service and its port
outright. A Service of type LoadBalancer or NodePort is a way into itself.
"""

from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from typing import TypeAlias

from netpolc.manifest.objects import KubeObject
from netpolc.source import SourceFile
from netpolc.values import frozen
from netpolc.yaml.nodes import Node, descendant, elements, members, string_at


class Caller(Enum):
    """The callers of a Service from outside the manifests."""

    INGRESS_CONTROLLER = "ingress controller"
    GATEWAY = "gateway"
    ROUTER = "router"
    """The pods that serve the Routes of OpenShift."""
    API_SERVER = "API server"
    ANYONE = "anyone"
    """Clients outside the cluster, who reach the Service by a load balancer or a node."""
    PROMETHEUS = "Prometheus"
    """The pods that read metrics."""


Port: TypeAlias = int | str | None
"""A port by its number or its name; None where none is named."""


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


_Target: TypeAlias = tuple[Node, str, str, Node | None]
"""A route's reference to a Service: its place, namespace (may be empty), name and port."""


def routes(source: SourceFile, kube_object: KubeObject, namespace: str) -> Iterator[Route]:
    """The routes of an object, which is in a namespace."""
    group = kube_object.version.rpartition("/")[0]
    name = string_at(kube_object.node, "metadata", "name")
    where = f"{kube_object.kind} {name}"
    by, targets = _finder(kube_object.kind, group)
    if (exposed := _exposed(kube_object.node)) and by is Caller.ANYONE:
        where += f" {exposed}"
    for node, home, service, port in targets(kube_object.node):
        yield Route(
            namespace=home or namespace,
            service=service,
            port=port_of(port),
            by=by,
            where=where,
            path=source.path,
            line=source.position(node.start)[0],
        )


def port_of(node: Node | None) -> Port:
    """The port that a field names."""
    port = None if node is None else node.data
    return port if isinstance(port, int | str) and not isinstance(port, bool) else None


def _service_target(service: Node) -> Iterator[_Target]:
    if _exposed(service):
        yield service, "", string_at(service, "metadata", "name"), None


def _exposed(service: Node) -> str:
    """The way from outside the cluster to a Service; empty if there is none."""
    kind = string_at(service, "spec", "type")
    if kind in {"LoadBalancer", "NodePort"}:
        return f"is of type {kind}"
    external = elements(descendant(service, "spec", "externalIPs"))
    return "has external addresses" if external else ""


_Finder: TypeAlias = Callable[[Node], Iterator[_Target]]


def _finder(kind: str, group: str) -> tuple[Caller, _Finder]:
    """The callers by objects of a kind, and the function that finds the Services in them."""
    if group == "gateway.networking.k8s.io" and kind.endswith("Route"):
        return Caller.GATEWAY, _gateway_targets
    return _FINDERS.get((kind, group)) or _FINDERS.get(("", group), (Caller.ANYONE, _nothing))


def _nothing(_: Node) -> Iterator[_Target]:
    return iter(())


def _ingress_targets(ingress: Node) -> Iterator[_Target]:
    """The backends of an Ingress, of networking.k8s.io/v1 and of the versions before it."""
    spec = descendant(ingress, "spec")
    backends = [descendant(spec, name) for name in ("defaultBackend", "backend")]
    backends += [
        descendant(path, "backend")
        for rule in elements(descendant(spec, "rules"))
        for path in elements(descendant(rule, "http", "paths"))
    ]
    for node in backends:
        if node is None:
            continue
        name = string_at(node, "service", "name") or string_at(node, "serviceName")
        port = (
            descendant(node, "service", "port", "number")
            or descendant(node, "service", "port", "name")
            or descendant(node, "servicePort")
        )
        if name:
            yield node, "", name, port


def _gateway_targets(route: Node) -> Iterator[_Target]:
    for rule in elements(descendant(route, "spec", "rules")):
        for node in elements(descendant(rule, "backendRefs")):
            name = string_at(node, "name")
            if string_at(node, "kind") in {"", "Service"} and name:
                yield node, string_at(node, "namespace"), name, descendant(node, "port")


def _openshift_targets(route: Node) -> Iterator[_Target]:
    spec = descendant(route, "spec")
    port = descendant(spec, "port", "targetPort")
    for node in (descendant(spec, "to"), *elements(descendant(spec, "alternateBackends"))):
        if node is not None and (name := string_at(node, "name")):
            yield node, "", name, port


def _controller_targets(route: Node) -> Iterator[_Target]:
    """The Services of routes of Contour, Traefik and NGINX, in `services` or `upstreams`."""
    waiting = [descendant(route, "spec")]
    while waiting:
        for field, value in members(waiting.pop()).items():
            if field in {"services", "upstreams"}:
                for node in elements(value):
                    name = string_at(node, "service") or string_at(node, "name")
                    if name and string_at(node, "kind") in {"", "Service"}:
                        yield node, string_at(node, "namespace"), name, descendant(node, "port")
            elif field in {"routes", "tcpproxy"}:
                waiting += elements(value) or [value]


def _alertmanager_targets(prometheus: Node) -> Iterator[_Target]:
    for node in elements(descendant(prometheus, "spec", "alerting", "alertmanagers")):
        if name := string_at(node, "name"):
            yield node, string_at(node, "namespace"), name, descendant(node, "port")


def _webhook_targets(configuration: Node) -> Iterator[_Target]:
    for hook in elements(descendant(configuration, "webhooks")):
        yield from _api_server_target(descendant(hook, "clientConfig", "service"))


def _conversion_targets(definition: Node) -> Iterator[_Target]:
    way = ("spec", "conversion", "webhook", "clientConfig", "service")
    return _api_server_target(descendant(definition, *way))


def _aggregated_targets(service: Node) -> Iterator[_Target]:
    return _api_server_target(descendant(service, "spec", "service"))


def _api_server_target(node: Node | None) -> Iterator[_Target]:
    if node is not None and (name := string_at(node, "name")):
        port = descendant(node, "port") or Node(443, node.start, node.end)  # the API's default
        yield node, string_at(node, "namespace"), name, port


_FINDERS: Mapping[tuple[str, str], tuple[Caller, _Finder]] = {
    ("Service", ""): (Caller.ANYONE, _service_target),
    ("Ingress", "networking.k8s.io"): (Caller.INGRESS_CONTROLLER, _ingress_targets),
    ("Ingress", "extensions"): (Caller.INGRESS_CONTROLLER, _ingress_targets),
    ("Route", "route.openshift.io"): (Caller.ROUTER, _openshift_targets),
    **{
        ("", group): (Caller.INGRESS_CONTROLLER, _controller_targets)
        for group in ("projectcontour.io", "traefik.containo.us", "traefik.io", "k8s.nginx.org")
    },
    ("", "admissionregistration.k8s.io"): (Caller.API_SERVER, _webhook_targets),
    ("", "apiextensions.k8s.io"): (Caller.API_SERVER, _conversion_targets),
    ("Prometheus", "monitoring.coreos.com"): (Caller.PROMETHEUS, _alertmanager_targets),
    ("APIService", "apiregistration.k8s.io"): (Caller.API_SERVER, _aggregated_targets),
}
"""By kind and API group; an empty kind is every other kind of the group."""
