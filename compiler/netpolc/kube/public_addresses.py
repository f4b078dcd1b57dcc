"""Which addresses are public.

`internet` must never open a private network, the cloud's metadata service or the
cluster itself. So it is the globally reachable unicast space and no more: IPv4 without,
and the IPv6 block 2000::/3 without, what the IANA special-purpose address registries
(RFC 6890 and its updates, RFC 8190) call not globally reachable, multicast and reserved
space. Transition prefixes that carry an IPv4 address inside (6to4, Teredo) are left out
as well: the address inside could be a private one.
"""

from collections.abc import Iterable
from functools import cache

from netpolc.kube.cidr import Addresses, Block, Cidr, joined

_SPACES = (
    (
        "0.0.0.0/0",
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # shared, carrier-grade NAT
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local, the metadata service
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays, deprecated
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarking
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/3",  # multicast, reserved, broadcast
    ),
    (
        "2000::/3",
        "2001::/23",  # protocol assignments, Teredo
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "3fff::/20",  # documentation
    ),
)
_PRIVATE = (
    "10.0.0.0/8",
    "100.64.0.0/10",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "fc00::/7",
)
_WIDE_V4, _WIDE_V6 = 1 << 24, 1 << 112


def internet(without: Iterable[Cidr] = ()) -> Addresses:
    """The public addresses, without the blocks that the cluster itself uses.

    A block of the cluster that holds a whole public space leaves nothing of it.
    """
    own = tuple(without)
    blocks = []
    for space in _public():
        if any(space.cidr in cidr for cidr in own):
            continue
        inside = (cidr for cidr in own if cidr in space.cidr)
        blocks.append(Block(space.cidr, joined((*space.excepts, *inside))))
    return Addresses.of(blocks)


@cache
def private() -> Addresses:
    """The addresses from which clusters take those of their pods: private, shared and unique local ones."""
    return Addresses.of(Block(Cidr.parse(text)) for text in _PRIVATE)


def is_internet(addresses: Addresses) -> bool:
    """Whether addresses hold so many public ones that they are the internet.

    These are a /8 of IPv4 or a /16 of IPv6: `internet` cut at the edge of a block is still the internet.
    """
    public = _internet()
    v4, v6 = addresses.v4 & public.v4, addresses.v6 & public.v6
    return v4.count() >= _WIDE_V4 or v6.count() >= _WIDE_V6


@cache
def _internet() -> Addresses:
    """All public addresses."""
    return internet()


@cache
def _public() -> tuple[Block, ...]:
    """The public blocks, one for each IP version."""
    return tuple(
        Block(Cidr.parse(space), tuple(Cidr.parse(hole) for hole in holes))
        for space, *holes in _SPACES
    )
