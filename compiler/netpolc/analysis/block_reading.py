"""The effect of a block inside the cluster, which the API leaves to the network plugin.

A block is meant for addresses outside. Whether it also matches a pod, a node or a Service
whose address it contains differs from one plugin to the next (API reference, IPBlock).
Permissions only add, so two readings bound every plugin: in one, blocks match as little
as the stated facts allow, in the other as much.

Where blocks match pods, a pod's address decides, and it is free like a label. So a block
becomes a selector of one made-up label, whose values are the parts into which the blocks
at hand cut the addresses that pods may have. Search then needs to know nothing of it.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from itertools import pairwise

from netpolc.analysis.address_line import address_at, as_addresses, on_line
from netpolc.ir.model import Allow, Policies, PolicySet, Subject
from netpolc.kube.cidr import Address, Addresses
from netpolc.kube.peers import BlockScope, Outside, Peer, Pods
from netpolc.kube.public_addresses import internet
from netpolc.kube.selectors import EVERYTHING, Selector
from netpolc.memory import NO_MEMORY, Memory
from netpolc.program.model import ClusterAddresses
from netpolc.sets import IntervalSet, ValueSet
from netpolc.values import frozen

ADDRESS_LABEL = "(address)"
"""The made-up label of a pod that says in which part of the addresses its own is; no key is valid with `(`."""
EVERY_ADDRESS = Addresses(IntervalSet(((0, (1 << 32) - 1),)), IntervalSet(((0, (1 << 128) - 1),)))


@frozen
class BlockReading:
    """One reading of blocks.

    `pods` are the addresses that pods may have, if blocks match pods at all; `unmatched` are
    addresses of nodes and Services, which blocks do not match.
    """

    pods: Addresses | None = None
    unmatched: Addresses = Addresses()

    def matches(self, addresses: Addresses, other: Address) -> bool:
        """Whether a block with these addresses matches an address outside, or of a node."""
        return other in addresses and other not in self.unmatched


OUTSIDE_ONLY = BlockReading()
_PUBLIC = internet()


def readings(stated: ClusterAddresses) -> tuple[BlockReading, BlockReading]:
    """The readings in which blocks match least and most; equal where the facts settle it."""
    pods = stated.pods or EVERY_ADDRESS
    inside = Addresses.of((*stated.nodes.blocks, *stated.services.blocks))
    least = BlockReading(None, inside)
    match stated.blocks:
        case BlockScope.OUTSIDE:
            return least, least
        case BlockScope.ALL:
            return BlockReading(pods, stated.services), BlockReading(pods)
        case None:
            return least, BlockReading(pods)


def is_unsettled(addresses: Addresses, stated: ClusterAddresses) -> bool:
    """Whether it depends on the network plugin what a row about these addresses means.

    Public addresses alone are shown as outside where those of pods are not stated; proofs make no
    such difference.
    """
    if not stated.pods and addresses <= _PUBLIC:
        return False
    least, most = readings(stated)
    if least.pods is None and most.pods is not None and addresses.meets(most.pods):
        return True
    return least.unmatched != most.unmatched and addresses.meets(least.unmatched)


class AddressParts:
    """The parts into which blocks cut the addresses that pods may have, as label values."""

    __slots__ = ("_names", "_other", "_starts", "_whole")

    def __init__(self, pods: Addresses, blocks: Iterable[Addresses]) -> None:
        self._whole = on_line(pods)
        sets = [on_line(each) & self._whole for each in blocks]
        cuts = {edge for each in sets for low, high in each.ranges for edge in (low, high + 1)}
        cuts |= {edge for low, high in self._whole.ranges for edge in (low, high + 1)}
        ordered = sorted(cuts)
        self._starts = [low for low, _ in pairwise(ordered) if low in self._whole]
        self._names = [str(address_at(low)) for low in self._starts]
        # The last part is every other value of the label, so that a pod is always in one.
        self._other = len(self._starts) - 1

    def __eq__(self, other: object) -> bool:
        """Whether both cut the same addresses in the same places."""
        return (
            isinstance(other, AddressParts)
            and self._starts == other._starts
            and self._whole == other._whole
        )

    __hash__ = None  # type: ignore[assignment]

    def within(self, addresses: Addresses) -> ValueSet:
        """The values of the label for pods whose address is among these."""
        inside: list[int] = []
        for low, high in (on_line(addresses) & self._whole).ranges:
            first = bisect_left(self._starts, low)
            inside += range(first, bisect_left(self._starts, high + 1))
        if self._other in inside:
            rest = set(range(len(self._starts))) - set(inside)
            return ValueSet.other_than(*(self._names[i] for i in rest))
        return ValueSet.among(*(self._names[i] for i in inside))

    def selector(self, addresses: Addresses) -> Selector:
        """The selector of the pods whose address is among these."""
        return Selector.of(((ADDRESS_LABEL, self.within(addresses)),))

    def address(self, value: str | None) -> Address:
        """An address in the part that a value of the label means."""
        known = value in self._names
        return address_at(
            self._starts[self._names.index(value) if known and value else self._other]
        )


def blocks_of(policies: Iterable[Policies], memory: Memory = NO_MEMORY) -> Iterable[Addresses]:
    """The address sets that allows list, each once."""
    found: dict[Addresses, None] = {}
    for number, each in enumerate(policies):
        for name, one in each.namespaces.items():
            found.update(memory.once("blocks of", (number, name), (one,), partial(_blocks, one)))
    return found


def _blocks(policies: PolicySet) -> dict[Addresses, None]:
    peers: dict[Peer, None] = dict.fromkeys(allow.peer for allow in policies.allows)
    return {peer.addresses: None for peer in peers if isinstance(peer, Outside)}


def applied(
    policies: Policies,
    reading: BlockReading,
    parts: AddressParts | None,
    memory: Memory = NO_MEMORY,
) -> Policies:
    """Policies in which blocks are written as what they match under a reading."""
    if parts is None and not reading.unmatched:
        return policies
    namespaces = {
        name: memory.once(
            "applied", name, (each, reading, parts), partial(_applied, each, reading, parts)
        )
        for name, each in policies.namespaces.items()
    }
    return Policies(namespaces)


def _applied(each: PolicySet, reading: BlockReading, parts: AddressParts | None) -> PolicySet:
    return replace(
        each, subjects=tuple(_subject(subject, reading, parts) for subject in each.subjects)
    )


def _subject(subject: Subject, reading: BlockReading, parts: AddressParts | None) -> Subject:
    allows = tuple(new for old in subject.allows for new in _read(old, reading, parts))
    return replace(subject, allows=allows, distinct=False)


def _read(allow: Allow, reading: BlockReading, parts: AddressParts | None) -> Iterator[Allow]:
    if not isinstance(allow.peer, Outside):
        yield allow
        return
    addresses = allow.peer.addresses
    if addresses.meets(reading.unmatched):
        addresses = as_addresses(on_line(addresses) - on_line(reading.unmatched))
    if addresses:
        yield replace(allow, peer=Outside(addresses))
    pods = None if parts is None else parts.selector(allow.peer.addresses)
    if pods is not None and not pods.impossible:
        yield replace(allow, peer=Pods(EVERYTHING, pods))
