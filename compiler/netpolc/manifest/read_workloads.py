"""Workloads and Services, read as facts about what runs.

Named ports have numbers only in containers, selectors match only labels of pods, and
both are in pod templates, at another depth in every kind. Only what matters to
network policy is read, and only that is checked: whether the rest of a Deployment is
right is not ours to say.
"""

from collections.abc import Iterator
from dataclasses import replace

from netpolc.diagnostics import Rule, Severity
from netpolc.kube.inventory import AddressOf, ContainerPort, KubeService, ServicePort, Workload
from netpolc.kube.label_conventions import (
    COMPLETION_INDEX,
    JOB_KEYS,
    ControllerLabel,
    LabelValue,
    controller_labels,
)
from netpolc.kube.ports import Protocol
from netpolc.kube.selectors import Selector
from netpolc.manifest.field_reader import (
    Report,
    flag,
    items,
    mapping,
    shown,
    text,
    whole,
    whole_number,
    wrong,
)
from netpolc.manifest.objects import KubeObject
from netpolc.manifest.own_addresses import own_addresses
from netpolc.manifest.read_labels import labels
from netpolc.manifest.read_metadata import Metadata, metadata
from netpolc.manifest.read_ports import INVALID_PORT, INVALID_PROTOCOL, in_range
from netpolc.source import SourceFile
from netpolc.yaml.nodes import Node, descendant, elements, string_at

INCOMPLETE_PORT = Rule(code="NP432", name="incomplete-port", severity=Severity.WARNING)

TEMPLATED = {
    "Deployment": ("apps", "extensions"),
    "StatefulSet": ("apps",),
    "DaemonSet": ("apps", "extensions"),
    "ReplicaSet": ("apps", "extensions"),
    "ReplicationController": ("",),
    "Job": ("batch",),
    "CronJob": ("batch",),
}
"""Kinds that make pods from a template, and the API groups in which they are these kinds."""

_DEEPEST = 8
"""The depth below the spec of an unknown kind to which a pod template is looked for."""

_PROTOCOLS = {protocol.value: protocol for protocol in Protocol}


def pod(report: Report, kube_object: KubeObject, default: str) -> tuple[Metadata, Workload | None]:
    """A Pod, under its controller if it has one.

    Returns:
        Its own metadata, and the workload that it is or is part of.
    """
    named, fields = _named(report, kube_object)
    name, kind = named.name, "Pod"
    # A static pod is owned by its node, which makes no other pod like it.
    if named.owner is not None and named.owner.kind != "Node" and named.owner.name:
        name, kind = named.owner.name, named.owner.kind or "Pod"
    if not name:
        return named, None
    at = kube_object.under("spec")
    spec = mapping(report, fields.get("spec"), at)
    return named, Workload(
        namespace=named.namespace or default,
        name=name,
        kind=kind,
        labels=named.labels,
        ports=tuple(_container_ports(report, spec, at)),
        host_network=flag(report, spec.get("hostNetwork"), f"{at}.hostNetwork"),
        pod=named.name,
        addresses=tuple(
            own.addresses for own in own_addresses(kube_object, default) if own.of is AddressOf.PODS
        ),
        span=report.span(kube_object.node),
    )


def templated(
    report: Report, kube_object: KubeObject, default: str
) -> tuple[Metadata, Workload | None]:
    """An object that makes pods from a template, as the pods that it makes."""
    named, fields = _named(report, kube_object)
    at = kube_object.under("spec")
    spec = mapping(report, fields.get("spec"), at)
    if kube_object.kind == "CronJob":
        job = mapping(report, spec.get("jobTemplate"), f"{at}.jobTemplate")
        at = f"{at}.jobTemplate.spec"
        spec = mapping(report, job.get("spec"), at)
    return named, _made(report, kube_object, named, spec.get("template"), f"{at}.template", default)


def of_unknown_kind(
    kube_object: KubeObject, source: SourceFile, default: str
) -> tuple[Workload, ...]:
    """The pods that an object of another kind makes, by the pod templates in it.

    Whatever is wrong with such an object is for its own controller to say.
    """
    report = Report(source, [])
    named, _ = _named(report, kube_object)
    made = (
        _made(report, kube_object, named, template, kube_object.under("spec"), default)
        for template in pod_templates(kube_object)
    )
    workloads = tuple(workload for workload in made if workload is not None)
    return workloads if not report.errors else ()


