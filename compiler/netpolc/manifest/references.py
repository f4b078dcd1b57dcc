"""References of manifests to other services: settings of pods, and routes from outside.

Nothing in Kubernetes declares who calls whom, but most callers read an address: in an
environment variable, an argument, a ConfigMap. Those texts are read here with the place
where they are; what is an address in them is for others to say. Routes (Ingress,
Gateway API, webhooks, aggregated APIs) name a Service and its port outright.

Nothing here is a policy, so what has another shape than the API's is ignored: whoever
reads the same file with `manifest.read` gets the findings. Secrets are never read.
"""

from collections.abc import Iterator, Mapping
from dataclasses import field, replace
from typing import TypeAlias

from netpolc.diagnostics import Diagnostic
from netpolc.manifest.canaries import Canary, canaries
from netpolc.manifest.field_reader import Report
from netpolc.manifest.monitors import Monitor, annotated, monitors
from netpolc.manifest.objects import KubeObject, objects
from netpolc.manifest.read_workloads import TEMPLATED, pod_templates
from netpolc.manifest.routes import Route, routes
from netpolc.manifest.target import labels_at
from netpolc.source import SourceFile
from netpolc.values import frozen
from netpolc.yaml.nodes import Node, descendant, elements, members, string_at
from netpolc.yaml.stream import documents

Owner: TypeAlias = tuple[str, str, str]
"""The namespace, kind and name of a workload."""


@frozen(kw_only=True)
class FieldRef:
    """The field from which the pods of a workload get a text.

    `variable` is the environment variable with the text, `word` a word of the command, as
    `args[0]`, and `config` with `key` the value of a ConfigMap; what does not apply is empty. A
    variable that is `imported` has its name from the key, because all of the ConfigMap's keys
    become variables.
    """

    variable: str = ""
    word: str = ""
    config: str = ""
    key: str = ""
    imported: bool = False

    def names(self) -> Iterator[tuple[str, str]]:
        """The names of the text, each with its ConfigMap; that of a variable has none."""
        if self.variable:
            yield "", self.variable
        if self.config:
            yield self.config, self.key

    def __str__(self) -> str:
        """The field as people name it, `env DB_HOST from ConfigMap web, key host`."""
        config = f"ConfigMap {self.config}, key {self.key}" if self.config else ""
        if not self.variable:
            return self.word or config
        variable = "env" if self.imported else f"env {self.variable}"
        return f"{variable} from {config}" if config else variable


@frozen(kw_only=True)
class Mention:
    """A text that the pods of a workload are given, and the field that gives it.

    The text of a `command` is its words, each of which is a mention of its own as well. A text that
    `is_context`, such as the pod's namespace, is part of addresses and not an address itself.
    """

    namespace: str
    kind: str
    name: str
    field: FieldRef
    text: str
    path: str
    line: int
    command: tuple[str, ...] = ()
    is_context: bool = False


OWN_NODE = "own-node.invalid"
"""The text in place of the address of the node on which a pod runs: no host has such a name (RFC 6761)."""
_LOOPBACK = "127.0.0.1"


@frozen(kw_only=True)
class Mentions:
    """The mentions in the files; names are (namespace, name).

    `headless` are Services whose name resolves to pods, so that a port is the pod's own.
    `service_labels` are the labels of the Services themselves. `host_aliases` are the addresses that pods
    of a workload, by namespace, kind and name, have for host names instead of the DNS.
    """

    mentions: tuple[Mention, ...] = ()
    routes: tuple[Route, ...] = ()
    monitors: tuple[Monitor, ...] = ()
    canaries: tuple[Canary, ...] = ()
    service_labels: Mapping[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)
    headless: frozenset[tuple[str, str]] = frozenset()
    host_aliases: Mapping[Owner, Mapping[str, str]] = field(default_factory=dict)


def mentions(files: tuple[SourceFile, ...], *, namespace: str = "default") -> Mentions:
    """Read the mentions of all files; ConfigMaps may be in other files than their readers."""
    reader = _Reader(namespace)
    for source in files:
        findings: list[Diagnostic] = []
        report = Report(source, findings)
        for document in documents(source, findings):
            if document.data is not None:
                for kube_object in objects(report, document):
                    reader.object(source, kube_object)
    return reader.mentions()


