"""Address blocks, IPv4 and IPv6, and the sets of addresses that they make up.

A policy speaks of addresses outside the cluster as blocks in CIDR form (RFC 4632,
RFC 4291) with exceptions inside them (API reference, IPBlock). Blocks are how people
write and how manifests are printed; sets of addresses are what they mean. Both are
here: `Cidr` and `Block` for the text, `Addresses` for the meaning.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import field
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_network, summarize_address_range
from typing import TypeAlias

from netpolc.remembered import one_while_used
from netpolc.sets import IntervalSet
from netpolc.values import Keyed, frozen, maker

Address: TypeAlias = IPv4Address | IPv6Address
BITS = {4: 32, 6: 128}
NO_ADDRESSES = IntervalSet()
_NUMBER = r"(0|[1-9][0-9]{0,2})"
_PLAIN = re.compile(rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}\.{_NUMBER}/(0|[1-9][0-9]?)")


@frozen(interned=True, order=True)
class Cidr(Keyed):
    """A block without exceptions: IP version, first address as a number, prefix length."""

    version: int
    first: int
    prefix: int

    @classmethod
    def parse(cls, text: str) -> "Cidr":
        """The block of a CIDR text; ValueError when it is none or has host bits set."""
        if (plain := cls.plain(text)) is not None:
            return plain
        network = ip_network(text)
        if isinstance(network, IPv6Network) and network.network_address.ipv4_mapped is not None:
            message = f"{text} is an IPv4-mapped IPv6 address"
            raise ValueError(message)
        return cls(network.version, int(network.network_address), network.prefixlen)

    @staticmethod
    @one_while_used
    def plain(text: str) -> "Cidr | None":
        """The block of an IPv4 text in its one proper form; None for all others, right or wrong.

        Nearly all are such, and `ipaddress` takes ten times as long for them. A block is read in
        intents, and once more in the manifests made of them.
        """
        match = _PLAIN.fullmatch(text)
        if match is None:
            return None
        a, b, c, d, prefix = map(int, match.groups())
        first = a << 24 | b << 16 | c << 8 | d
        host = (1 << (32 - prefix)) - 1 if prefix <= 32 else first  # noqa: PLR2004
        is_proper = max(a, b, c, d) < 256 and prefix <= 32 and not first & host  # noqa: PLR2004
        return Cidr(4, first, prefix) if is_proper else None

    @property
    def last(self) -> int:
        """The last address, as a number."""
        return self.first | (1 << (BITS[self.version] - self.prefix)) - 1

    @property
    def size(self) -> int:
        """The number of addresses."""
        return 1 << (BITS[self.version] - self.prefix)

    def __contains__(self, other: "Cidr") -> bool:
        """Whether the other block lies in this one (or is it)."""
        host_bits = BITS[self.version] - self.prefix
        return (
            self.version == other.version
            and self.prefix <= other.prefix
            and self.first >> host_bits == other.first >> host_bits
        )

    def __str__(self) -> str:
        """The CIDR text, as RFC 5952 writes it."""
        if self.version == 4:  # noqa: PLR2004
            first = self.first
            return (
                f"{first >> 24}.{first >> 16 & 255}.{first >> 8 & 255}.{first & 255}/{self.prefix}"
            )
        return str(IPv6Network((self.first, self.prefix)))


@frozen(interned=True)
class Block(Keyed):
    """A block and the blocks left out of it, as a person writes it."""

    cidr: Cidr
    excepts: tuple[Cidr, ...] = ()

    def numbers(self) -> IntervalSet:
        """The addresses, as numbers of the block's IP version."""
        if not self.excepts:
            return IntervalSet(((self.cidr.first, self.cidr.last),))
        if len(self.excepts) == 1:
            holes = IntervalSet(((self.excepts[0].first, self.excepts[0].last),))
        else:
            holes = IntervalSet.of(*((hole.first, hole.last) for hole in self.excepts))
        return IntervalSet(((self.cidr.first, self.cidr.last),)) - holes

    def sort_key(self) -> tuple[Cidr, tuple[Cidr, ...]]:
        """A key that orders blocks by version, address and length."""
        return self.cidr, self.excepts

    def __str__(self) -> str:
        """The block in the intent language."""
        if not self.excepts:
            return str(self.cidr)
        holes = ", ".join(map(str, self.excepts))
        return f"{self.cidr} except {f'[{holes}]' if len(self.excepts) > 1 else holes}"


