"""A concrete world: these namespaces, these pods, these addresses, and no others."""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import TypeAlias

METADATA_NAME = "kubernetes.io/metadata.name"
Address: TypeAlias = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class ContainerPort:
    """A port that a container declares with a name."""

    name: str
    protocol: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pod:
    """A pod; two pods are the same only if they are the same object.

    `address` is its own, where a world's blocks may match it. A pod may have one of each IP version;
    then this is the one that a connection uses.
    """

    namespace: str
    name: str
    labels: Mapping[str, str]
    ports: tuple[ContainerPort, ...] = ()
    address: Address | None = None
    host_network: bool = False


Endpoint: TypeAlias = Pod | Address


@dataclass(frozen=True, slots=True)
class Plugin:
    """What the API leaves to the network plugin: by default what netpolc calls a closed world.

    Whether blocks match pods by their addresses, whether policies apply to pods on the host's
    network, and whether selectors of peers match them.
    """

    blocks_match_pods: bool = False
    policies_on_hosts: bool = True
    selectors_match_hosts: bool = True


@dataclass(frozen=True, slots=True)
class World:
    """Namespaces with all of their labels, pods in them, and the network plugin."""

    namespaces: Mapping[str, Mapping[str, str]]
    pods: tuple[Pod, ...]
    plugin: Plugin = Plugin()
