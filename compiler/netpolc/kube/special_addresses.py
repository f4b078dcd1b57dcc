"""Addresses that are not those of a peer: a block with one permits nothing, or more than was meant.

Loopback, link-local, multicast and unspecified addresses mean something else on every machine
(RFC 6890, RFC 4291). So does the metadata service of a cloud, which trusts every caller. An IPv6
address that leads to an IPv4 one, by NAT64 or a tunnel, means what that one means.
"""

from collections.abc import Iterator
from ipaddress import IPv4Address, ip_address, ip_network

from netpolc.kube.cidr import Address, Addresses
from netpolc.sets import IntervalSet

_INSTANCE_METADATA = tuple(
    ip_address(text)
    for text in (
        "169.254.169.254",  # AWS, Azure, Google Cloud, OpenStack and others
        "fd00:ec2::254",  # AWS
        "fd20:ce::254",  # Google Cloud
    )
)
"""The services of the clouds that most clusters run on, for sets of addresses in any cloud."""
_METADATA = frozenset(_INSTANCE_METADATA) | frozenset(
    ip_address(text)
    for text in (
        "169.254.170.2",  # AWS, credentials of ECS tasks
        "169.254.170.23",  # AWS, EKS Pod Identity
        "fd00:ec2::23",  # AWS, EKS Pod Identity
        "100.100.100.200",  # Alibaba Cloud
        "168.63.129.16",  # Azure, WireServer
        "169.254.42.42",  # Scaleway
        "fd00:42::42",  # Scaleway
    )
)
_THIS_NETWORK, _RESERVED = ip_network("0.0.0.0/8"), ip_network("240.0.0.0/4")
_BROADCAST = IPv4Address("255.255.255.255")
_V4_AT_END = tuple(
    ip_network(text)
    for text in (
        "::/96",  # IPv4-compatible (RFC 4291)
        "::ffff:0:0/96",  # IPv4-mapped (RFC 4291)
        "::ffff:0:0:0/96",  # IPv4-translated (RFC 2765)
        "64:ff9b::/96",  # NAT64 (RFC 6052)
        "64:ff9b:1::/48",  # NAT64 of the own network (RFC 8215)
    )
)
"""The blocks of IPv6 addresses whose last 32 bits are an IPv4 address."""
_V4_AT_END_NUMBERS = IntervalSet.of(*((int(block[0]), int(block[-1])) for block in _V4_AT_END))
_V4_BITS = 0xFFFF_FFFF


def metadata_service(address: Address) -> str:
    """The meaning of an address as the receiver, if it is a metadata service of a cloud; else an empty text."""
    if _METADATA.isdisjoint(_same_host(address)):
        return ""
    return (
        "a metadata service of the cloud, which gives a node's or a pod's credentials to every caller:"
        " open it only to pods that need it"
    )


def instance_metadata_in(addresses: Addresses) -> Iterator[Address]:
    """The own addresses of instance metadata services that are in a set."""
    return (address for address in _INSTANCE_METADATA if address in addresses)


def leads_to_instance_metadata(addresses: Addresses) -> bool:
    """Whether an address of a set is, or leads by NAT64 or mapping to, an instance metadata service."""
    return any(instance_metadata_in(addresses)) or any(
        low + (int(address) - low & _V4_BITS) <= high
        for address in _INSTANCE_METADATA
        if address.version == 4  # noqa: PLR2004
        for low, high in (addresses.v6 & _V4_AT_END_NUMBERS).ranges
    )


def special_use(address: Address) -> str:
    """The meaning of an address that is not a peer's at all; an empty text for all others."""
    return next(filter(None, map(_special_use, _same_host(address))), "")


def _same_host(address: Address) -> Iterator[Address]:
    """An address, and the IPv4 addresses to which it leads."""
    yield address
    if isinstance(address, IPv4Address) or address.is_loopback or address.is_unspecified:
        return
    if any(address in block for block in _V4_AT_END):
        yield IPv4Address(int(address) & _V4_BITS)
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield address.teredo[1]


def _special_use(address: Address) -> str:
    if address.is_loopback:
        return "a loopback address: this traffic does not leave the pod, so no policy is about it"
    if address.is_link_local:
        return (
            "a link-local address, which each node has for itself, such as that of a DNS cache:"
            " what a block matches there depends on the network plugin"
        )
    if address.is_multicast:
        return "a multicast address: NetworkPolicy does not say what it means for multicast"
    if address == _BROADCAST:
        return "the broadcast address: NetworkPolicy does not say what it means for broadcasts"
    if address.is_unspecified or address in _THIS_NETWORK:
        return "an unspecified address: programs listen on it, and nobody is reached by it"
    if address in _RESERVED:
        return "a reserved address, which no host has"
    return ""
