"""Connections that manifests show: addresses followed to their pods.

An address in a text is that of a Service; the Service selects pods, and its port leads to
a port of theirs, which is what NetworkPolicy speaks of. Each step may fail: the Service
is not in the manifests, names a host outside, or selects by hand. What cannot be
followed to its end is said in a note and opens nothing.
"""

from collections.abc import Iterable, Iterator

from netpolc.bootstrap.address_connections import AddressConnections, unknown_alias
from netpolc.bootstrap.connection import OWN, Connection, Note
from netpolc.bootstrap.environment import Environment
from netpolc.bootstrap.outside_callers import OutsideCallers
from netpolc.bootstrap.service_index import ServiceIndex, ports_meant, selects
from netpolc.kube.inventory import Inventory, KubeService, Workload
from netpolc.kube.ports import Protocol
from netpolc.kube.service_aliases import follow_alias, port_of_alias, service_host
from netpolc.manifest.monitors import Monitor
from netpolc.manifest.references import Mentions
from netpolc.manifest.routes import Caller, Callers, Route
from netpolc.manifest.target import Port

_PROMETHEUS = Callers(Caller.PROMETHEUS)


def infer_connections(
    inventory: Inventory, mentions: Mentions
) -> tuple[list[Connection], list[Note]]:
    """The connections that the mentions show, and notes on addresses that lead to no pods."""
    world = _World(inventory, mentions)
    by_key: dict[tuple[object, ...], Connection] = {}
    for route in mentions.routes:
        by_key.update((connection.key(), connection) for connection in world.routed(route))
    for port in world.host_ports():
        by_key[port.key()] = port
    for monitor in mentions.monitors:
        by_key.update((connection.key(), connection) for connection in world.monitored(monitor))
    for mention in mentions.mentions:
        by_key.update(
            (connection.key(), connection) for connection in world.settings.of_mention(mention)
        )
    world.ask_about_others(by_key.values())
    return list(by_key.values()), world.notes


