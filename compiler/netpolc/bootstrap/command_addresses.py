"""Addresses that commands are given in several words: `nc -z db 5432`, `psql -h db -p 5432`."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from netpolc.bootstrap.host_forms import HOST, Address, host_without_port, is_host, pair

_HOST_FLAG = re.compile(r"-[hH]|--(?P<prefix>(?:[a-z0-9]+-)*)(?:host(?:name)?|server|addr(?:ess)?)")
# Clients of databases take the value at once: `mysql -hdb -P3306`.
_CLIENTS = re.compile(
    r"(?:mysql|mariadb)[a-z-]*|psql|pg_isready|pg_dump|redis-cli|valkey-cli|mongo(?:sh)?"
)
_ATTACHED = re.compile(rf"-h(?P<host>{HOST})")
_ATTACHED_PORT = re.compile(r"-[pP](?P<port>[0-9]{1,5})")
_CALLERS = frozenset(
    {"nc", "ncat", "netcat", "telnet", "cqlsh", "replicaof", "slaveof", "sentinel"}
)
"""Programs and directives that are followed by a host and its port."""
_LOOKUPS = frozenset({"nslookup", "getent", "dig"})
"""Programs that look up a name; who waits for a name calls the host."""
_WEB_CLIENTS = frozenset({"curl", "wget"})
_NEARBY_WORDS = 8


def command_addresses(words: Sequence[str]) -> Iterator[tuple[int, Address]]:
    """The addresses that a command is given in several words, each with its word's index.

    `nc -z db 5432`, `psql -h db -p 5432` and `--db-host db --db-port 5432`; without a port of its
    own, the program's usual one.
    """
    for index, word in enumerate(words):
        after = words[index + 1 : index + 1 + _NEARBY_WORDS]
        program = word.rpartition("/")[2].lstrip("-")
        if program in _CALLERS:
            for host, digits in pairwise(after):
                if is_host(host) and digits.isdecimal() and len(digits) < len("100000"):
                    yield from pair(index, host, digits)
                    break
        elif program in _LOOKUPS and program == word.rpartition("/")[2]:
            hosts = [host for host in after if is_host(host) and host not in _NOT_NAMES]
            yield from ((index, Address(host.lower(), None, unsure=True)) for host in hosts[:1])
        elif program in _WEB_CLIENTS:
            yield from ((index, address) for address in _of_web_client(after))
        elif _CLIENTS.fullmatch(program):
            yield from ((index, address) for address in _of_client(after))
        elif (flag := _HOST_FLAG.fullmatch(word)) and after and is_host(after[0]):
            near = words[max(0, index - _NEARBY_WORDS) : index + 1 + _NEARBY_WORDS]
            names = {f"--{flag['prefix'] or ''}port"} | (
                {"-p", "-P"} if not flag["prefix"] else set()
            )
            ports = (b for a, b in pairwise(near) if a in names)
            port = next((p for p in ports if p.isdecimal() and len(p) < len("100000")), None)
            if port is None:
                yield index, Address(after[0].lower(), None)
            else:
                yield from pair(index, after[0], port)


_NOT_NAMES = frozenset({"hosts", "ahosts", "ahostsv4", "ahostsv6", "short", "timeout"})
"""Words between such a program and the name."""


def _of_web_client(words: Sequence[str]) -> Iterator[Address]:
    """The hosts of addresses without a scheme, `web/health`: there may be words of other options among them."""
    for word in words:
        if (host := host_without_port(word.partition("/")[0])) is not None:
            yield Address(host, None, unsure=True)


def _of_client(words: Sequence[str]) -> Iterator[Address]:
    """The host that a client of a database is given in the word of its option."""
    ports = [match["port"] for word in words if (match := _ATTACHED_PORT.fullmatch(word))]
    for word in words:
        if (match := _ATTACHED.fullmatch(word)) is not None:
            pairs = pair(0, match["host"], ports[0]) if ports else ()
            with_port = [address for _, address in pairs]
            for address in with_port or [Address(match["host"].lower(), None)]:
                yield replace(address, unsure=True)
