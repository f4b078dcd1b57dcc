"""Fewer nodes and edges for a picture: services with equal connections, and whole namespaces.

Nobody reads a picture of a thousand nodes. What is folded is never left out: an edge of a folded
graph counts the connections that it represents, and a note says what was folded.
"""

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import TypeAlias

from netpolc.analysis.named_ends import ConnectionFilter
from netpolc.graph.model import ELSEWHERE, Edge, Graph, Node, NodeKind, graph_of

MOST_NODES = 60
"""Nodes above which namespaces are folded."""
_MOST_KEPT = 2 * MOST_NODES
"""Nodes above which namespaces are folded that somebody asked to see."""
_EXPOSURE = (
    NodeKind.INTERNET,
    NodeKind.EVERY_NAMESPACE,
    NodeKind.UNKNOWN_PODS,
    NodeKind.BLOCK,
    NodeKind.PODS,
    NodeKind.NAMESPACE,
)
"""The kinds of node, the most exposing first."""
_SEVERAL = {
    NodeKind.INTERNET: "sets of public addresses",
    NodeKind.EVERY_NAMESPACE: "sets of every namespace but some",
    NodeKind.UNKNOWN_PODS: "sets of pods of several namespaces",
    NodeKind.BLOCK: "address blocks",
    NodeKind.PODS: "sets of pods",
    NodeKind.NAMESPACE: "namespaces",
}
_Links: TypeAlias = frozenset[tuple[object, ...]]


def folded(graph: Graph, kept: Iterable[str] = ()) -> Graph:
    """The graph with few nodes: equal services are one node, and namespaces where there are many.

    Namespaces that are `kept` are folded last, because somebody asked to see them.
    """
    services = _with_equal_services_folded(graph)
    if len(services.nodes) <= MOST_NODES:
        return services
    chosen = frozenset(kept)
    smaller = _with_namespaces_folded(graph, chosen)
    if chosen and len(smaller.nodes) > _MOST_KEPT:
        smaller = _with_namespaces_folded(graph, frozenset())
    note = f"{len(graph.nodes):,} nodes are folded into {len(smaller.nodes):,}, one for each namespace or kind of peer"
    return replace(smaller, notes=(*graph.notes, note))


def within(graph: Graph, wanted: ConnectionFilter, hops: int) -> Graph:
    """The part of the graph that a question is about.

    Args:
        graph: an unfolded graph.
        wanted: the ends and namespaces that the edges have; of an end, edges on a path from or to it.
        hops: how many edges such a path has at most.
    """
    edges = [edge for edge in graph.edges if _is_inside(wanted, edge.sender, edge.receiver)]
    if wanted.sender:
        edges = _on_paths(edges, wanted.sender, hops, lambda e: e.sender, lambda e: e.receiver)
    if wanted.receiver:
        edges = _on_paths(edges, wanted.receiver, hops, lambda e: e.receiver, lambda e: e.sender)
    alone = () if wanted.sender or wanted.receiver else graph.nodes
    nodes = (node for node in alone if _is_inside(wanted, node))
    return graph_of(edges, nodes, graph.notes)


def _is_inside(wanted: ConnectionFilter, *nodes: Node) -> bool:
    return wanted.is_inside(*(node.end for node in nodes if node.end is not None))


def _on_paths(
    edges: list[Edge],
    name: str,
    hops: int,
    start: Callable[[Edge], Node],
    end: Callable[[Edge], Node],
) -> list[Edge]:
    leaving: dict[Node, list[Edge]] = {}
    for edge in edges:
        leaving.setdefault(start(edge), []).append(edge)
    here = {node for node in leaving if node.end is not None and node.end.has(name)}
    seen, on_path = set(here), list[Edge]()
    for _ in range(hops):
        there = {end(edge) for node in here for edge in leaving.get(node, ())}
        on_path += [edge for node in here for edge in leaving.get(node, ())]
        here = there - seen
        seen |= here
    return on_path


