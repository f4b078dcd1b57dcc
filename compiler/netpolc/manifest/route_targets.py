"""The Services that objects of each kind name, to which they lead.

What has another shape than its API's is passed over: `manifest.read` says what is wrong with
the objects that matter to policies.
"""

import re
from collections.abc import Iterator
from typing import TypeAlias

from netpolc.kube.service_aliases import service_host
from netpolc.values import frozen
from netpolc.yaml.nodes import Node, descendant, elements, members, string_at

Port: TypeAlias = int | str | None
"""A port by its number or its name; None where none is named."""

_HTTP, _HTTPS = 80, 443
_API_SERVER_CALLS = _HTTPS
"""The port of a Service that the API server calls, where none is named (API reference)."""


@frozen
class Target:
    """A Service as a route names it, and where; without a namespace it is in the route's own.

    A Service that is a guess need not be there. With `own_pods`, it is the object itself, and the port
    is one of the pods that it makes.
    """

    node: Node
    namespace: str
    service: str
    port: Port
    is_guess: bool = False
    own_pods: bool = False


def port_of(node: Node | None) -> Port:
    """The port that a field names."""
    port = None if node is None else node.data
    if isinstance(port, str):
        return port_of_text(port)
    return port if isinstance(port, int) and not isinstance(port, bool) else None


def port_of_text(text: str) -> Port:
    """The port of a text: a number or a name."""
    return int(text) if text.isdecimal() and len(text) < len("100000") else text


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
    annotations = members(descendant(ingress, "metadata", "annotations"))
    for key, value in annotations.items():
        if key.endswith("/auth-url"):
            yield from _of_address(value)
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
    """The backends of a route of the Gateway API, mirrors among them, unless it is for a mesh alone."""
    parents = elements(descendant(route, "spec", "parentRefs"))
    if not parents or any(string_at(parent, "kind") != "Service" for parent in parents):
        yield from of_controller_route(route)


def of_openshift_route(route: Node) -> Iterator[Target]:
    """The Services of OpenShift's Route; its port is one of the pods."""
    spec = descendant(route, "spec")
    port = port_of(descendant(spec, "port", "targetPort"))
    for node in (descendant(spec, "to"), *elements(descendant(spec, "alternateBackends"))):
        if node is not None and (name := string_at(node, "name")):
            yield Target(node, "", name, port)


_NAMING = frozenset(
    {
        "backend",
        "backendRef",
        "backendRefs",
        "backends",
        "kube",
        "mirroring",
        "mirrors",
        "pool",
        "pools",
        "scaleTargetRef",
        "service",
        "serviceRef",
        "services",
        "splits",
        "upstreams",
    }
)
"""The fields below which routes of controllers name Services."""
_OTHERS_NAMES = frozenset({"pools", "scaleTargetRef", "upstreams"})
"""Those of them in which `name` is that of something else."""


def of_controller_route(route: Node) -> Iterator[Target]:
    """The Services that a route of an ingress controller names, wherever below its spec."""
    waiting = [descendant(route, "spec")]
    while waiting:
        node = waiting.pop()
        waiting += elements(node)
        for field, value in members(node).items():
            waiting.append(value)
            if field in _NAMING:
                for named in elements(value) or [value]:
                    yield from _named(named, field)
            elif field in {"address", "fqdn"}:
                yield from _of_address(value)


def _named(node: Node, field: str) -> Iterator[Target]:
    """The Service that a mapping names, in the words of one of the controllers."""
    about = descendant(node, "ref") or node
    name = string_at(about, "service") or string_at(about, "serviceName")
    is_service = string_at(about, "kind") in {"", "Service"} and "." not in string_at(
        about, "apiVersion"
    )
    if not name and is_service and field not in _OTHERS_NAMES:
        name = string_at(about, "name") if string_at(about, "type") in {"", "service"} else ""
    if name:
        home, _, name = name.rpartition("/")
        namespace = string_at(about, "namespace") or string_at(about, "serviceNamespace")
        port = descendant(node, "port") or descendant(node, "servicePort")
        number = descendant(port, "number") or descendant(port, "name") or port
        yield Target(node, home or namespace, name, port_of(number))


def _of_address(node: Node) -> Iterator[Target]:
    """The Service that a URL or the host name of a backend names in full."""
    if isinstance(node.data, str):
        host, port = _host_and_port(node.data)
    else:
        host, port = string_at(node, "hostname"), port_of(descendant(node, "port"))
    if service_host(host) is not None:
        yield from _of_host(node, host, port)


