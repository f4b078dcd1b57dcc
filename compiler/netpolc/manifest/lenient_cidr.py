"""CIDR texts as the API server takes them, which is more than a person should write.

`ipBlock` is a "legacy" field: servers up to Kubernetes 1.35 accept blocks with host bits set
and leading zeros in the mask, and read them as their network (`IsValidCIDRForLegacyField`,
Kubernetes' address validation). From 1.36 on they refuse these in new policies and keep them
in stored ones (`StrictIPCIDRValidation`). So both are read, with a warning. Octets with leading zeros are refused: the
server reads them as decimal, and much of the software below it as octal
(CVE-2021-29923), so nobody can say what such a block is.
"""

import re
from ipaddress import IPv6Address, ip_address, ip_network

from netpolc.kube.cidr import Cidr
from netpolc.remembered import remembered_by_text

_FORM = r"[0-9A-Fa-f:.]+/[0-9]{1,3}"
_LEADING_ZERO = r"(?:^|\.)0[0-9]+(?=[.]|$)"
_NO_MASK = r"[0-9A-Fa-f:.]+"


@remembered_by_text
def parsed(text: str) -> tuple[Cidr, str]:
    """The block of a CIDR text, and what of the text Kubernetes 1.36 refuses, empty for nothing.

    Raises:
        ValueError: it is none; the message is the end of a sentence that begins with it.
    """
    if (plain := Cidr.plain(text)) is not None:
        return plain, ""
    if re.fullmatch(_FORM, text) is None:
        bare = re.fullmatch(_NO_MASK, text) is not None and _is_address(text)
        message = "has no mask" if bare else "is not an address block"
        raise ValueError(message)
    address, _, mask = text.partition("/")
    if ":" not in address and re.search(_LEADING_ZERO, address) is not None:
        message = "has a leading zero, decimal to some software and octal to other"
        raise ValueError(message)
    try:
        network = ip_network(text, strict=False)
    except ValueError as error:
        message = "is not an address block"
        raise ValueError(message) from error
    if isinstance(ip := ip_address(address), IPv6Address) and ip.ipv4_mapped is not None:
        message = "is an IPv4-mapped IPv6 address, which systems treat differently"
        raise ValueError(message)
    return Cidr.parse(str(network)), _refused(text, mask)


def _refused(text: str, mask: str) -> str:
    if _has_host_bits(text):
        return "has host bits set"
    return "has a leading zero in its mask" if mask != str(int(mask)) else ""


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
