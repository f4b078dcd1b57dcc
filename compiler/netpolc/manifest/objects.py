"""The Kubernetes objects of a document.

A document is an object, a list of objects (`kubectl get -o yaml` writes those, of any
kind or of one), a list of lists, or nothing of the sort. What is nearly an object is an
error, because it may have been meant as a policy; what plainly is something else, such
as a values file, is only reported.
"""

from collections.abc import Iterator

from netpolc.diagnostics import Rule, Severity
from netpolc.manifest.field_reader import Report, items, text
from netpolc.values import frozen
from netpolc.yaml.nodes import Data, Node, described

NOT_AN_OBJECT = Rule(code="NP405", name="not-an-object", severity=Severity.ERROR)
FOREIGN_DOCUMENT = Rule(code="NP406", name="foreign-document", severity=Severity.WARNING)
IGNORED_DOCUMENT = "this document is not a Kubernetes object and is ignored"
"""The message of a foreign document."""

_OBJECT_FIELDS = frozenset({"metadata", "spec", "items"})
_MEANT = _OBJECT_FIELDS | {"apiVersion", "egress", "ingress", "kind", "podSelector"}
"""Fields by which an item of a list was perhaps meant as an object or a policy."""


@frozen(kw_only=True)
class KubeObject:
    """An object of a document: what it is, and where it is in the document.

    `path` is empty where the document is the object. `version` is empty where neither the
    object nor its list has an apiVersion.
    """

    kind: str
    version: str
    path: str
    node: Node

    def under(self, field: str) -> str:
        """The path of a field of the object."""
        return f"{self.path}.{field}" if self.path else field


def objects(report: Report, document: Node) -> Iterator[KubeObject]:
    """The objects of a document, lists opened.

    Lists may hold lists; a loop, because how deep is the text's choice.
    """
    waiting = [KubeObject(kind="", version="", path="", node=document)]
    while waiting:
        # Until its own fields are read, it has the kind and version that its list gives it.
        kube_object = waiting.pop()
        data: Data = kube_object.node.data
        if not isinstance(data, dict):
            _no_mapping(report, kube_object)
            continue
        kube_object = KubeObject(
            kind=_said(report, kube_object, "kind") or kube_object.kind,
            version=_said(report, kube_object, "apiVersion") or kube_object.version,
            path=kube_object.path,
            node=kube_object.node,
        )
        if not kube_object.kind:
            _without_kind(report, kube_object)
        elif kube_object.kind.endswith("List") and "items" in data:
            waiting += reversed(_listed(report, kube_object, data["items"].value))
        else:
            yield kube_object


def _no_mapping(report: Report, kube_object: KubeObject) -> None:
    """Report what is not a mapping: an error, unless it plainly belongs to another tool."""
    foreign = (
        not kube_object.path
        and isinstance(kube_object.node.data, list)
        and not any(
            isinstance(item.data, dict) and not _MEANT.isdisjoint(item.data)
            for item in kube_object.node.data
        )
    )
    if foreign:
        message = "this list is not a Kubernetes object and is ignored"
        report.add(FOREIGN_DOCUMENT, kube_object.node, "", message)
        return
    what = f"this is {described(kube_object.node)}, not a Kubernetes object"
    report.add(NOT_AN_OBJECT, kube_object.node, kube_object.path, what)


def _listed(report: Report, kube_object: KubeObject, value: Node) -> list[KubeObject]:
    """The items of a list; those without a kind have that of the list, without `List`."""
    kind = kube_object.kind.removesuffix("List")
    nodes = items(report, value, kube_object.under("items")) if value.data is not None else []
    return [
        KubeObject(
            kind=kind,
            version=kube_object.version if kind else "",
            path=kube_object.under(f"items[{i}]"),
            node=item,
        )
        for i, item in enumerate(nodes or ())
    ]


def _said(report: Report, kube_object: KubeObject, field: str) -> str:
    assert isinstance(kube_object.node.data, dict)
    entry = kube_object.node.data.get(field)
    if entry is None or entry.value.data is None:
        return ""
    return text(report, entry.value, kube_object.under(field)) or ""


def _without_kind(report: Report, kube_object: KubeObject) -> None:
    assert isinstance(kube_object.node.data, dict)
    fields = kube_object.node.data.keys()
    if kube_object.path or fields & _OBJECT_FIELDS:
        report.add(
            NOT_AN_OBJECT, kube_object.node, kube_object.under("kind"), "the object has no `kind`"
        )
    else:
        report.add(FOREIGN_DOCUMENT, kube_object.node, "", IGNORED_DOCUMENT)
