"""Where manifests mention other services: settings of pods, and routes from outside.

Nothing in Kubernetes declares who calls whom, but most callers are told an address: in an
environment variable, an argument, a ConfigMap. Those texts are read here with the place
where they are; what is an address in them is for others to say. Routes (Ingress,
Gateway API, webhooks, aggregated APIs) name a Service and its port outright.

Nothing here is a policy, so what has another shape than the API's is ignored: whoever
reads the same file with `manifest.read` gets the findings. Secrets are never read.
"""

from collections.abc import Mapping
from dataclasses import field

from netpolc.diagnostics import Diagnostic
from netpolc.manifest.field_reader import Report
from netpolc.manifest.objects import KubeObject, objects
from netpolc.manifest.read_workloads import TEMPLATED
from netpolc.manifest.routes import Route, routes
from netpolc.source import SourceFile
from netpolc.values import frozen
from netpolc.yaml.nodes import Node, descendant, elements, members, string_at
from netpolc.yaml.stream import documents


@frozen(kw_only=True)
class Mention:
    """A text that the pods of a workload are given; `where` names the field.

    The text of a `command` is its words, each of which is a mention of its own as well.
    """

    namespace: str
    kind: str
    name: str
    where: str
    text: str
    path: str
    line: int
    command: tuple[str, ...] = ()


@frozen(kw_only=True)
class Mentions:
    """What the files mention; names are (namespace, name).

    `external` are ExternalName Services with their hosts, and `headless` those
    whose name resolves to pods, so that a port is the pod's own.
    """

    mentions: tuple[Mention, ...] = ()
    routes: tuple[Route, ...] = ()
    external: Mapping[tuple[str, str], str] = field(default_factory=dict)
    headless: frozenset[tuple[str, str]] = frozenset()


def mentions(files: tuple[SourceFile, ...], *, namespace: str = "default") -> Mentions:
    """Read the mentions of all files; ConfigMaps may be in other files than their readers."""
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
    """A value, and where it is."""

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
            self._pods(source, one, descendant(one.node, "spec"))
        elif group in TEMPLATED.get(one.kind, ()):
            way = ("spec", "jobTemplate") if one.kind == "CronJob" else ()
            self._pods(source, one, descendant(one.node, *way, "spec", "template", "spec"))
        elif one.kind == "ConfigMap" and one.version == "v1":
            self._maps[self._name(one)] = {
                key: _Text(node.data, source.path, _line(source, node))
                for key, node in members(descendant(one.node, "data")).items()
                if isinstance(node.data, str)
            }
        elif one.kind == "Service" and one.version == "v1":
            self._service(one)
        self._routes += routes(source, one, self._name(one)[0])

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
        about = descendant(one.node, "metadata")
        return string_at(about, "namespace") or self._default, string_at(about, "name")

    def _service(self, one: KubeObject) -> None:
        spec, name = descendant(one.node, "spec"), self._name(one)
        if string_at(spec, "type") == "ExternalName":
            self._external[name] = string_at(spec, "externalName")
        elif string_at(spec, "clusterIP") == "None":
            self._headless.add(name)

    def _pods(self, source: SourceFile, one: KubeObject, spec: Node | None) -> None:
        """The settings of the containers, and the ConfigMaps that they mount."""
        namespace, name = self._name(one)
        owner = (namespace, one.kind, name)
        if one.kind == "Pod":
            for some in elements(descendant(one.node, "metadata", "ownerReferences")):
                controls = descendant(some, "controller")
                if (
                    controls is not None
                    and controls.data is True
                    and string_at(some, "kind") != "Node"
                ):
                    owner = (namespace, string_at(some, "kind"), string_at(some, "name"))
        for group in ("initContainers", "containers"):
            for container in elements(descendant(spec, group)):
                self._container(source, owner, container)
        for volume in elements(descendant(spec, "volumes")):
            sources = [volume, *elements(descendant(volume, "projected", "sources"))]
            for config in (string_at(descendant(some, "configMap"), "name") for some in sources):
                if config:
                    self._waiting.append((*owner, "", config, None))

    def _container(self, source: SourceFile, owner: tuple[str, str, str], node: Node) -> None:
        for entry in elements(descendant(node, "env")):
            name = string_at(entry, "name")
            self._mention(source, owner, f"env {name}", descendant(entry, "value"))
            ref = descendant(entry, "valueFrom", "configMapKeyRef")
            if string_at(ref, "name") and string_at(ref, "key"):
                where = f"env {name} from "
                self._waiting.append((*owner, where, string_at(ref, "name"), string_at(ref, "key")))
        for entry in elements(descendant(node, "envFrom")):
            if config := string_at(descendant(entry, "configMapRef"), "name"):
                self._waiting.append((*owner, "env from ", config, None))
        for part in ("command", "args"):
            for i, item in enumerate(elements(descendant(node, part))):
                self._mention(source, owner, f"{part}[{i}]", item)
        words = [*elements(descendant(node, "command")), *elements(descendant(node, "args"))]
        texts = tuple(word.data for word in words if isinstance(word.data, str))
        if len(texts) > 1:
            self._mention(source, owner, "command", words[0], texts)

    def _mention(
        self,
        source: SourceFile,
        owner: tuple[str, str, str],
        where: str,
        node: Node | None,
        command: tuple[str, ...] = (),
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
                command=command,
            )
        )


def _line(source: SourceFile, node: Node) -> int:
    return source.position(node.start)[0]
