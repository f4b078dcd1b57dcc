"""The texts of nodes and edges, the same in every format."""

from netpolc.diagnostics.render.escape import visible
from netpolc.graph.model import Edge, EdgeState, Graph, Node, NodeKind

_LONGEST, _MOST_NAMES, _LONGEST_PORTS = 40, 5, 28
_SIGNS = {EdgeState.OPENED: "+ ", EdgeState.CLOSED: "\N{MINUS SIGN} "}
UNPROTECTED = "open: no policy isolates its ingress"


def node_lines(node: Node) -> list[str]:
    """The lines of a node: its names, and a warning where it is unprotected."""
    lines = [short(name, _LONGEST) for name in (node.labels or node.names)[:_MOST_NAMES]]
    if len(node.names) > _MOST_NAMES:
        lines.append(f"and {len(node.names) - _MOST_NAMES:,} more")
    return [*lines, "(open ingress)"] if node.unprotected else lines


def full_name(node: Node) -> str:
    """The node's name with its namespace, as lists show it."""
    names = ", ".join(node.names)
    return f"{node.namespace}/{names}" if node.namespace else names


def edge_text(edge: Edge) -> str:
    """The ports of an edge, or how many connections it represents, with a sign where it changed."""
    sign = _SIGNS.get(edge.state, "")
    if edge.count > 1 and NodeKind.NAMESPACE in (edge.sender.kind, edge.receiver.kind):
        return f"{sign}{edge.count:,} connections"
    parts = (part for ports in edge.ports for part in ports.strip("[]").split(", "))
    return sign + short(", ".join(dict.fromkeys(parts)), _LONGEST_PORTS)


def legend(graph: Graph) -> list[str]:
    """The notes of a graph, and what its shapes mean, as far as they are used."""
    states = {edge.state for edge in graph.edges}
    lines = list(graph.notes)
    if EdgeState.OPENED in states or EdgeState.CLOSED in states:
        lines.append("thick, +: opened. dotted, \N{MINUS SIGN}: closed")
    if EdgeState.UNDECIDED in states:
        lines.append("dashed, ?: undecided, it depends on an unknown fact")
    if any(node.unprotected for node in graph.nodes):
        lines.append(f"double border: {UNPROTECTED}")
    return lines


def short(text: str, longest: int) -> str:
    """A text on one visible line, cut where it is longer; empty text is named."""
    if not text.strip():
        return "(empty)"
    shown = visible(text, longest)
    return shown if len(shown) <= longest else shown[:longest] + "…"