def of_mapping(mapping: Node) -> Iterator[Target]:
    """The Service of a Mapping of Emissary (Ambassador): `https://web.shop:8443`."""
    node = descendant(mapping, "spec", "service")
    if node is not None and isinstance(node.data, str):
        yield from _of_host(node, *_host_and_port(node.data))


def _host_and_port(url: str) -> tuple[str, Port]:
    """The host of a URL, or of an address without a scheme, and its port, that of HTTP if it has none."""
    scheme, _, rest = url.rpartition("://")
    host, _, digits = rest.partition("/")[0].partition(":")
    usual = _HTTPS if scheme == "https" else _HTTP
    return host, int(digits) if digits.isdecimal() and len(digits) < len("100000") else usual


def of_upstream_names(route: Node) -> Iterator[Target]:
    """The Services of a Gloo route, also those that it names by their upstreams.

    Gloo makes an upstream `NAMESPACE-SERVICE-PORT` for each port of each Service. Where the namespace
    ends in the name is not certain.
    """
    yield from of_controller_route(route)
    waiting = [descendant(route, "spec")]
    while waiting:
        node = waiting.pop()
        waiting += (*elements(node), *members(node).values())
        words = string_at(node, "upstream", "name").split("-")
        if node is not None and len(words) > len(("namespace", "service")):
            for place in range(1, len(words) - 1):
                namespace, service = "-".join(words[:place]), "-".join(words[place:-1])
                yield Target(node, namespace, service, port_of_text(words[-1]), is_guess=True)


_QUEUE_PROXY, _QUEUE_PROXY_HTTP2 = 8012, 8013
"""The ports of the proxy that Knative puts before each container (knative.dev, queue-proxy)."""


def of_knative_service(service: Node) -> Iterator[Target]:
    """The pods of a Service of Knative, which its gateway and its activator call."""
    containers = elements(descendant(service, "spec", "template", "spec", "containers"))
    ports = [port for some in containers for port in elements(descendant(some, "ports"))]
    http2 = any(string_at(port, "name") == "h2c" for port in ports)
    port = _QUEUE_PROXY_HTTP2 if http2 else _QUEUE_PROXY
    yield Target(service, "", string_at(service, "metadata", "name"), port, own_pods=True)


def of_domain_mapping(mapping: Node) -> Iterator[Target]:
    """The Service that a name leads to, unless Knative makes its pods."""
    reference = descendant(mapping, "spec", "ref")
    if reference is not None:
        yield from _named(reference, "ref")


_TCP_SERVICE = re.compile(
    r"(?P<namespace>[a-z0-9-]+)/(?P<service>[a-z0-9-]+):(?P<port>[a-z0-9-]+)(?::.*)?"
)


def of_tcp_services(config: Node) -> Iterator[Target]:
    """The Services of the ConfigMap by which ingress controllers pass connections on: `9000: shop/db:5432`."""
    data = members(descendant(config, "data"))
    matches = [_TCP_SERVICE.fullmatch(str(value.data)) for value in data.values()]
    if all(matches) and all(key.isdecimal() for key in data):
        for node, match in zip(data.values(), matches, strict=True):
            if match is not None:
                port = port_of_text(match["port"])
                yield Target(node, match["namespace"], match["service"], port)


def of_export(export: Node) -> Iterator[Target]:
    """The Service of the same name, which other clusters may use."""
    yield Target(export, "", string_at(export, "metadata", "name"), None)


def of_virtual_service(virtual_service: Node) -> Iterator[Target]:
    """The destinations of Istio's VirtualService, if some gateway serves it.

    One without hosts is a part of another one, which may have gateways.
    """
    spec = descendant(virtual_service, "spec")
    gateways = {node.data for node in elements(descendant(spec, "gateways"))}
    if gateways <= {"mesh"} and (gateways or elements(descendant(spec, "hosts"))):
        return
    for protocol in ("http", "tls", "tcp"):
        for rule in elements(descendant(spec, protocol)):
            routes = (*elements(descendant(rule, "route")), *elements(descendant(rule, "mirrors")))
            nodes = [descendant(weighted, "destination") for weighted in routes]
            for node in (*nodes, descendant(rule, "mirror")):
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
