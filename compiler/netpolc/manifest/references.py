"""Where manifests mention other services: settings of pods, and routes from outside.

Nothing in Kubernetes declares who calls whom, but most callers are told an address: in an
environment variable, an argument, a ConfigMap. Those texts are read here with the place
where they stand; what is an address in them is for others to say. Routes (Ingress,
Gateway API, webhooks, aggregated APIs) name a Service and its port outright.

Nothing here is a policy, so what has another shape than the API's is passed over: whoever
reads the same file with `manifest.read` gets the findings. Secrets are never read.
"""

from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Any

from netpolc.diagnostics import Diagnostic
from netpolc.frozen import frozen
from netpolc.manifest.field_reader import Report
from netpolc.manifest.objects import KubeObject, objects
from netpolc.manifest.read_workloads import TEMPLATED
from netpolc.source import SourceFile
from netpolc.yaml.nodes import Node
from netpolc.yaml.stream import documents


@frozen(kw_only=True)
class Mention:
    """A text that the pods of a workload are given; `where` names the field."""

    namespace: str
    kind: str
    name: str
    where: str
    text: str
    path: str
    line: int


@frozen(kw_only=True)
class Route:
    """A way into a Service from outside its clients' manifests.

    `port` is the Service's port, by number or by name; None where the route names none.
    `by` is what uses the route: `controller`, `gateway` or `api-server`.
    """

    namespace: str
    service: str
    port: int | str | None
    by: str
    where: str
    path: str
    line: int


@frozen(kw_only=True)
class Mentions:
    """What the files mention; names are (namespace, name).

    `external` are ExternalName Services with the host each stands for, and `headless` those
    whose name resolves to pods, so that a port is the pod's own.
    """

    mentions: tuple[Mention, ...] = ()
    routes: tuple[Route, ...] = ()
    external: Mapping[tuple[str, str], str] = field(default_factory=dict)
    headless: frozenset[tuple[str, str]] = frozenset()


def mentions(files: tuple[SourceFile, ...], *, namespace: str = "default") -> Mentions:
    """Read the mentions of all files; ConfigMaps may stand in other files than their readers."""
    reader = _Reader(namespace)
    for source in files:
        found: list[Diagnostic] = []
        report = Report(source, found)
        for document in documents(source, found):
            if document.data is not None:
                for one in objects(report, document):
                    reader.object(source, one)
    return reader.mentions()


@frozen
class _Text:
    """A value, and where it stands."""

    text: str
    path: str
    line: int


class _Reader:
    """Collects what the objects say; who reads a ConfigMap is settled at the end."""

    def __init__(self, namespace: str) -> None:
        self._default = namespace
        self._mentions: list[Mention] = []
        self._routes: list[Route] = []
        self._maps: dict[tuple[str, str], dict[str, _Text]] = {}
        self._waiting: list[tuple[str, str, str, str, str, str | None]] = []
        self._external: dict[tuple[str, str], str] = {}
        self._headless: set[tuple[str, str]] = set()

    def object(self, source: SourceFile, one: KubeObject) -> None:
        """Read one object."""
        group = one.version.rpartition("/")[0]
        if one.kind == "Pod" and one.version == "v1":
            self._pods(source, one, _at(one.node, "spec"))
        elif group in TEMPLATED.get(one.kind, ()):
            way = ("spec", "jobTemplate") if one.kind == "CronJob" else ()
            self._pods(source, one, _at(one.node, *way, "spec", "template", "spec"))
        elif one.kind == "ConfigMap" and one.version == "v1":
            self._maps[self._name(one)] = {
                key: _Text(node.data, source.path, _line(source, node))
                for key, node in _members(_at(one.node, "data"))
                if isinstance(node.data, str)
            }
        elif one.kind == "Service" and one.version == "v1":
            self._service(one)
        else:
            self._routes += _routes(source, one, self._name(one)[0])

    def mentions(self) -> Mentions:
        """What was found, with the ConfigMaps given to their readers."""
        given: dict[Mention, None] = dict.fromkeys(self._mentions)
        for namespace, kind, name, where, config, key in self._waiting:
            for found, value in self._maps.get((namespace, config), {}).items():
                if key is None or key == found:
                    mention = Mention(
                        namespace=namespace,
                        kind=kind,
                        name=name,
                        where=where + f"ConfigMap {config}, key {found}",
                        text=value.text,
                        path=value.path,
                        line=value.line,
                    )
                    given[mention] = None
        return Mentions(
            mentions=tuple(given),
            routes=tuple(dict.fromkeys(self._routes)),
            external=self._external,
            headless=frozenset(self._headless),
        )

    def _name(self, one: KubeObject) -> tuple[str, str]:
        about = _at(one.node, "metadata")
        return _text(about, "namespace") or self._default, _text(about, "name")

    def _service(self, one: KubeObject) -> None:
        spec, name = _at(one.node, "spec"), self._name(one)
        if _text(spec, "type") == "ExternalName":
            self._external[name] = _text(spec, "externalName")
        elif _text(spec, "clusterIP") == "None":
            self._headless.add(name)

    def _pods(self, source: SourceFile, one: KubeObject, spec: Node | None) -> None:
        """The settings of the containers, and the ConfigMaps that they mount."""
        namespace, name = self._name(one)
        owner = (namespace, one.kind, name)
        if one.kind == "Pod":
            for some in _items(_at(one.node, "metadata", "ownerReferences")):
                controls = _at(some, "controller")
                if controls is not None and controls.data is True and _text(some, "kind") != "Node":
                    owner = (namespace, _text(some, "kind"), _text(some, "name"))
        for group in ("initContainers", "containers"):
            for container in _items(_at(spec, group)):
                self._container(source, owner, container)
        for volume in _items(_at(spec, "volumes")):
            sources = [volume, *_items(_at(volume, "projected", "sources"))]
            for config in (_text(_at(some, "configMap"), "name") for some in sources):
                if config:
                    self._waiting.append((*owner, "", config, None))

    def _container(self, source: SourceFile, owner: tuple[str, str, str], node: Node) -> None:
        for entry in _items(_at(node, "env")):
            name = _text(entry, "name")
            self._mention(source, owner, f"env {name}", _at(entry, "value"))
            ref = _at(entry, "valueFrom", "configMapKeyRef")
            if _text(ref, "name") and _text(ref, "key"):
                where = f"env {name} from "
                self._waiting.append((*owner, where, _text(ref, "name"), _text(ref, "key")))
        for entry in _items(_at(node, "envFrom")):
            if config := _text(_at(entry, "configMapRef"), "name"):
                self._waiting.append((*owner, "env from ", config, None))
        for part in ("command", "args"):
            for i, item in enumerate(_items(_at(node, part))):
                self._mention(source, owner, f"{part}[{i}]", item)

    def _mention(
        self, source: SourceFile, owner: tuple[str, str, str], where: str, node: Node | None
    ) -> None:
        if node is None or not isinstance(node.data, str):
            return
        namespace, kind, name = owner
        self._mentions.append(
            Mention(
                namespace=namespace,
                kind=kind,
                name=name,
                where=where,
                text=node.data,
                path=source.path,
                line=_line(source, node),
            )
        )


