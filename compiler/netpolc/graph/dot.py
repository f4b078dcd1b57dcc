"""A graph in the language of Graphviz.

A quoted label reads backslashes as its own escapes and `&name;` as HTML entities, so both are
escaped; everything else in quotes is text (Graphviz documentation, "escString").
"""

from collections.abc import Iterable, Iterator
from itertools import groupby

from netpolc.graph.model import ELSEWHERE, Edge, EdgeState, Graph, Node, NodeKind
from netpolc.graph.words import edge_text, legend, node_lines, short

_SHAPES = {
    NodeKind.PODS: 'shape=box, style="filled,rounded", fillcolor="#ffffff"',
    NodeKind.UNKNOWN_PODS: 'shape=box, style="filled,dashed", fillcolor="#f6f8fa"',
    NodeKind.EVERY_NAMESPACE: 'shape=octagon, style=filled, fillcolor="#fff1e5", penwidth=2',
    NodeKind.INTERNET: 'shape=doubleoctagon, style=filled, fillcolor="#ffebe9", penwidth=2',
    NodeKind.BLOCK: 'shape=ellipse, style=filled, fillcolor="#f6f8fa"',
    NodeKind.NAMESPACE: 'shape=folder, style=filled, fillcolor="#ddf4ff"',
}
_STATES = {
    EdgeState.PERMITTED: "",
    EdgeState.UNDECIDED: ", style=dashed",
    EdgeState.OPENED: ', color="#1a7f37", fontcolor="#1a7f37", penwidth=3',
    EdgeState.CLOSED: ', color="#cf222e", fontcolor="#cf222e", style=dotted, penwidth=2, arrowhead=tee',
}


_MOST_LABELS = 200
"""Edges above which their ports are left out: `dot` takes minutes to place so many labels."""
_LESS_EFFORT = "nslimit=1, nslimit1=1, mclimit=0.1"
"""Settings by which `dot` lays out 1,200 edges in seconds."""


def dot_text(graph: Graph) -> str:
    """The graph as a digraph, namespaces as clusters."""
    return "".join(f"{line}\n" for line in _lines(graph))


def _lines(graph: Graph) -> Iterator[str]:
    yield "digraph netpolc {"
    yield "  rankdir=LR;"
    yield '  graph [fontname="Helvetica", fontsize=12, labeljust=l, nodesep=0.3, ranksep=0.8];'
    yield '  node [fontname="Helvetica", fontsize=11, margin="0.15,0.08"];'
    yield '  edge [fontname="Helvetica", fontsize=9, arrowsize=0.7];'
    is_dense = len(graph.edges) > _MOST_LABELS
    words = legend(graph)
    if is_dense:
        words.append(f"ports are left out: {len(graph.edges):,} edges")
        yield f"  graph [{_LESS_EFFORT}];"
    if words:
        yield f"  label={_quoted(words)};"
    numbers = {node: f"n{number}" for number, node in enumerate(graph.nodes)}
    for number, (namespace, some) in enumerate(groupby(graph.nodes, key=_namespace)):
        if namespace == ELSEWHERE:
            yield from (f"  {_node(node, numbers[node])}" for node in some)
            continue
        yield f"  subgraph cluster_{number} {{"
        yield f'    label={_quoted([short(namespace, 60)])}; style=filled; color="#d0d7de"; fillcolor="#f6f8fa";'
        yield from (f"    {_node(node, numbers[node])}" for node in some)
        yield "  }"
    for edge in graph.edges:
        text = "" if is_dense else edge_text(edge)
        yield f"  {_edge(edge, numbers[edge.sender], numbers[edge.receiver], text)}"
    yield "}"


def _namespace(node: Node) -> str:
    return node.namespace


def _node(node: Node, name: str) -> str:
    border = ', peripheries=2, color="#bc4c00"' if node.unprotected else ""
    return f"{name} [label={_quoted(node_lines(node))}, {_SHAPES[node.kind]}{border}];"


def _edge(edge: Edge, sender: str, receiver: str, text: str) -> str:
    return f"{sender} -> {receiver} [label={_quoted([text])}{_STATES[edge.state]}];"


def _quoted(lines: Iterable[str]) -> str:
    escaped = (
        line.replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;") for line in lines
    )
    return '"' + "\\n".join(escaped) + '"'