def pod_templates(kube_object: KubeObject) -> Iterator[Node]:
    """The pod templates in the spec of an object of a kind that is not Kubernetes' own."""
    return _templates(descendant(kube_object.node, "spec"), _DEEPEST)


def is_pod_template(node: Node) -> bool:
    """Whether a value has the shape of a pod template: a mapping with `spec.containers`."""
    containers = descendant(node, "spec", "containers")
    return containers is not None and isinstance(containers.data, list)


def _templates(node: Node | None, depth: int, *, in_list: bool = False) -> Iterator[Node]:
    """The pod templates below a value.

    Lists also hold whole objects, which are another cluster's or another manifest's, and patterns of policy
    engines. So in a list only a template with labels counts.
    """
    if node is None or not depth or (in_list and string_at(node, "apiVersion")):
        return
    if is_pod_template(node):
        if not in_list or descendant(node, "metadata", "labels") is not None:
            yield node
    elif isinstance(node.data, dict):
        for entry in node.data.values():
            yield from _templates(entry.value, depth - 1, in_list=in_list)
    else:
        for element in elements(node):
            yield from _templates(element, depth - 1, in_list=True)


def _made(
    report: Report,
    kube_object: KubeObject,
    named: Metadata,
    node: Node | None,
    at: str,
    default: str,
) -> Workload | None:
    """The pods that an object makes from a template."""
    template = mapping(report, node, at)
    about = mapping(report, template.get("metadata"), f"{at}.metadata")
    pods = mapping(report, template.get("spec"), f"{at}.spec")
    if not named.name:
        return None
    added = _added_labels(kube_object, named.name)
    known = {label.key: label.value for label in added if label.kind is LabelValue.KNOWN}
    stated = labels(report, about.get("labels"), f"{at}.metadata.labels")
    # Whatever value a template gives to them, the controller sets its own.
    replaced = {label.key for label in added} - JOB_KEYS
    return Workload(
        namespace=named.namespace or default,
        name=named.name,
        kind=kube_object.kind,
        labels={key: value for key, value in stated.items() if key not in replaced} | known,
        varying=tuple(label for label in added if label.key not in known),
        ports=tuple(_container_ports(report, pods, f"{at}.spec")),
        host_network=flag(report, pods.get("hostNetwork"), f"{at}.spec.hostNetwork"),
        span=report.span(kube_object.node),
    )


def _added_labels(kube_object: KubeObject, name: str) -> tuple[ControllerLabel, ...]:
    """The labels that a controller adds to the pods of an object.

    A Job with a selector of its own has no label with its name. Controllers of other API groups may leave
    out the labels of workloads that last, and do not label Jobs as Kubernetes does.
    """
    added = controller_labels(kube_object.kind, name)
    is_job = kube_object.kind in {"Job", "CronJob"}
    group = kube_object.version.rpartition("/")[0]
    if group not in {"apps", "batch"}:
        return () if is_job else tuple(replace(label, always=False) for label in added)
    by_hand = descendant(kube_object.node, "spec", "manualSelector")
    if is_job and by_hand is not None and by_hand.data is True:
        return tuple(label for label in added if label.key == COMPLETION_INDEX)
    return added


def service(
    report: Report, kube_object: KubeObject, default: str
) -> tuple[Metadata, KubeService | None]:
    """A Service."""
    named, fields = _named(report, kube_object)
    at = kube_object.under("spec")
    spec = mapping(report, fields.get("spec"), at)
    selected = labels(report, spec.get("selector"), f"{at}.selector")
    kind = text(report, spec.get("type"), f"{at}.type")
    policy = text(report, spec.get("externalTrafficPolicy"), f"{at}.externalTrafficPolicy")
    alias = text(report, spec.get("externalName"), f"{at}.externalName")
    ports = [
        _service_port(report, item, f"{at}.ports[{i}]")
        for i, item in enumerate(items(report, spec.get("ports"), f"{at}.ports") or ())
    ]
    if not named.name:
        return named, None
    return named, KubeService(
        namespace=named.namespace or default,
        name=named.name,
        # Without a selector the endpoints are somebody's own; they need not be pods.
        selector=Selector.labels(selected) if selected and kind != "ExternalName" else None,
        ports=tuple(port for port in ports if port is not None),
        alias=(alias or "") if kind == "ExternalName" else "",
        addresses=tuple(own.addresses for own in own_addresses(kube_object, default)),
        hides_clients=policy != "Local"
        and (kind in {"LoadBalancer", "NodePort"} or bool(elements(spec.get("externalIPs")))),
        span=report.span(kube_object.node),
    )


