"""CIDR texts as the API server takes them, which is more than a person should write.

`ipBlock` is a "legacy" field: the server accepts blocks with host bits set and reads
them as their network (`IsValidCIDRForLegacyField`, Kubernetes' address validation). So
do we, with a warning where one is read. Octets with leading zeros are refused: the
server reads them as decimal, and much of the software below it as octal
(CVE-2021-29923), so nobody can say what such a block is.
"""

import re
from functools import lru_cache
from ipaddress import ip_network

from netpolc.kube.cidr import Cidr

_FORM = re.compile(r"[0-9A-Fa-f:.]+/[0-9]{1,3}")
_LEADING_ZERO = re.compile(r"(?:^|\.)0[0-9]+(?=[./])")
_NO_MASK = re.compile(r"[0-9A-Fa-f:.]+")


@lru_cache(maxsize=1 << 16)
def parsed(text: str) -> tuple[Cidr, bool]:
    """The block of a CIDR text, and whether it has host bits set.

    Raises:
        ValueError: it is none; the message is the end of a sentence that begins with it.
    """
    if (plain := Cidr.plain(text)) is not None:
        return plain, False
    if _FORM.fullmatch(text) is None:
        bare = _NO_MASK.fullmatch(text) is not None and _is_address(text)
        message = "has no mask" if bare else "is no block of addresses"
        raise ValueError(message)
    if ":" not in text and _LEADING_ZERO.search(text) is not None:
        message = "has a leading zero, decimal to some software and octal to other"
        raise ValueError(message)
    try:
        network = ip_network(text, strict=False)
    except ValueError as error:
        message = "is no block of addresses"
        raise ValueError(message) from error
    try:
        return Cidr.parse(str(network)), _has_host_bits(text)
    except ValueError as error:
        message = "is an IPv4 address in IPv6 clothes, which no two systems treat alike"
        raise ValueError(message) from error


def _is_address(text: str) -> bool:
    try:
        ip_network(text)
    except ValueError:
        return False
    return True


def _has_host_bits(text: str) -> bool:
    try:
        ip_network(text)
    except ValueError:
        return True
    return False
