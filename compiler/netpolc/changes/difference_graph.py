"""The graph of a difference: an edge for what is opened or closed between a subject and a peer.

What cluster-wide policies change has no subject; its edges are between the classes of both ends.
"""

from collections.abc import Iterator, Sequence
from functools import reduce
from operator import or_

from netpolc.analysis.connection_sets import Connections, EndClass
from netpolc.analysis.named_ends import NamedEnd
from netpolc.changes.model import Difference, Effect, Entry, FarEnd
from netpolc.graph.class_node import class_node
from netpolc.graph.model import ELSEWHERE, Edge, EdgeState, Graph, Node, NodeKind, graph_of
from netpolc.kube.cidr import Addresses
from netpolc.kube.display import ports_text
from netpolc.kube.peers import Direction
from netpolc.kube.public_addresses import is_internet

_STATES = {Effect.OPENED: EdgeState.OPENED, Effect.CLOSED: EdgeState.CLOSED}
_NAMES = {"0.0.0.0/0, ::/0": "every address", "ns *": "every namespace"}


def difference_graph(difference: Difference) -> Graph:
    """The graph of a difference; it has an edge exactly if something is opened or closed."""
    return graph_of(edges_of(difference))


def edges_of(difference: Difference) -> Iterator[Edge]:
    """The edges of a difference, those with a risk first."""
    risky = [
        (bool(entry.risks), edge_of(entry, far))
        for entry in difference.entries
        for far in entry.far
    ]
    risky += [
        (bool(change.risks), _edge_by_tiers(some, change.effect))
        for change in difference.tiers
        for some in change.connections
    ]
    for wanted in (True, False):
        yield from (edge for risk, edge in risky if risk is wanted)


def edge_of(entry: Entry, far: FarEnd) -> Edge:
    """The edge of one peer of an entry."""
    inwards = entry.direction is Direction.INGRESS
    near = [
        connections.receiver if inwards else connections.sender for connections in far.connections
    ]
    peers = [
        connections.sender if inwards else connections.receiver for connections in far.connections
    ]
    subject = Node(
        namespace=entry.namespace,
        names=(entry.subject,),
        end=_named(near, f"{entry.namespace}/{entry.subject}"),
    )
    other = _node(far, peers)
    sender, receiver = (other, subject) if inwards else (subject, other)
    ports = ports_text(far.traffic).removeprefix(":") or "every port"
    return Edge(sender=sender, receiver=receiver, ports=(ports,), state=_STATES[entry.effect])


def _edge_by_tiers(some: Connections, effect: Effect) -> Edge:
    names = ", ".join(sorted(name.name for name in some.called))
    ports = names or ports_text(some.traffic).removeprefix(":") or "every port"
    return Edge(
        sender=class_node(some.sender),
        receiver=class_node(some.receiver),
        ports=(ports,),
        state=_STATES[effect],
    )


def _node(far: FarEnd, peers: Sequence[EndClass]) -> Node:
    """The node of a far end: in a namespace where the peer is of one."""
    pods = far.pods or "every pod"
    if far.namespace and far.sayable:
        end = _named(peers, f"{far.namespace}/{pods}")
        return Node(namespace=far.namespace, names=(pods,), end=end)
    name = f"{pods} of other namespaces" if far.of_others else _NAMES.get(far.peer, far.peer)
    return Node(namespace=ELSEWHERE, names=(name,), kind=_kind(far, peers), end=_named(peers, name))


def _named(ends: Sequence[EndClass], text: str) -> NamedEnd | None:
    """The end by its names: all of its addresses, or its first pods, of which each has the names."""
    addresses = [end for end in ends if isinstance(end, Addresses)]
    if addresses:
        return NamedEnd(reduce(or_, addresses), text)
    return NamedEnd(ends[0], text) if ends else None


def _kind(far: FarEnd, peers: Sequence[EndClass]) -> NodeKind:
    addresses = [end for end in peers if isinstance(end, Addresses)]
    if any(map(is_internet, addresses)):
        return NodeKind.INTERNET
    if addresses:
        return NodeKind.BLOCK
    return (
        NodeKind.EVERY_NAMESPACE if far.of_others or far.peer == "ns *" else NodeKind.UNKNOWN_PODS
    )
