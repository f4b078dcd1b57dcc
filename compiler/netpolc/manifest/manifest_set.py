"""What a file of Kubernetes objects says that matters to network policy.

Policies, and facts beside them: namespaces with their labels, workloads, Services. One
cluster is described by many files, so what must hold over all of them (an object stands
once) is asked here of any number of them.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace

from netpolc.diagnostics import Diagnostic, Label, Outcome, Rule, Severity
from netpolc.frozen import frozen
from netpolc.kube.inventory import ContainerPort, Inventory, KubeService, Workload
from netpolc.kube.label_conventions import REPLICA_KEYS
from netpolc.manifest.model import NetworkPolicy
from netpolc.manifest.tier_model import TierPolicy
from netpolc.source import Span

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
    """What identifies an object that was read; `namespace` is empty where its kind has none."""

    kind: str
    namespace: str
    name: str
    span: Span | None = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        """The object as a message names it."""
        return f"{self.kind} {self.namespace}/{self.name}".replace(" /", " ")


@frozen(kw_only=True)
class Manifests:
    """The objects of one file.

    `objects` names every object that was read, for `duplicates`. `others` counts the
    objects of kinds that do not matter here, and those of `unread` kinds are policies of
    sorts that are not understood: what they permit or deny is missing.
    """

    policies: tuple[NetworkPolicy, ...] = ()
    tiers: tuple[TierPolicy, ...] = ()
    namespaces: tuple[Namespace, ...] = ()
    workloads: tuple[Workload, ...] = ()
    services: tuple[KubeService, ...] = ()
    objects: tuple[ObjectName, ...] = ()
    others: Mapping[str, int] = field(default_factory=dict)
    unread: Mapping[str, int] = field(default_factory=dict)


def duplicates(manifests: Iterable[Manifests]) -> tuple[Diagnostic, ...]:
    """The objects that come twice, over all of the files; one finding for each repetition."""
    first: dict[ObjectName, ObjectName] = {}
    found = []
    for one in (name for some in manifests for name in some.objects):
        known = first.setdefault(one, one)
        if known is not one and one.span is not None and known.span is not None:
            found.append(
                Diagnostic(
                    rule=DUPLICATE_OBJECT,
                    message=f"{one} comes twice",
                    label=Label(one.span, "again here"),
                    others=(Label(known.span, "first here"),),
                    help="in a cluster the last one applied replaces the other",
                )
            )
    return tuple(found)


def inventory(manifests: Iterable[Manifests]) -> Outcome[Inventory]:
    """The workloads and Services of all of the files, pods of one owner united."""
    files = list(manifests)
    found: list[Diagnostic] = []
    workloads = united(found, (one for some in files for one in some.workloads))
    services = tuple(one for some in files for one in some.services)
    return Outcome(Inventory(workloads=workloads, services=services), tuple(found))


def united(found: list[Diagnostic], workloads: Iterable[Workload]) -> tuple[Workload, ...]:
    """Workloads with the parts of one made one: the labels of its first part, all ports."""
    parts: dict[str, list[Workload]] = {}
    for one in workloads:
        parts.setdefault(str(one), []).append(one)
    return tuple(_united(found, some) if len(some) > 1 else some[0] for some in parts.values())


def _united(found: list[Diagnostic], parts: list[Workload]) -> Workload:
    first = parts[0]
    labels = dict(_lasting(first))
    different = next((one for one in parts if dict(_lasting(one)) != labels), None)
    if different is not None and different.span is not None and first.span is not None:
        found.append(
            Diagnostic(
                rule=DIFFERENT_REPLICAS,
                message=f"pods of `{first}` have different labels",
                label=Label(different.span, "other labels than the first"),
                others=(Label(first.span, "taken for all of them"),),
                help="give the manifest of the owner, not of its pods",
            )
        )
    ports: dict[ContainerPort, None] = {port: None for one in parts for port in one.ports}
    return replace(first, ports=tuple(ports), host_network=any(one.host_network for one in parts))


def _lasting(workload: Workload) -> Iterator[tuple[str, str]]:
    """The labels that all pods of an owner share."""
    return (pair for pair in workload.labels.items() if pair[0] not in REPLICA_KEYS)