@frozen(cache_hash=True)
class Addresses(Keyed):
    """A set of addresses, and the blocks in which it is written (which are not its meaning).

    Make one with `of`. `blocks` make up exactly the set: those inside others are gone,
    and neighbours are one block where their union is one.
    """

    v4: IntervalSet = NO_ADDRESSES
    v6: IntervalSet = NO_ADDRESSES
    blocks: tuple[Block, ...] = field(default=(), compare=False)

    @classmethod
    def of(cls, blocks: Iterable[Block]) -> "Addresses":
        """The union of blocks."""
        kept = tuple(blocks)
        if len(kept) == 1:
            return cls._one(kept[0])
        kept = _tidied(kept)
        v4 = IntervalSet.of(*(r for b in kept if b.cidr.version == 4 for r in b.numbers().ranges))  # noqa: PLR2004
        v6 = IntervalSet.of(*(r for b in kept if b.cidr.version != 4 for r in b.numbers().ranges))  # noqa: PLR2004
        return cls(v4, v6, kept)

    @classmethod
    def _one(cls, block: Block) -> "Addresses":
        """The addresses of one block: what `_tidied` makes of it, without looking for others."""
        numbers = block.numbers()
        if not numbers:
            return cls()
        is_tidy = len(block.excepts) < 2  # noqa: PLR2004 - two may be neighbours
        kept = (block if is_tidy else Block(block.cidr, joined(block.excepts)),)
        is_v4 = block.cidr.version == 4  # noqa: PLR2004
        v4, v6 = (numbers, NO_ADDRESSES) if is_v4 else (NO_ADDRESSES, numbers)
        return _addresses(v4, v6, kept)

    def __bool__(self) -> bool:
        """Whether it has an address."""
        return bool(self.v4 or self.v6)

    def __contains__(self, address: Address) -> bool:
        """Whether the address is a member."""
        return int(address) in self.numbers(address.version)

    def __le__(self, other: "Addresses") -> bool:
        """Whether every address is one of the other's."""
        return self is other or (self.v4 <= other.v4 and self.v6 <= other.v6)

    def __or__(self, other: "Addresses") -> "Addresses":
        """The union, written in the blocks of both."""
        return Addresses.of((*self.blocks, *other.blocks))

    def __sub__(self, other: "Addresses") -> "Addresses":
        """The addresses that are not among the others, written in the same blocks with more left out."""
        blocks = (block for each in self.blocks for block in _left_of(each, other))
        return Addresses(self.v4 - other.v4, self.v6 - other.v6, tuple(blocks))

    def meets(self, other: "Addresses") -> bool:
        """Whether some address is in both."""
        return not (self.v4.isdisjoint(other.v4) and self.v6.isdisjoint(other.v6))

    def numbers(self, version: int) -> IntervalSet:
        """The addresses of an IP version, as numbers."""
        return self.v4 if version == 4 else self.v6  # noqa: PLR2004

    def of_version(self, version: int | None) -> "Addresses":
        """The addresses of an IP version; all of them where none is named."""
        if version is None:
            return self
        v4 = version == 4  # noqa: PLR2004
        return Addresses(v4=self.v4) if v4 else Addresses(v6=self.v6)

    def sort_key(self) -> tuple[object, ...]:
        """A key that orders address sets the same way on every machine."""
        return self.v4.ranges, self.v6.ranges


_addresses: Callable[[IntervalSet, IntervalSet, tuple[Block, ...]], Addresses] = maker(Addresses)


def _left_of(block: Block, addresses: Addresses) -> Iterator[Block]:
    """The block without some addresses, if anything of it is left."""
    version = block.cidr.version
    left = block.numbers() - addresses.numbers(version)
    if left:
        holes = IntervalSet(((block.cidr.first, block.cidr.last),)) - left
        yield Block(block.cidr, tuple(cidrs_of(holes, version)))


def cidrs_of(numbers: IntervalSet, version: int) -> list[Cidr]:
    """The fewest blocks that have exactly these addresses of an IP version."""
    kind = IPv4Address if version == 4 else IPv6Address  # noqa: PLR2004
    return [
        Cidr(version, int(network.network_address), network.prefixlen)
        for low, high in numbers.ranges
        for network in summarize_address_range(kind(low), kind(high))
    ]


