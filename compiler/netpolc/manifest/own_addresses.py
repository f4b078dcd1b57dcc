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


def own_addresses(kube_object: KubeObject, namespace: str) -> Iterator[OwnAddress]:
    """The addresses of a Pod, a Service, or of a Node's pods."""
    path = _FIELDS.get(kube_object.kind) if kube_object.version == "v1" else None
    text = string_at(kube_object.node, *path) if path is not None else ""
    cidr = _cidr(text)
    if cidr is not None:
        name = string_at(kube_object.node, "metadata", "name")
        where = name if kube_object.kind == "Node" else f"{namespace}/{name}"
        owner = (
            f"the pods of node {where}"
            if kube_object.kind == "Node"
            else f"{kube_object.kind} {where}"
        )
        yield OwnAddress(owner=owner, addresses=Addresses.of([Block(cidr)]))


def _cidr(text: str) -> Cidr | None:
    if not text or text == "None":
        return None
    whole = text if "/" in text else f"{text}/{128 if ':' in text else 32}"
    try:
        return Cidr.parse(whole)
    except ValueError:
        return None