_GATEWAY = "gateway.networking.k8s.io"


def _routes(source: SourceFile, one: KubeObject, namespace: str) -> Iterator[Route]:
    """The routes of an object that names Services for somebody outside to call."""
    group = one.version.rpartition("/")[0]
    called = f"{one.kind} {_text(_at(one.node, 'metadata'), 'name')}"

    def route(node: Node, home: str, name: str, port: Node | None, by: str) -> Route:
        number = port.data if port is not None else None
        fits = isinstance(number, int | str) and not isinstance(number, bool)
        return Route(
            namespace=home or namespace,
            service=name,
            port=number if fits and isinstance(number, int | str) else None,
            by=by,
            where=called,
            path=source.path,
            line=_line(source, node),
        )

    if one.kind == "Ingress" and group in {"networking.k8s.io", "extensions"}:
        for node in _backends(one.node):
            new = _at(node, "service")
            name = _text(new, "name") or _text(node, "serviceName")
            port = (
                _at(new, "port", "number") or _at(new, "port", "name") or _at(node, "servicePort")
            )
            if name:
                yield route(node, "", name, port, "controller")
    elif group == _GATEWAY and one.kind.endswith("Route"):
        for rule in _items(_at(one.node, "spec", "rules")):
            for node in _items(_at(rule, "backendRefs")):
                if _text(node, "kind") in {"", "Service"} and _text(node, "name"):
                    home = _text(node, "namespace")
                    yield route(node, home, _text(node, "name"), _at(node, "port"), "gateway")
    else:
        for node in _called_by_api_server(one, group):
            port = _at(node, "port") or Node(443, node.start, node.end)  # the API's default
            if name := _text(node, "name"):
                yield route(node, _text(node, "namespace"), name, port, "api-server")


def _backends(ingress: Node) -> Iterator[Node]:
    """The backends of an Ingress, of networking.k8s.io/v1 and of the versions before it."""
    spec = _at(ingress, "spec")
    for name in ("defaultBackend", "backend"):
        if (node := _at(spec, name)) is not None:
            yield node
    for rule in _items(_at(spec, "rules")):
        for path in _items(_at(rule, "http", "paths")):
            if (node := _at(path, "backend")) is not None:
                yield node


def _called_by_api_server(one: KubeObject, group: str) -> Iterator[Node]:
    """The references to Services that the API server itself calls."""
    found: list[Node | None] = []
    if group == "admissionregistration.k8s.io":
        found += [
            _at(hook, "clientConfig", "service") for hook in _items(_at(one.node, "webhooks"))
        ]
    elif group == "apiextensions.k8s.io":
        way = ("spec", "conversion", "webhook", "clientConfig", "service")
        found.append(_at(one.node, *way))
    elif group == "apiregistration.k8s.io" and one.kind == "APIService":
        found.append(_at(one.node, "spec", "service"))
    yield from (node for node in found if node is not None)


def _at(node: Node | None, *fields: str) -> Node | None:
    """What stands at the end of a way of fields; None where there is no such way."""
    for name in fields:
        data: Any = None if node is None else node.data
        entry = data.get(name) if isinstance(data, dict) else None
        node = None if entry is None else entry.value
    return node


def _text(node: Node | None, name: str) -> str:
    found = _at(node, name)
    return found.data if found is not None and isinstance(found.data, str) else ""


def _items(node: Node | None) -> list[Node]:
    return node.data if node is not None and isinstance(node.data, list) else []


def _members(node: Node | None) -> Iterator[tuple[str, Node]]:
    data: Any = None if node is None else node.data
    if isinstance(data, dict):
        yield from ((name, entry.value) for name, entry in data.items())


def _line(source: SourceFile, node: Node) -> int:
    return source.position(node.start)[0]
