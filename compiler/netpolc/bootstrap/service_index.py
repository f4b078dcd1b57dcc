"""The Services of manifests by their host names, and the pods that they lead to."""

from collections.abc import Collection, Iterable, Iterator

from netpolc.bootstrap.service_addresses import (
    one_address,
    services_by_address,
    workloads_by_address,
)
from netpolc.bootstrap.unmade_pods import UNMADE
from netpolc.kube.inventory import KubeService, ServicePort, Workload
from netpolc.kube.ports import Protocol
from netpolc.kube.service_aliases import follow_alias


class ServiceIndex:
    """The Services and workloads of manifests; `by_name` has the Services by namespace and name."""

    def __init__(
        self,
        services: Iterable[KubeService],
        workloads: Collection[Workload],
        headless: Collection[tuple[str, str]],
    ) -> None:
        """Take them in, with the namespaces and names of the Services that are headless."""
        self._workloads, self._headless = workloads, headless
        self.by_name = {(service.namespace, service.name): service for service in services}
        self._by_address = services_by_address(self.by_name.values())
        self._pods_by_address = workloads_by_address(workloads)

    def of_host(self, host: str, home: str) -> tuple[KubeService | None, str]:
        """The Service that a host name or an address leads to, and the one pod that it names."""
        address = one_address(host)
        if address is not None:
            return self._by_address.get(address), ""
        service, pod = self._named(host, home)
        if service is None or not service.alias:
            return service, pod
        return follow_alias(service, self.by_name)

    def pods_at(self, host: str) -> Workload | None:
        """The workload of the live pod that has an address."""
        address = one_address(host)
        return None if address is None else self._pods_by_address.get(address)

    def through_nodes(self, number: int) -> Iterator[tuple[Workload, int | str, Protocol]]:
        """The workloads that a port of the nodes leads to, each with the pod's port and its protocol."""
        for service in self.by_name.values():
            for port in service.ports:
                if port.node_port == number:
                    for workload, pod_port in self.pods_reached(service, port):
                        yield workload, pod_port, port.protocol
        for workload in self._workloads:
            for container_port in workload.ports:
                if container_port.host_port == number and not workload.host_network:
                    yield workload, container_port.number, container_port.protocol

    def pods_reached(
        self, service: KubeService, port: ServicePort
    ) -> Iterator[tuple[Workload, int | str]]:
        """The workloads that a Service selects, with the pod's port: its number, if it is known."""
        for workload in self._workloads:
            if not selects(service, workload):
                continue
            if isinstance(port.target, int):
                if 0 < port.target < 1 << 16:
                    yield workload, port.target
                continue
            if workload.kind == UNMADE:
                yield workload, port.target
            named = (
                p for p in workload.ports if p.name == port.target and p.protocol is port.protocol
            )
            for number in sorted({p.number for p in named}):
                yield workload, number

    def ports_called(self, service: KubeService, number: int | None) -> list[ServicePort]:
        """The ports of a Service that a number means, or all of them."""
        headless = (service.namespace, service.name) in self._headless
        if headless and number is not None:
            # The name leads to the pods themselves, and nothing translates the port.
            same = {port.protocol for port in service.ports if port.number == number}
            protocol = next(iter(sorted(same)), Protocol.TCP)
            return [ServicePort(number=number, target=number, protocol=protocol)]
        return ports_meant(service, number)

    def _named(self, host: str, home: str) -> tuple[KubeService | None, str]:
        """The Service that a host name has from a namespace, and the one pod it names.

        The ways in which the cluster's DNS completes a name are tried in its order
        (kubernetes.io, DNS for Services and Pods): in the namespace, among the Services.
        A headless Service's pods have names of their own before its name.
        """
        parts = host.split(".")
        if "svc" in parts[2:]:
            parts = parts[: parts.index("svc", 2)]
            ways = [parts]
        else:
            ways = [[*parts, home], parts]
        for way in ways:
            match way:
                case [name, namespace]:
                    service, pod = self.by_name.get((namespace, name)), ""
                case [pod, name, namespace] if (namespace, name) in self._headless:
                    service = self.by_name.get((namespace, name))
                    if service is not None and not self._has_pod(service, pod):
                        continue
                case _:
                    continue
            if service is not None:
                return service, pod
        return None, ""

    def _has_pod(self, service: KubeService, pod: str) -> bool:
        return any(
            selects(service, workload) and has_pod(workload, pod) for workload in self._workloads
        )


def ports_meant(service: KubeService, port: int | str | None) -> list[ServicePort]:
    """The ports of a Service that are meant; of one number on several protocols, TCP's."""
    ports = [
        service_port
        for service_port in service.ports
        if port is None or port in {service_port.number, service_port.name}
    ]
    if port is not None and isinstance(port, str) and port.isdecimal():
        ports += [
            service_port for service_port in service.ports if str(service_port.number) == port
        ]
    over_tcp = [service_port for service_port in ports if service_port.protocol is Protocol.TCP]
    return over_tcp if over_tcp and port is not None else ports


def selects(service: KubeService, workload: Workload) -> bool:
    """Whether a Service selects pods of a workload, by labels that a controller adds as well."""
    selector = service.selector
    return (
        selector is not None
        and workload.namespace == service.namespace
        and workload.surely_matches_some(selector)
    )


def has_pod(workload: Workload, pod: str) -> bool:
    """Whether a pod of a workload has a name: that of a StatefulSet and a number, or its own."""
    name, _, number = pod.rpartition("-")
    numbered = workload.kind == "StatefulSet" and number.isdecimal()
    return pod == workload.name if not numbered else name == workload.name