def _with_equal_services_folded(graph: Graph) -> Graph:
    """Nodes that have the same connections with the same others, or all with each other, are one."""
    outgoing: dict[Node, set[tuple[object, ...]]] = {node: set() for node in graph.nodes}
    incoming: dict[Node, set[tuple[object, ...]]] = {node: set() for node in graph.nodes}
    for edge in graph.edges:
        link = edge.state, edge.exposure, edge.ports
        outgoing[edge.sender].add((edge.receiver, *link))
        incoming[edge.receiver].add((edge.sender, *link))
    groups = _groups(graph.nodes, lambda n: [(frozenset(outgoing[n]), frozenset(incoming[n]))])
    alone = [nodes[0] for nodes in groups if len(nodes) == 1]

    def closed(node: Node) -> list[tuple[_Links, _Links]]:
        """The links, the node's own included, for each kind of link that it has both ways."""
        both = {link[1:] for link in outgoing[node]} & {link[1:] for link in incoming[node]}
        return [
            (
                frozenset({*outgoing[node], (node, *link)}),
                frozenset({*incoming[node], (node, *link)}),
            )
            for link in sorted(both, key=str)
        ]

    groups = [nodes for nodes in groups if len(nodes) > 1] + _groups(alone, closed)
    return _merged(graph, {node: _together(nodes) for nodes in groups for node in nodes})


def _groups(
    nodes: Iterable[Node], keys: Callable[[Node], list[tuple[_Links, _Links]]]
) -> list[list[Node]]:
    """The nodes by equal keys: each in the largest group that one of its keys puts it in."""
    by_likeness: dict[object, list[Node]] = {}
    listed = list(nodes)
    for node in listed:
        for key in dict.fromkeys(keys(node)):  # Equal keys would list the node twice.
            kind = node.kind if node.namespace else None
            by_likeness.setdefault((node.namespace, kind, node.unprotected, key), []).append(node)
    taken: set[Node] = set()
    groups = []
    for some in sorted(by_likeness.values(), key=len, reverse=True):
        left = [node for node in some if node not in taken]
        if len(left) > 1:
            taken.update(left)
            groups.append(left)
    return groups + [[node] for node in listed if node not in taken]


def _together(nodes: list[Node]) -> Node:
    """One node for several; of kinds outside namespaces the one that exposes most."""
    return replace(
        nodes[0],
        names=tuple(sorted(name for node in nodes for name in node.names)),
        labels=tuple(sorted(name for node in nodes for name in node.labels or node.names)),
        end=None,
        kind=min((node.kind for node in nodes), key=_EXPOSURE.index),
    )


def _with_namespaces_folded(graph: Graph, kept: AbstractSet[str]) -> Graph:
    """One node for each namespace that is not kept, and one for each kind of node outside of them."""
    members: dict[tuple[str, NodeKind], list[Node]] = {}
    for node in graph.nodes:
        if node.namespace in kept:
            continue
        kind = NodeKind.NAMESPACE if node.namespace != ELSEWHERE else node.kind
        members.setdefault((node.namespace, kind), []).append(node)
    new = {}
    for (namespace, kind), nodes in members.items():
        name = f"namespace {namespace}" if namespace else f"{len(nodes):,} {_SEVERAL[kind]}"
        whole = Node(
            namespace=ELSEWHERE,
            names=(name,),
            kind=kind,
            unprotected=any(node.unprotected for node in nodes),
        )
        is_alone = namespace == ELSEWHERE and len(nodes) == 1
        new.update(dict.fromkeys(nodes, nodes[0] if is_alone else whole))
    new |= {node: node for node in graph.nodes if node.namespace in kept}
    return _merged(graph, new)


def _merged(graph: Graph, new: Mapping[Node, Node]) -> Graph:
    edges = (
        replace(edge, sender=new[edge.sender], receiver=new[edge.receiver]) for edge in graph.edges
    )
    return graph_of(edges, new.values(), graph.notes)
