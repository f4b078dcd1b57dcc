"""Folders that another tool builds manifests from: kustomizations and Helm charts.

What is in such a folder is not what is applied: patches are parts of objects, templates are
text with holes, and names, namespaces and labels come from the build. Read as they are, a
patch is a policy that does not exist, and a template an error that hides all findings. So
these files are left out, and the command that builds the folder is named.
"""

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.source import SourceFile
from netpolc.yaml.nodes import Node, descendant

NOT_BUILT = Rule(code="NP706", name="folder-not-built", severity=Severity.WARNING)

_KUSTOMIZATIONS = frozenset({"kustomization.yaml", "kustomization.yml", "Kustomization"})
_CHARTS = frozenset({"Chart.yaml", "Chart.yml"})
_PATCHES = ("patches", "patchesStrategicMerge", "patchesJson6902", "replacements")
_CHANGES = frozenset(
    {
        *_PATCHES,
        "commonLabels",
        "components",
        "generators",
        "helmCharts",
        "labels",
        "namePrefix",
        "nameSuffix",
        "namespace",
        "transformers",
    }
)
"""Fields of a kustomization that change the objects of its resources, or add some."""


class Read(Protocol):
    """A file that was read."""

    @property
    def file(self) -> SourceFile:
        """Its text, and its path as the user sees it."""


T = TypeVar("T", bound=Read)


def without_unbuilt(read: Iterable[T], findings: list[Diagnostic]) -> list[T]:
    """The files that can be read as they are; a finding for each folder that has to be built."""
    files = list(read)
    left_out: set[str] = set()
    charts: list[str] = []
    for path, file in {document.file.path: document.file for document in files}.items():
        folder, _, name = path.rpartition("/")
        if name in _KUSTOMIZATIONS:
            left_out.add(path)
            left_out |= set(_patches(file, folder))
            if _changes(file):
                findings.append(_not_built(file, "kustomize", f"kubectl kustomize {folder or '.'}"))
        elif name in _CHARTS:
            left_out.add(path)
            charts.append(f"{folder}/" if folder else "")
            findings.append(_not_built(file, "Helm", f"helm template {folder or '.'}"))
    return [
        document
        for document in files
        if document.file.path not in left_out and not _is_of_chart(document.file.path, charts)
    ]


def _changes(file: SourceFile) -> bool:
    """Whether a kustomization does more than list resources."""
    return any(
        isinstance(document.data, dict) and not _CHANGES.isdisjoint(document.data)
        for document in _documents(file)
    )


def _patches(file: SourceFile, folder: str) -> Iterator[str]:
    """The paths of the patches of a kustomization, from where its own path begins."""
    for document in _documents(file):
        for field in _PATCHES:
            listed = descendant(document, field)
            for item in listed.data if listed is not None and isinstance(listed.data, list) else ():
                path = _text(item) or _text(descendant(item, "path"))
                if path:
                    yield _joined(folder, path)


def _text(node: Node | None) -> str:
    return node.data if node is not None and isinstance(node.data, str) else ""


def _joined(folder: str, path: str) -> str:
    """A path from a folder, with `.` and `..` worked out."""
    parts = folder.split("/") if folder else []
    for part in path.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in {"", "."}:
            parts.append(part)
    return "/".join(parts)


def _is_of_chart(path: str, charts: list[str]) -> bool:
    """Whether a file is a template or the values of a chart."""
    for chart in charts:
        inside = path.removeprefix(chart)
        if path.startswith(chart) and (
            inside.startswith("templates/") or inside.partition(".")[0].startswith("values")
        ):
            return True
    return False


def _not_built(file: SourceFile, tool: str, command: str) -> Diagnostic:
    return Diagnostic(
        rule=NOT_BUILT,
        message=f"this folder is built by {tool}, whose output is ignored",
        label=Label(file.whole(), "changes what is in the folder"),
        help=f"give the output: `{command} | netpolc check -`",
    )


def _documents(file: SourceFile) -> Iterable[Node]:
    from netpolc.yaml.stream import documents  # noqa: PLC0415 - intents alone need no YAML

    return documents(file, [])
