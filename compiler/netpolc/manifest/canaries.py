"""Canaries of Flagger: objects that name a workload, of which Flagger makes a second one.

The copy, called `NAME-primary`, has labels of its own and gets the traffic of the Service; the named
workload runs only while a new version is tried (docs.flagger.app, Canary resource).
"""

from collections.abc import Iterator

from netpolc.kube.inventory import ServicePort
from netpolc.kube.ports import Protocol
from netpolc.manifest.objects import KubeObject
from netpolc.manifest.target import port_of
from netpolc.values import frozen
from netpolc.yaml.nodes import descendant, string_at


@frozen(kw_only=True)
class Canary:
    """The workload that a Canary names, and the name and ports of the Service that Flagger makes for it.

    With `discovers_ports` the Service has the ports of the containers as well.
    """

    namespace: str
    kind: str
    name: str
    service: str
    ports: tuple[ServicePort, ...] = ()
    discovers_ports: bool = False


def canaries(kube_object: KubeObject, namespace: str) -> Iterator[Canary]:
    """The canary that an object of a namespace is, if it is one and names a workload."""
    group = kube_object.version.rpartition("/")[0]
    if (kube_object.kind, group) != ("Canary", "flagger.app"):
        return
    target, service = (
        descendant(kube_object.node, "spec", field) for field in ("targetRef", "service")
    )
    kind, name = string_at(target, "kind"), string_at(target, "name")
    number = port_of(descendant(service, "port"))
    ports: tuple[ServicePort, ...] = ()
    if isinstance(number, int):
        pod_port = port_of(descendant(service, "targetPort"))
        written = string_at(service, "portName")
        ports = (
            ServicePort(
                number=number,
                target=number if pod_port is None else pod_port,
                protocol=Protocol.TCP,
                name=written or "http",
            ),
        )
    discovery = descendant(service, "portDiscovery")
    if kind and name:
        yield Canary(
            namespace=namespace,
            kind=kind,
            name=name,
            service=string_at(service, "name") or name,
            ports=ports,
            discovers_ports=discovery is not None and discovery.data is True,
        )
