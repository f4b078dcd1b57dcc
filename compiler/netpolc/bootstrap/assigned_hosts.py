"""Hosts in settings: `Host=pg;Port=5432`, `Server=mssql,1433`, `'host' => 'pg'`, `host: pg` above `port: 5432`, and lists of hosts."""

import re
from collections.abc import Iterator, Sequence
from itertools import chain

from netpolc.bootstrap.host_forms import Address, host_without_port, is_host, pair

_ASSIGNMENT = re.compile(
    r"(?<![A-Za-z0-9_])(?P<key>[A-Za-z][A-Za-z0-9_.-]{0,63})[\"']?\]?[ \t]{0,4}(?:=>|[=:])[ \t]{0,4}[\"']?"
    r"(?:tcp:)?(?P<value>[A-Za-z0-9](?:[A-Za-z0-9.:_-]|,[ \t]?(?![A-Za-z0-9_.-]{1,64}[ \t]?[=:])(?=[A-Za-z0-9])){0,260}+)(?!=)"
)
# Servers whose settings are lines of words: `Host es`, `server api;`.
_DIRECTIVE = re.compile(
    r"^[ \t]*+(?P<key>[A-Za-z][A-Za-z_.]{0,63})[ \t]{1,40}(?P<value>[A-Za-z0-9][A-Za-z0-9.:_-]{0,260});?[ \t]{0,40}$",
    re.MULTILINE,
)
# Elements of XML: `<host>db</host> <port>5432</port>`.
_ELEMENT = re.compile(
    r"<(?P<key>[A-Za-z][A-Za-z0-9_.-]{0,63})>[ \t]{0,4}(?P<value>[A-Za-z0-9][A-Za-z0-9.:_-]{0,260})[ \t]{0,4}</"
)
# Lists in brackets, `seed_hosts: ["es-0.es", "es-1.es"]`, and lines of YAML, `join_members:` above `- loki`.
_LIST = re.compile(
    r"(?<![A-Za-z0-9_])(?P<key>[A-Za-z][A-Za-z0-9_.-]{0,63})[\"']?[ \t]{0,4}[=:][ \t]{0,4}"
    r"(?:\[(?P<items>[^\[\]{}]{1,2000})\]|\r?\n(?P<lines>(?:[ \t]{0,40}-[ \t]{1,4}[^\s#]{1,260}[ \t]{0,4}(?:\r?\n|$)){1,50}))"
)
_OF_LIST = re.compile(r"[\s,\"']+")
_HOST_KEY = re.compile(
    r"(?i:host(?:name)?|server(?:name)?|addr(?:ess)?|endpoint|source|contact[_.-]?point|broker|partner"
    r"|seed|peer|join|join[_.-]?member|discovery[_.-]?service|headless[_.-]?service|replica[_.-]?service)(?i:e?s)?$"
)
_NEARBY_ASSIGNMENTS = 3


def assigned_hosts(text: str) -> Iterator[tuple[int, Address]]:
    """Hosts with their port: `Host=pg;Port=5432`, `Server=mssql,1433`, `host: pg` above `port: 5432`.

    A short name without a port is an address as well; where one is known, others drop it.
    """
    patterns = (_ASSIGNMENT, _DIRECTIVE, _ELEMENT)
    matches = chain.from_iterable(pattern.finditer(text) for pattern in patterns)
    listed = sorted(matches, key=lambda match: match.start("key"))
    yield from _of_lists(text)
    for index, match in enumerate(listed):
        key = _HOST_KEY.search(match["key"])
        if key is None:
            continue
        hosts = re.split(r",[ \t]?", match["value"])
        if len(hosts) > 1 and hosts[-1].isdecimal():
            ports = [hosts.pop()]
        else:
            ports = _port_near(listed, index, match["key"][: key.start()])
        if len(ports) not in {1, len(hosts)}:
            ports = [""]
        for host, port in zip(hosts, ports * (len(hosts) // len(ports)), strict=True):
            if not is_host(host):
                continue
            if port.isdecimal() and len(port) < len("100000"):
                yield from pair(match.start(), host, port)
            else:
                # A name with dots may be anything: it counts if it is that of a Service.
                yield match.start(), Address(host.lower(), None, unsure="." in host)


def _port_near(listed: Sequence[re.Match[str]], index: int, prefix: str) -> list[str]:
    """The ports that an assignment near that of a host has, whose key begins alike: the nearest one.

    Of two as near it is the one after the host, unless ports come before their hosts.
    """
    wanted = f"{prefix}port".lower()
    names = {wanted, f"{wanted}_value", f"{wanted}number"}
    places = range(max(0, index - _NEARBY_ASSIGNMENTS), index + _NEARBY_ASSIGNMENTS + 1)
    ports = [i for i in places if i < len(listed) and listed[i]["key"].lower() in names]
    if not ports:
        return [""]
    host_key = listed[index]["key"]
    first_host = next(i for i, match in enumerate(listed) if match["key"] == host_key)
    port_first = first_host - 1 in ports
    nearest = min(ports, key=lambda i: (abs(i - index), (i > index) is port_first))
    return re.split(r",[ \t]?", listed[nearest]["value"])


def _of_lists(text: str) -> Iterator[tuple[int, Address]]:
    """The hosts without a port in lists below a name for hosts; those with a port are found elsewhere."""
    for match in _LIST.finditer(text):
        if _HOST_KEY.search(match["key"]):
            for word in _OF_LIST.split(match["items"] or match["lines"]):
                if (host := host_without_port(word)) is not None:
                    yield match.start(), Address(host, None, unsure=True)
