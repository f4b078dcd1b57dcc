"""The objects of manifests that matter to network policy, read from YAML and JSON.

Policies, and facts beside them: namespaces with their labels, workloads, Services. One
cluster is described by many files, so what must hold over all of them (an object stands
once) is asked here of any number of them.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace
from typing import TYPE_CHECKING

from netpolc.diagnostics import Diagnostic, Label, Outcome, Rule, Severity
from netpolc.kube.inventory import (
    ContainerPort,
    CustomObject,
    Inventory,
    KubeService,
    OwnAddress,
    Workload,
)
from netpolc.kube.label_conventions import REPLICA_KEYS, ControllerLabel, LabelValue
from netpolc.manifest.model import NetworkPolicy
from netpolc.manifest.tier_model import TierPolicy
from netpolc.source import Span
from netpolc.values import frozen

if TYPE_CHECKING:
    from netpolc.manifest.routes import Route

DUPLICATE_OBJECT = Rule(code="NP430", name="duplicate-object", severity=Severity.ERROR)
DIFFERENT_REPLICAS = Rule(code="NP431", name="different-replicas", severity=Severity.WARNING)


@frozen(kw_only=True)
class Namespace:
    """A Namespace object; `labels` have kubernetes.io/metadata.name."""

    name: str
    labels: Mapping[str, str]
    span: Span | None = field(default=None, compare=False, repr=False)


@frozen(kw_only=True)
class ObjectName:
    """The identity of an object that was read; `namespace` is empty for cluster-wide kinds."""

    kind: str
    namespace: str
    name: str
    span: Span | None = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        """The object as a message names it."""
        return f"{self.kind} {self.namespace}/{self.name}".replace(" /", " ")


@frozen(order=True)
class UnreadPolicy:
    """A policy of a kind that is not read; `namespace` is empty where it is about the cluster."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        """The policy as messages name it."""
        return f"{self.kind} {self.namespace}/{self.name}".replace(" /", " ")


@frozen(kw_only=True)
class Manifests:
    """The objects of one file.

    `objects` names every object that was read, for `duplicates`. `customs` are objects
    of kinds that others define, whose operators may make pods. `others` counts the objects of kinds that do not matter here, and `unread` are policies of
    sorts that are not understood: what they permit or deny is missing.
    """

    policies: tuple[NetworkPolicy, ...] = ()
    tiers: tuple[TierPolicy, ...] = ()
    namespaces: tuple[Namespace, ...] = ()
    workloads: tuple[Workload, ...] = ()
    services: tuple[KubeService, ...] = ()
    objects: tuple[ObjectName, ...] = ()
    customs: tuple[CustomObject, ...] = ()
    routes: tuple["Route", ...] = ()
    addresses: tuple[OwnAddress, ...] = ()
    others: Mapping[str, int] = field(default_factory=dict)
    unread: tuple[UnreadPolicy, ...] = ()


def duplicates(manifests: Iterable[Manifests]) -> tuple[Diagnostic, ...]:
    """The objects that come twice, over all of the files; one finding for each repetition."""
    first: dict[ObjectName, ObjectName] = {}
    findings = []
    for object_name in (name for some in manifests for name in some.objects):
        known = first.setdefault(object_name, object_name)
        if known is not object_name and object_name.span is not None and known.span is not None:
            findings.append(
                Diagnostic(
                    rule=DUPLICATE_OBJECT,
                    message=f"{object_name} comes twice",
                    label=Label(object_name.span, "again here"),
                    others=(Label(known.span, "first here"),),
                    help="in a cluster the last one applied replaces the other",
                )
            )
    return tuple(findings)


def inventory(manifests: Iterable[Manifests]) -> Outcome[Inventory]:
    """The workloads and Services of all of the files, pods of one owner united."""
    files = list(manifests)
    findings: list[Diagnostic] = []
    workloads = united(findings, (workload for some in files for workload in some.workloads))
    services = tuple(kube_service for some in files for kube_service in some.services)
    customs = tuple(custom_object for some in files for custom_object in some.customs)
    addresses = tuple(own_address for some in files for own_address in some.addresses)
    known = Inventory(workloads=workloads, services=services, customs=customs, addresses=addresses)
    return Outcome(known, tuple(findings))


def united(findings: list[Diagnostic], workloads: Iterable[Workload]) -> tuple[Workload, ...]:
    """The workloads, with those of one name united: the labels that all of them have, and all ports.

    Live pods keep their own labels (`Workload.pods`), for policies that tell them apart.
    """
    parts: dict[str, list[Workload]] = {}
    for workload in workloads:
        parts.setdefault(str(workload), []).append(workload)
    made: list[Workload] = []
    for some in parts.values():
        if len(some) > 1:
            _report_difference(findings, some)
        made.append(_united(some) if len(some) > 1 else some[0])
    return tuple(made)


def _report_difference(findings: list[Diagnostic], parts: list[Workload]) -> None:
    """Report that pods of one owner differ in labels that last, unless one object has templates for both."""
    first = parts[0]
    labels = dict(_lasting(first))
    others = (workload for workload in parts if workload.span != first.span)
    different = next((workload for workload in others if dict(_lasting(workload)) != labels), None)
    if different is not None and different.span is not None and first.span is not None:
        findings.append(
            Diagnostic(
                rule=DIFFERENT_REPLICAS,
                message=f"pods of `{first}` have different labels",
                label=Label(different.span, "other labels than the first"),
                others=(Label(first.span, "the first of them"),),
                help="give the manifest of the owner, not of its pods",
            )
        )


def _alone(part: Workload) -> Workload:
    """A live pod under its own name."""
    return replace(part, name=part.pod, kind="Pod")


def _united(parts: list[Workload]) -> Workload:
    first = parts[0]
    ports: dict[ContainerPort, None] = {port: None for workload in parts for port in workload.ports}
    common = {k: v for k, v in first.labels.items() if all(p.labels.get(k) == v for p in parts)}
    keys = sorted({key for workload in parts for key in workload.labels} - common.keys())
    values = {
        key: {workload.labels[key] for workload in parts if key in workload.labels} for key in keys
    }
    varying = (
        ControllerLabel(
            key=key, kind=LabelValue.PER_REPLICA, pattern="|".join(map(re.escape, sorted(some)))
        )
        for key, some in values.items()
    )
    return replace(
        first,
        labels=common,
        varying=(*(v for p in parts for v in p.varying if v.key not in values), *varying),
        ports=tuple(ports),
        host_network=any(workload.host_network for workload in parts),
        pods=_pods(parts) if keys else (),
        addresses=tuple(address for workload in parts for address in workload.addresses),
    )


def _pods(parts: list[Workload]) -> tuple[Workload, ...]:
    """The live pods of all parts; none where a part is not made of live pods."""
    if not all(workload.pod for workload in parts):
        return ()
    return tuple(pod for workload in parts for pod in (workload.pods or (_alone(workload),)))


def _lasting(workload: Workload) -> Iterator[tuple[str, str]]:
    """The labels that all pods of an owner share."""
    return (pair for pair in workload.labels.items() if pair[0] not in REPLICA_KEYS)