_RUN_BESIDE = (
    ("startupProbe",),
    ("readinessProbe",),
    ("livenessProbe",),
    ("lifecycle", "postStart"),
    ("lifecycle", "preStop"),
)
"""The fields of a container below which `exec` has a command that runs in it, too."""


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
        self._monitors: list[Monitor] = []
        self._canaries: list[Canary] = []
        self._labels: dict[tuple[str, str], Mapping[str, str]] = {}
        self._maps: dict[tuple[str, str], dict[str, _Text]] = {}
        self._waiting: list[tuple[tuple[str, str, str], FieldRef]] = []
        self._headless: set[tuple[str, str]] = set()
        self._aliases: dict[Owner, dict[str, str]] = {}

    def object(self, source: SourceFile, kube_object: KubeObject) -> None:
        """Read one object."""
        group = kube_object.version.rpartition("/")[0]
        if kube_object.kind == "Pod" and kube_object.version == "v1":
            self._pods(source, kube_object, kube_object.node)
        elif group in TEMPLATED.get(kube_object.kind, ()):
            way = ("spec", "jobTemplate") if kube_object.kind == "CronJob" else ()
            self._pods(source, kube_object, descendant(kube_object.node, *way, "spec", "template"))
        elif group:
            for template in pod_templates(kube_object):
                self._pods(source, kube_object, template)
        elif kube_object.kind == "ConfigMap" and kube_object.version == "v1":
            self._maps[self._name(kube_object)] = {
                key: _Text(node.data, source.path, _line(source, node))
                for key, node in members(descendant(kube_object.node, "data")).items()
                if isinstance(node.data, str)
            }
        elif kube_object.kind == "Service" and kube_object.version == "v1":
            self._service(source, kube_object)
        self._routes += routes(source, kube_object, self._name(kube_object)[0])
        self._monitors += monitors(source, kube_object, self._name(kube_object)[0])
        self._canaries += canaries(kube_object, self._name(kube_object)[0])

    def mentions(self) -> Mentions:
        """All references, those of each ConfigMap given to the pods that read it."""
        given: dict[Mention, None] = dict.fromkeys(self._mentions)
        for (namespace, kind, name), wanted in self._waiting:
            for key, value in self._maps.get((namespace, wanted.config), {}).items():
                if wanted.key in {"", key}:
                    variable = key if wanted.imported else wanted.variable
                    mention = Mention(
                        namespace=namespace,
                        kind=kind,
                        name=name,
                        field=replace(wanted, key=key, variable=variable),
                        text=value.text,
                        path=value.path,
                        line=value.line,
                    )
                    given[mention] = None
        return Mentions(
            mentions=tuple(given),
            routes=tuple(dict.fromkeys(self._routes)),
            monitors=tuple(dict.fromkeys(self._monitors)),
            canaries=tuple(dict.fromkeys(self._canaries)),
            service_labels=self._labels,
            headless=frozenset(self._headless),
            host_aliases=self._aliases,
        )

    def _name(self, kube_object: KubeObject) -> tuple[str, str]:
        about = descendant(kube_object.node, "metadata")
        return string_at(about, "namespace") or self._default, string_at(about, "name")

    def _service(self, source: SourceFile, kube_object: KubeObject) -> None:
        spec, name = descendant(kube_object.node, "spec"), self._name(kube_object)
        about = descendant(kube_object.node, "metadata")
        self._labels[name] = labels_at(descendant(about, "labels"))
        pods, where = labels_at(descendant(spec, "selector")), f"Service {name[1]}"
        self._monitors += annotated(source, about, pods, name[0], where)
        if string_at(spec, "clusterIP") == "None":
            self._headless.add(name)

    def _pods(self, source: SourceFile, kube_object: KubeObject, pod: Node | None) -> None:
        """The settings of the containers, and the ConfigMaps that they mount."""
        namespace, name = self._name(kube_object)
        owner = (namespace, kube_object.kind, name)
        about, spec = descendant(pod, "metadata"), descendant(pod, "spec")
        labels, where = labels_at(descendant(about, "labels")), f"{kube_object.kind} {name}"
        self._monitors += annotated(source, about, labels, namespace, where)
        if kube_object.kind == "Pod":
            for some in elements(descendant(kube_object.node, "metadata", "ownerReferences")):
                controls = descendant(some, "controller")
                if (
                    controls is not None
                    and controls.data is True
                    and string_at(some, "kind") != "Node"
                ):
                    owner = (namespace, string_at(some, "kind"), string_at(some, "name"))
        pod_name = name if kube_object.kind == "Pod" else name_of_first_pod(*owner[1:])
        filled_in = _filled_in(namespace, pod_name, labels)
        for alias in elements(descendant(spec, "hostAliases")):
            for host in elements(descendant(alias, "hostnames")):
                if isinstance(host.data, str):
                    names = self._aliases.setdefault(owner, {})
                    names.setdefault(host.data.lower(), string_at(alias, "ip"))
        for group in ("initContainers", "containers", "ephemeralContainers"):
            for container in elements(descendant(spec, group)):
                self._container(source, owner, filled_in, container)
        for volume in elements(descendant(spec, "volumes")):
            sources = [volume, *elements(descendant(volume, "projected", "sources"))]
            for config in (string_at(descendant(some, "configMap"), "name") for some in sources):
                if config:
                    self._waiting.append((owner, FieldRef(config=config)))

    def _container(
        self, source: SourceFile, owner: Owner, filled_in: Mapping[str, str], node: Node
    ) -> None:
        for entry in elements(descendant(node, "env")):
            name = string_at(entry, "name")
            self._text(source, owner, FieldRef(variable=name), descendant(entry, "value"))
            path = string_at(entry, "valueFrom", "fieldRef", "fieldPath").replace('"', "'")
            if text := filled_in.get(path, ""):
                mention = _mention(source, owner, FieldRef(variable=name), entry, text)
                self._mentions.append(replace(mention, is_context=text != OWN_NODE))
            ref = descendant(entry, "valueFrom", "configMapKeyRef")
            config, key = string_at(ref, "name"), string_at(ref, "key")
            if config and key:
                self._waiting.append((owner, FieldRef(variable=name, config=config, key=key)))
        for entry in elements(descendant(node, "envFrom")):
            if config := string_at(descendant(entry, "configMapRef"), "name"):
                self._waiting.append((owner, FieldRef(config=config, imported=True)))
        self._command(source, owner, node, "command", "args")
        for way in _RUN_BESIDE:
            self._command(source, owner, node, ".".join((*way, "exec", "command")))

    def _command(self, source: SourceFile, owner: Owner, container: Node, *parts: str) -> None:
        """A command of a container, whose words are in one or two of its fields."""
        words = []
        for part in parts:
            listed = elements(descendant(container, *part.split(".")))
            for i, item in enumerate(listed):
                self._text(source, owner, FieldRef(word=f"{part}[{i}]"), item)
            words += listed
        texts = tuple(word.data for word in words if isinstance(word.data, str))
        if len(texts) > 1:
            mention = _mention(source, owner, FieldRef(word=parts[0]), words[0], "")
            text = words[0].data if isinstance(words[0].data, str) else ""
            self._mentions.append(replace(mention, text=text, command=texts))

    def _text(self, source: SourceFile, owner: Owner, place: FieldRef, node: Node | None) -> None:
        if node is not None and isinstance(node.data, str):
            self._mentions.append(_mention(source, owner, place, node, node.data))


def _mention(source: SourceFile, owner: Owner, place: FieldRef, node: Node, text: str) -> Mention:
    namespace, kind, name = owner
    return Mention(
        namespace=namespace,
        kind=kind,
        name=name,
        field=place,
        text=text,
        path=source.path,
        line=_line(source, node),
    )


def name_of_first_pod(kind: str, name: str) -> str:
    """The name of the first pod of a workload; empty where a part of it is not known."""
    return {"StatefulSet": f"{name}-0", "Pod": name}.get(kind, "")


def _filled_in(namespace: str, name: str, labels: Mapping[str, str]) -> dict[str, str]:
    """The texts of the fields of a pod that variables may have, by their paths."""
    return {
        "metadata.namespace": namespace,
        "metadata.name": name,
        **{f"metadata.labels['{key}']": value for key, value in labels.items()},
        **dict.fromkeys(("status.hostIP", "status.hostIPs", "spec.nodeName"), OWN_NODE),
        **dict.fromkeys(("status.podIP", "status.podIPs"), _LOOPBACK),
    }


def _line(source: SourceFile, node: Node) -> int:
    return source.position(node.start)[0]