def joined(cidrs: Iterable[Cidr]) -> tuple[Cidr, ...]:
    """The fewest blocks that have the same addresses, in ascending order."""
    stack: list[Cidr] = []
    for cidr in sorted(cidrs):
        if stack and cidr in stack[-1]:
            continue
        stack.append(cidr)
        while len(stack) > 1 and (parent := _parent(stack[-2], stack[-1])) is not None:
            stack[-2:] = [parent]
    return tuple(stack)


def _parent(low: Cidr, high: Cidr) -> Cidr | None:
    """The block that is exactly the two, where there is one."""
    if (low.version, low.prefix) != (high.version, high.prefix) or not low.prefix:
        return None
    if high.first != low.last + 1:
        return None
    parent = Cidr(low.version, low.first, low.prefix - 1)
    return parent if parent.last == high.last else None


class Nesting:
    """Some blocks. Two of them lie one inside the other or have nothing in common."""

    __slots__ = ("_around", "_order")

    def __init__(self, cidrs: Iterable[Cidr]) -> None:
        """Find out for each block which one is next around it."""
        self._order = sorted(cidrs)  # A block comes right before those inside it.
        self._around: dict[Cidr, Cidr | None] = {}
        open_: list[Cidr] = []
        for cidr in self._order:
            while open_ and cidr not in open_[-1]:
                open_.pop()
            self._around[cidr] = open_[-1] if open_ else None
            open_.append(cidr)

    def around(self, cidr: Cidr) -> Cidr | None:
        """The smallest of the blocks that is around one of them."""
        return self._around[cidr]

    def inside(self, cidr: Cidr) -> Iterator[Cidr]:
        """The blocks that are equal to a block or inside it."""
        place = bisect_left(self._order, cidr)
        while place < len(self._order) and self._order[place] in cidr:
            yield self._order[place]
            place += 1

    def meeting(self, cidr: Cidr) -> Iterator[Cidr]:
        """The blocks that are around a block, equal to it or inside it."""
        place = bisect_left(self._order, cidr)
        around = self._order[place - 1] if place else None
        while around is not None:
            if cidr in around:
                yield around
            around = self._around[around]
        yield from self.inside(cidr)


def _tidied(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """Blocks with exceptions as written, the plain ones joined, none empty or inside another."""
    written = set(blocks)
    plain = joined(block.cidr for block in written if not block.excepts)
    # A block whose exceptions leave nothing of it is not a block: printed, it would be refused.
    cut = {Block(b.cidr, joined(b.excepts)) for b in written if b.excepts and b.numbers()}
    if not cut:
        return tuple(Block(cidr) for cidr in plain)
    kept = set(map(Block, plain))
    covers = _Covers((*kept, *cut))
    kept -= {block for block in kept if not cut.isdisjoint(covers.of(block))}
    kept |= {
        block
        for block in cut
        if not any(other in kept or other in cut for other in covers.of(block, more=True))
    }
    return tuple(sorted(kept, key=Block.sort_key))


class _Covers:
    """Blocks, to be asked which of them have all addresses of one."""

    def __init__(self, blocks: Iterable[Block]) -> None:
        self._numbers = {block: block.numbers() for block in blocks}
        self._by_cidr: dict[Cidr, dict[Cidr | None, list[Block]]] = {}
        for block in self._numbers:
            hole = next((cidr for cidr in block.excepts if cidr in block.cidr), None)
            self._by_cidr.setdefault(block.cidr, {}).setdefault(hole, []).append(block)
        self._cidrs = Nesting(self._by_cidr)
        self._holes = {cidr: Nesting(filter(None, some)) for cidr, some in self._by_cidr.items()}

    def of(self, block: Block, *, more: bool = False) -> Iterator[Block]:
        """The other blocks that have all addresses of a block, or all and more."""
        mine = self._numbers[block]
        for cidr in self._cidrs.meeting(block.cidr):
            for other in self._candidates(block, cidr):
                theirs = self._numbers[other]
                if mine <= theirs and other != block and not (more and mine == theirs):
                    yield other

    def _candidates(self, block: Block, cidr: Cidr) -> Iterator[Block]:
        """The candidates of a CIDR block; among equal blocks, those whose first exception it excludes too."""
        by_hole = self._by_cidr[cidr]
        if cidr != block.cidr:
            for some in by_hole.values():
                yield from some
            return
        yield from by_hole.get(None, ())
        for left_out in block.excepts:
            for hole in self._holes[cidr].inside(left_out):
                yield from by_hole[hole]
