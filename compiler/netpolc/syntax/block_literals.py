"""The address blocks of a statement as values, and findings about invalid blocks.

As in `literals`, each function returns the value of a word, or raises `Refused` with the finding.
"""

import re
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_address, ip_network

from netpolc.diagnostics import Fix
from netpolc.kube.cidr import Block, Cidr
from netpolc.source import Span
from netpolc.syntax import rules
from netpolc.syntax.keywords import is_address
from netpolc.syntax.literals import Refused, refused

_TWO_PORTS = r"([A-Za-z0-9]+):([0-9]+):([0-9]+)"
_SHORT_PORT = r"[1-9][0-9]{1,3}"
"""A port that may be a group of an IPv6 address too."""

_MAPPED_BITS = 96
_LONGEST_MASK = 3


def block(text: str, span: Span) -> Cidr:
    """An address block, which must have its mask and no host bits."""
    if (plain := Cidr.plain(text)) is not None:
        return plain
    address_text, slash, mask = text.partition("/")
    try:
        address = ip_address(address_text)
    except ValueError:
        raise _no_block(span, address_text) from None
    if not slash or not mask:
        raise _no_mask(span, address)
    if not (mask.isdecimal() and len(mask) <= _LONGEST_MASK and int(mask) <= address.max_prefixlen):
        raise _no_number(span, address, mask)
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        ipv4 = f"{address.ipv4_mapped}/{max(0, int(mask) - _MAPPED_BITS)}"
        raise _invalid_block(
            span,
            f"`{text}` is an IPv4 block written as IPv6",
            "matches no connection",
            f"write the IPv4 block, `{ipv4}`",
            (Fix(span=span, replacement=ipv4),) if int(mask) >= _MAPPED_BITS else (),
        )
    network = ip_network(f"{address}/{int(mask)}", strict=False)
    if network.network_address != address:
        raise _host_bits(span, text, str(network), address)
    return Cidr(network.version, int(network.network_address), network.prefixlen)


def _no_number(span: Span, address: IPv4Address | IPv6Address, mask: str) -> Refused:
    """The error for a mask that is not a number of bits, with the number where it is written as an address."""
    advice = "the mask is the number of leading bits that all addresses of the block share"
    fixes: tuple[Fix, ...] = ()
    network = _dotted(address, mask)
    if network is not None and network.network_address == address:
        advice = f"write `{network}`"
        fixes = (Fix(span=span, replacement=str(network)),)
    elif network is not None:
        advice = f"write the mask as a number: `/{network.prefixlen}`"
    return _invalid_block(
        span,
        f"`/{mask}` is not a mask of an IPv{address.version} block",
        f"not a number from 0 to {address.max_prefixlen}",
        advice,
        fixes,
    )


def _dotted(address: IPv4Address | IPv6Address, mask: str) -> IPv4Network | None:
    """The block of a mask that is written as an address, such as `255.0.0.0` or, for routers, `0.255.255.255`."""
    if not is_address(mask) or mask == "0.0.0.0":  # noqa: S104 - which may mean no bit or all of them
        return None
    try:
        return IPv4Network(f"{address}/{mask}", strict=False)
    except ValueError:
        return None


def _no_block(span: Span, address: str) -> Refused:
    if ports := re.fullmatch(_TWO_PORTS, span.text):
        fixed = "{}:[{}, {}]".format(*ports.groups())
        return refused(
            rules.MISSING_BRACKET,
            span,
            "several ports of one peer go in brackets",
            "two colons",
            f"write `{fixed}`",
            (Fix(span=span, replacement=fixed, safe=True),),
        )
    leading_zero = is_address(address) and any(
        len(part) > 1 and part.startswith("0") for part in address.split(".")
    )
    return _invalid_block(
        span,
        f"`{address}` is not an IP address",
        "not an address",
        "write the numbers without leading zeros; some programs read those as octal"
        if leading_zero
        else "a block is an address and a mask, such as `10.0.0.0/8` or `2001:db8::/32`",
    )


def _no_mask(span: Span, address: IPv4Address | IPv6Address) -> Refused:
    single = f"{address}/{address.max_prefixlen}"
    with_port = _with_port(address)
    other = f"; if a port is at its end, `{with_port}`" if with_port else ""
    return refused(
        rules.MISSING_MASK,
        span,
        f"`{address}` has no mask",
        "an address; expected a block",
        f"for this one address write `{single}`{other}",
        (Fix(span=span, replacement=single, safe=with_port is None),),
    )


def _with_port(address: IPv4Address | IPv6Address) -> str | None:
    """The IPv6 address and the port that the text of an address may mean: `fd00::1:443` is both."""
    before, _, port = str(address).rpartition(":")
    try:
        single = IPv6Address(before)
    except ValueError:
        return None
    return f"{single}/{single.max_prefixlen}:{port}" if re.fullmatch(_SHORT_PORT, port) else None


def _host_bits(span: Span, text: str, network: str, address: IPv4Address | IPv6Address) -> Refused:
    single = f"{address}/{address.max_prefixlen}"
    return refused(
        rules.HOST_BITS,
        span,
        f"`{text}` is an address inside a block, not a block",
        f"the block of this mask is `{network}`",
        f"write `{network}` for the whole block, or `{single}` for the one address",
        (Fix(span=span, replacement=network), Fix(span=span, replacement=single)),
    )


def block_with_holes(
    cidr: Cidr, holes: tuple[Cidr, ...], places: Callable[[], Sequence[Span]]
) -> Block:
    """A block and what is left out of it: parts of it, and not all of it.

    `places` returns where the block is, and each hole.
    """
    for index, hole in enumerate(holes, 1):
        if hole not in cidr:
            problem, label = f"`{hole}` is not inside `{cidr}`", "outside the block"
            help_text = "remove it: `except` removes addresses from the block before it"
        elif hole == cidr:
            problem, label = f"nothing is left of `{cidr}`", "the whole block"
            help_text = "leave the peer out, or except a smaller block"
        else:
            continue
        raise refused(rules.INVALID_EXCEPT, places()[index], problem, label, help_text)
    made = Block(cidr, holes)
    # Most holes together are too small to be the whole block, whether or not they overlap.
    if sum(hole.size for hole in holes) >= cidr.size and not made.numbers():
        first, *_, last = places()
        raise refused(
            rules.INVALID_EXCEPT,
            first.to(last),
            f"nothing is left of `{cidr}`",
            "the excepted blocks make up the whole block",
            "leave the peer out, or except less",
        )
    return made


def _invalid_block(
    span: Span, message: str, label: str, help_text: str, fixes: tuple[Fix, ...] = ()
) -> Refused:
    return refused(rules.INVALID_BLOCK, span, message, label, help_text, fixes)
