"""Addresses of the cluster itself, as its objects state them.

A live Pod has an address in its status, a Service in its spec, and a Node the block that its
pods' addresses are from. They are facts for lints; whatever is not an address is left out.
"""

from collections.abc import Iterator

from netpolc.kube.cidr import Addresses, Block, Cidr
from netpolc.kube.inventory import OwnAddress
from netpolc.manifest.objects import KubeObject
from netpolc.yaml.nodes import string_at

_FIELDS = {
    "Pod": ("status", "podIP"),
    "Service": ("spec", "clusterIP"),
    "Node": ("spec", "podCIDR"),
}


def own_addresses(one: KubeObject, namespace: str) -> Iterator[OwnAddress]:
    """The addresses of a Pod, a Service, or of a Node's pods."""
    path = _FIELDS.get(one.kind) if one.version == "v1" else None
    text = string_at(one.node, *path) if path is not None else ""
    cidr = _cidr(text)
    if cidr is not None:
        name = string_at(one.node, "metadata", "name")
        where = name if one.kind == "Node" else f"{namespace}/{name}"
        owner = f"the pods of node {where}" if one.kind == "Node" else f"{one.kind} {where}"
        yield OwnAddress(owner=owner, addresses=Addresses.of([Block(cidr)]))


def _cidr(text: str) -> Cidr | None:
    if not text or text == "None":
        return None
    whole = text if "/" in text else f"{text}/{128 if ':' in text else 32}"
    try:
        return Cidr.parse(whole)
    except ValueError:
        return None
