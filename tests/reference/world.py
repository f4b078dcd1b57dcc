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
    """A pod; two pods are the same only if they are the same object."""

    namespace: str
    name: str
    labels: Mapping[str, str]
    ports: tuple[ContainerPort, ...] = ()


Endpoint: TypeAlias = Pod | Address


@dataclass(frozen=True, slots=True)
class World:
    """Namespaces with all of their labels, and pods in them."""

    namespaces: Mapping[str, Mapping[str, str]]
    pods: tuple[Pod, ...]
