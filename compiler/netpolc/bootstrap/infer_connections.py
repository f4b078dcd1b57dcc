"""Connections that manifests show: addresses followed to their pods.

An address in a text is that of a Service; the Service selects pods, and its port leads to
a port of theirs, which is what NetworkPolicy speaks of. Each step may fail: the Service
is not in the manifests, names a host outside, or selects by hand. What cannot be
followed to its end is said in a note and opens nothing.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from netpolc.bootstrap.environment import Environment
from netpolc.bootstrap.find_addresses import Address, command_addresses, find_addresses
from netpolc.bootstrap.outside_callers import OutsideCallers
from netpolc.bootstrap.service_addresses import one_address
from netpolc.bootstrap.service_index import ServiceIndex, has_pod, ports_meant, selects
from netpolc.kube.inventory import Inventory, KubeService, Workload
from netpolc.kube.ports import Protocol
from netpolc.kube.service_aliases import follow_alias, port_of_alias, service_host
from netpolc.manifest.monitors import Monitor
from netpolc.manifest.references import FieldRef, Mention, Mentions
from netpolc.manifest.route_target import Port
from netpolc.manifest.routes import Caller, Callers, Route
from netpolc.syntax import tree
from netpolc.syntax.formatter import peers_text
from netpolc.values import frozen


@frozen(kw_only=True)
class Connection:
    """A connection and the evidence for it.

    `doubt` says why it is only a guess, `advice` what to do with an arrow for it. `sender` is a
    workload, or a peer that is none of the workloads. The port is a name where its number is not known.
    """

    receiver: Workload
    sender: Workload | tree.Peer
    port: int | str
    protocol: Protocol
    evidence: str
    doubt: str = ""
    advice: str = ""

    def ends(self) -> tuple[str, str, str]:
        """The receiver, then the sender as a workload or as another peer, the other one empty."""
        if isinstance(self.sender, Workload):
            return str(self.receiver), str(self.sender), ""
        peer = tree.PeerPorts(peer=self.sender, ports=None)
        return str(self.receiver), "", peers_text((peer,))

    def key(self) -> tuple[object, ...]:
        """A key that distinguishes it from other connections."""
        return (*self.ends(), self.port, self.protocol, self.evidence, self.doubt)


@frozen
class Note:
    """A note for readers of a workload's file that an arrow cannot express.

    Without a workload it goes into the file of a namespace's settings. A note that
    `is_question` is about a port that somebody may need and that stays closed.
    """

    workload: Workload | None
    text: str
    namespace: str = ""
    is_question: bool = False


_MEANS_HOST = re.compile(r"host|addr|server|endpoint|ur[il]|broker|upstream|backend", re.IGNORECASE)
_WORD = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*")
_LOCAL = frozenset({"localhost", "kubernetes.default.svc", "kubernetes.default", "0.0.0.0"})  # noqa: S104 - a text, not bound to
_LONGEST_NAME = 253
_PROMETHEUS = Callers(Caller.PROMETHEUS)
_OWN = (
    "the pods' own address: enable it where they call one another, as the members of a cluster do"
)


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
        by_key.update((connection.key(), connection) for connection in world.mentioned(mention))
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
        self._environment = Environment(mentions.mentions, self._services.by_name)
        self._callers = OutsideCallers(inventory.workloads)
        self.notes: list[Note] = []

    def routed(self, route: Route) -> Iterator[Connection]:
        """The connections of a route for its callers."""
        place = f"({route.path}:{route.line})"
        if route.is_to_pods:
            yield from self._to_pods(route, f"{route.where} {place}")
            return
        named = self._services.by_name.get((route.namespace, route.service))
        to_service = "" if route.callers.by is Caller.ANYONE else f": Service {route.service}"
        evidence = f"{route.where}{to_service} {place}"
        if named is None and route.is_guess:
            return
        if named is None:
            text = f"no such Service is in the manifests; {evidence}"
            self.notes.append(Note(None, text, route.namespace))
            return
        service, _ = follow_alias(named, self._services.by_name)
        port = port_of_alias(named, route.port) if named.alias else route.port
        if service.alias:
            host = service_host(service.alias)
            text = f"{_unknown_alias(service)}; {evidence}"
            self.notes.append(Note(None, text, host.namespace if host else route.namespace))
            return
        yield from self._called(service, port, route.callers, evidence)

    def _to_pods(self, route: Route, evidence: str) -> Iterator[Connection]:
        """The connections to pods that a route names itself, without a Service."""
        for receiver in self._workloads.values():
            if route.reaches(receiver):
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
                doubt=_OWN if sender == receiver else doubt,
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

    def mentioned(self, mention: Mention) -> Iterator[Connection]:
        """The connections of a workload's own settings."""
        sender = self._workloads.get(f"{mention.namespace}/{mention.name}[{mention.kind}]")
        if sender is None:
            return
        for address, beside in self._addresses(mention):
            place = f"{mention.field}{beside} ({mention.path}:{mention.line})"
            service, pod = self._services.of_host(address.host, mention.namespace)
            if service is None and (address.in_comment or address.unsure):
                continue
            if service is None:
                self._outside(sender, address, place)
            elif service.alias:
                self._note(sender, f"{_unknown_alias(service)}; {place}")
            elif service.selector is None:
                text = f"Service {service.name} selects no pods; its endpoints are set by hand"
                self._note(sender, f"{text}; {place}")
            else:
                yield from self._arrows(sender, service, pod, address, place)

    def _addresses(self, mention: Mention) -> Iterator[tuple[Address, str]]:
        """The addresses of a text; a port of its own field, `DB_PORT` for `DB_HOST`, is added."""
        if mention.command:
            words = [self._environment.expand(text, mention) for text in mention.command]
            separate = {address for text in words for address in find_addresses(text)}
            for _, address in command_addresses(words):
                if address not in separate:
                    yield address, ""
            return
        text = self._environment.expand(mention.text, mention)
        for address in find_addresses(text) or _whole(text, mention.field):
            name, port = self._environment.port_for(mention)
            if address.port is None and port is not None:
                yield replace(address, port=port), f" and {name}"
            else:
                yield address, ""

    def _arrows(
        self, sender: Workload, service: KubeService, pod: str, address: Address, place: str
    ) -> Iterator[Connection]:
        doubt = _doubt(address, service)
        is_connected = False
        for port in self._services.ports_called(service, address.port):
            for receiver, number in self._services.pods_reached(service, port):
                if pod and not has_pod(receiver, pod):
                    continue
                is_connected = True
                own = _OWN if receiver == sender else ""
                yield Connection(
                    receiver=receiver,
                    sender=sender,
                    port=number,
                    protocol=port.protocol,
                    evidence=f"{sender.kind} {sender.name}: {place}",
                    doubt=doubt or own,
                )
        if not is_connected and not address.unsure:
            at = f"{service.name}:{address.port}" if address.port else service.name
            self._note(sender, f"Service {at} leads to no port of known pods; {place}")

    def _outside(self, sender: Workload, address: Address, place: str) -> None:
        """Note an address that is no Service of the manifests."""
        host, last = address.host, address.host.rpartition(".")[2]
        if host in _LOCAL or host.startswith("127.") or host.endswith(".local.svc"):
            return
        if one_address(host) is not None:
            text = "its block is yours to choose"
        elif ".svc" in host or (address.url and "." not in host):
            text = "no such Service is in the manifests"
        elif host.count(".") == 1 and last.isalpha():
            text = "no such Service is in the manifests, and a host NetworkPolicy cannot name"
        elif "." in host and last.isalpha():
            text = "NetworkPolicy cannot name hosts"
        else:
            return
        self._note(sender, f"calls {host}: {text}; {place}")

    def _note(self, workload: Workload, text: str) -> None:
        self.notes.append(Note(workload, text))


