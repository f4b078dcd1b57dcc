"""What manifests show of who calls whom, read plainly: no code is shared with netpolc.

A workload shows that it calls a Service where one of the texts that its pods are given
has the Service's host name and a port of it. The objects are plain dicts, as YAML gives
them; they are taken to be what the API accepts.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from tests.reference.world import ContainerPort, Pod

Object: TypeAlias = Mapping[str, Any]

_TOKEN = re.compile(r"([a-z0-9.-]+)(?::([0-9]+))?(?![a-z0-9])(@?)")
_VARIABLE = re.compile(r"\$[({]([A-Z_]+)[)}]")
_HOST = re.compile(r"host(name)?|addr(ess)?|server|endpoint")
_OF_SCHEME = {"http": 80, "ws": 80, "https": 443, "wss": 443}
_OF_ONE_VERSION = {"pod-template-hash"}
_MADE_HASH = "5d9f7c8b4"
"""The hash that the controller of a Deployment gives to its pods, whatever value the template has."""
_ROUTES = {
    "APIService",
    "CustomResourceDefinition",
    "HTTPProxy",
    "HTTPRoute",
    "Ingress",
    "IngressRoute",
    "MeshHTTPRoute",
    "MutatingWebhookConfiguration",
    "TCPRoute",
    "Unknown",
}
_POD_NAME = "statefulset.kubernetes.io/pod-name"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Running:
    """A workload: its pods, and the texts that they are given, each with its field's name.

    `node_ports` are the ports of its containers to which a port of the node leads.
    """

    kind: str
    pod: Pod
    host_network: bool
    texts: tuple[tuple[str, str], ...]
    node_ports: tuple[int, ...] = ()

    @property
    def lasting(self) -> Mapping[str, str]:
        """The labels that could name the workload."""
        labels = self.pod.labels.items()
        return {key: value for key, value in labels if value and key not in _OF_ONE_VERSION}


def running(objects: Sequence[Object]) -> list[Running]:
    """The workloads of the objects."""
    maps = {
        (_home(one), one["metadata"]["name"]): one.get("data") or {}
        for one in objects
        if one["kind"] == "ConfigMap"
    }
    return [_running(one, about, spec, maps) for one in objects for about, spec in _pods(one)]


def told_apart(one: Running, known: Sequence[Running]) -> bool:
    """Whether the workload's labels choose no other of its namespace."""
    return bool(one.lasting) and not any(
        other is not one
        and other.pod.namespace == one.pod.namespace
        and one.lasting.items() <= other.lasting.items()
        for other in known
    )


def shown(objects: Sequence[Object], sender: Running, receiver: Running) -> set[tuple[str, int]]:
    """The protocols and ports of the receiver's pods at which the sender is shown to call it."""
    found = set()
    asked = set(_asked(sender))
    for service in (one for one in objects if one["kind"] == "Service"):
        name = (_home(service), service["metadata"]["name"])
        every = [port["port"] for port in service["spec"].get("ports") or ()]
        for number in (number for some, number in asked if some == name):
            for each in every if number is None else [number]:
                found |= set(_leads_to(service, each, receiver))
    return found


def unmade(objects: Sequence[Object]) -> list[Running]:
    """Pods that only a Service shows, because no workload makes them; their ports are made up."""
    known = running(objects)
    found = []
    for service in (one for one in objects if one["kind"] == "Service"):
        selector = service["spec"].get("selector") or {}
        here = [one for one in known if one.pod.namespace == _home(service)]
        if here and selector and not any(_selects(selector, one) for one in here):
            ports = enumerate(service["spec"].get("ports") or ())
            named = [(i, one) for i, one in ports if isinstance(one.get("targetPort"), str)]
            pod = Pod(
                namespace=_home(service),
                name=service["metadata"]["name"],
                labels=selector,
                ports=tuple(ContainerPort(p["targetPort"], "TCP", 9000 + i) for i, p in named),
            )
            found.append(Running(kind="", pod=pod, host_network=False, texts=()))
    return found


