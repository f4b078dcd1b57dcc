"""The Services to which the custom objects of ingress controllers, gateways and operators lead."""

import re
from collections.abc import Iterator

from netpolc.manifest.read_workloads import is_pod_template
from netpolc.manifest.target import Target, of_host, of_text, of_urls, port_of, port_of_text
from netpolc.yaml.nodes import Node, descendant, elements, members, string_at

_NAMING = frozenset(
    {
        "backend",
        "backendRef",
        "backendRefs",
        "backendServices",
        "backends",
        "deadLetterSink",
        "kube",
        "mirroring",
        "mirrors",
        "pool",
        "pools",
        "ref",
        "scaleTargetRef",
        "service",
        "serviceRef",
        "services",
        "splits",
        "upstreams",
    }
)
"""The fields below which routes of controllers name Services."""
_SERVICES = frozenset({"", "Service", "ServiceImport"})
"""The kinds of references to Services; one of other clusters usually has a Service of its name."""
_OTHERS_NAMES = frozenset({"pools", "scaleTargetRef", "upstreams"})
"""Those of them in which `name` is that of something else."""
TO_BROWSERS = re.compile(r"origin|redirect", re.IGNORECASE)
"""Fields whose addresses only browsers read."""


def of_controller_route(route: Node) -> Iterator[Target]:
    """The Services that a route of an ingress controller names, wherever below its spec, by name or by address."""
    yield from _below(descendant(route, "spec"))


def of_subjects(binding: Node) -> Iterator[Target]:
    """The Services of a TunnelBinding, by their names or by another target."""
    for subject in elements(descendant(binding, "subjects")):
        target = descendant(subject, "spec", "target")
        if target is not None:
            yield from of_urls(target)
        elif name := string_at(subject, "name"):
            yield Target(subject, "", name, None)


def _below(top: Node | None) -> Iterator[Target]:
    """The Services that are named somewhere below a node: by fields of controllers, and by addresses."""
    waiting = [top] if top is not None else []
    while waiting:
        node = waiting.pop()
        waiting += elements(node)
        fields = members(node)
        port = port_of(fields.get("port"))
        for field, value in fields.items():
            if TO_BROWSERS.search(field) or is_pod_template(value):
                continue  # The pods of a template call what their settings name.
            waiting.append(value)
            if field in _NAMING:
                for backend in elements(value) or [value]:
                    yield from named_service(backend, field)
            yield from of_text(value, port)
            for text in elements(value):
                yield from of_text(text)


def named_service(node: Node, field: str) -> Iterator[Target]:
    """The Service that a mapping below a field names, in the words of one of the controllers."""
    about = descendant(node, "ref") or node
    name = string_at(about, "service") or string_at(about, "serviceName")
    is_service = string_at(about, "kind") in _SERVICES and "." not in string_at(about, "apiVersion")
    if field == "ref":  # A reference to anything says what to.
        is_service = is_service and bool(string_at(about, "kind"))
    if not name and is_service and field not in _OTHERS_NAMES:
        name = string_at(about, "name") if string_at(about, "type") in {"", "service"} else ""
    if name:
        home, _, name = name.rpartition("/")
        namespace = string_at(about, "namespace") or string_at(about, "serviceNamespace")
        port = descendant(node, "port") or descendant(node, "servicePort")
        number = descendant(port, "number") or descendant(port, "name") or port
        numbers = [port_of(each) for each in elements(descendant(node, "number"))]
        for each in numbers or [port_of(number)]:
            yield Target(node, home or namespace, name, each)


def of_mapping(mapping: Node) -> Iterator[Target]:
    """The Services of Emissary (Ambassador), as `https://web.shop:8443`, also those that check users."""
    for field in ("service", "auth_service"):
        node = descendant(mapping, "spec", field)
        if node is not None and isinstance(node.data, str):
            yield from _of_address(node, node.data)


_ADDRESS = re.compile(r"(?P<host>\[[^\]]*\]|[^:/]*)(?::(?P<port>[0-9]{1,5})(?![0-9]))?")


def _of_address(node: Node, text: str) -> Iterator[Target]:
    """The Service of a URL, or of an address without a scheme, whose port is that of HTTP if it has none."""
    scheme, _, rest = text.rpartition("://")
    usual = 443 if scheme == "https" else 80
    match = _ADDRESS.match(rest)
    if match is not None:
        port = int(match["port"]) if match["port"] else usual
        yield from of_host(node, match["host"].strip("[]"), port)


_MAPPED = re.compile(
    r"^[ \t]{0,40}(?:auth_)?service:[ \t]{1,40}[\"']?([a-z0-9:/.-]{1,300})", re.MULTILINE
)


def of_mapping_annotation(service: Node) -> Iterator[Target]:
    """The Services of mappings that are in the annotation of a Service."""
    node = descendant(service, "metadata", "annotations", "getambassador.io/config")
    if node is not None and isinstance(node.data, str):
        for match in _MAPPED.finditer(node.data):
            yield from _of_address(node, match[1])


_TUNNEL = re.compile(r"^[ \t]{0,40}-?[ \t]{0,40}service:[ \t]", re.MULTILINE)


def of_tunnel_config(config: Node) -> Iterator[Target]:
    """The Services in the configuration of a Cloudflare tunnel, whose rules are below `ingress:`."""
    for text in members(descendant(config, "data")).values():
        if isinstance(text.data, str) and "ingress:" in text.data and _TUNNEL.search(text.data):
            yield from of_urls(text)


def of_tyk_config(config: Node) -> Iterator[Target]:
    """The Services in the OpenAPI documents of Tyk's gateway."""
    for text in members(descendant(config, "data")).values():
        if isinstance(text.data, str) and '"x-tyk-api-gateway"' in text.data:
            yield from of_urls(text)


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
    yield Target(service, "", string_at(service, "metadata", "name"), port, pods_of="Service")


def of_domain_mapping(mapping: Node) -> Iterator[Target]:
    """The Service that a name leads to, unless Knative makes its pods."""
    reference = descendant(mapping, "spec", "ref")
    if reference is not None:
        yield from named_service(reference, "ref")


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
                    yield from of_host(node, string_at(node, "host"), port)
