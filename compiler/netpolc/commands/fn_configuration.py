"""The configuration of the function: where its intents are, and how to compile them.

It is written by hand beside a kustomization, so a slip in it is found at its field, and a
field that is not known is an error: a misspelt `strict` that is ignored is an open gate.
The same is said as a JSON Schema in grammar/network-intents.schema.json, for editors.
"""

from collections.abc import Mapping
from dataclasses import field
from typing import TypeAlias

from netpolc.diagnostics import Diagnostic, Label, Outcome, Rule, Severity
from netpolc.diagnostics.render.escape import visible_char
from netpolc.diagnostics.spelling import nearest
from netpolc.kube.name_rules import (
    label_key_problem,
    label_value_problem,
    namespace_problem,
    subdomain_problem,
)
from netpolc.manifest.krm_resource_list import ResourceList
from netpolc.manifest.policy_names import LOCAL_CONFIG
from netpolc.manifest.rollout_stages import Stage
from netpolc.manifest.tier_model import CLUSTER_NETWORK_POLICY, TIER_VERSIONS
from netpolc.source import SourceFile
from netpolc.values import frozen
from netpolc.yaml.nodes import Entry, Node, described

FUNCTION_CONFIG = Rule(code="NP742", name="function-configuration", severity=Severity.ERROR)

VERSION, KIND = "netpolc/v1alpha1", "NetworkIntents"
ANNOTATIONS_OF_CALLERS = (
    "internal.config.kubernetes.io/",
    "config.kubernetes.io/path",
    "config.kubernetes.io/index",
    "config.k8s.io/id",
    "kustomize.config.k8s.io/id",
)
"""Annotations by which callers know objects; a function leaves them as they are (specification, v1)."""
_RESERVED = ("netpolc/", "app.kubernetes.io/managed-by")


@frozen(kw_only=True)
class Configuration:
    """The configuration of the function; `name` distinguishes its policies from those of another function."""

    name: str
    intents: tuple[SourceFile, ...] = ()
    paths: tuple[str, ...] = ()
    namespace: str = "default"
    strict: bool = False
    stage: Stage | None = None
    tiers: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)


def configuration(resource_list: ResourceList) -> Outcome[Configuration | None]:
    """The configuration in a list; None with the findings that say what is wrong with it."""
    reader = _Reader(resource_list)
    if resource_list.config is None:
        reader.add(
            resource_list.root, "there is no `functionConfig`", "it says where the intents are"
        )
        return Outcome(None, tuple(reader.findings))
    if (resource_list.config.version, resource_list.config.kind) != (VERSION, KIND):
        kind, version = _shown(resource_list.config.kind), _shown(resource_list.config.version)
        given = f"`{kind or 'no kind'}` of `{version or 'no version'}`"
        reader.add(
            resource_list.config.node, f"it must be a `{KIND}` of `{VERSION}`", f"this is {given}"
        )
        return Outcome(None, tuple(reader.findings))
    if problem := subdomain_problem(resource_list.config.name):
        reader.add(resource_list.config.node, "`metadata.name` cannot name an object", problem)
    home = resource_list.config.namespace or "default"
    if problem := namespace_problem(home):
        reader.add(
            resource_list.config.node, "`metadata.namespace` is not a valid namespace name", problem
        )
    result = reader.spec(resource_list.config.node, resource_list.config.name, home)
    return Outcome(None if reader.findings else result, tuple(reader.findings))


_Fields: TypeAlias = dict[str, Entry]


