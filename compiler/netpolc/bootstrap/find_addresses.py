"""Addresses of services in texts: URLs, `host:port`, connection strings, commands.

A text of a manifest is anything: a URL with a password, a whole application.yaml, a
shell script. Only what has the form of an address is taken out of it, host and port and
nothing else: user names, passwords, paths and queries never leave this module.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from netpolc.bootstrap.config_comments import config_comments
from netpolc.bootstrap.default_ports import DEFAULT_PORTS
from netpolc.values import frozen

_HOST = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*"
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
    rf"|(?P<server>{_HOST}:[0-9]{{1,5}})(?=[;/?]|$))"
)
# A range of numbers in the names of a cluster's members: `http://minio-{0...3}.minio:9000`.
_NUMBERS = re.compile(r"\{(?P<first>[0-9]{1,4})\.{2,3}(?P<last>[0-9]{1,4})\}")
_NOT_OF_URL = re.compile(r"[\s\"'<>`,;{}]")
# A user, or the number of a cluster's member, may be before the host: `0@kafka-0.kafka:9093`.
_PAIR = re.compile(
    rf"(?<![A-Za-z0-9./_%-])(?P<host>{_HOST}):(?P<port>[0-9]{{1,5}})(?!:(?!/)|[0-9A-Za-z.@])"
)
_NAME = re.compile(
    rf"(?<![A-Za-z0-9.@_%-])(?P<host>{_HOST}\.svc(?:\.[A-Za-z0-9.-]*[A-Za-z0-9])?)\.?(?![A-Za-z0-9.:_-])"
)
# gRPC's targets, Oracle's thin URLs, addresses without a scheme, the shell's `/dev/tcp`, and the first
# member of MongoDB's `rs0/mongo-0:27017,mongo-1:27017`.
_PREFIXED = re.compile(
    r"(?:(?<![A-Za-z0-9])(?:dns|xds|passthrough)://[^\s/]{0,100}/|oracle:[a-z0-9]{1,10}:[^\s\"'@]{0,200}@(?://)?|(?<![A-Za-z0-9:/])//|/dev/(?:tcp|udp)/"
    r"|(?<![A-Za-z0-9./:_%-])[A-Za-z0-9_-]{1,64}/(?=[A-Za-z0-9.-]{1,253}:[0-9]{1,5},))"
    rf"(?P<host>{_HOST})[:/](?P<port>[0-9]{{1,5}})(?![0-9A-Za-z.])"
)
_ASSIGNMENT = re.compile(
    r"(?<![A-Za-z0-9_])(?P<key>[A-Za-z][A-Za-z0-9_.-]{0,63})[\"']?[ \t]{0,4}[=:][ \t]{0,4}[\"']?"
    r"(?:tcp:)?(?P<value>[A-Za-z0-9](?:[A-Za-z0-9.:_-]|,[ \t]?(?![A-Za-z0-9_.-]{1,64}[ \t]?[=:])(?=[A-Za-z0-9])){0,260}+)(?!=)"
)
# Servers whose settings are lines of words: `Host es`, `server api;`.
_DIRECTIVE = re.compile(
    r"^[ \t]*+(?P<key>[A-Za-z][A-Za-z_.]{0,63})[ \t]{1,40}(?P<value>[A-Za-z0-9][A-Za-z0-9.:_-]{0,260});?[ \t]{0,40}$",
    re.MULTILINE,
)
# The network address of Go's MySQL driver.
_NETWORK = re.compile(rf"@(?:tcp|udp)\((?P<host>{_HOST})\)")
_HOST_KEY = re.compile(
    r"(?i:host(?:name)?|server(?:name)?|addr(?:ess)?|endpoint|source|contact[_.-]?point|broker|partner)(?i:e?s)?$"
)
_HOST_FLAG = re.compile(r"-[hH]|--(?P<prefix>(?:[a-z0-9]+-)*)(?:host(?:name)?|server|addr(?:ess)?)")
_NOT_OF_HOST = re.compile(r"[^A-Za-z0-9.-]")
_FOLLOWING = re.compile(rf",(?P<host>{_HOST})(?![A-Za-z0-9.:=@_%/(-])")
_BRACKETED = re.compile(r"\[(?P<hosts>[^\[\]:]{1,500})\](?P<port>(?::[0-9]{1,5})?)")
_SHELL_WORD = re.compile(r"[^\s\"'`;|&()\[\]{},]+")
_END_OF_AUTHORITY = re.compile(r"[/?#;\\]")
_ONE = re.compile(rf"(?P<host>{_HOST})\.?(?::(?P<port>[0-9]{{1,5}}))?")
_LONGEST, _MAX_PORT = 1_000_000, 65535
_MOST_MEMBERS, _LONGEST_HOST = 16, 253
_NEARBY_ASSIGNMENTS, _NEARBY_WORDS = 3, 8
_CALLERS = frozenset({"nc", "ncat", "netcat", "telnet", "replicaof", "slaveof", "sentinel"})
"""Programs and directives that are followed by a host and its port."""

_SURE = frozenset({"http", "https", "ws", "wss"})
"""Schemes whose port is part of what a URL says (RFC 9110, 4.2.1 and 4.2.2; RFC 6455, 3)."""


@frozen(order=True)
class Address:
    """A host as the text has it, and its port; a port that is `guessed` is not in the text.

    `url` says that the text has a scheme, so that it surely is an address; `unsure` that it may
    instead be a part of a password, which must not be shown; `in_comment` that the program does
    not read it.
    """

    host: str
    port: int | None
    guessed: bool = False
    url: bool = False
    unsure: bool = False
    in_comment: bool = False


def find_addresses(text: str) -> tuple[Address, ...]:
    """The addresses in a text, each once: those outside comments first, in order of form."""
    text = text[:_LONGEST]
    comments = config_comments(text)
    starts = [start for start, _ in comments]

    def is_in_comment(place: int) -> bool:
        index = bisect_right(starts, place) - 1
        return index >= 0 and place < comments[index][1]

    addresses = {
        replace(address, in_comment=is_in_comment(place)): None for place, address in _places(text)
    }
    with_port = {
        address.host for address in addresses if address.port is not None and not address.in_comment
    }
    read = [
        address
        for address in addresses
        if not address.in_comment and not (address.port is None and address.host in with_port)
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
        yield from _pair(match.start(), match["host"], match["port"])
    for match in _PAIR.finditer(rest):
        yield from _pair(match.start(), match["host"], match["port"])
        for host in _beside(rest, match):
            for place, address in _pair(match.start(), host, match["port"]):
                yield place, replace(address, guessed=True)
    for pattern in (_NAME, _NETWORK):
        for match in pattern.finditer(rest):
            yield match.start(), Address(match["host"].lower(), None)
    yield from _of_assignments(rest)
    words = [(match.start(), match[0]) for match in _SHELL_WORD.finditer(rest)]
    for index, address in command_addresses([word for _, word in words]):
        yield words[index][0], address


def _of_members(text: str, match: re.Match[str]) -> Iterator[Address]:
    """The addresses of the members of a cluster, in whose name a range of numbers is."""
    before = _NOT_OF_URL.split(text[max(0, match.start() - _LONGEST_HOST) : match.start()])[-1]
    after = _NOT_OF_URL.split(text[match.end() : match.end() + _LONGEST_HOST])[0]
    first, last = int(match["first"]), int(match["last"])
    for number in range(first, min(last + 1, first + _MOST_MEMBERS)):
        yield from (address for _, address in _places(f"{before}{number}{after}"))


def _beside(text: str, match: re.Match[str]) -> Iterator[str]:
    """The hosts without a port in the list of a host with a port, as in `zk1,zk2,zk3:2181`."""
    start, end = match.span()
    while text[max(0, start - 1) : start] == ",":
        word = _NOT_OF_HOST.split(text[max(0, start - 1 - _LONGEST_HOST) : start - 1])[-1]
        if not _is_host(word):
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


def _pair(place: int, host: str, digits: str) -> Iterator[tuple[int, Address]]:
    if (port := _port(digits)) is not None:
        yield place, Address(host.lower(), port)


def _of_assignments(text: str) -> Iterator[tuple[int, Address]]:
    """Hosts with their port: `Host=pg;Port=5432`, `Server=mssql,1433`, `host: pg` above `port: 5432`.

    A short name without a port is an address as well; where one is known, others drop it.
    """
    matcheds = [*_ASSIGNMENT.finditer(text), *_DIRECTIVE.finditer(text)]
    listed = sorted(matcheds, key=lambda match: match.start("key"))
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
            if not _is_host(host):
                continue
            if port.isdecimal() and len(port) < len("100000"):
                yield from _pair(match.start(), host, port)
            elif "." not in host:
                yield match.start(), Address(host.lower(), None)


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


def command_addresses(words: Sequence[str]) -> Iterator[tuple[int, Address]]:
    """The addresses that a command is given in several words, each with its word's index.

    `nc -z db 5432`, `psql -h db -p 5432` and `--db-host db --db-port 5432`; without a port of its
    own, the program's usual one.
    """
    for index, word in enumerate(words):
        after = words[index + 1 : index + 1 + _NEARBY_WORDS]
        if word.rpartition("/")[2] in _CALLERS:
            for host, digits in pairwise(after):
                if _is_host(host) and digits.isdecimal() and len(digits) < len("100000"):
                    yield from _pair(index, host, digits)
                    break
        elif (flag := _HOST_FLAG.fullmatch(word)) and after and _is_host(after[0]):
            near = words[max(0, index - _NEARBY_WORDS) : index + 1 + _NEARBY_WORDS]
            names = {f"--{flag['prefix'] or ''}port"} | (
                {"-p", "-P"} if not flag["prefix"] else set()
            )
            ports = (b for a, b in pairwise(near) if a in names)
            port = next((p for p in ports if p.isdecimal() and len(p) < len("100000")), None)
            if port is None:
                yield index, Address(after[0].lower(), None)
            else:
                yield from _pair(index, after[0], port)


def _is_host(word: str) -> bool:
    return not word.isdecimal() and ":" not in word and _ONE.fullmatch(word) is not None


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
    matches = [match for part in hosts.split(",") if (match := _ONE.fullmatch(part))]
    usual = _usual_port(schemes)
    written = {int(match["port"]) for match in matches if match["port"]}
    for match in matches:
        host = match["host"].lower()
        if match["port"] is not None:
            if (port := _port(match["port"])) is not None:
                yield Address(host, port, url=True)
        elif written - {usual}:
            yield Address(host, None, url=True)
        else:
            sure = schemes.rpartition(":")[2] in _SURE
            yield Address(host, usual, guessed=not sure, url=True)


def _usual_port(schemes: str) -> int | None:
    """The port of a scheme; `postgresql+psycopg2` has its driver, `mysql:replication` a way to use it."""
    words = [word.lstrip("/") for word in reversed(schemes.split(":"))]
    names = [name for word in words for name in (word, word.partition("+")[0])]
    return next((DEFAULT_PORTS[name] for name in names if name in DEFAULT_PORTS), None)


def _port(digits: str) -> int | None:
    return int(digits) if 1 <= int(digits) <= _MAX_PORT else None
