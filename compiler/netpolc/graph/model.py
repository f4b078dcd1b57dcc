"""A graph of permitted connections: nodes are pods or addresses, edges carry ports.

Nothing here is safe to print as it is: names come from the authors of the files. Each format
escapes them in its own way.
"""

from collections.abc import Iterable
from dataclasses import field
from enum import Enum

from netpolc.analysis.named_ends import NamedEnd
from netpolc.values import frozen

ELSEWHERE = ""
"""The namespace of nodes that belong to no single namespace."""


class NodeKind(Enum):
    """The kind of a node; each has its own shape."""

    PODS = "pods"
    """Known pods of one namespace."""
    UNKNOWN_PODS = "unknown pods"
    """Pods that are not among the given workloads, of one namespace or some."""
    EVERY_NAMESPACE = "every namespace"
    """Pods of every namespace, or of every one but some."""
    INTERNET = "internet"
    """Public addresses, or all addresses."""
    BLOCK = "block"
    """Some addresses."""
    NAMESPACE = "namespace"
    """All nodes of a namespace, folded."""

    __hash__ = object.__hash__


class EdgeState(Enum):
    """The verdict on the connections of an edge."""

    PERMITTED = "permitted"
    UNDECIDED = "undecided"
    """Permitted, or permitted on more ports, if an unknown fact is so."""
    OPENED = "opened"
    CLOSED = "closed"

    __hash__ = object.__hash__


@frozen(kw_only=True)
class Node:
    """A node. `names` are as lists print them, several where it represents several services.

    `labels` are the names for a picture, shorter where a name is long; empty where they are the
    same. `unprotected` is whether no policy isolates the ingress of its pods. `end` has all names
    that people may have for the node; a folded node has none.
    """

    namespace: str
    names: tuple[str, ...]
    kind: NodeKind = NodeKind.PODS
    unprotected: bool = False
    labels: tuple[str, ...] = ()
    end: NamedEnd | None = field(default=None, compare=False)

    @property
    def is_addresses(self) -> bool:
        """Whether the node is addresses and not pods."""
        return self.kind in (NodeKind.INTERNET, NodeKind.BLOCK)

    def sort_key(self) -> tuple[str, str, tuple[str, ...]]:
        """A key that orders nodes by namespace, kind and name."""
        return self.namespace, self.kind.value, self.names


@frozen(kw_only=True)
class Edge:
    """Connections from a node to a node; `ports` in the words of the language.

    `count` is how many rows of a list the edge represents. `exposure` marks what pods may do that
    are not among the given workloads.
    """

    sender: Node
    receiver: Node
    ports: tuple[str, ...]
    state: EdgeState = EdgeState.PERMITTED
    exposure: bool = False
    count: int = 1

    def sort_key(self) -> tuple[object, ...]:
        """A key that orders edges by their ends."""
        ends = self.sender.sort_key(), self.receiver.sort_key()
        return *ends, self.state.value, self.exposure, self.ports


@frozen(kw_only=True)
class Graph:
    """Nodes and edges, in order; `notes` say what a picture leaves out or folds."""

    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    notes: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is an edge."""
        return bool(self.edges)


def graph_of(
    edges: Iterable[Edge], nodes: Iterable[Node] = (), notes: tuple[str, ...] = ()
) -> Graph:
    """The graph of edges and of nodes that may have none; edges between equal ends become one."""
    by_ends: dict[object, Edge] = {}
    for edge in edges:
        key = edge.sender, edge.receiver, edge.state, edge.exposure
        first = by_ends.get(key)
        if first is None:
            by_ends[key] = edge
            continue
        by_ends[key] = Edge(
            sender=edge.sender,
            receiver=edge.receiver,
            ports=tuple(dict.fromkeys((*first.ports, *edge.ports))),
            state=edge.state,
            exposure=edge.exposure,
            count=first.count + edge.count,
        )
    ends = (end for edge in by_ends.values() for end in (edge.sender, edge.receiver))
    return Graph(
        nodes=tuple(sorted({*nodes, *ends}, key=Node.sort_key)),
        edges=tuple(sorted(by_ends.values(), key=Edge.sort_key)),
        notes=notes,
    )
