"""The name, namespace and labels of an object: its metadata.

The API identifies an object by kind, namespace and name, and pods, namespaces and
policies also carry labels here. Forms are checked as the API server does
(`ValidateObjectMeta`, "Object Names and IDs" in the Kubernetes documentation).
"""

from collections.abc import Callable, Mapping
from dataclasses import field

from netpolc.diagnostics import Rule, Severity
from netpolc.kube.name_rules import label_key_problem, namespace_problem, subdomain_problem
from netpolc.manifest.field_reader import (
    INVALID_NAME,
    MISSING_FIELD,
    Report,
    items,
    mapping,
    members,
    shown,
    strings,
    text,
    under,
    whole,
    wrong,
)
from netpolc.manifest.read_labels import labels
from netpolc.values import frozen
from netpolc.yaml.nodes import Node

INVALID_ANNOTATION = Rule(code="NP416", name="invalid-annotation", severity=Severity.ERROR)

_FIELDS = frozenset(
    {
        "annotations",
        "creationTimestamp",
        "deletionGracePeriodSeconds",
        "deletionTimestamp",
        "finalizers",
        "generateName",
        "generation",
        "labels",
        "managedFields",
        "name",
        "namespace",
        "ownerReferences",
        "resourceVersion",
        "selfLink",
        "uid",
    }
)
_WHOLE = ("generation", "deletionGracePeriodSeconds")
_TEXTS = (
    "creationTimestamp",
    "deletionTimestamp",
    "generateName",
    "resourceVersion",
    "selfLink",
    "uid",
)
_MAX_ANNOTATIONS = 256 * 1024


@frozen(kw_only=True)
class Owner:
    """The controller of an object; `kind` is empty where the reference has none."""

    kind: str
    name: str


@frozen(kw_only=True)
class Metadata:
    """The metadata that matters here; `name` is empty where it is missing or wrong."""

    name: str = ""
    namespace: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    owner: Owner | None = None


def metadata(
    report: Report,
    node: Node | None,
    path: str,
    *,
    parent: Node,
    name_problem: Callable[[str], str | None] = subdomain_problem,
) -> Metadata:
    """The metadata of an object.

    Args:
        report: where findings go.
        node: the field's value, None where it is missing.
        path: its path.
        parent: the object.
        name_problem: what its kind asks of names.
    """
    if node is None:
        report.add(MISSING_FIELD, parent, path, "the object has no `metadata`, so no name")
        return Metadata()
    fields = members(report, node, path, _FIELDS)
    for field_name in _WHOLE:
        whole(report, fields.get(field_name), f"{path}.{field_name}")
    for field_name in _TEXTS:
        text(report, fields.get(field_name), f"{path}.{field_name}")
    for i, item in enumerate(
        items(report, fields.get("managedFields"), f"{path}.managedFields") or ()
    ):
        mapping(report, item, f"{path}.managedFields[{i}]")
    _check_finalizers(report, fields.get("finalizers"), f"{path}.finalizers")
    return Metadata(
        name=_name(report, fields, node, path, name_problem),
        namespace=_namespace(report, fields.get("namespace"), f"{path}.namespace"),
        labels=labels(report, fields.get("labels"), f"{path}.labels"),
        annotations=_annotations(report, fields.get("annotations"), f"{path}.annotations"),
        owner=_owner(report, fields.get("ownerReferences"), f"{path}.ownerReferences"),
    )


def _name(
    report: Report,
    fields: dict[str, Node],
    node: Node,
    path: str,
    problem_of: Callable[[str], str | None],
) -> str:
    if "name" not in fields:
        if "generateName" in fields:
            message = "the object has `generateName` and no `name`"
            advice = "give it a name: `kubectl apply` rejects it, and nothing can refer to it"
        else:
            message, advice = "the object has no `metadata.name`", ""
        if isinstance(node.data, dict):
            report.add(MISSING_FIELD, node, f"{path}.name", message, advice)
        return ""
    name = text(report, fields["name"], f"{path}.name")
    if name is not None and (problem := problem_of(name)) is not None:
        report.add(INVALID_NAME, fields["name"], f"{path}.name", f"`{shown(name)}` {problem}")
    return name or ""


def _namespace(report: Report, node: Node | None, path: str) -> str | None:
    """The namespace; None where it is missing or empty, which is the same to the API."""
    name = text(report, node, path)
    if not name or node is None:
        return None
    if (problem := namespace_problem(name)) is not None:
        report.add(INVALID_NAME, node, path, f"`{shown(name)}` {problem}")
    return name


def _annotations(report: Report, node: Node | None, path: str) -> dict[str, str]:
    values = strings(report, node, path)
    if node is None or not isinstance(node.data, dict):
        return values
    for key in values:
        # The server compares in small letters, so capitals in the DNS name are let through.
        if (problem := label_key_problem(key.lower())) is not None:
            message = f"`{shown(key)}` {problem.replace('label key', 'annotation key')}"
            report.add(INVALID_ANNOTATION, node.data[key], under(path, key), message)
    size = sum(len(key.encode()) + len(value.encode()) for key, value in values.items())
    if size > _MAX_ANNOTATIONS:
        message = f"the annotations take {size} bytes; an object's have at most {_MAX_ANNOTATIONS}"
        report.add(INVALID_ANNOTATION, node, path, message)
    return values


def _check_finalizers(report: Report, node: Node | None, path: str) -> None:
    for i, item in enumerate(items(report, node, path) or ()):
        name = text(report, item, f"{path}[{i}]")
        if name is not None and (problem := label_key_problem(name)) is not None:
            message = f"`{shown(name)}` {problem.replace('label key', 'finalizer')}"
            report.add(INVALID_NAME, item, f"{path}[{i}]", message)


def _owner(report: Report, node: Node | None, path: str) -> Owner | None:
    """The first owner that is the object's controller."""
    for i, item in enumerate(items(report, node, path) or ()):
        if not isinstance(item.data, dict):
            wrong(report, item, f"{path}[{i}]", "a mapping")
            continue
        entry = item.data.get("controller")
        if entry is not None and entry.value.data is True:
            kind, name = (item.data.get(key) for key in ("kind", "name"))
            return Owner(
                kind=text(report, kind and kind.value, f"{path}[{i}].kind") or "",
                name=text(report, name and name.value, f"{path}[{i}].name") or "",
            )
    return None