def _named(report: Report, kube_object: KubeObject) -> tuple[Metadata, dict[str, Node]]:
    """The metadata of an object, and its fields."""
    fields = mapping(report, kube_object.node, kube_object.path)
    at = kube_object.under("metadata")
    return metadata(report, fields.get("metadata"), at, parent=kube_object.node), fields


def _container_ports(report: Report, spec: dict[str, Node], path: str) -> Iterator[ContainerPort]:
    """The ports of the containers that run as long as the pod does."""
    for name in ("containers", "initContainers"):
        for i, item in enumerate(items(report, spec.get(name), f"{path}.{name}") or ()):
            at = f"{path}.{name}[{i}]"
            container = mapping(report, item, at)
            restart = container.get("restartPolicy")
            if name == "initContainers" and (restart is None or restart.data != "Always"):
                continue
            for j, port in enumerate(items(report, container.get("ports"), f"{at}.ports") or ()):
                container_port = _container_port(report, port, f"{at}.ports[{j}]")
                if container_port is not None:
                    yield container_port


def _container_port(report: Report, node: Node, path: str) -> ContainerPort | None:
    fields = mapping(report, node, path)
    number = _number(report, fields.get("containerPort"), f"{path}.containerPort", node)
    protocol = _protocol(report, fields.get("protocol"), f"{path}.protocol")
    name = text(report, fields.get("name"), f"{path}.name") or ""
    if number is None or protocol is None:
        return None
    node_port = fields.get("hostPort")
    host_port = (whole_number(node_port) or 0) if node_port is not None else 0
    return ContainerPort(
        number=number,
        protocol=protocol,
        name=name,
        host_port=host_port if in_range(host_port) else 0,
    )


def _service_port(report: Report, node: Node, path: str) -> ServicePort | None:
    fields = mapping(report, node, path)
    number = _number(report, fields.get("port"), f"{path}.port", node)
    protocol = _protocol(report, fields.get("protocol"), f"{path}.protocol")
    name = text(report, fields.get("name"), f"{path}.name") or ""
    target: int | str | None = number
    if (given := fields.get("targetPort")) is not None:
        target = given.data if isinstance(given.data, str) else whole_number(given)
        if target is None:
            wrong(report, given, f"{path}.targetPort", "a whole number or a port's name")
        elif target in {0, ""}:
            target = number  # the API's own default for what is not there
    if number is None or protocol is None or target is None:
        return None
    node_port = whole_number(given) if (given := fields.get("nodePort")) is not None else None
    return ServicePort(
        number=number, target=target, protocol=protocol, name=name, node_port=node_port or 0
    )


def _number(report: Report, node: Node | None, path: str, parent: Node) -> int | None:
    if node is None:
        if isinstance(parent.data, dict):
            name = path.rpartition(".")[2]
            message = f"the port has no `{name}` and is left out"
            report.add(INCOMPLETE_PORT, parent, path, message)
        return None
    number = whole(report, node, path)
    if number is not None and not in_range(number):
        message = f"port {shown(str(number))} is not in 1-65535"
        report.add(INVALID_PORT, node, path, message)
        return None
    return number


def _protocol(report: Report, node: Node | None, path: str) -> Protocol | None:
    name = text(report, node, path) if node is not None else "TCP"
    if name is None or name in _PROTOCOLS:
        return _PROTOCOLS[name] if name is not None else None
    if node is not None:
        message = f"`{shown(name)}` is not a valid protocol here"
        report.add(INVALID_PROTOCOL, node, path, message, "write `TCP`, `UDP` or `SCTP`")
    return None
