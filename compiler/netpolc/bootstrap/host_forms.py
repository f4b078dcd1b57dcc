"""Hosts and ports as texts have them, and the address that both make."""

import re
from collections.abc import Iterator
from ipaddress import IPv6Address

from netpolc.values import frozen

HOST = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*"
IN_BRACKETS = r"\[(?P<v6>[0-9A-Fa-f:]{2,39}(?:\.[0-9.]{5,11})?)\]"
"""An IPv6 address, as URLs and addresses with a port have it."""
_ONE = re.compile(rf"(?P<host>{HOST})\.?(?::(?P<port>[0-9]{{1,5}}))?")
_MAX_PORT = 65535


@frozen(order=True)
class Address:
    """A host as the text has it, and its port; a port that is `guessed` is not in the text.

    `port_name` is the name of the port in a record of the DNS (SRV). `url` says that the text has a
    scheme, so that it surely is an address; `unsure` that it may instead be a part of a password or of
    something else, which must not be shown; `in_comment` that the program does not read it.
    """

    host: str
    port: int | None
    guessed: bool = False
    url: bool = False
    unsure: bool = False
    in_comment: bool = False
    port_name: str = ""


def is_host(word: str) -> bool:
    """Whether a word may be a host without a port."""
    return not word.isdecimal() and ":" not in word and _ONE.fullmatch(word) is not None


def host_and_port(text: str) -> tuple[str, str] | None:
    """The host of a text that is one, and its port as digits, if it has one."""
    match = _ONE.fullmatch(text)
    return None if match is None else (match["host"].lower(), match["port"] or "")


def host_without_port(text: str) -> str | None:
    """The host of a text that is one without a port."""
    host, port = host_and_port(text) or ("", "")
    return None if port or not host or host.isdecimal() else host


def pair(place: int, host: str, digits: str) -> Iterator[tuple[int, Address]]:
    """The address of a host and a port at a place, if the port is valid."""
    if (port := port_number(digits)) is not None:
        yield place, Address(host.lower(), port)


def port_number(digits: str) -> int | None:
    """The port of up to five digits; None if it is not from 1 to 65535."""
    return int(digits) if 1 <= int(digits) <= _MAX_PORT else None


def ipv6(text: str) -> str:
    """An IPv6 address in its one form; empty for other texts."""
    try:
        return str(IPv6Address(text))
    except ValueError:
        return ""
