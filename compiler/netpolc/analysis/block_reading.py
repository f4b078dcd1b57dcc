"""The effect of a block inside the cluster, which the API leaves to the network plugin.

A block is meant for addresses outside. Whether it also matches a pod, a node or a Service
whose address it contains differs from one plugin to the next (API reference, IPBlock).
Permissions only add, so two readings bound every plugin: in one, blocks match as little
as the stated facts allow, in the other as much.

Where blocks match pods, a pod's address decides, and it is free like a label. So a block
becomes a selector of a made-up label, whose values are the parts into which the blocks
at hand cut the addresses that pods may have. Search then needs to know nothing of it.

A pod may have an address of each IP version, and a connection uses those of one version. So
there is a label for the addresses of each version, and the version itself is a label which both
pods of a connection share.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from ipaddress import IPv4Address, IPv6Address
from itertools import islice, pairwise
from typing import TypeAlias

from netpolc.analysis.unknown_facts import AddressOwner, BlockMatching
from netpolc.ir.model import Allow, Policies, PolicySet, Subject
from netpolc.kube.cidr import Address, Addresses
from netpolc.kube.peers import BlockScope, Outside, Peer, Pods
from netpolc.kube.public_addresses import internet, private
from netpolc.kube.selectors import EVERYTHING, Selector
from netpolc.memory import NO_MEMORY, Memory
from netpolc.program.model import ClusterAddresses
from netpolc.sets import IntervalSet, ValueSet
from netpolc.sets.value_set import ABSENT, EVERY, PRESENT
from netpolc.values import frozen

ADDRESS_LABELS: Mapping[int, str] = {4: "(IPv4 address)", 6: "(IPv6 address)"}
"""The made-up labels of a pod that say in which parts of the addresses its own are; no key is valid with `(`."""
IP_VERSION = "(IP version)"
"""The made-up label of both pods of a connection that says which of their addresses it uses."""
IP_VERSIONS: Mapping[int, ValueSet] = {4: ABSENT, 6: PRESENT}
"""All values that this label can have."""
BLOCKS_MATCH_PODS = "(blocks match pods)"
"""The made-up label of both pods of a connection that exists if blocks match pods in the cluster."""
MADE_UP_LABELS = frozenset((IP_VERSION, BLOCKS_MATCH_PODS, *ADDRESS_LABELS.values()))
_Kind: TypeAlias = type[IPv4Address] | type[IPv6Address]
_KINDS: Mapping[int, _Kind] = {4: IPv4Address, 6: IPv6Address}
EVERY_ADDRESS = Addresses(IntervalSet(((0, (1 << 32) - 1),)), IntervalSet(((0, (1 << 128) - 1),)))


@frozen
class BlockReading:
    """One reading of blocks.

    `pods` are the addresses that pods may have, if blocks match pods at all; `unmatched` are
    addresses of nodes and Services, which blocks do not match. `is_uncertain` leaves open whether
    blocks match pods: search then takes both into account.
    """

    pods: Addresses | None = None
    unmatched: Addresses = Addresses()
    is_uncertain: bool = False

    def matches(self, addresses: Addresses, other: Address) -> bool:
        """Whether a block with these addresses matches an address outside, or of a node."""
        return other in addresses and other not in self.unmatched


OUTSIDE_ONLY = BlockReading()
_PUBLIC = internet()
_IF_BLOCKS_MATCH = Selector.of(((BLOCKS_MATCH_PODS, PRESENT),))


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


def reading_of_classes(stated: ClusterAddresses, blocks: Iterable[Addresses]) -> BlockReading:
    """The one reading of some blocks for rows about classes of pods: what is unknown is left open.

    Where nothing is stated, blocks match addresses outside in it, and rows about blocks are marked: else
    each block would make a row for every class of pods.
    """
    least, most = readings(stated)
    if stated.blocks is None:
        most = replace(most, is_uncertain=True) if stated.pods else OUTSIDE_ONLY
    if any(differ_about(least, most, block) for block in blocks):
        return most
    return OUTSIDE_ONLY


def means_pods(addresses: Addresses, stated: ClusterAddresses) -> bool:
    """Whether a claim about these addresses is about pods too, where blocks match pods.

    Where it is not stated which addresses pods have, only blocks with private ones are about pods.
    """
    return addresses.meets(stated.pods or private())


def means_hosts(addresses: Addresses, stated: ClusterAddresses, *, closed: bool) -> bool:
    """Whether a claim about these addresses is about known pods on the host's network too.

    Where it is not stated which addresses nodes have, only blocks with private ones are about hosts, as for other pods. With
    `closed`, they are whatever blocks match: else `never` would be proved although a selector may let such a pod in.
    """
    is_about_nodes = addresses.meets(stated.nodes or private())
    return is_about_nodes and (closed or stated.blocks is not BlockScope.OUTSIDE)


def differ_about(least: BlockReading, most: BlockReading, addresses: Addresses) -> bool:
    """Whether two readings may differ about a block, or about what a pod's address does with it."""
    return (most.pods is not None and addresses.meets(most.pods)) or addresses.meets(
        least.unmatched
    )


def unsettled(addresses: Addresses, stated: ClusterAddresses) -> Iterator[BlockMatching]:
    """What it depends on whether a row about these addresses is about more than addresses outside.

    Public addresses alone are shown as outside where those of pods are not stated; proofs make no
    such difference.
    """
    if not stated.pods and addresses <= _PUBLIC:
        return
    least, most = readings(stated)
    if least.pods is None and most.pods is not None and addresses.meets(most.pods):
        yield BlockMatching()
    elif least.unmatched != most.unmatched and addresses.meets(least.unmatched):
        yield matching_of(addresses, stated)


