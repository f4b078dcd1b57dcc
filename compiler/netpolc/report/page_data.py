"""The connections of a report as data for the script of its page, compact and safe in a script element.

Ten thousand services have more than fifty thousand connections, so every text is there once, and a
connection is a list of indexes.
"""

import json
from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from netpolc.graph.model import Graph, Node, NodeKind
from netpolc.graph.words import full_name, short
from netpolc.report.model import Change, Connection, ExposureKind, Report, Statement

T = TypeVar("T", bound=Hashable)

_LONGEST = 400
_UNDECIDED, _EXPOSURE, _TEMPORARY, _FIRST_KIND = 1, 2, 4, 3
_OPEN, _ADDRESSES = -1, -2
"""Where the indexes of statements would be: nothing closes the end, or it is addresses."""
_ELSEWHERE = {
    NodeKind.INTERNET: "the internet",
    NodeKind.EVERY_NAMESPACE: "every namespace",
    NodeKind.BLOCK: "address blocks",
    NodeKind.UNKNOWN_PODS: "pods of several namespaces",
}


@dataclass(slots=True)
class _Table(Generic[T]):
    """Values, each once, in the order in which they came."""

    numbers: dict[T, int] = field(default_factory=dict)

    def of(self, value: T) -> int:
        """The index of a value."""
        return self.numbers.setdefault(value, len(self.numbers))


def page_data(report: Report, drawn: Graph) -> str:
    """The data as JSON; `drawn` is the graph as the page shows it."""
    nodes, ports, facts = _Table[Node](), _Table[str](), _Table[str]()
    statements, reasons = _Table[Statement](), _Table[tuple[int, ...]]()

    def opened(some: tuple[Statement, ...] | None, end: Node) -> int:
        if some is None:
            return _ADDRESSES if end.is_addresses else _OPEN
        return reasons.of(tuple(map(statements.of, some)))

    rows = [
        [
            nodes.of(connection.sender),
            nodes.of(connection.receiver),
            ports.of(connection.ports),
            _flags(connection),
            opened(connection.sender_opened, connection.sender),
            opened(connection.receiver_opened, connection.receiver),
            *(facts.of(fact.text) for fact in connection.facts),
        ]
        for connection in report.connections
    ]
    paths, changes = _Table[str](), _Table[Change]()
    document = {
        "nodes": [_node(number) for number in nodes.numbers],
        "ports": list(map(_shown, ports.numbers)),
        "facts": list(map(_shown, facts.numbers)),
        "statements": [_statement(statement, paths, changes) for statement in statements.numbers],
        "changes": list(map(_change, changes.numbers)),
        "paths": [_shown(number) if number else "" for number in paths.numbers],
        "reasons": [list(number) for number in reasons.numbers],
        "rows": rows,
        "kinds": [kind.value for kind in ExposureKind],
        "drawn": [_search(node) for node in drawn.nodes],
    }
    return json.dumps(document, separators=(",", ":")).replace("<", "\\u003c")


def _flags(connection: Connection) -> int:
    kinds = sum(1 << (_FIRST_KIND + list(ExposureKind).index(kind)) for kind in connection.exposes)
    until = any(statement.until for statement in connection.statements)
    return (
        (_UNDECIDED if connection.is_undecided else 0)
        | (_EXPOSURE if connection.exposure else 0)
        | (_TEMPORARY if until else 0)
        | kinds
    )


def _node(node: Node) -> list[Any]:
    """The group of the matrix that a node is in, its full name, and whether it is unprotected."""
    group = node.namespace or _ELSEWHERE.get(node.kind, "pods of several namespaces")
    return [
        _shown(group),
        _shown(full_name(node)),
        int(bool(node.namespace)),
        int(node.unprotected),
    ]


def _statement(statement: Statement, paths: _Table[str], changes: _Table[Change]) -> list[Any]:
    """The file, the line and the text of a statement, then when it ends and what wrote it, if known."""
    cells: list[Any] = [paths.of(statement.path), statement.line, _shown(statement.text)]
    if statement.change or statement.until:
        cells.append(statement.until.isoformat() if statement.until else "")
    if statement.change:
        cells.append(changes.of(statement.change))
    return cells


def _change(change: Change) -> str:
    earlier = " or earlier" if change.is_oldest else ""
    return f"{change.day}{earlier}, {_shown(change.author)}, {change.commit[:10]}"


def _search(node: Node) -> str:
    """The search text for the connections of a drawn node."""
    if node.kind is NodeKind.NAMESPACE:
        return _shown(node.names[0].removeprefix("namespace ")) + "/"
    if node.namespace and len(node.names) > 1:
        return f"{_shown(node.namespace)}/"
    return _shown(full_name(replace(node, names=node.names[:1])))


def _shown(text: str) -> str:
    return short(text, _LONGEST)
