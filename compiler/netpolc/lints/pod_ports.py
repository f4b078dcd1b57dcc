"""The ports of pods to which a Service's port leads, and what opens them."""

from collections.abc import Collection, Iterable, Iterator

from netpolc.ir.model import Allow
from netpolc.kube.inventory import ContainerPort, ServicePort
from netpolc.kube.ports import NamedPort


def pod_ports(port: ServicePort, declared: Iterable[ContainerPort]) -> Iterator[ContainerPort]:
    """The declared ports that a Service's port leads to, and its target where none is declared."""
    if isinstance(port.target, int):
        yield ContainerPort(number=port.target, protocol=port.protocol)
    else:
        yield ContainerPort(number=0, protocol=port.protocol, name=port.target)
    for container_port in declared:
        if container_port.protocol is port.protocol and port.target in {
            container_port.number,
            container_port.name,
        }:
            yield container_port


def opens_some(allow: Allow, ports: Collection[ContainerPort]) -> bool:
    """Whether an allow opens one of the ports, by its number or its name."""
    return any(
        port.number in allow.traffic.numbers(port.protocol)
        or NamedPort(port.protocol, port.name) in allow.traffic.named
        for port in ports
    )
