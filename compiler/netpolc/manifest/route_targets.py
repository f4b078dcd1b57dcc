"""The Services to which objects of Kubernetes itself, of the Gateway API and of OpenShift lead.

Those of ingress controllers and other operators are in `controller_targets`.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from netpolc.manifest.controller_targets import of_controller_route
from netpolc.manifest.target import (
    Port,
    Target,
    labels_at,
    of_urls,
    port_of,
    port_of_text,
)
from netpolc.yaml.nodes import Node, descendant, elements, members, string_at

_API_SERVER_CALLS = 443
"""The port of a Service that the API server calls, where none is named (API reference)."""


def of_service(service: Node) -> Iterator[Target]:
    """The Service itself, if it is reached from outside the cluster."""
    if exposed(service):
        yield Target(service, "", string_at(service, "metadata", "name"), None)


def exposed(service: Node) -> str:
    """The way from outside the cluster to a Service; empty if there is none."""
    kind = string_at(service, "spec", "type")
    if kind in {"LoadBalancer", "NodePort"}:
        return f"is of type {kind}"
    if elements(descendant(service, "spec", "externalIPs")):
        return "has external addresses"
    annotations = members(descendant(service, "metadata", "annotations"))
    for key, value in annotations.items():
        if key in _EXPOSING and _EXPOSING[key] in str(value.data).lower():
            return f"has the annotation {key}"
    return ""


_EXPOSING = {
    "cloud.google.com/neg": "exposed_ports",  # Google's load balancers call the pods.
    "cfargotunnel.com/fqdn": "",
    "tailscale.com/expose": "true",
}
"""Annotations by which a Service is reached from outside, and a part of their values."""
_SHARING = {
    "io.cilium/global-service": "true",
    "service.cilium.io/global": "true",
    "mirror.linkerd.io/exported": "",
    "multicluster.linkerd.io/export": "",
    "skupper.io/proxy": "",
}
"""Annotations and labels by which other clusters use a Service, and a part of their values."""


def of_shared_service(service: Node) -> Iterator[Target]:
    """The Service itself, if an annotation or a label says that other clusters use it."""
    for part in ("annotations", "labels"):
        for key, value in members(descendant(service, "metadata", part)).items():
            if key in _SHARING and _SHARING[key] in str(value.data).lower():
                yield Target(value, "", string_at(service, "metadata", "name"), None)


def of_ingress(ingress: Node) -> Iterator[Target]:
    """The backends of an Ingress, of networking.k8s.io/v1 and of the versions before it, and in its annotations."""
    spec = descendant(ingress, "spec")
    backends = [descendant(spec, name) for name in ("defaultBackend", "backend")]
    backends += [
        descendant(path, "backend")
        for rule in elements(descendant(spec, "rules"))
        for path in elements(descendant(rule, "http", "paths"))
    ]
    yield from _of_annotations(ingress)
    for node in backends:
        if node is None:
            continue
        name = string_at(node, "service", "name") or string_at(node, "serviceName")
        port = port_of(
            descendant(node, "service", "port", "number")
            or descendant(node, "service", "port", "name")
            or descendant(node, "servicePort")
        )
        if name and port != _BY_ANNOTATION:
            yield Target(node, "", name, port)


_BY_ANNOTATION = "use-annotation"
"""The port of a backend whose name is that of an action of AWS's controller, and not of a Service."""
_ACTIONS = "alb.ingress.kubernetes.io/actions."
_TO_BROWSERS = re.compile(r"signin|redirect|cors|origin|app-root")
"""Annotations whose addresses only browsers read."""


def _of_annotations(ingress: Node) -> Iterator[Target]:
    """The Services in annotations: for checks of users, mirrors, errors, and the actions of AWS's controller."""
    for key, value in members(descendant(ingress, "metadata", "annotations")).items():
        if not isinstance(value.data, str):
            continue
        if key.startswith(_ACTIONS):
            yield from _of_action(value, value.data)
        elif key.endswith("/default-backend"):
            yield Target(value, "", value.data, None)
        elif value.data.startswith("svc://"):  # haproxy-ingress: svc://namespace/service:port
            names, _, port = value.data.removeprefix("svc://").partition(":")
            namespace, _, service = names.rpartition("/")
            number = re.match(r"[a-z0-9-]*", port)
            yield Target(value, namespace, service, port_of_text(number[0]) if number else None)
        elif not _TO_BROWSERS.search(key):
            yield from of_urls(value)


def _of_action(node: Node, text: str) -> Iterator[Target]:
    """The Services of the target groups of an action, a JSON text whose members begin in either case."""
    try:
        waiting: list[Any] = [json.loads(text)]
    except (ValueError, RecursionError):
        return
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += value
        elif isinstance(value, dict):
            waiting += value.values()
            fields = {str(key).lower(): each for key, each in value.items()}
            name, port = fields.get("servicename"), fields.get("serviceport")
            if isinstance(name, str) and name:
                known = port_of_text(port) if isinstance(port, str) else port
                yield Target(node, "", name, known if isinstance(known, int | str) else None)


def of_gateway_route(route: Node) -> Iterator[Target]:
    """The backends of a route of the Gateway API, mirrors among them, unless it is for a mesh alone."""
    parents = elements(descendant(route, "spec", "parentRefs"))
    if not parents or any(string_at(parent, "kind") != "Service" for parent in parents):
        yield from of_controller_route(route)


def of_inference_pool(pool: Node) -> Iterator[Target]:
    """The pods of a pool of model servers, and the Service that chooses among them for the gateway."""
    spec = descendant(pool, "spec")
    for field in ("extensionRef", "endpointPickerRef"):
        node = descendant(spec, field)
        if name := string_at(node, "name"):
            assert node is not None
            number = descendant(node, "port", "number") or descendant(node, "portNumber")
            yield Target(node, "", name, port_of(number))
    selector = descendant(spec, "selector")
    pods = labels_at(descendant(selector, "matchLabels") or selector)
    numbers = [descendant(each, "number") for each in elements(descendant(spec, "targetPorts"))]
    for number in (descendant(spec, "targetPortNumber"), *numbers):
        if pods and number is not None:
            yield Target(
                number, "", string_at(pool, "metadata", "name"), port_of(number), pods=pods
            )


def of_multi_cluster_service(service: Node) -> Iterator[Target]:
    """The pods of a MultiClusterService of GKE, which a MultiClusterIngress names and a load balancer calls."""
    spec = descendant(service, "spec", "template", "spec")
    pods = labels_at(descendant(spec, "selector"))
    for port in elements(descendant(spec, "ports")) if pods else ():
        number = port_of(descendant(port, "targetPort") or descendant(port, "port"))
        yield Target(port, "", string_at(service, "metadata", "name"), number, pods=pods)


def of_openshift_route(route: Node) -> Iterator[Target]:
    """The Services of OpenShift's Route; its port is one of the pods."""
    spec = descendant(route, "spec")
    port = port_of(descendant(spec, "port", "targetPort"))
    for node in (descendant(spec, "to"), *elements(descendant(spec, "alternateBackends"))):
        if node is not None and (name := string_at(node, "name")):
            yield Target(node, "", name, port)


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
        port: Port = port_of(descendant(node, "port")) or _API_SERVER_CALLS
        yield Target(node, string_at(node, "namespace"), name, port)
