"""The graph of a difference: an edge for what is opened or closed between a subject and a peer."""

from netpolc.changes.model import Difference, Effect, Entry, FarEnd
from netpolc.graph.model import ELSEWHERE, Edge, EdgeState, Graph, Node, NodeKind, graph_of
from netpolc.kube.cidr import Addresses
from netpolc.kube.display import ports_text
from netpolc.kube.peers import Direction
from netpolc.kube.public_addresses import is_internet

_STATES = {Effect.OPENED: EdgeState.OPENED, Effect.CLOSED: EdgeState.CLOSED}
_NAMES = {"0.0.0.0/0, ::/0": "every address", "ns *": "every namespace"}


def difference_graph(difference: Difference) -> Graph:
    """The graph of a difference; it has an edge exactly where the difference has an entry."""
    return graph_of(edge_of(entry, far) for entry in difference.entries for far in entry.far)


def edge_of(entry: Entry, far: FarEnd) -> Edge:
    """The edge of one peer of an entry."""
    subject, other = Node(namespace=entry.namespace, names=(entry.subject,)), _node(entry, far)
    inwards = entry.direction is Direction.INGRESS
    sender, receiver = (other, subject) if inwards else (subject, other)
    ports = ports_text(far.traffic).removeprefix(":") or "every port"
    return Edge(sender=sender, receiver=receiver, ports=(ports,), state=_STATES[entry.effect])


def _node(entry: Entry, far: FarEnd) -> Node:
    """The node of a far end: in a namespace where the peer is of one."""
    pods = far.pods or "every pod"
    if far.namespace and far.sayable:
        return Node(namespace=far.namespace, names=(pods,))
    name = f"{pods} of other namespaces" if far.of_others else _NAMES.get(far.peer, far.peer)
    return Node(namespace=ELSEWHERE, names=(name,), kind=_kind(entry, far))


def _kind(entry: Entry, far: FarEnd) -> NodeKind:
    ends = (
        one.sender if entry.direction is Direction.INGRESS else one.receiver
        for one in far.connections
    )
    addresses = [end for end in ends if isinstance(end, Addresses)]
    if any(map(is_internet, addresses)):
        return NodeKind.INTERNET
    if addresses:
        return NodeKind.BLOCK
    return (
        NodeKind.EVERY_NAMESPACE if far.of_others or far.peer == "ns *" else NodeKind.UNKNOWN_PODS
    )
