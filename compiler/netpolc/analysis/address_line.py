"""Addresses of both IP versions on one line of numbers.

A box has one variable for an address, so both versions share it: IPv6 addresses come
after the IPv4 ones, with a gap so that the two never touch.
"""

from ipaddress import IPv4Address, IPv6Address, summarize_address_range

from netpolc.kube.cidr import Addresses, Block, Cidr
from netpolc.sets import IntervalSet

_V6 = 1 << 33


def on_line(addresses: Addresses) -> IntervalSet:
    """The numbers of addresses of both IP versions on the line."""
    v6 = ((low + _V6, high + _V6) for low, high in addresses.v6.ranges)
    return IntervalSet((*addresses.v4.ranges, *v6))


def off_line(numbers: IntervalSet) -> tuple[IntervalSet, IntervalSet]:
    """The IPv4 and the IPv6 addresses among the numbers of the line."""
    v4 = numbers & IntervalSet(((0, _V6 - 1),))
    return v4, IntervalSet(tuple((a - _V6, b - _V6) for a, b in (numbers - v4).ranges))


def as_addresses(numbers: IntervalSet) -> Addresses:
    """Addresses from numbers on their line, with the fewest blocks that write them."""
    v4, v6 = off_line(numbers)
    networks = [
        network
        for kind, ranges in ((IPv4Address, v4.ranges), (IPv6Address, v6.ranges))
        for low, high in ranges
        for network in summarize_address_range(kind(low), kind(high))
    ]
    blocks = (Cidr(n.version, int(n.network_address), n.prefixlen) for n in networks)
    return Addresses(v4, v6, tuple(map(Block, blocks)))