class _World:
    """The Services and workloads, by name."""

    def __init__(self, inventory: Inventory, mentions: Mentions) -> None:
        self._workloads = {str(workload): workload for workload in inventory.workloads}
        self._services = ServiceIndex(
            inventory.services, self._workloads.values(), mentions.headless
        )
        self._known = mentions
        self._callers = OutsideCallers(inventory.workloads)
        self.notes: list[Note] = []
        environment = Environment(mentions.mentions, self._services.by_name)
        self.settings = AddressConnections(
            inventory, self._services, environment, mentions.host_aliases, self.notes
        )

    def routed(self, route: Route) -> Iterator[Connection]:
        """The connections of a route for its callers."""
        place = f"({route.path}:{route.line})"
        if route.is_to_pods:
            yield from self._to_pods(route, f"{route.where} {place}")
            return
        named = self._named(route)
        name = named.name if named else route.service
        to_service = "" if route.callers.by is Caller.ANYONE else f": Service {name}"
        evidence = f"{route.where}{to_service} {place}"
        if named is None and route.is_guess:
            if (receiver := self._services.pods_at(route.host)) is not None:
                yield from self._at_pods(receiver, route, evidence)
            return
        if named is None:
            text = f"no such Service is in the manifests; {evidence}"
            self.notes.append(Note(None, text, route.namespace))
            return
        service, _ = follow_alias(named, self._services.by_name)
        port = port_of_alias(named, route.port) if named.alias else route.port
        if service.alias:
            host = service_host(service.alias)
            text = f"{unknown_alias(service)}; {evidence}"
            self.notes.append(Note(None, text, host.namespace if host else route.namespace))
            return
        if not route.is_guess or ports_meant(service, port):
            yield from self._called(service, port, route.callers, evidence)

    def _named(self, route: Route) -> KubeService | None:
        """The Service to which a route leads, an alias itself."""
        if route.host:
            return self._services.of_host(route.host, route.namespace)[0]
        return self._services.by_name.get((route.namespace, route.service))

    def _to_pods(self, route: Route, evidence: str) -> Iterator[Connection]:
        """The connections to pods that a route names itself, without a Service."""
        for receiver in self._workloads.values():
            if route.reaches(receiver):
                yield from self._at_pods(receiver, route, evidence)

    def _at_pods(self, receiver: Workload, route: Route, evidence: str) -> Iterator[Connection]:
        """The connections of a route to a port of pods themselves."""
        for port, protocol in _ports_of(receiver, route.port):
            yield from self._arrive(receiver, port, protocol, route.callers, evidence)

    def host_ports(self) -> Iterator[Connection]:
        """The connections through ports of nodes."""
        for workload in self._workloads.values():
            for port in workload.ports:
                if port.host_port and not workload.host_network:
                    where = f" ({workload.span.path}:{workload.span.line})" if workload.span else ""
                    evidence = f"{workload.kind} {workload.name}: hostPort {port.host_port}{where}"
                    yield from self._arrive(
                        workload, port.number, port.protocol, Callers(Caller.ANYONE), evidence
                    )

    def monitored(self, monitor: Monitor) -> Iterator[Connection]:
        """The connections of Prometheus to the pods of a monitor."""
        where = f"({monitor.path}:{monitor.line})"
        if monitor.of_pods:
            for workload in self._workloads.values():
                if _is_in(workload.namespace, monitor) and workload.surely_matches_some(
                    monitor.selector
                ):
                    for port in workload.ports:
                        if not {None, port.number, port.name}.isdisjoint(monitor.ports):
                            evidence = f"{monitor.where} {where}"
                            yield from self._arrive(
                                workload, port.number, port.protocol, _PROMETHEUS, evidence
                            )
            return
        for (namespace, name), service in self._services.by_name.items():
            labels = self._known.service_labels.get((namespace, name), {})
            if _is_in(namespace, monitor) and monitor.selector.matches(labels):
                evidence = f"{monitor.where}: Service {name} {where}"
                for wanted in monitor.ports:
                    yield from self._called(service, wanted, _PROMETHEUS, evidence)

    def _called(
        self,
        service: KubeService,
        wanted: Port,
        by: Callers,
        evidence: str,
    ) -> Iterator[Connection]:
        """The connections of callers that name a Service outright."""
        # OpenShift's Routes and some monitors name the port of the pods.
        ports = ports_meant(service, wanted) or [
            service_port for service_port in service.ports if service_port.target == wanted
        ]
        if not ports:
            self._unresolved(service, f"has no port {wanted}; {evidence}")
        for port in ports:
            reached = list(self._services.pods_reached(service, port))
            if not reached:
                self._unresolved(service, f"leads to an unknown port {port.target}; {evidence}")
            for receiver, number in reached:
                yield from self._arrive(receiver, number, port.protocol, by, evidence)

    def _arrive(
        self,
        receiver: Workload,
        port: int | str,
        protocol: Protocol,
        by: Callers,
        evidence: str,
    ) -> Iterator[Connection]:
        for sender, doubt, advice in self._callers.senders(by):
            yield Connection(
                receiver=receiver,
                sender=sender,
                port=port,
                protocol=protocol,
                evidence=evidence,
                doubt=OWN if sender == receiver else doubt,
                advice=advice,
            )

    def ask_about_others(self, connections: Iterable[Connection]) -> None:
        """Note the ports that Services lead to and that no connection uses."""
        used = {
            (str(connection.receiver), connection.port, connection.protocol)
            for connection in connections
            if connection.sender != connection.receiver
        }
        for service in self._services.by_name.values():
            for port in service.ports:
                for receiver, number in self._services.pods_reached(service, port):
                    if (str(receiver), number, port.protocol) not in used:
                        where = f"Service {service.name}:{port.number}"
                        text = f"nothing shows who calls {where}: add the callers, or it is closed"
                        self.notes.append(Note(receiver, text, is_question=True))

    def _unresolved(self, service: KubeService, text: str) -> None:
        """Note at the pods of a Service that a connection to them has no known port."""
        for workload in self._workloads.values():
            if selects(service, workload):
                self._note(workload, f"Service {service.name} {text}")

    def _note(self, workload: Workload, text: str) -> None:
        self.notes.append(Note(workload, text))


def _ports_of(workload: Workload, port: Port) -> Iterator[tuple[int | str, Protocol]]:
    """The number of a port of pods, which may be a name, and its protocol."""
    named = [own for own in workload.ports if own.name == port]
    if named:
        yield from ((own.number, own.protocol) for own in named)
    elif port is not None:
        yield port, Protocol.TCP


def _is_in(namespace: str, monitor: Monitor) -> bool:
    return monitor.namespaces is None or namespace in monitor.namespaces
