"""The Services that objects of each kind name, to which they lead.

What has another shape than its API's is passed over: `manifest.read` says what is wrong with
the objects that matter to policies.
"""

from collections.abc import Iterator
from typing import TypeAlias

from netpolc.values import frozen
from netpolc.yaml.nodes import Node, descendant, elements, members, string_at

Port: TypeAlias = int | str | None
"""A port by its number or its name; None where none is named."""

_API_SERVER_CALLS = 443
"""The port of a Service that the API server calls, where none is named (API reference)."""


@frozen
class Target:
    """A Service as a route names it, and where; without a namespace it is in the route's own."""

    node: Node
    namespace: str
    service: str
    port: Port


def port_of(node: Node | None) -> Port:
    """The port that a field names."""
    port = None if node is None else node.data
    return port if isinstance(port, int | str) and not isinstance(port, bool) else None


def of_service(service: Node) -> Iterator[Target]:
    """The Service itself, if it is reached from outside the cluster."""
    if exposed(service):
        yield Target(service, "", string_at(service, "metadata", "name"), None)


def exposed(service: Node) -> str:
    """The way from outside the cluster to a Service; empty if there is none."""
    kind = string_at(service, "spec", "type")
    if kind in {"LoadBalancer", "NodePort"}:
        return f"is of type {kind}"
    external = elements(descendant(service, "spec", "externalIPs"))
    return "has external addresses" if external else ""


def of_ingress(ingress: Node) -> Iterator[Target]:
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
            yield Target(node, "", name, port_of(port))


def of_gateway_route(route: Node) -> Iterator[Target]:
    """The backends of a route of the Gateway API."""
    for rule in elements(descendant(route, "spec", "rules")):
        for node in elements(descendant(rule, "backendRefs")):
            name = string_at(node, "name")
            if string_at(node, "kind") in {"", "Service"} and name:
                port = port_of(descendant(node, "port"))
                yield Target(node, string_at(node, "namespace"), name, port)


def of_openshift_route(route: Node) -> Iterator[Target]:
    """The Services of OpenShift's Route; its port is one of the pods."""
    spec = descendant(route, "spec")
    port = port_of(descendant(spec, "port", "targetPort"))
    for node in (descendant(spec, "to"), *elements(descendant(spec, "alternateBackends"))):
        if node is not None and (name := string_at(node, "name")):
            yield Target(node, "", name, port)


_NAMING = frozenset({"backend", "backends", "serviceRef", "services", "upstreams"})
_AROUND = frozenset({"http", "routes", "rules", "stream", "tcpproxy"})


def of_controller_route(route: Node) -> Iterator[Target]:
    """The Services of routes of APISIX, AWS's load balancers, Contour, Kong, NGINX and Traefik."""
    waiting = [descendant(route, "spec")]
    while waiting:
        for field, value in members(waiting.pop()).items():
            nodes = elements(value) or [value]
            if field in _AROUND:
                waiting += nodes
            for node in nodes if field in _NAMING else ():
                name = next(
                    filter(None, (string_at(node, f) for f in ("service", "serviceName", "name"))),
                    "",
                )
                if name and string_at(node, "kind") in {"", "Service"}:
                    port = descendant(node, "port") or descendant(node, "servicePort")
                    yield Target(node, string_at(node, "namespace"), name, port_of(port))


def of_mapping(mapping: Node) -> Iterator[Target]:
    """The Service of a Mapping of Emissary (Ambassador): `https://web.shop:8443`."""
    node = descendant(mapping, "spec", "service")
    if node is not None and isinstance(node.data, str):
        scheme, _, address = node.data.rpartition("://")
        host, _, digits = address.partition(":")
        port = int(digits) if digits.isdecimal() else 443 if scheme == "https" else 80
        yield from _of_host(node, host, port)


def of_virtual_service(virtual_service: Node) -> Iterator[Target]:
    """The destinations of Istio's VirtualService, if some gateway serves it."""
    spec = descendant(virtual_service, "spec")
    gateways = {node.data for node in elements(descendant(spec, "gateways"))}
    if gateways <= {"mesh"}:
        return
    for protocol in ("http", "tls", "tcp"):
        for rule in elements(descendant(spec, protocol)):
            for weighted in elements(descendant(rule, "route")):
                node = descendant(weighted, "destination")
                if node is not None:
                    port = port_of(descendant(node, "port", "number"))
                    yield from _of_host(node, string_at(node, "host"), port)


def _of_host(node: Node, host: str, port: Port) -> Iterator[Target]:
    """The Service with a host name, such as `web` or `web.shop.svc.cluster.local`."""
    name, _, rest = host.partition(".")
    namespace, _, domain = rest.partition(".")
    if name and (domain in {"", "svc"} or domain.startswith("svc.")):
        yield Target(node, namespace, name, port)


def of_alertmanagers(prometheus: Node) -> Iterator[Target]:
    """The Alertmanagers of a Prometheus."""
    for node in elements(descendant(prometheus, "spec", "alerting", "alertmanagers")):
        if name := string_at(node, "name"):
            port = port_of(descendant(node, "port"))
            yield Target(node, string_at(node, "namespace"), name, port)


def of_webhooks(configuration: Node) -> Iterator[Target]:
    """The Services of admission webhooks."""
    for hook in elements(descendant(configuration, "webhooks")):
        yield from _called_by_the_api_server(descendant(hook, "clientConfig", "service"))


def of_conversion(definition: Node) -> Iterator[Target]:
    """The conversion webhook of a CustomResourceDefinition, of v1 and of v1beta1."""
    for way in (("webhook", "clientConfig"), ("webhookClientConfig",)):
        service = descendant(definition, "spec", "conversion", *way, "service")
        yield from _called_by_the_api_server(service)


def of_aggregated_api(service: Node) -> Iterator[Target]:
    """The Service of an aggregated API."""
    return _called_by_the_api_server(descendant(service, "spec", "service"))


def _called_by_the_api_server(node: Node | None) -> Iterator[Target]:
    if node is not None and (name := string_at(node, "name")):
        port = port_of(descendant(node, "port")) or _API_SERVER_CALLS
        yield Target(node, string_at(node, "namespace"), name, port)
