"""Addresses of the cluster itself, as its objects state them.

A live Pod has its addresses and its node's in its status, a Service in its spec. A Node has its own
addresses, and the blocks that its pods' addresses are from. They are facts for lints and for the ends of flow logs;
whatever is not an address is left out. The address of a pod on the host's network is a node's.
"""

from collections.abc import Iterator

from netpolc.kube.cidr import Addresses, Block, Cidr
from netpolc.kube.inventory import AddressOf, OwnAddress
from netpolc.manifest.objects import KubeObject
from netpolc.yaml.nodes import Node, descendant, elements, string_at

_POD_FIELDS = ("status.podIP", "status.podIPs.ip")
_HOST_FIELDS = ("status.hostIP", "status.hostIPs.ip")
_FIELDS = {
    ("Service", "v1"): (
        *("spec.clusterIP", "spec.clusterIPs", "spec.externalIPs", "spec.loadBalancerIP"),
        "status.loadBalancer.ingress.ip",
    ),
    ("Node", "v1"): ("spec.podCIDR", "spec.podCIDRs"),
    ("ServiceCIDR", "networking.k8s.io/v1"): ("spec.cidrs",),
    ("ServiceCIDR", "networking.k8s.io/v1beta1"): ("spec.cidrs",),
}
"""The fields with addresses, by kind and version; where the path meets a list, it means each element."""

_OWNERS = {"Node": "the pods of node ", "ServiceCIDR": "the Services in ServiceCIDR "}


def own_addresses(kube_object: KubeObject, namespace: str) -> Iterator[OwnAddress]:
    """The addresses of a Pod, a Service, a Node, of all Services, or of a Node's pods."""
    node, kind = kube_object.node, kube_object.kind
    name = string_at(node, "metadata", "name")
    if (kind, kube_object.version) == ("Pod", "v1"):
        yield from _of_pod(node, f"{namespace}/{name}")
        return
    fields = _FIELDS.get((kind, kube_object.version), ())
    owner = _OWNERS.get(kind, f"{kind} {namespace}/") + name
    yield from _owned(node, fields, owner, AddressOf.PODS)
    if fields and kind == "Node":
        yield from _of_node(node, f"node {name}")


def _of_pod(pod: Node, name: str) -> Iterator[OwnAddress]:
    """The addresses of a pod, and those of its node, which a pod on the host's network has too."""
    on_host = descendant(pod, "spec", "hostNetwork")
    is_on_host = on_host is not None and on_host.data is True
    if not is_on_host:
        yield from _owned(pod, _POD_FIELDS, f"Pod {name}", AddressOf.PODS)
    host_fields = (*_HOST_FIELDS, *(_POD_FIELDS if is_on_host else ()))
    yield from _owned(pod, host_fields, f"the node of Pod {name}", AddressOf.NODE)


def _of_node(node: Node, owner: str) -> Iterator[OwnAddress]:
    """The addresses of a node itself."""
    for address in elements(descendant(node, "status", "addresses")):
        outside = string_at(address, "type").startswith("External")
        of = AddressOf.NODE_OUTSIDE if outside else AddressOf.NODE
        yield from _owned(address, ("address",), owner, of)


def _owned(node: Node, fields: tuple[str, ...], owner: str, of: AddressOf) -> Iterator[OwnAddress]:
    cidrs = (_cidr(text) for field in fields for text in _texts(node, *field.split(".")))
    for cidr in dict.fromkeys(cidrs):
        if cidr is not None:
            yield OwnAddress(owner=owner, addresses=Addresses.of([Block(cidr)]), of=of)


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
