"""A graph as JSON, for programs: every node and edge, nothing folded."""

import json
from typing import Any

from netpolc.graph.model import Edge, Graph, Node


def json_text(graph: Graph) -> str:
    """The graph as a JSON document; edges name their ends by the nodes' indexes."""
    indexes = {node: index for index, node in enumerate(graph.nodes)}
    document = {
        "nodes": [_node(node) for node in graph.nodes],
        "edges": [_edge(edge, indexes) for edge in graph.edges],
    }
    return json.dumps(document, indent=2) + "\n"


def _node(node: Node) -> dict[str, Any]:
    return {
        "namespace": node.namespace,
        "name": node.names[0],
        "kind": node.kind.value,
        "unprotected": node.unprotected,
    }


def _edge(edge: Edge, indexes: dict[Node, int]) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "sender": indexes[edge.sender],
        "receiver": indexes[edge.receiver],
        "ports": list(edge.ports),
        "state": edge.state.value,
    }
    return fields | ({"exposure": True} if edge.exposure else {})
