"""The rows of `netpolc list` about what the user names: `db`, `shop/db`, `shop`, `10.0.0.0/8`.

A name matches an end that *is* what it says. `* but shop` is everything except shop, so `shop` does
not match it. A name that nothing has is an error: an empty list would look like an answer.
"""

from collections.abc import Iterable, Iterator
from ipaddress import ip_address

from netpolc.analysis.connection_list import AddressRange
from netpolc.commands.list_ import ListedEnd, Listing
from netpolc.diagnostics.spelling import nearest
from netpolc.kube.cidr import Addresses, Block, Cidr
from netpolc.kube.inventory import Workload
from netpolc.kube.label_conventions import SERVICE_KEYS
from netpolc.kube.selectors import Selector
from netpolc.values import frozen


@frozen(kw_only=True)
class ListFilter:
    """Which rows are wanted: between these ends, and with an end in one of the namespaces."""

    sender: str = ""
    receiver: str = ""
    namespaces: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether some rows may be left out."""
        return bool(self.sender or self.receiver or self.namespaces)

    def unknown(self, listing: Listing) -> Iterator[tuple[str, str]]:
        """Yield each name that nothing has, with the nearest one that something has, if there is one."""
        words = {word for end, text in _ends(listing) for word in _words(end, text)}
        namespaces = {name for end, _ in _ends(listing) for name in _namespaces(end)}
        namespaces |= set(listing.namespaces)
        for name in self.namespaces:
            if name not in namespaces:
                yield name, nearest(name, sorted(namespaces)) or ""
        words |= namespaces
        for name in filter(None, (self.sender, self.receiver)):
            if name.removesuffix("/") not in words and _block(name) is None:
                plain = sorted(word for word in words if "{" not in word)
                yield name, nearest(name, plain) or ""

    def rows(self, listing: Listing) -> Listing:
        """Return the listing with the wanted rows only."""
        rows = tuple(
            row
            for row in listing.rows
            if _matches(row.ends[0], row.sender, self.sender)
            and _matches(row.ends[1], row.receiver, self.receiver)
            and (
                not self.namespaces
                or any(name in _namespaces(end) for end in row.ends for name in self.namespaces)
            )
        )
        return Listing(rows=rows, workloads=listing.workloads, namespaces=listing.namespaces)


def _ends(listing: Listing) -> Iterator[tuple[ListedEnd, str]]:
    for row in listing.rows:
        yield row.ends[0], row.sender
        yield row.ends[1], row.receiver
    for workload in listing.workloads:
        yield workload, str(workload)


def _matches(end: ListedEnd, text: str, name: str) -> bool:
    if not name or name.removesuffix("/") in _words(end, text):
        return True
    block = _block(name)
    return block is not None and _meets(end, block)


def _words(end: ListedEnd, text: str) -> Iterator[str]:
    """Yield the names that an end has."""
    yield text
    pods: Iterable[str] = ()
    if isinstance(end, Workload):
        selector = Selector.labels(end.labels)
        pods = (end.name, f"{end.name}[{end.kind}]", *_service_names(selector))
    elif isinstance(end, Addresses | AddressRange):
        return
    else:
        pods = (text.partition("/")[2], *_service_names(end.pods))
    namespaces = _namespaces(end)
    yield from namespaces
    yield from pods
    for namespace in namespaces:
        yield from (f"{namespace}/{name}" for name in pods)


def _namespaces(end: ListedEnd) -> tuple[str, ...]:
    """Return the names of the namespaces that an end is in; none where they are only excluded."""
    if isinstance(end, Workload):
        return (end.namespace,)
    if isinstance(end, Addresses | AddressRange) or end.names.complement:
        return ()
    return tuple(sorted(end.names.values))


def _service_names(pods: Selector) -> Iterator[str]:
    """Yield the values of labels that name services."""
    for key, allowed in pods.requirements:
        if key in SERVICE_KEYS and not allowed.complement:
            yield from allowed.values


def _block(name: str) -> Addresses | None:
    """Return the addresses that a name is: an address or a block."""
    try:
        address = ip_address(name)
    except ValueError:
        cidr = Cidr.plain(name)
    else:
        cidr = Cidr(address.version, int(address), address.max_prefixlen)
    return None if cidr is None else Addresses.of((Block(cidr),))


def _meets(end: ListedEnd, block: Addresses) -> bool:
    return isinstance(end, Addresses) and end.meets(block)
