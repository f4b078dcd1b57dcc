"""Connections to the addresses in the settings of workloads: Services, live pods and ports of nodes."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from netpolc.bootstrap.command_addresses import command_addresses
from netpolc.bootstrap.connection import OWN, Connection, Note
from netpolc.bootstrap.environment import Environment
from netpolc.bootstrap.find_addresses import find_addresses
from netpolc.bootstrap.host_forms import Address
from netpolc.bootstrap.service_addresses import ip_of
from netpolc.bootstrap.service_index import ServiceIndex, has_pod
from netpolc.kube.inventory import AddressOf, Inventory, KubeService, ServicePort, Workload
from netpolc.kube.ports import Protocol
from netpolc.kube.service_aliases import service_host
from netpolc.kube.special_addresses import metadata_service, special_use
from netpolc.manifest.references import OWN_NODE, FieldRef, Mention, Owner

_MEANS_HOST = re.compile(r"host|addr|server|endpoint|ur[il]|broker|upstream|backend", re.IGNORECASE)
_WORD = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*")
_LOCAL = frozenset({"localhost", "kubernetes.default.svc", "kubernetes.default", "0.0.0.0"})  # noqa: S104 - a text, not bound to
_LONGEST_NAME = 253
_BY_NODE = "it passes a node, whose address may take the place of the sender's"


class AddressConnections:
    """The connections that addresses in settings show; `notes` are about addresses that lead to no pods."""

    def __init__(
        self,
        inventory: Inventory,
        services: ServiceIndex,
        environment: Environment,
        host_aliases: Mapping[Owner, Mapping[str, str]],
        notes: list[Note],
    ) -> None:
        self._workloads: Mapping[str, Workload] = {
            str(workload): workload for workload in inventory.workloads
        }
        self._services, self._environment, self._notes = services, environment, notes
        self._host_aliases = host_aliases
        self._nodes = [own.addresses for own in inventory.addresses if own.of is not AddressOf.PODS]

    def of_mention(self, mention: Mention) -> Iterator[Connection]:
        """The connections of a workload's own settings."""
        sender = self._workloads.get(f"{mention.namespace}/{mention.name}[{mention.kind}]")
        if sender is None or mention.is_context:
            return
        aliases = self._host_aliases.get((mention.namespace, mention.kind, mention.name), {})
        for written, read_beside in self._addresses(mention):
            address = replace(written, host=aliases.get(written.host) or written.host)
            beside = read_beside if address == written else f"{read_beside}, hostAliases"
            place = f"{mention.field}{beside} ({mention.path}:{mention.line})"
            if self._is_node(address.host):
                yield from self._through_node(sender, address, place)
                continue
            if (receiver := self._services.pods_at(address.host)) is not None:
                yield from self._to_pods(sender, receiver, address, place)
                continue
            service, pod = self._services.of_host(address.host, mention.namespace)
            if service is None and (address.in_comment or address.unsure):
                continue
            if service is None:
                self._outside(sender, address, place)
            elif service.alias:
                self._note(sender, f"{unknown_alias(service)}; {place}")
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
        for address in find_addresses(text, mention.field.key) or _whole(text, mention.field):
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
        for port in _ports_called(self._services, service, address):
            for receiver, number in self._services.pods_reached(service, port):
                if pod and not has_pod(receiver, pod):
                    continue
                is_connected = True
                own = OWN if receiver == sender else ""
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
        ip = ip_of(host)
        if host in _LOCAL or host.endswith(".local.svc"):
            return
        if ip is not None and (ip.is_loopback or ip.is_unspecified):
            return
        if ip is not None:
            text = metadata_service(ip) or special_use(ip) or "its block is yours to choose"
        elif ".svc" in host or (address.url and "." not in host):
            text = "no such Service is in the manifests"
        elif host.count(".") == 1 and last.isalpha():
            text = "no such Service is in the manifests, and NetworkPolicy cannot name hosts"
        elif "." in host and last.isalpha():
            text = "NetworkPolicy cannot name hosts"
        else:
            return
        self._note(sender, f"calls {host}: {text}; {place}")

    def _is_node(self, host: str) -> bool:
        """Whether a host is a node, by its address."""
        address = ip_of(host)
        return host == OWN_NODE or (
            address is not None and any(address in node for node in self._nodes)
        )

    def _through_node(self, sender: Workload, address: Address, place: str) -> Iterator[Connection]:
        """The connections to a port of a node, by a NodePort or a hostPort."""
        if address.in_comment or address.unsure:
            return
        reached = [] if address.port is None else [*self._services.through_nodes(address.port)]
        for receiver, port, protocol in reached:
            yield Connection(
                receiver=receiver,
                sender=sender,
                port=port,
                protocol=protocol,
                evidence=f"{sender.kind} {sender.name}: {place}",
                doubt=_BY_NODE,
            )
        if not reached:
            port = "" if address.port is None else f" at port {address.port}"
            text = "what listens there is on the host's network, and no policy closes it"
            self._note(sender, f"calls a node{port}: {text}; {place}")

    def _to_pods(
        self, sender: Workload, receiver: Workload, address: Address, place: str
    ) -> Iterator[Connection]:
        """The connections to the address of a live pod."""
        ports = [(port.number, port.protocol) for port in receiver.ports]
        if address.port is not None:
            ports = [(address.port, Protocol.TCP)]
        for number, protocol in dict.fromkeys(ports):
            doubt = OWN if receiver == sender else ""
            if address.port is None:
                doubt = "no port is written; these are the pod's"
            yield Connection(
                receiver=receiver,
                sender=sender,
                port=number,
                protocol=protocol,
                evidence=f"{sender.kind} {sender.name}: {place}",
                doubt="it is in a comment" if address.in_comment else doubt,
            )

    def _note(self, workload: Workload, text: str) -> None:
        self._notes.append(Note(workload, text))


