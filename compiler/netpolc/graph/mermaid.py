"""A graph as a Mermaid flowchart, which GitHub and GitLab draw in Markdown.

Mermaid's grammar has no quoting that holds whatever is in it, and it reads Markdown in labels. So
everything but letters, digits and spaces is written as a character code (Mermaid documentation,
"Entity codes to escape characters"), which is resolved last of all.
"""

from collections.abc import Iterator
from itertools import groupby

from netpolc.graph.model import ELSEWHERE, Edge, EdgeState, Graph, Node, NodeKind
from netpolc.graph.words import edge_text, legend, node_lines, short

_BRACKETS = {
    NodeKind.PODS: ("[", "]"),
    NodeKind.UNKNOWN_PODS: ("(", ")"),
    NodeKind.EVERY_NAMESPACE: ("{{", "}}"),
    NodeKind.INTERNET: ("(((", ")))"),
    NodeKind.BLOCK: ("([", "])"),
    NodeKind.NAMESPACE: ("[[", "]]"),
}
_LINES = {
    EdgeState.PERMITTED: "-->",
    EdgeState.UNDECIDED: "-.->",
    EdgeState.OPENED: "==>",
    EdgeState.CLOSED: "-.-x",
}
_PAINT = {
    EdgeState.OPENED: "stroke:#1a7f37",
    EdgeState.CLOSED: "stroke:#cf222e,stroke-width:2px",
}


def mermaid_text(graph: Graph) -> str:
    """The flowchart as a file of its own, with its notes as comments."""
    notes = "".join(f"%% {short(note, 200)}\n" for note in legend(graph))
    return notes + "".join(f"{line}\n" for line in flowchart(graph))


def flowchart(graph: Graph) -> Iterator[str]:
    """The lines of a flowchart."""
    numbers = {node: f"n{number}" for number, node in enumerate(graph.nodes)}
    yield "flowchart LR"
    for number, (namespace, some) in enumerate(groupby(graph.nodes, key=lambda n: n.namespace)):
        if namespace == ELSEWHERE:
            yield from (f"  {_node(node, numbers[node])}" for node in some)
            continue
        yield f'  subgraph s{number}["{label(namespace)}"]'
        yield from (f"    {_node(node, numbers[node])}" for node in some)
        yield "  end"
    for edge in graph.edges:
        yield f"  {_edge(edge, numbers[edge.sender], numbers[edge.receiver])}"
    for state, paint in _PAINT.items():
        painted = [str(n) for n, edge in enumerate(graph.edges) if edge.state is state]
        if painted:
            yield f"  linkStyle {','.join(painted)} {paint}"
    if unprotected := [numbers[node] for node in graph.nodes if node.unprotected]:
        yield "  classDef unprotected stroke:#bc4c00,stroke-width:4px"
        yield f"  class {','.join(unprotected)} unprotected"


def _node(node: Node, name: str) -> str:
    opening, closing = _BRACKETS[node.kind]
    return f'{name}{opening}"{label(", ".join(node_lines(node)), 160)}"{closing}'


def _edge(edge: Edge, sender: str, receiver: str) -> str:
    return f'{sender} {_LINES[edge.state]}|"{label(edge_text(edge))}"| {receiver}'


def label(text: str, longest: int = 40) -> str:
    """A text as a label that Mermaid takes for text."""
    return "".join(
        char if (char.isascii() and char.isalnum()) or char == " " else f"#{ord(char)};"
        for char in short(text, longest)
    )
