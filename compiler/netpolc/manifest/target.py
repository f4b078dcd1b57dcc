"""A Service or pods that an object leads to, and how objects name them in texts: URLs and host names.

What has another shape than its API's is passed over: `manifest.read` says what is wrong with
the objects that matter to policies.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TypeAlias

from netpolc.kube.service_aliases import service_host
from netpolc.values import frozen
from netpolc.yaml.nodes import Node, members

Port: TypeAlias = int | str | None
"""A port by its number or its name; None where none is named."""

_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
_URL = re.compile(
    r"(?<![a-z0-9+.-])(?P<scheme>[a-z][a-z0-9+.-]{0,15})://"
    r"(?:[^\s/@\"'`,;]{0,200}@)?(?P<host>[a-z0-9.-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::(?P<port>[0-9]{1,5}))?(?![a-z0-9@:])"
)
_HOST = re.compile(r"(?P<host>[a-z0-9.-]{1,253})(?::(?P<port>[0-9]{1,5}))?")
_LONGEST = 10_000


@frozen
class Target:
    """A Service as a route names it, and where; without a namespace it is in the route's own.

    A Service that is a guess need not be there. One that only the cluster's DNS or addresses tell is a
    `host`. With `pods_of`, the pods of the workload of this kind are meant and the port is one of
    theirs; with `pods`, these labels choose them.
    """

    node: Node
    namespace: str
    service: str
    port: Port
    is_guess: bool = False
    pods_of: str = ""
    pods: Mapping[str, str] | None = None
    host: str = ""

    def as_guess(self) -> "Target":
        """The same, as a guess."""
        return replace(self, is_guess=True)


def port_of(node: Node | None) -> Port:
    """The port that a field names."""
    port = None if node is None else node.data
    if isinstance(port, str):
        return port_of_text(port)
    return port if isinstance(port, int) and not isinstance(port, bool) else None


def port_of_text(text: str) -> Port:
    """The port of a text: a number or a name."""
    return int(text) if text.isdecimal() and len(text) < len("100000") else text


def of_host(node: Node, host: str, port: Port) -> Iterator[Target]:
    """The Service with a host name, such as `web` or `web.shop.svc.cluster.local`, or with an address."""
    name, _, rest = host.rstrip(".").partition(".")
    namespace, _, domain = rest.partition(".")
    if ":" in host or not (domain in {"", "svc"} or domain.startswith("svc.")):
        yield Target(node, "", "", port, is_guess=True, host=host)
    elif name:
        yield Target(node, namespace, name, port)


def of_urls(node: Node) -> Iterator[Target]:
    """The Services that the URLs in a text name; by a short name it is a guess that one is meant."""
    text = node.data if isinstance(node.data, str) else ""
    for match in _URL.finditer(text[:_LONGEST].lower()) if "://" in text else ():
        port = int(match["port"]) if match["port"] else _PORTS.get(match["scheme"])
        for target in of_host(node, match["host"].strip("[]"), port):
            yield target.as_guess() if service_host(match["host"]) is None else target


def of_text(node: Node, port: Port = None) -> Iterator[Target]:
    """The Services of the URLs in a text, or of a text that is a full host name of a Service.

    The `port` is that of a host without one; else it is HTTP's.
    """
    yield from of_urls(node)
    text = node.data if isinstance(node.data, str) and len(node.data) <= _LONGEST else ""
    match = _HOST.fullmatch(text.lower()) if ".svc" in text else None
    if match is not None and service_host(match["host"]) is not None:
        written = int(match["port"]) if match["port"] else port
        yield from of_host(node, match["host"], _PORTS["http"] if written is None else written)


def labels_at(node: Node | None) -> dict[str, str]:
    """The labels of a mapping, without what has another shape."""
    return {key: label.data for key, label in members(node).items() if isinstance(label.data, str)}
