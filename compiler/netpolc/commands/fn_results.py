"""Findings as the `results` of a ResourceList.

A reader of results has the objects, not netpolc's texts: so a finding names the object and
the field that it is about, the file that the object came from where the caller said so,
and the line and column as tags (KRM Functions Specification, v1, "Result").
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from netpolc.diagnostics import Diagnostic, Severity
from netpolc.diagnostics.render import in_order
from netpolc.manifest.krm_resource_list import Item, ResourceList, Result, Value, place_in
from netpolc.source import Span

_SEVERITIES = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "info"}
_INLINE = "spec.intents"
_PATHS = ("internal.config.kubernetes.io/path", "config.kubernetes.io/path")
_NUMBER = re.compile("[0-9]{1,9}")
_INDEXES = ("internal.config.kubernetes.io/index", "config.kubernetes.io/index")


def results(
    diagnostics: Iterable[Diagnostic], resource_list: ResourceList | None = None
) -> tuple[Result, ...]:
    """The findings, by place; `resource_list` is the list that they are about, if it could be read."""
    return tuple(dict(_members(finding, resource_list)) for finding in in_order(diagnostics))


def _members(
    finding: Diagnostic, resource_list: ResourceList | None
) -> Iterator[tuple[str, Value]]:
    yield "message", _message(finding)
    yield "severity", _SEVERITIES[finding.severity]
    span = finding.label.span
    tags = {"code": finding.rule.code, "name": finding.rule.name}
    if resource_list is not None and span.file is resource_list.file:
        yield from _in_list(span, resource_list)
    elif (
        span.path.startswith(_INLINE)
        and resource_list is not None
        and resource_list.config is not None
    ):
        yield from _about(resource_list.config, span.path)
    elif span.path:
        yield "file", {"path": span.path}
    if span.file.text and (resource_list is None or span.file is not resource_list.file):
        # Of the list's own text the caller has never seen a line.
        tags |= {"line": str(span.line), "column": str(span.column)}
    yield "tags", tags


def _message(finding: Diagnostic) -> str:
    text = f"{finding.message}: {finding.label.text}" if finding.label.text else finding.message
    return f"{text}; {finding.help}" if finding.help else text


def _in_list(span: Span, resource_list: ResourceList) -> Iterator[tuple[str, Value]]:
    for item in _innermost(
        (*resource_list.items, *((resource_list.config,) if resource_list.config else ())), span
    ):
        yield from _about(item, place_in(item.node, span.start, span.end))


def _innermost(items: Sequence[Item], span: Span) -> Iterator[Item]:
    for item in items:
        if item.node.start <= span.start < max(item.node.end, item.node.start + 1):
            yield item
            return


def _about(item: Item, path: str) -> Iterator[tuple[str, Value]]:
    if item.version and item.kind and item.name:
        reference = {
            "apiVersion": item.version,
            "kind": item.kind,
            "namespace": item.namespace,
            "name": item.name,
        }
        yield "resourceRef", {key: text for key, text in reference.items() if text}
        if path:
            yield "field", {"path": path}
    file = next((item.annotations[key] for key in _PATHS if key in item.annotations), "")
    index = next((item.annotations[key] for key in _INDEXES if key in item.annotations), "")
    if file:
        yield "file", {"path": file} | ({"index": int(index)} if _NUMBER.fullmatch(index) else {})
