"""Addresses of services in texts: URLs, `host:port`, connection strings, commands.

A text of a manifest is anything: a URL with a password, a whole application.yaml, a
shell script. Only what has the form of an address is taken out of it, host and port and
nothing else: user names, passwords, paths and queries never leave this module.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace

from netpolc.bootstrap.assigned_hosts import assigned_hosts
from netpolc.bootstrap.command_addresses import command_addresses
from netpolc.bootstrap.config_comments import config_comments
from netpolc.bootstrap.default_ports import DEFAULT_PORTS
from netpolc.bootstrap.host_forms import (
    HOST,
    IN_BRACKETS,
    Address,
    host_and_port,
    ipv6,
    is_host,
    pair,
    port_number,
)

_SCHEME = "[A-Za-z][A-Za-z0-9+_-]{0,30}"
# Where a list of URLs goes on; the members of a cluster may have names in it: `a=http://b`.
_NEXT = rf"(?![,;|](?:[A-Za-z0-9_.-]{{1,64}}=)?{_SCHEME}://)"
_URL = re.compile(
    rf"(?<![A-Za-z0-9])(?P<schemes>(?:{_SCHEME}:(?://)?){{0,3}}{_SCHEME})://"
    rf"(?P<authority>(?:{_NEXT}[^\s\"'<>`/?#;\\()]){{1,500}})(?P<tail>(?:{_NEXT}[^\s\"'<>`])*)"
)
# Parameters of a database's URL that name further servers, and SAP's list of servers.
_FURTHER_SERVERS = re.compile(
    r"[?&;:](?:(?i:(?:alt|failover|backup|seed)_?hosts?|additional_?endpoints|backup(?:servernode)?"
    r"|failover_?partner|server_?name|clientreroutealternateservername)=(?P<servers>[^?&;=]{1,500})"
    rf"|(?P<server>{HOST}:[0-9]{{1,5}})(?=[;/?]|$))"
)
# Numbers in the names of a cluster's members: `http://minio-{0...3}.minio:9000`, `kafka-{0,1,2}.kafka:9092`,
# `kafka-[0:2].kafka:9092`.
_NUMBERS = re.compile(
    r"[\[{](?:(?P<first>[0-9]{1,4})(?:\.{2,3}|:|-)(?P<last>[0-9]{1,4})|(?P<each>[a-z0-9]{1,20}(?:,[a-z0-9]{1,20}){1,15}))[\]}]"
)
_NOT_OF_URL = re.compile(r"[\s\"'<>`,;{}\[\]]")
# A user, or the number of a cluster's member, may be before the host: `0@kafka-0.kafka:9093`.
_PAIR = re.compile(
    rf"(?<![A-Za-z0-9./_%-])(?P<host>{HOST})\.?:(?P<port>[0-9]{{1,5}})(?!:(?!/)|[0-9A-Za-z.@])"
)
# Members of a cluster with a second port or something else after the first: `zk-0.zk:2888:3888:participant`.
_MEMBER = re.compile(
    rf"(?<![A-Za-z0-9./_%-])(?P<host>(?=[A-Za-z][A-Za-z0-9-]{{0,62}}\.){HOST})\.?:(?P<port>[0-9]{{1,5}}):(?:(?P<more>[0-9]{{1,5}})(?![0-9A-Za-z.]))?"
)
# A record of the DNS that has the port, `dnssrv+_grpc._tcp.store.shop.svc`, by its name.
_RECORD = re.compile(
    rf"(?<![A-Za-z0-9.])_(?P<name>[a-z0-9-]{{1,63}})\._(?:tcp|udp)\.(?P<host>{HOST})"
)
_IPV6 = re.compile(rf"(?<![A-Za-z0-9/@]){IN_BRACKETS}:(?P<port>[0-9]{{1,5}})(?![0-9A-Za-z])")
# The service of an argument of the ingress controller of NGINX.
_BACKEND = re.compile(
    r"--default-backend-service[= ](?P<namespace>[a-z0-9-]{1,63})/(?P<name>[a-z0-9-]{1,63})"
)
_NAME = re.compile(
    r"(?<![A-Za-z0-9._%-])(?=[A-Za-z0-9.-]{1,254}(?![A-Za-z0-9.-]))"
    rf"(?P<host>{HOST}\.svc(?:\.[A-Za-z0-9.-]*[A-Za-z0-9])?)\.?(?![A-Za-z0-9.:_-])"
)
# gRPC's targets, Oracle's thin URLs, addresses without a scheme, the shell's `/dev/tcp`, and the first
# member of MongoDB's `rs0/mongo-0:27017,mongo-1:27017`.
_PREFIXED = re.compile(
    r"(?:(?<![A-Za-z0-9])(?:dns|xds|passthrough|static|kubernetes|k8s)://[^\s/]{0,100}/|oracle:[a-z0-9]{1,10}:[^\s\"'@]{0,200}@(?://)?|(?<![A-Za-z0-9:/])//|/dev/(?:tcp|udp)/"
    r"|(?<![A-Za-z0-9./:_%-])[A-Za-z0-9_-]{1,64}/(?=[A-Za-z0-9.-]{1,253}:[0-9]{1,5},))"
    rf"(?P<host>{HOST})\.?[:/](?P<port>[0-9]{{1,5}})(?![0-9A-Za-z.])"
)
# The network address of Go's MySQL driver.
_NETWORK = re.compile(rf"@(?:tcp|udp)\((?P<host>{HOST})\)")
_NOT_OF_HOST = re.compile(r"[^A-Za-z0-9.-]")
_FOLLOWING = re.compile(rf",(?P<host>{HOST})(?![A-Za-z0-9.:=@_%/(-])")
_BRACKETED = re.compile(r"\[(?P<hosts>[^\[\]:]{1,500})\](?P<port>(?::[0-9]{1,5})?)")
_SHELL_WORD = re.compile(r"[^\s\"'`;|&()\[\]{},]+")
# A variable of NGINX that has the path, `http://api$request_uri`, or anything after the port.
_VARIABLE_PATH = re.compile(
    r"(:[0-9]{1,5}(?=\$)|(?=\$(?:request_uri|uri|is_args|args|[1-9])\b))\$.*"
)
# Java's properties have `http\://db\:80`, JSON may have `http:\/\/db:80`.
_ESCAPED = re.compile(r"\\([:/=])")
_AFTER_URL = "}])|.,"
"""What may follow a URL in a text, as in `${URL:-http://db:80}`."""
_AUTHORITY_V6 = re.compile(rf"{IN_BRACKETS}(?::(?P<port>[0-9]{{1,5}}))?")
_END_OF_AUTHORITY = re.compile(r"[/?#;\\]")
_LONGEST = 1_000_000
_MOST_MEMBERS, _LONGEST_HOST = 16, 253
_SURE = frozenset({"http", "https", "ws", "wss"})
"""Schemes whose port is part of what a URL says (RFC 9110, 4.2.1 and 4.2.2; RFC 6455, 3)."""


def find_addresses(text: str, name: str = "") -> tuple[Address, ...]:
    """The addresses in a text, each once: those outside comments first, in order of form.

    The name of a file, where the text has one, decides with it what is a comment.
    """
    text = _ESCAPED.sub(r"\1", text[:_LONGEST])
    comments = config_comments(text, name)
    starts = [start for start, _ in comments]

    def is_in_comment(place: int) -> bool:
        index = bisect_right(starts, place) - 1
        return index >= 0 and place < comments[index][1]

    addresses = {
        replace(address, host=address.host.rstrip("."), in_comment=is_in_comment(place)): None
        for place, address in _places(text)
    }
    with_port = {
        address.host for address in addresses if address.port is not None and not address.in_comment
    }
    sure = {
        (address.host, address.port)
        for address in addresses
        if not (address.unsure or address.in_comment)
    }
    read = [
        address
        for address in addresses
        if not address.in_comment
        and not (address.port is None and address.host in with_port and not address.port_name)
        and not (address.unsure and (address.host, address.port) in sure)
    ]
    known = {(address.host, address.port) for address in read}
    return (
        *read,
        *(
            address
            for address in addresses
            if address.in_comment and (address.host, address.port) not in known
        ),
    )


def _places(text: str) -> Iterator[tuple[int, Address]]:
    """The addresses in a text, each with its place."""
    for match in _URL.finditer(text):
        for address in _of_url(match["schemes"].lower(), match["authority"], match["tail"]):
            yield match.start(), address
    for match in _NUMBERS.finditer(text):
        yield from ((match.start(), address) for address in _of_members(text, match))
    rest = _URL.sub(_without_url, text)
    for match in _PREFIXED.finditer(text):
        yield from pair(match.start(), match["host"], match["port"])
    for match in _PAIR.finditer(rest):
        if match["host"].isdecimal():
            continue  # Two numbers, of which neither is a host.
        yield from pair(match.start(), match["host"], match["port"])
        for host in _beside(rest, match):
            for place, address in pair(match.start(), host, match["port"]):
                yield place, replace(address, guessed=True)
    yield from _of_members_and_records(rest)
    for pattern in (_NAME, _NETWORK):
        for match in pattern.finditer(rest):
            after_user = text[max(0, match.start() - 1) : match.start()] == "@"
            yield match.start(), Address(match["host"].lower(), None, unsure=after_user)
    yield from assigned_hosts(rest)
    words = [(match.start(), match[0]) for match in _SHELL_WORD.finditer(rest)]
    for index, address in command_addresses([word for _, word in words]):
        yield words[index][0], address


def _of_members_and_records(text: str) -> Iterator[tuple[int, Address]]:
    """Addresses with two ports, with the name of a port, and of the versions that are not an ordinary pair."""
    for match in _MEMBER.finditer(text):
        for digits in (match["port"], match["more"]):
            if digits:
                for place, address in pair(match.start(), match["host"], digits):
                    yield place, replace(address, unsure=True)
    for match in _RECORD.finditer(text):
        yield match.start(), Address(match["host"].lower(), None, port_name=match["name"])
    for match in _IPV6.finditer(text):
        if host := ipv6(match["v6"]):
            yield from pair(match.start(), host, match["port"])
    for match in _BACKEND.finditer(text):
        yield match.start(), Address(f"{match['name']}.{match['namespace']}", None)


def _of_members(text: str, match: re.Match[str]) -> Iterator[Address]:
    """The addresses of the members of a cluster, in whose name a range of numbers is."""
    before = _NOT_OF_URL.split(text[max(0, match.start() - _LONGEST_HOST) : match.start()])[-1]
    after = _NOT_OF_URL.split(text[match.end() : match.end() + _LONGEST_HOST])[0]
    if match["each"]:
        parts = match["each"].split(",")
    else:
        first, last = int(match["first"]), int(match["last"])
        parts = [*map(str, range(first, min(last + 1, first + _MOST_MEMBERS)))]
    for number in parts:
        yield from (address for _, address in _places(f"{before}{number}{after}"))


def _beside(text: str, match: re.Match[str]) -> Iterator[str]:
    """The hosts without a port in the list of a host with a port, as in `zk1,zk2,zk3:2181`."""
    start, end = match.span()
    while text[max(0, start - 1) : start] == ",":
        word = _NOT_OF_HOST.split(text[max(0, start - 1 - _LONGEST_HOST) : start - 1])[-1]
        if not is_host(word):
            break
        yield word
        start -= 1 + len(word)
    while (following := _FOLLOWING.match(text, end)) is not None:
        yield following["host"]
        end = following.end()


def _without_url(match: re.Match[str]) -> str:
    """The blanks in place of a URL, but not of what names servers after its authority.

    A URL without a host, as libpq takes it, keeps `?host=pg` at its end, and MySQL's keeps
    `address=(host=db)`.
    """
    if match["authority"].endswith(("@", "address=", "[")):
        kept = match["tail"]
    elif match["schemes"].lower() in _SURE:
        kept = ""
    else:
        kept = " ".join(
            further["server"] or f"servers={further['servers']}"
            for further in _FURTHER_SERVERS.finditer(match["tail"])
        )
    return " " * (len(match[0]) - len(kept)) + kept


def _of_url(schemes: str, authority: str, tail: str) -> Iterator[Address]:
    """The hosts of a URL.

    A password may hold `/`, `?` and `#` for clients that look for the `@` after it, so where
    there is an `@` later on, each way to read the URL is tried.
    """
    user, _, hosts = authority.rpartition("@")
    usual = list(_hosts(schemes, hosts))
    if "@" not in tail or (usual and not user and schemes.rpartition(":")[2] in _SURE):
        yield from usual
        return
    others = (_END_OF_AUTHORITY.split(part, maxsplit=1)[0] for part in tail.split("@")[1:])
    for other in (usual, *(_hosts(schemes, hosts) for hosts in others)):
        yield from (replace(address, unsure=True) for address in other)


def _hosts(schemes: str, hosts: str) -> Iterator[Address]:
    """The hosts of a URL's authority; databases and brokers take several, with commas.

    A host without a port has the usual one of the scheme. Where another host has a different one, any
    port may be meant.
    """
    if (bracketed := _BRACKETED.fullmatch(hosts)) is not None:
        hosts = bracketed["hosts"].replace(",", f"{bracketed['port']},") + bracketed["port"]
    if schemes.endswith("cassandra"):
        hosts = hosts.replace("--", ",")
    parts = [
        host_and_digits for part in hosts.split(",") if (host_and_digits := _of_authority(part))
    ]
    usual = _usual_port(schemes)
    written = {int(digits) for _, digits in parts if digits}
    for host, digits in parts:
        if digits:
            if (port := port_number(digits)) is not None:
                yield Address(host, port, url=True)
        elif written - {usual}:
            yield Address(host, None, url=True)
        else:
            sure = schemes.rpartition(":")[2] in _SURE
            yield Address(host, usual, guessed=not sure, url=True)


def _of_authority(text: str) -> tuple[str, str] | None:
    """The host and the port of a part of an authority, which may be an IPv6 address in brackets."""
    text = _VARIABLE_PATH.sub(r"\1", text) if "$" in text else text
    if (match := _AUTHORITY_V6.fullmatch(text)) is not None:
        host = ipv6(match["v6"])
        return (host, match["port"] or "") if host else None
    return host_and_port(text) or host_and_port(text.rstrip(_AFTER_URL))


def _usual_port(schemes: str) -> int | None:
    """The port of a scheme; `postgresql+psycopg2` has its driver, `mysql:replication` a way to use it."""
    words = [word.lstrip("/") for word in reversed(schemes.split(":"))]
    names = [name for word in words for name in (word, word.partition("+")[0])]
    return next((DEFAULT_PORTS[name] for name in names if name in DEFAULT_PORTS), None)
