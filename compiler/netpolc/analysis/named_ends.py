"""The ends of connections by the names that people have for them: `db`, `shop/db`, `shop`, `10.0.0.0/8`.

A name matches an end that *is* what it says. `* but shop` is everything except shop, so `shop` does
not match it. A name that nothing has is reported with the nearest one: an empty answer would look
like an answer.
"""

from collections.abc import Iterable, Iterator
from ipaddress import ip_address
from typing import TypeAlias

from netpolc.analysis.connection_list import AddressRange
from netpolc.analysis.connection_sets import EndClass, PodClass
from netpolc.diagnostics.spelling import nearest
from netpolc.ir.model import Policies
from netpolc.kube.cidr import Addresses, Block, Cidr
from netpolc.kube.inventory import Inventory, Workload
from netpolc.kube.label_conventions import SERVICE_KEYS
from netpolc.kube.public_addresses import internet
from netpolc.kube.selectors import Selector
from netpolc.program.model import Program
from netpolc.sets import ValueSet
from netpolc.values import frozen

_INTERNET = "internet"
ConnectionEnd: TypeAlias = Workload | AddressRange | EndClass


@frozen
class NamedEnd:
    """An end of connections and the text by which lists and pictures name it."""

    end: ConnectionEnd
    text: str

    def has(self, name: str) -> bool:
        """Whether a name is one of the end, or addresses of which the end has some."""
        if name.removesuffix("/") in self.names():
            return True
        addresses = _named_addresses(name)
        return (
            addresses is not None and isinstance(self.end, Addresses) and self.end.meets(addresses)
        )

    def names(self) -> Iterator[str]:
        """Yield the names that the end has."""
        yield self.text
        if isinstance(self.end, Addresses | AddressRange):
            return
        pods: Iterable[str]
        if isinstance(self.end, Workload):
            workload = self.end
            labels = Selector.labels(workload.labels)
            pods = (workload.name, f"{workload.name}[{workload.kind}]", *_service_names(labels))
        else:
            pods = filter(None, (self.text.partition("/")[2], *_service_names(self.end.pods)))
        namespaces = self.namespaces()
        yield from namespaces
        pods = tuple(pods)
        yield from pods
        for namespace in namespaces:
            yield from (f"{namespace}/{name}" for name in pods)

    def namespaces(self) -> tuple[str, ...]:
        """Return the names of the namespaces that the end is in; none where they are only excluded."""
        if isinstance(self.end, Workload):
            return (self.end.namespace,)
        if isinstance(self.end, Addresses | AddressRange) or self.end.names.complement:
            return ()
        return tuple(sorted(self.end.names.values))


@frozen(kw_only=True)
class ConnectionFilter:
    """Which connections are wanted: between these ends, and with an end in one of the namespaces."""

    sender: str = ""
    receiver: str = ""
    namespaces: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether some connections may be left out."""
        return bool(self.sender or self.receiver or self.namespaces)

    def unknown(self, ends: Iterable[NamedEnd]) -> Iterator[tuple[str, str]]:
        """Yield each name that no end has, with the nearest one that an end has, if there is one."""
        names: set[str] = set()
        namespaces: set[str] = set()
        for end in ends:
            names.update(end.names())
            namespaces.update(end.namespaces())
        for name in self.namespaces:
            if name not in namespaces:
                yield name, nearest(name, sorted(namespaces)) or ""
        plain = sorted(name for name in names if "{" not in name)
        for name in filter(None, (self.sender, self.receiver)):
            if name.removesuffix("/") not in names and _named_addresses(name) is None:
                yield name, nearest(name, plain) or ""

    def wants(self, sender: NamedEnd, receiver: NamedEnd) -> bool:
        """Whether the connections from one end to another are wanted."""
        return (
            (not self.sender or sender.has(self.sender))
            and (not self.receiver or receiver.has(self.receiver))
            and self.is_inside(sender, receiver)
        )

    def is_inside(self, *ends: NamedEnd) -> bool:
        """Whether one of the ends is in a namespace that is wanted."""
        return not self.namespaces or any(
            name in self.namespaces for end in ends for name in end.namespaces()
        )


def known_ends(program: Program, policies: Policies, inventory: Inventory) -> Iterator[NamedEnd]:
    """Yield the namespaces, the workloads and the services that intents name."""
    for name in dict.fromkeys((*policies.namespaces, *program.namespaces)):
        yield NamedEnd(PodClass(names=ValueSet.among(name)), name)
    for workload in inventory.workloads:
        yield NamedEnd(workload, str(workload))
    for namespace in program.namespaces.values():
        names = ValueSet.among(namespace.name)
        for service in namespace.services.values():
            text = f"{namespace.name}/{service.name}"
            yield NamedEnd(PodClass(names=names, pods=service.pods), text)


def _service_names(pods: Selector) -> Iterator[str]:
    """Yield the values of labels that name services."""
    for key, allowed in pods.requirements:
        if key in SERVICE_KEYS and not allowed.complement:
            yield from allowed.values


def _named_addresses(name: str) -> Addresses | None:
    """Return the addresses that a name is: an address, a block, or the internet."""
    if name == _INTERNET:
        return internet()
    try:
        address = ip_address(name)
    except ValueError:
        cidr = Cidr.plain(name)
    else:
        cidr = Cidr(address.version, int(address), address.max_prefixlen)
    return None if cidr is None else Addresses.of((Block(cidr),))