def _ports_of(workload: Workload, port: Port) -> Iterator[tuple[int | str, Protocol]]:
    """The number of a port of pods, which may be a name, and its protocol."""
    named = [own for own in workload.ports if own.name == port]
    if named:
        yield from ((own.number, own.protocol) for own in named)
    elif port is not None:
        yield port, Protocol.TCP


def _doubt(address: Address, service: KubeService) -> str:
    """The reason why an arrow for a Service's address is only a guess; empty if it is certain."""
    if address.in_comment:
        return "it is in a comment"
    if address.port is None:
        # Whoever calls a URL of a Service with one port calls that port.
        certain = address.url and len(service.ports) == 1
        return "" if certain else "no port is written; these are the Service's"
    if address.guessed and address.port not in {port.number for port in service.ports}:
        return f"no port is written; {address.port} is the usual one of the scheme"
    return ""


def _unknown_alias(service: KubeService) -> str:
    """The host of an alias that leads to no Service of the manifests."""
    text = f"Service {service.name} is an alias of"
    host = service_host(service.alias)
    if host is None:
        text = f"{text} the host {service.alias}, outside the cluster"
        return f"{text}: NetworkPolicy cannot name hosts"
    if (host.namespace, host.service) == ("default", "kubernetes"):
        return f"{text} the API server, which is not a pod: its addresses are yours to add"
    return f"{text} {service.alias}, which leads to no Service of the manifests"


def _is_in(namespace: str, monitor: Monitor) -> bool:
    return monitor.namespaces is None or namespace in monitor.namespaces


def _whole(text: str, field: FieldRef) -> tuple[Address, ...]:
    """The address that a text is as a whole, where a name of the field says that it is one."""
    text = text.strip().lower().rstrip(".")
    if len(text) > _LONGEST_NAME or not _WORD.fullmatch(text):
        return ()
    is_host = any(_MEANS_HOST.search(name) for _, name in field.names())
    return (Address(text, None),) if is_host else ()
