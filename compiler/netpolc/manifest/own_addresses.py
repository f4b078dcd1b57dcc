"""Addresses of the cluster itself, as its objects state them.

A live Pod has its addresses in its status, a Service in its spec, and a Node the blocks that its
pods' addresses are from. They are facts for lints; whatever is not an address is left out, and so
is the address of a pod on the host's network, because that one is a node's.
"""

from collections.abc import Iterator

from netpolc.kube.cidr import Addresses, Block, Cidr
from netpolc.kube.inventory import OwnAddress
from netpolc.manifest.objects import KubeObject
from netpolc.yaml.nodes import Node, descendant, elements, string_at

_FIELDS = {
    ("Pod", "v1"): ("status.podIP", "status.podIPs.ip"),
    ("Service", "v1"): (
        *("spec.clusterIP", "spec.clusterIPs", "spec.externalIPs", "spec.loadBalancerIP"),
        "status.loadBalancer.ingress.ip",
    ),
    ("Node", "v1"): ("spec.podCIDR", "spec.podCIDRs"),
    ("ServiceCIDR", "networking.k8s.io/v1"): ("spec.cidrs",),
    ("ServiceCIDR", "networking.k8s.io/v1beta1"): ("spec.cidrs",),
}
"""The fields with addresses, by kind and version; where the path meets a list, it means each element."""

_OWNERS = {"Node": "the pods of node {0}", "ServiceCIDR": "the Services in ServiceCIDR {0}"}


def own_addresses(kube_object: KubeObject, namespace: str) -> Iterator[OwnAddress]:
    """The addresses of a Pod, of a Service or all of them, or of a Node's pods."""
    node, kind = kube_object.node, kube_object.kind
    fields = _FIELDS.get((kind, kube_object.version), ())
    on_host = descendant(node, "spec", "hostNetwork")
    if on_host is not None and on_host.data is True:
        return
    name = string_at(node, "metadata", "name")
    owner = _OWNERS.get(kind, f"{kind} {namespace}/{{0}}").format(name)
    cidrs = (_cidr(text) for field in fields for text in _texts(node, *field.split(".")))
    for cidr in dict.fromkeys(cidrs):
        if cidr is not None:
            yield OwnAddress(owner=owner, addresses=Addresses.of([Block(cidr)]))


def _texts(node: Node | None, *path: str) -> Iterator[str]:
    """The texts at a path, in each element of the lists on the way."""
    for element in elements(node):
        yield from _texts(element, *path)
    if node is not None and not path and isinstance(node.data, str):
        yield node.data
    elif path:
        inner = descendant(node, path[0])
        if inner is not None:
            yield from _texts(inner, *path[1:])


def _cidr(text: str) -> Cidr | None:
    if not text or text == "None":
        return None
    whole = text if "/" in text else f"{text}/{128 if ':' in text else 32}"
    try:
        return Cidr.parse(whole)
    except ValueError:
        return None
