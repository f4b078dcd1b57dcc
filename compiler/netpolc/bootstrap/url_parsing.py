"""Addresses of services in texts: URLs, `host:port`, and names that end in `.svc`.

A text of a manifest is anything: a URL with a password, a whole application.yaml, a
shell script. Only what has the form of an address is taken out of it, host and port and
nothing else: user names, passwords, paths and queries never leave this module.
"""

import re
from collections.abc import Iterator

from netpolc.frozen import frozen

_HOST = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*"
_NEXT = r"(?!,[A-Za-z][A-Za-z0-9+-]{0,30}://)"  # where a list of URLs goes on
_URL = re.compile(
    r"(?<![A-Za-z0-9])(?P<scheme>[A-Za-z][A-Za-z0-9+-]{0,30})://"
    rf"(?P<rest>(?:{_NEXT}[^\s\"'<>`/?#;\\]){{1,500}})(?P<tail>(?:{_NEXT}[^\s\"'<>`])*)"
)
# The members of a cluster are told with their numbers: `0@kafka-0.kafka:9093`.
_PAIR = re.compile(
    rf"(?<![A-Za-z0-9.@/_%-])(?:(?<!:)[0-9]{{1,5}}@)?(?P<host>{_HOST}):(?P<port>[0-9]{{1,5}})(?![0-9A-Za-z.:@])"
)
_NAME = re.compile(
    rf"(?<![A-Za-z0-9.@_%-])(?P<host>{_HOST}\.svc(?:\.[A-Za-z0-9.-]*[A-Za-z0-9])?)\.?(?![A-Za-z0-9.:_-])"
)
_ONE = re.compile(rf"(?P<host>{_HOST})\.?(?::(?P<port>[0-9]{{1,5}}))?")
_LONGEST, _MAX_PORT = 1_000_000, 65535

DEFAULT_PORTS = {
    "amqp": 5672,
    "amqps": 5671,
    "grpc": 443,
    "http": 80,
    "https": 443,
    "ldap": 389,
    "ldaps": 636,
    "mariadb": 3306,
    "mongodb": 27017,
    "mysql": 3306,
    "nats": 4222,
    "postgres": 5432,
    "postgresql": 5432,
    "redis": 6379,
    "rediss": 6379,
    "sqlserver": 1433,
    "ws": 80,
    "wss": 443,
}
"""The ports that clients use where a URL has none (IANA's registry, and the servers' own)."""

_SURE = frozenset({"http", "https", "ws", "wss"})
"""Schemes whose port is part of what a URL says (RFC 9110, 4.2.1 and 4.2.2; RFC 6455, 3)."""


@frozen(order=True)
class Address:
    """A host as the text has it, and its port; a port that is `guessed` stands in no text.

    `url` says that the text has a scheme, so that it surely is an address.
    """

    host: str
    port: int | None
    guessed: bool = False
    url: bool = False


def addresses(text: str) -> tuple[Address, ...]:
    """The addresses in a text, each once, in order of appearance."""
    found: dict[Address, None] = {}
    rest = text[:_LONGEST]
    for match in _URL.finditer(rest):
        # A password may hold `/`: what stands before a later `@` is perhaps no host.
        if "@" not in match["tail"]:
            found.update(dict.fromkeys(_of_url(match["scheme"].lower(), match["rest"])))
    rest = _URL.sub(lambda match: " " * len(match[0]), rest)
    for match in _PAIR.finditer(rest):
        if (port := _port(match["port"])) is not None:
            found[Address(match["host"].lower(), port)] = None
    for match in _NAME.finditer(rest):
        found[Address(match["host"].lower(), None)] = None
    return tuple(found)


def _of_url(scheme: str, authority: str) -> Iterator[Address]:
    """The hosts of a URL's authority; databases and brokers take several, with commas."""
    for part in authority.rpartition("@")[2].split(","):
        match = _ONE.match(part)
        if match is None or match.end() < len(part):
            continue
        host = match["host"].lower()
        if match["port"] is not None:
            if (port := _port(match["port"])) is not None:
                yield Address(host, port, url=True)
        else:
            yield Address(host, DEFAULT_PORTS.get(scheme), guessed=scheme not in _SURE, url=True)


def _port(digits: str) -> int | None:
    return int(digits) if 1 <= int(digits) <= _MAX_PORT else None
