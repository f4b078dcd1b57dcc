"""Metadata of a policy that the API server refuses.

What is in `read_metadata` matters to policies and workloads alike. The rest, such as times and owners,
decides nothing about connections; but a policy that the server refuses is missing in the cluster. Pods that
somebody has trimmed are read without it. The forms are those of `ValidateObjectMeta` of
Kubernetes 1.36.
"""

import re
from collections.abc import Mapping
from datetime import date

from netpolc.kube.name_rules import label_key_problem, subdomain_problem
from netpolc.manifest.field_reader import (
    INVALID_NAME,
    MISSING_FIELD,
    Report,
    flag,
    mapping,
    shown,
    text,
    whole_number,
    wrong,
)
from netpolc.yaml.nodes import Node, elements, members

_OWNER = ("apiVersion", "kind", "name", "uid")
_VERSION = re.compile(r"(?:[^/]*/)?[^/]+")
_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(?:[01]?\d|2[0-3]):[0-5]\d:[0-5]\d(?:[.,]\d+)?(?:Z|[+-]\d\d:\d\d)",
    re.ASCII,
)
_TIMES = ("creationTimestamp", "deletionTimestamp")
_STANDARD_FINALIZERS = frozenset({"foregroundDeletion", "kubernetes", "orphan"})
_EXCLUSIVE_FINALIZERS = frozenset({"foregroundDeletion", "orphan"})
_WHOLE = ("generation", "deletionGracePeriodSeconds")
_INT64 = range(-(2**63), 2**63)


def check_policy_metadata(
    report: Report, node: Node | None, path: str, *, custom: bool = False
) -> None:
    """Report the metadata of a policy that the server refuses, apart from what `metadata` reports.

    Args:
        report: where the findings go.
        node: the metadata.
        path: its path in the object.
        custom: whether a CustomResourceDefinition defines the kind of the policy. The server only warns of
            its finalizers without a domain.
    """
    fields = members(node)
    for name in _TIMES:
        _check_time(report, fields.get(name), f"{path}.{name}")
    for name in _WHOLE:
        value = fields.get(name)
        number = None if value is None else whole_number(value)
        if value is not None and number is not None and number not in _INT64:
            wrong(report, value, f"{path}.{name}", f"from {_INT64.start} to {_INT64.stop - 1}")
    _check_generated_name(report, fields.get("generateName"), f"{path}.generateName")
    _check_finalizers(report, fields.get("finalizers"), f"{path}.finalizers", custom=custom)
    _check_owners(report, fields.get("ownerReferences"), f"{path}.ownerReferences")
    for i, item in enumerate(elements(fields.get("managedFields"))):
        _check_time(report, members(item).get("time"), f"{path}.managedFields[{i}].time")


def _check_time(report: Report, node: Node | None, path: str) -> None:
    written = node.data if node is not None else None
    if node is None or not isinstance(written, str):
        return
    match = _TIME.fullmatch(written)
    try:
        is_time = match is not None and bool(date(*map(int, match.groups())))
    except ValueError:
        is_time = False
    if not is_time:
        message = f"`{shown(written)}` is not a time"
        report.add(INVALID_NAME, node, path, message, "write it like `2026-01-31T12:00:00Z`")


def _check_generated_name(report: Report, node: Node | None, path: str) -> None:
    prefix = node.data if node is not None else None
    if node is not None and isinstance(prefix, str) and prefix:
        is_open = len(prefix) > 1 and prefix.endswith("-")  # The server adds letters and digits.
        problem = subdomain_problem(prefix[:-2] + "a" if is_open else prefix)
        if problem is not None:
            report.add(INVALID_NAME, node, path, f"`{shown(prefix)}` {problem}")


def _check_finalizers(report: Report, node: Node | None, path: str, *, custom: bool) -> None:
    names = [(i, item, item.data) for i, item in enumerate(elements(node))]
    for i, item, name in names:
        if not isinstance(name, str) or label_key_problem(name) is not None:
            continue  # `metadata` has reported it.
        if not custom and "/" not in name and name not in _STANDARD_FINALIZERS:
            message = f"the finalizer `{shown(name)}` has no domain"
            report.add(INVALID_NAME, item, f"{path}[{i}]", message, "write `DOMAIN/NAME`")
    if node is not None and len({n for _, _, n in names if n in _EXCLUSIVE_FINALIZERS}) > 1:
        report.add(INVALID_NAME, node, path, "`orphan` and `foregroundDeletion` exclude each other")


def _check_owners(report: Report, node: Node | None, path: str) -> None:
    controllers = 0
    for i, item in enumerate(elements(node)):
        if isinstance(item.data, dict):
            owner = mapping(report, item, f"{path}[{i}]")
            _check_owner(report, item, owner, f"{path}[{i}]")
            controllers += flag(report, owner.get("controller"), f"{path}[{i}].controller")
    if node is not None and controllers > 1:
        report.add(INVALID_NAME, node, path, "only one owner can be the controller")


def _check_owner(report: Report, item: Node, owner: Mapping[str, Node], path: str) -> None:
    values = {needed: text(report, owner.get(needed), f"{path}.{needed}") for needed in _OWNER}
    for needed, value in values.items():
        if not value and (needed not in owner or value == ""):
            message = f"the owner reference has no `{needed}`"
            report.add(MISSING_FIELD, item, f"{path}.{needed}", message)
    version = values["apiVersion"]
    if version and _VERSION.fullmatch(version) is None:
        message = f"`{shown(version)}` is not a version of an API"
        report.add(INVALID_NAME, item, f"{path}.apiVersion", message, "write `GROUP/VERSION`")
    if (version, values["kind"]) == ("v1", "Event"):
        report.add(INVALID_NAME, item, path, "an Event cannot own objects")
    flag(report, owner.get("blockOwnerDeletion"), f"{path}.blockOwnerDeletion")
