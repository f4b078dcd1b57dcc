"""The node of a class of pods, or of addresses, that comes from no list."""

from netpolc.analysis.connection_sets import EndClass, PodClass
from netpolc.analysis.named_ends import NamedEnd
from netpolc.graph.model import ELSEWHERE, Node, NodeKind
from netpolc.kube.cidr import Addresses
from netpolc.kube.display import addresses_text, pods_text, selector_text
from netpolc.kube.public_addresses import is_internet
from netpolc.sets import IntervalSet

_EVERY_V4 = IntervalSet(((0, (1 << 32) - 1),))
_FEW = 2


def class_node(end: EndClass) -> Node:
    """The node of pods or addresses, in a namespace if they are in one."""
    if isinstance(end, Addresses):
        return addresses_node(end, addresses_text(end, whole=True))
    if end.names.single is not None and end.namespaces.is_everything:
        pods = "every pod" if end.pods.is_everything else pods_text(end.pods)
        named = NamedEnd(end, f"{end.names.single}/{pods}")
        return Node(namespace=end.names.single, names=(pods,), end=named)
    label = class_label(end)
    return Node(namespace=ELSEWHERE, names=(label,), kind=class_kind(end), end=NamedEnd(end, label))


def addresses_node(addresses: Addresses, text: str) -> Node:
    """The node of addresses, whose name in lists is given."""
    kind = NodeKind.INTERNET if is_internet(addresses) else NodeKind.BLOCK
    label = "every address" if addresses.v4 == _EVERY_V4 else text
    return Node(
        namespace=ELSEWHERE,
        names=(text,),
        kind=kind,
        labels=(label,),
        end=NamedEnd(addresses, text),
    )


def class_kind(end: PodClass) -> NodeKind:
    """The kind of the node of pods of several namespaces."""
    wide = end.names.complement and end.namespaces.is_everything
    return NodeKind.EVERY_NAMESPACE if wide else NodeKind.UNKNOWN_PODS


def class_label(end: PodClass) -> str:
    """A short name for pods of several namespaces."""
    names = sorted(end.names.values)
    few = ", ".join(names) if len(names) <= _FEW else ""
    if end.names.complement:
        where = f"every namespace but {few or len(names)}" if names else "every namespace"
    else:
        where = few or f"{len(names)} namespaces"
    asked = "" if end.namespaces.is_everything else f" {selector_text(end.namespaces)}"
    return (
        f"{where}{asked}" if end.pods.is_everything else f"{pods_text(end.pods)} in {where}{asked}"
    )