def doors(objects: Sequence[Object], pods: Sequence[Running]) -> Iterator[tuple[Running, int]]:
    """The pods and ports that callers outside the manifests are led to."""
    services = {
        (_home(one), one["metadata"]["name"]): one for one in objects if one["kind"] == "Service"
    }
    for one in pods:
        if not one.host_network:
            yield from ((one, port) for port in one.node_ports)
    for service in services.values():
        spec = service["spec"]
        if spec.get("type") in {"LoadBalancer", "NodePort"} or spec.get("externalIPs"):
            for port in spec["ports"]:
                yield from _ends(service, port["port"], pods)
    for route in objects:
        if route["kind"] in _ROUTES:
            for namespace, name, number in _backends(route, _home(route)):
                if (called := services.get((namespace, name))) is not None:
                    yield from _ends(called, number, pods)


def monitored(objects: Sequence[Object], pods: Sequence[Running]) -> Iterator[tuple[Running, int]]:
    """The pods and ports whose metrics are read; the pods are those of the objects, in their order."""
    templates = [about for one in objects for about, _ in _pods(one)]
    for about, one in zip(templates, pods, strict=False):
        annotations = about.get("annotations") or {}
        if annotations.get("prometheus.io/scrape") == "true" and not one.host_network:
            number = annotations.get("prometheus.io/port")
            yield from ((one, p.number) for p in one.pod.ports if number in {None, str(p.number)})
    for monitor in (one for one in objects if one["kind"] == "ServiceMonitor"):
        selector = monitor["spec"]["selector"].get("matchLabels") or {}
        wanted = [each.get("targetPort") for each in monitor["spec"]["endpoints"]]
        for service in (one for one in objects if one["kind"] == "Service"):
            labels = service["metadata"].get("labels") or {}
            if _home(service) == _home(monitor) and selector.items() <= labels.items():
                for port in service["spec"].get("ports") or ():
                    if (port.get("targetPort") or port["port"]) in wanted:
                        yield from _ends(service, port["port"], pods)


def _ends(service: Object, port: Any, pods: Sequence[Running]) -> Iterator[tuple[Running, int]]:
    """The pods and their ports that one port of a Service leads to, given by number or name."""
    numbers = [
        one["port"] for one in service["spec"]["ports"] if port in {one["port"], one.get("name")}
    ]
    for pod in pods:
        for number in numbers:
            yield from ((pod, found) for _, found in _leads_to(service, number, pod))


def _backends(value: Any, home: str) -> Iterator[tuple[str, str, Any]]:
    """The Services that a route names, each with its port."""
    if isinstance(value, list):
        for each in value:
            yield from _backends(each, home)
    elif isinstance(value, dict):
        port = value.get("port")
        if isinstance(value.get("name"), str) and port is not None:
            number = port.get("number") or port.get("name") if isinstance(port, dict) else port
            yield value.get("namespace") or home, value["name"], number
        for each in value.values():
            yield from _backends(each, home)


def _leads_to(service: Object, number: int, receiver: Running) -> Iterator[tuple[str, int]]:
    """Where a Service's port leads to in the receiver's pods."""
    spec, pod = service["spec"], receiver.pod
    selector = spec.get("selector") or {}
    if (
        spec.get("type") == "ExternalName"
        or not selector
        or _home(service) != pod.namespace
        or not _selects(selector, receiver)
    ):
        return
    ports = [one for one in spec.get("ports") or () if one["port"] == number]
    protocols = {one.get("protocol") or "TCP" for one in ports}
    meant = {"TCP"} & protocols or protocols
    if spec.get("clusterIP") == "None":
        # DNS gives the addresses of the pods themselves: no port is translated.
        yield from ((protocol, number) for protocol in meant or {"TCP"})
        return
    for one in ports:
        protocol, target = one.get("protocol") or "TCP", one.get("targetPort") or number
        if protocol not in meant:
            continue
        if isinstance(target, int):
            yield protocol, target
        else:
            yield from (
                (protocol, declared.number)
                for declared in pod.ports
                if (declared.name, declared.protocol) == (target, protocol)
            )


def _selects(selector: Mapping[str, str], pods: Running) -> bool:
    """Whether a selector chooses some of the pods; those of a StatefulSet have their names as a label."""
    labels = dict(pods.pod.labels)
    wanted = selector.get(_POD_NAME, "")
    if pods.kind == "StatefulSet" and re.fullmatch(rf"{pods.pod.name}-[0-9]+", wanted):
        labels[_POD_NAME] = wanted
    return selector.items() <= labels.items()


