"""The known workloads, namespaces and Services of a cluster.

Policies are proved over every pod that could exist; knowing the pods that do exist gives
named ports their numbers, finds selectors that match nothing, and lets a list speak of
workloads by name. Labels and ports are those of the pod template, never of the object
around it (traps 19: Deployment and Service labels are not pod labels).
"""

from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from enum import Enum

from netpolc.kube.cidr import Addresses
from netpolc.kube.label_conventions import ControllerLabel, LabelValue
from netpolc.kube.ports import Protocol
from netpolc.kube.selectors import Selector
from netpolc.sets import ValueSet
from netpolc.sets.value_index import Limits, ValueIndex
from netpolc.source import Span
from netpolc.values import frozen


@frozen(kw_only=True)
class ContainerPort:
    """A port that a container declares; `name` is empty where it has none.

    `host_port` is the port of the node that leads to it, 0 where there is none.
    """

    number: int
    protocol: Protocol = Protocol.TCP
    name: str = ""
    host_port: int = 0


@frozen(kw_only=True)
class Workload:
    """Pods that are all alike: one Deployment, StatefulSet, bare Pod and so on.

    `labels` are those of every pod. `varying` are labels that a controller adds and whose values
    differ from pod to pod, or are not known. `pods` are the live pods that it is made of, if they
    differ in such labels, `pod` the own name of a live pod, and `addresses` are those of live pods,
    each by itself.
    """

    namespace: str
    name: str
    kind: str
    labels: Mapping[str, str]
    ports: tuple[ContainerPort, ...] = ()
    host_network: bool = False
    varying: tuple[ControllerLabel, ...] = ()
    pods: "tuple[Workload, ...]" = field(default=(), compare=False, repr=False)
    pod: str = field(default="", compare=False, repr=False)
    addresses: tuple[Addresses, ...] = field(default=(), compare=False, repr=False)
    span: Span | None = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        """The workload as lists name it, `namespace/name[Kind]`."""
        return f"{self.namespace}/{self.name}[{self.kind}]"

    def may_match(self, selector: Selector) -> bool:
        """Whether the selector matches some of the pods, as far as is known."""
        return not selector.impossible and all(
            self._value(key, allowed) is not False for key, allowed in selector.requirements
        )

    def surely_matches_some(self, selector: Selector) -> bool:
        """Whether the selector matches some of the pods for certain.

        A value of each replica counts; a value that a controller chooses, such as a hash, does not.
        """
        chosen = {label.key for label in self.varying if label.kind is LabelValue.UNKNOWN}
        return self.may_match(selector) and all(
            key not in chosen or key in self.labels or self._value(key, allowed) is True
            for key, allowed in selector.requirements
        )

    def surely_matches(self, selector: Selector) -> bool:
        """Whether the selector matches all of the pods."""
        return not selector.impossible and all(
            self._value(key, allowed) is True for key, allowed in selector.requirements
        )

    def _value(self, key: str, allowed: ValueSet) -> bool | None:
        """Whether a requirement is met: by all pods, by none, or (None) perhaps by some."""
        if key not in self.labels:
            varying = next((label for label in self.varying if label.key == key), None)
            if varying is not None:
                named = any(varying.can_be(value) for value in allowed.values)
                if allowed.complement:
                    return True if not named and (allowed.absent or varying.always) else None
                return None if named or (allowed.absent and not varying.always) else False
        return self.labels.get(key) in allowed


@frozen(kw_only=True)
class ServicePort:
    """A Service's port and the pod port that it leads to, which may be a container port's name.

    `node_port` is the port of every node that leads to it too, 0 where none is stated.
    """

    number: int
    target: int | str
    protocol: Protocol = Protocol.TCP
    name: str = ""
    node_port: int = 0


@frozen(kw_only=True)
class KubeService:
    """A Service object; without a selector it names no pods (None).

    `alias` is the host that an ExternalName Service is another name of. `hides_clients` says that its pods may see a node's address in place of the client's.
    `addresses` are its own, each by itself.
    """

    namespace: str
    name: str
    selector: Selector | None
    ports: tuple[ServicePort, ...] = ()
    alias: str = ""
    hides_clients: bool = False
    addresses: tuple[Addresses, ...] = ()
    span: Span | None = field(default=None, compare=False, repr=False)