class _Reader:
    """Reads fields, and keeps what it finds wrong with them."""

    def __init__(self, resource_list: ResourceList) -> None:
        self.findings: list[Diagnostic] = []
        self._file = resource_list.file

    def add(self, node: Node, problem: str, label: str = "", advice: str = "") -> None:
        """Keep a finding."""
        self.findings.append(
            Diagnostic(
                rule=FUNCTION_CONFIG,
                message=f"the function's configuration cannot be used: {problem}",
                label=Label(self._file.span(node.start, node.end), label),
                help=advice,
            )
        )

    def spec(self, node: Node, name: str, home: str) -> Configuration:
        """The whole; what is wrong is left at its default. `home` is the object's namespace."""
        assert isinstance(node.data, dict)
        self._members(node.data)
        entry = node.data.get("spec")
        if entry is None or not isinstance(entry.value.data, dict):
            self.add(node, "there is no `spec`", "", "`spec.intents` or `spec.paths` is needed")
            return Configuration(name=name)
        fields: _Fields = entry.value.data
        for key, unknown in fields.items():
            if key not in _FIELDS:
                near = nearest(key, _FIELDS)
                advice = f"did you mean `{near}`?" if near else f"it has {', '.join(_FIELDS)}"
                self.add(_key(unknown), "`spec` has a field that is not known", "", advice)
        intents, paths = self._intents(fields), self._paths(fields)
        is_blank = not any(file.text.strip() for file in intents)
        if not self.findings and is_blank and not paths:
            # Taken at its word, every policy of the function would go.
            self.add(entry.value, "it has no intents", "", "give `spec.intents` or `spec.paths`")
        return Configuration(
            name=name,
            intents=intents,
            paths=paths,
            namespace=self._namespace(fields, home),
            strict=self._strict(fields),
            stage=self._stage(fields),
            tiers=self._tiers(fields),
            labels=self._texts(fields, "labels"),
            annotations=self._texts(fields, "annotations"),
        )

    def _members(self, members: _Fields) -> None:
        """Report fields of the object that are not known: `strict` beside `spec` is an open gate too."""
        for key, unknown in members.items():
            if key not in _MEMBERS:
                problem = f"it has a field `{_shown(key)}` that is not known"
                is_setting = key in _FIELDS
                advice = "write it in `spec`" if is_setting else f"it has {', '.join(_MEMBERS)}"
                self.add(_key(unknown), problem, "", advice)

    def _intents(self, fields: _Fields) -> tuple[SourceFile, ...]:
        node = _value(fields, "intents")
        if node is None:
            return ()
        if isinstance(node.data, str):
            return (SourceFile("spec.intents", node.data),)
        files: list[SourceFile] = []
        for name, entry in (node.data if isinstance(node.data, dict) else {}).items():
            if isinstance(entry.value.data, str):
                files.append(SourceFile(f"spec.intents[{_shown(name)}]", entry.value.data))
            else:
                self._wrong(entry.value, "a file's text")
        if not isinstance(node.data, dict):
            self._wrong(node, "a text, or a map from names to texts")
        return tuple(files)

    def _paths(self, fields: _Fields) -> tuple[str, ...]:
        node = _value(fields, "paths")
        if node is None:
            return ()
        if not isinstance(node.data, list):
            self._wrong(node, "a list of paths")
            return ()
        paths: list[str] = []
        for item in node.data:
            if isinstance(item.data, str) and item.data and item.data != "-":
                paths.append(item.data)
            else:
                self._wrong(item, "a path")
        return tuple(paths)

    def _namespace(self, fields: _Fields, home: str) -> str:
        node = _value(fields, "namespace")
        if node is None:
            return home
        if not isinstance(node.data, str):
            self._wrong(node, "a text")
        elif problem := namespace_problem(node.data):
            self.add(node, "`namespace` is not a valid namespace name", problem)
        else:
            return node.data
        return home

    def _strict(self, fields: _Fields) -> bool:
        node = _value(fields, "strict")
        if node is not None and not isinstance(node.data, bool):
            self._wrong(node, "true or false")
        return node is not None and node.data is True

    def _stage(self, fields: _Fields) -> Stage | None:
        node = _value(fields, "stage")
        if node is None:
            return None
        for stage in Stage:
            if node.data == stage.value:
                return stage
        self._wrong(node, "`allow` or `deny`")
        return None

    def _tiers(self, fields: _Fields) -> str:
        """The version of the API in which cluster-wide policies are written; empty for none."""
        node = _value(fields, "tiers")
        if node is None:
            return ""
        versions = TIER_VERSIONS[CLUSTER_NETWORK_POLICY]
        table = node.data if isinstance(node.data, dict) else {}
        entry = table.get("api") if table.keys() == {"api"} else None
        if entry is not None and entry.value.data in versions:
            return str(entry.value.data)
        listed = " or ".join(f"`{version}`" for version in versions)
        self._wrong(entry.value if entry else node, f"a map with `api`: {listed},")
        return ""

    def _texts(self, fields: _Fields, key: str) -> dict[str, str]:
        node = _value(fields, key)
        if node is None:
            return {}
        if not isinstance(node.data, dict):
            self._wrong(node, "a map from keys to texts")
            return {}
        texts: dict[str, str] = {}
        for name, entry in node.data.items():
            value = entry.value.data
            if name.startswith(_RESERVED):
                self.add(_key(entry), f"`{_shown(name)}` is set by netpolc itself")
            elif key == "annotations" and name.startswith(ANNOTATIONS_OF_CALLERS):
                self.add(_key(entry), f"`{_shown(name)}` is set by the caller of the function")
            elif name == LOCAL_CONFIG:
                self.add(_key(entry), f"`{name}` would keep the policies out of the cluster")
            elif problem := label_key_problem(name):
                self.add(_key(entry), f"`{_shown(name)}` cannot be a key of {key}", problem)
            elif not isinstance(value, str):
                self._wrong(entry.value, "a text")
            elif problem := label_value_problem(value) if key == "labels" else None:
                self.add(entry.value, f"`{_shown(value)}` cannot be a label's value", problem)
            else:
                texts[name] = value
        return texts

    def _wrong(self, node: Node, wanted: str) -> None:
        self.add(node, f"{wanted} is wanted", f"this is {described(node)}")


_MEMBERS = ("apiVersion", "kind", "metadata", "spec")
_FIELDS = ("intents", "paths", "namespace", "strict", "stage", "tiers", "labels", "annotations")


def _value(fields: _Fields, key: str) -> Node | None:
    """The value of a field; None where it is missing or null, which is the same."""
    entry = fields.get(key)
    return entry.value if entry is not None and entry.value.data is not None else None


def _key(entry: Entry) -> Node:
    return Node(None, entry.start, entry.end)


def _shown(text: str) -> str:
    return "".join(map(visible_char, text[:100]))
