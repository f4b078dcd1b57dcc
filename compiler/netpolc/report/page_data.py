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
            nodes.of(one.sender),
            nodes.of(one.receiver),
            ports.of(one.ports),
            _flags(one),
            opened(one.sender_opened, one.sender),
            opened(one.receiver_opened, one.receiver),
            *(facts.of(fact.text) for fact in one.facts),
        ]
        for one in report.connections
    ]
    paths, changes = _Table[str](), _Table[Change]()
    document = {
        "nodes": [_node(one) for one in nodes.numbers],
        "ports": list(map(_shown, ports.numbers)),
        "facts": list(map(_shown, facts.numbers)),
        "statements": [_statement(one, paths, changes) for one in statements.numbers],
        "changes": list(map(_change, changes.numbers)),
        "paths": [_shown(one) if one else "" for one in paths.numbers],
        "reasons": [list(one) for one in reasons.numbers],
        "rows": rows,
        "kinds": [kind.value for kind in ExposureKind],
        "drawn": [_search(node) for node in drawn.nodes],
    }
    return json.dumps(document, separators=(",", ":")).replace("<", "\\u003c")


def _flags(one: Connection) -> int:
    kinds = sum(1 << (_FIRST_KIND + list(ExposureKind).index(kind)) for kind in one.exposes)
    until = any(statement.until for statement in one.statements)
    return (
        (_UNDECIDED if one.is_undecided else 0)
        | (_EXPOSURE if one.exposure else 0)
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


def _statement(one: Statement, paths: _Table[str], changes: _Table[Change]) -> list[Any]:
    """The file, the line and the text of a statement, then when it ends and what wrote it, if known."""
    found: list[Any] = [paths.of(one.path), one.line, _shown(one.text)]
    if one.change or one.until:
        found.append(one.until.isoformat() if one.until else "")
    if one.change:
        found.append(changes.of(one.change))
    return found


def _change(one: Change) -> str:
    earlier = " or earlier" if one.is_oldest else ""
    return f"{one.day}{earlier}, {_shown(one.author)}, {one.commit[:10]}"


def _search(node: Node) -> str:
    """The search text for the connections of a drawn node."""
    if node.kind is NodeKind.NAMESPACE:
        return _shown(node.names[0].removeprefix("namespace ")) + "/"
    if node.namespace and len(node.names) > 1:
        return f"{_shown(node.namespace)}/"
    return _shown(full_name(replace(node, names=node.names[:1])))


def _shown(text: str) -> str:
    return short(text, _LONGEST)
