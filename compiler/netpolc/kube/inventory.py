"""What is known to run in a cluster, as far as network policy cares.

Policies are proved over every pod that could exist; knowing the pods that do exist gives
named ports their numbers, finds selectors that match nothing, and lets a list speak of
workloads by name. Labels and ports are those of the pod template, never of the object
around it (traps 19: Deployment and Service labels are not pod labels).
"""

from collections.abc import Mapping
from dataclasses import field

from netpolc.frozen import frozen
from netpolc.kube.ports import Protocol
from netpolc.kube.selectors import Selector
from netpolc.source import Span


@frozen(kw_only=True)
class ContainerPort:
    """A port that a container declares; `name` is empty where it has none."""

    number: int
    protocol: Protocol = Protocol.TCP
    name: str = ""


@frozen(kw_only=True)
class Workload:
    """Pods that are all alike: one Deployment, StatefulSet, bare Pod and so on."""

    namespace: str
    name: str
    kind: str
    labels: Mapping[str, str]
    ports: tuple[ContainerPort, ...] = ()
    host_network: bool = False
    span: Span | None = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        """The workload as lists name it, `namespace/name[Rule]`."""
        return f"{self.namespace}/{self.name}[{self.kind}]"


@frozen(kw_only=True)
class ServicePort:
    """A Service's port and the pod port behind it, which may be a container port's name."""

    number: int
    target: int | str
    protocol: Protocol = Protocol.TCP
    name: str = ""


@frozen(kw_only=True)
class KubeService:
    """A Service object; without a selector it names no pods (None)."""

    namespace: str
    name: str
    selector: Selector | None
    ports: tuple[ServicePort, ...] = ()
    span: Span | None = field(default=None, compare=False, repr=False)


@frozen(kw_only=True)
class Inventory:
    """The workloads and Services of the sources."""

    workloads: tuple[Workload, ...] = ()
    services: tuple[KubeService, ...] = ()