def _asked(sender: Running) -> Iterator[tuple[tuple[str, str], int | None]]:
    """The Services, by namespace and name, and ports of them that the texts have.

    A URL without a port may mean any of them (None), unless its scheme has one.
    """
    for field, text in (*sender.texts, *_expanded(sender)):
        for host, port, at in _TOKEN.findall(text.lower()):
            name = _service(host.strip("."), sender.pod.namespace)
            if name is None or at:
                continue
            if port:
                yield name, int(port)
            elif scheme := re.search(rf"([a-z+]+)://[^/ ]*{re.escape(host)}", text.lower()):
                yield name, _OF_SCHEME.get(scheme[1])
            else:
                yield from ((name, beside) for beside in _beside(field, sender))


def _expanded(sender: Running) -> Iterator[tuple[str, str]]:
    """The texts with a variable in them, with each value that a field of its name has."""
    for field, text in sender.texts:
        for variable in _VARIABLE.findall(text):
            for other, value in sender.texts:
                if other == variable:
                    yield field, value.join(_VARIABLE.split(text)[::2])


def _beside(field: str, sender: Running) -> Iterator[int]:
    """The ports in fields that are called as the host's is, `DB_PORT` beside `DB_HOST`."""
    before = _HOST.search(field.lower())
    for other, text in sender.texts:
        word = other.lower().find("port")
        same = before is not None and other.lower()[:word] == field.lower()[: before.start()]
        if same and text.strip().isdecimal():
            yield int(text)


def _service(host: str, home: str) -> tuple[str, str] | None:
    parts = host.split(".")
    if "svc" in parts[2:]:
        at = parts.index("svc", 2)
        return parts[at - 1], parts[at - 2]
    if len(parts) > 2:
        return None
    return (parts[1], parts[0]) if len(parts) > 1 else (home, host)


def _running(
    one: Object, about: Object, spec: Object, maps: Mapping[tuple[str, str], Mapping[str, str]]
) -> Running:
    home = _home(one)
    containers = [*(spec.get("containers") or ()), *(spec.get("initContainers") or ())]
    return Running(
        kind=one["kind"],
        pod=Pod(
            namespace=home,
            name=one["metadata"]["name"],
            labels=_labels_of_pods(one["kind"], about.get("labels") or {}),
            ports=tuple(
                ContainerPort(p.get("name", ""), p.get("protocol", "TCP"), p["containerPort"])
                for container in containers
                for p in container.get("ports") or ()
            ),
        ),
        host_network=bool(spec.get("hostNetwork")),
        texts=tuple(text for some in containers for text in _texts(some, home, maps)),
        node_ports=tuple(
            p["containerPort"]
            for container in spec.get("containers") or ()
            for p in container.get("ports") or ()
            if "hostPort" in p
        ),
    )


def _labels_of_pods(kind: str, template: Mapping[str, str]) -> Mapping[str, str]:
    """The labels of the pods of a workload, whose controller replaces a stated hash."""
    replaced = _OF_ONE_VERSION & template.keys() if kind == "Deployment" else ()
    return {**template, **dict.fromkeys(replaced, _MADE_HASH)}


def _texts(
    container: Object, home: str, maps: Mapping[tuple[str, str], Mapping[str, str]]
) -> Iterator[tuple[str, str]]:
    for entry in container.get("env") or ():
        ref = (entry.get("valueFrom") or {}).get("configMapKeyRef") or {}
        if "value" in entry:
            yield entry["name"], entry["value"]
        elif ref:
            data = maps.get((home, ref["name"])) or {}
            if ref["key"] in data:
                yield ref["key"], data[ref["key"]]
    for entry in container.get("envFrom") or ():
        if "configMapRef" in entry:
            yield from (maps.get((home, entry["configMapRef"]["name"])) or {}).items()
    for part in ("command", "args"):
        yield from ((part, text) for text in container.get(part) or ())


def _pods(one: Object) -> Iterator[tuple[Object, Object]]:
    """The metadata and the spec of the pods that an object is or makes."""
    spec = one.get("spec") or {}
    if one["kind"] == "Pod":
        yield one["metadata"], spec
    elif one["kind"] == "CronJob":
        template = spec["jobTemplate"]["spec"]["template"]
        yield template.get("metadata") or {}, template["spec"]
    elif "template" in spec:
        yield spec["template"].get("metadata") or {}, spec["template"]["spec"]


def _home(one: Object) -> str:
    return str(one["metadata"].get("namespace") or "default")