def _ports_called(
    services: ServiceIndex, service: KubeService, address: Address
) -> list[ServicePort]:
    """The ports of a Service that an address means, by the name or the number of one."""
    named = [port for port in service.ports if address.port_name and port.name == address.port_name]
    return named or services.ports_called(service, address.port)


def _doubt(address: Address, service: KubeService) -> str:
    """The reason why an arrow for a Service's address is only a guess; empty if it is certain."""
    if address.in_comment:
        return "it is in a comment"
    if address.port_name in {port.name for port in service.ports if port.name}:
        return ""
    if address.port is None:
        # Whoever calls a URL of a Service with one port calls that port.
        certain = address.url and len(service.ports) == 1
        return "" if certain else "no port is written; these are the Service's"
    if address.guessed and address.port not in {port.number for port in service.ports}:
        return f"no port is written; {address.port} is the usual one of the scheme"
    return ""


def unknown_alias(service: KubeService) -> str:
    """The host of an alias that leads to no Service of the manifests."""
    text = f"Service {service.name} is an alias of"
    host = service_host(service.alias)
    if host is None:
        text = f"{text} the host {service.alias}, outside the cluster"
        return f"{text}: NetworkPolicy cannot name hosts"
    if (host.namespace, host.service) == ("default", "kubernetes"):
        return f"{text} the API server, which is not a pod: its addresses are yours to add"
    return f"{text} {service.alias}, which leads to no Service of the manifests"


def _whole(text: str, field: FieldRef) -> tuple[Address, ...]:
    """The address that a text is as a whole, where a name of the field says that it is one."""
    text = text.strip().lower().rstrip(".")
    is_host = any(_MEANS_HOST.search(name) for _, name in field.names())
    if is_host and ip_of(text) is not None:
        return (Address(text, None),)
    if len(text) > _LONGEST_NAME or not _WORD.fullmatch(text):
        return ()
    return (Address(text, None),) if is_host else ()