class AddressOf(Enum):
    """Whose an address of the cluster itself is."""

    PODS = "pods or Services"
    NODE = "a node"
    NODE_OUTSIDE = "a node, outside the cluster"
    """Where others reach the node; its packets inside the cluster have another address."""


@frozen(kw_only=True)
class OwnAddress:
    """Addresses of the cluster itself that an object has: a pod's, a Service's, a node's, those of a node's pods."""

    owner: str
    addresses: Addresses
    of: AddressOf = AddressOf.PODS


@frozen(kw_only=True)
class CustomObject:
    """An object of a kind that Kubernetes does not define; an operator may make pods for it.

    If it `has_templates`, these have the labels of the pods, apart from those that the operator adds.
    """

    group: str
    kind: str
    namespace: str
    name: str
    has_templates: bool = False

    def may_make(self, pods: Selector) -> bool:
        """Whether the labels of a selector look like those that the operator gives to its pods.

        By convention their keys begin with the API group or a part of it, or a value is the
        kind or the name of the object. Flagger adds `-primary` to the value of a label of the workload that a canary names.
        """
        if self.has_templates:
            return bool(self.keys_added(key for key, _ in pods.requirements))
        words = {self.kind.lower(), self.name}
        is_canary = (self.group, self.kind) == ("flagger.app", "Canary")
        return any(
            (is_canary and any(value.endswith("-primary") for value in allowed.values))
            or _is_related(key.rpartition("/")[0], self.group)
            or key.rpartition("/")[2].lower() == self.kind.lower()
            or not words.isdisjoint(allowed.values)
            for key, allowed in pods.requirements
        )

    def keys_added(self, keys: Iterable[str]) -> frozenset[str]:
        """The keys of labels that the operator may give to the object's pods: those of its domain."""
        return frozenset(key for key in keys if _is_related(key.rpartition("/")[0], self.group))


def _is_related(prefix: str, group: str) -> bool:
    """Whether the prefix of a label key and an API group belong to one domain."""
    return bool(prefix) and (
        f".{group}".endswith(f".{prefix}") or f".{prefix}".endswith(f".{group}")
    )


@frozen(kw_only=True)
class Inventory:
    """The workloads, Services and custom objects of the sources."""

    workloads: tuple[Workload, ...] = ()
    services: tuple[KubeService, ...] = ()
    customs: tuple[CustomObject, ...] = ()
    addresses: tuple[OwnAddress, ...] = ()
    _filed: "list[_Filed]" = field(default_factory=list, compare=False, repr=False)

    def may_be_made(self, namespace: str, pods: Selector) -> bool:
        """Whether an operator may make such pods for a custom object of a namespace."""
        return any(owner.namespace == namespace and owner.may_make(pods) for owner in self.customs)

    def matching(self, namespace: str, pods: Selector) -> list[Workload]:
        """The workloads of a namespace of which a selector may match some pods, in their order."""
        if not self._filed or self._filed[0].workloads is not self.workloads:
            self._filed[:] = [_Filed(self.workloads)]
        return [
            workload
            for workload in self._filed[0].near(namespace, pods)
            if workload.may_match(pods)
        ]

    def on_pod_network(self) -> "Inventory":
        """The same workloads, none of them on the host's network."""
        workloads = tuple(replace(workload, host_network=False) for workload in self.workloads)
        return replace(self, workloads=workloads)


class _Filed:
    """Workloads by namespace and by the labels that all of their pods have."""

    __slots__ = ("_by_namespace", "workloads")

    def __init__(self, workloads: tuple[Workload, ...]) -> None:
        self.workloads = workloads
        here: dict[str, list[tuple[Limits, Workload]]] = {}
        for workload in workloads:
            labels: Limits = {key: ValueSet.among(value) for key, value in workload.labels.items()}
            here.setdefault(workload.namespace, []).append((labels, workload))
        self._by_namespace = {name: ValueIndex(some) for name, some in here.items()}

    def near(self, namespace: str, pods: Selector) -> Iterable[Workload]:
        """The workloads that a selector may match, and others."""
        index = self._by_namespace.get(namespace)
        return () if index is None else index.meeting(dict(pods.requirements))