def matching_of(addresses: Addresses, stated: ClusterAddresses) -> BlockMatching:
    """What it depends on whether blocks match such addresses of the cluster itself."""
    if addresses.meets(stated.services):
        owner = AddressOwner.SERVICES
    elif addresses.meets(stated.nodes):
        owner = AddressOwner.NODES
    else:
        owner = AddressOwner.PODS
    return BlockMatching(owner, all_match=stated.blocks is BlockScope.ALL)


class AddressParts:
    """The parts into which blocks cut the addresses that pods may have, as label values."""

    __slots__ = ("_by_version",)

    def __init__(self, pods: Addresses, blocks: Iterable[Addresses]) -> None:
        cutting = tuple(blocks)
        self._by_version = {
            version: _PartsOfVersion(numbers, [each.numbers(version) for each in cutting], kind)
            for version, kind in _KINDS.items()
            if (numbers := pods.numbers(version))
        }

    def __eq__(self, other: object) -> bool:
        """Whether both cut the same addresses in the same places."""
        return isinstance(other, AddressParts) and self._by_version == other._by_version

    __hash__ = None  # type: ignore[assignment]

    @property
    def versions(self) -> ValueSet:
        """The values that the label `IP_VERSION` can have."""
        if len(self._by_version) > 1:
            return EVERY
        return IP_VERSIONS[next(iter(self._by_version))]

    def selectors(self, addresses: Addresses) -> tuple[Selector, ...]:
        """Selectors that together choose the pods whose address in a connection is among these."""
        inside = {
            version: parts.within(addresses.numbers(version))
            for version, parts in self._by_version.items()
        }
        if all(allowed.is_full for allowed in inside.values()):
            return (EVERYTHING,)
        return tuple(
            Selector.of(((IP_VERSION, IP_VERSIONS[version]), (ADDRESS_LABELS[version], allowed)))
            for version, allowed in inside.items()
            if allowed
        )

    def is_one_address(self, version: int, allowed: ValueSet) -> bool:
        """Whether the parts that the label of a version may name have one address together."""
        return self._by_version[version].is_one_address(allowed)

    def address(self, version: int, allowed: ValueSet, taken: Address | None = None) -> Address:
        """An address in a part that a label may name; the taken one if there is no other."""
        return self._by_version[version].address(allowed, taken)


class _PartsOfVersion:
    """The parts of the addresses of one IP version.

    The widest part is every other value of the label, so that a pod is always in one.
    """

    __slots__ = ("_kind", "_names", "_other", "_parts", "_single", "_starts")

    def __init__(self, pods: IntervalSet, blocks: Iterable[IntervalSet], kind: _Kind) -> None:
        self._kind = kind
        sets = (pods, *(each & pods for each in blocks))
        cuts = {edge for each in sets for low, high in each.ranges for edge in (low, high + 1)}
        self._parts = [(low, end - 1) for low, end in pairwise(sorted(cuts)) if low in pods]
        self._starts = [low for low, _ in self._parts]
        self._names = [_part_name(kind, *part) for part in self._parts]
        widths = [high - low for low, high in self._parts]
        self._other = widths.index(max(widths))
        self._single = [index for index, width in enumerate(widths) if not width]

    def __eq__(self, other: object) -> bool:
        """Whether both are parts of the same addresses, cut in the same places."""
        return isinstance(other, _PartsOfVersion) and self._names == other._names

    __hash__ = None  # type: ignore[assignment]

    def within(self, numbers: IntervalSet) -> ValueSet:
        """The values of the label for addresses with these numbers."""
        inside: list[int] = []
        for low, high in numbers.ranges:
            first = bisect_left(self._starts, low)
            inside += range(first, bisect_left(self._starts, high + 1))
        if self._other in inside:
            rest = set(range(len(self._starts))) - set(inside)
            return ValueSet.other_than(*(self._names[i] for i in rest))
        return ValueSet.among(*(self._names[i] for i in inside))

    def is_one_address(self, allowed: ValueSet) -> bool:
        """Whether the parts that the label may name have one address together."""
        if not any(self._name(index) in allowed for index in self._single):
            return False
        named = (index for index in range(len(self._parts)) if self._name(index) in allowed)
        return len(tuple(islice(named, 2))) == 1

    def address(self, allowed: ValueSet, taken: Address | None) -> Address:
        """An address in a part that the label may name; the taken one if there is no other."""
        for index, (low, high) in enumerate(self._parts):
            if self._name(index) in allowed:
                # The address of a network itself comes last.
                for number in (min(low + 1, high), min(low + 2, high), low):
                    address: Address = self._kind(number)
                    if address != taken:
                        return address
        assert taken is not None
        return taken

    def _name(self, index: int) -> str | None:
        """The value of the label for a part; None for the widest, which pods without the label are in."""
        return None if index == self._other else self._names[index]


def _part_name(kind: _Kind, first: int, last: int) -> str:
    return str(kind(first)) if first == last else f"{kind(first)}-{kind(last)}"


def blocks_of(policies: Iterable[Policies], memory: Memory = NO_MEMORY) -> Iterable[Addresses]:
    """The address sets that allows list, each once."""
    listed: dict[Addresses, None] = {}
    for number, each in enumerate(policies):
        for name, policy_set in each.namespaces.items():
            listed.update(
                memory.once(
                    "blocks of", (number, name), (policy_set,), partial(_blocks, policy_set)
                )
            )
    return listed


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
        addresses -= reading.unmatched
    if addresses:
        yield replace(allow, peer=Outside(addresses))
    for pods in () if parts is None else parts.selectors(allow.peer.addresses):
        met = pods & _IF_BLOCKS_MATCH if reading.is_uncertain else pods
        yield replace(allow, peer=Pods(EVERYTHING, met))
