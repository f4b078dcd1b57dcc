"""A graph drawn as a table of squares: a row for each sender, a column for each receiver.

Where nearly everything reaches nearly everything, arrows cover each other and a table does not
(Ghoniem, Fekete and Castagliola 2004).
"""

from collections.abc import Iterator

from netpolc.graph.layout.text_size import name_width, port_width
from netpolc.graph.model import ELSEWHERE, Edge, EdgeState, Graph, Node, NodeKind
from netpolc.graph.picture import (
    Picture,
    edge_classes,
    edge_title,
    ends_of,
    number,
    point,
    text_of,
)
from netpolc.graph.words import full_name, short

_MARGIN, _CELL, _LONGEST = 16.0, 26.0, 44
_SIGNS = {EdgeState.OPENED: "+", EdgeState.CLOSED: "\N{MINUS SIGN}"}
_FIRST = (NodeKind.INTERNET, NodeKind.EVERY_NAMESPACE, NodeKind.UNKNOWN_PODS, NodeKind.BLOCK)


def draw_matrix(graph: Graph) -> Picture:
    """The picture of a graph that has many edges; a square has the number of connections."""
    senders = sorted({edge.sender for edge in graph.edges}, key=_order)
    receivers = sorted({edge.receiver for edge in graph.edges}, key=_order)
    names = {node: short(full_name(node), _LONGEST) for node in (*senders, *receivers)}
    left = _MARGIN + max((name_width(names[sender]) for sender in senders), default=0.0) + 10
    top = _MARGIN + max((name_width(names[receiver]) for receiver in receivers), default=0.0) + 10
    return Picture(
        width=left + _CELL * len(receivers) + _MARGIN,
        height=top + _CELL * len(senders) + _MARGIN,
        elements=tuple(_elements(graph, senders, receivers, (left, top))),
        notes=(
            (
                f"rows send and columns receive, because {len(graph.edges):,} arrows would cover each"
                " other; a square has the number of connections"
            ),
        ),
    )


def _order(node: Node) -> tuple[object, ...]:
    """A sort key: exposed rows first."""
    outside = node.namespace == ELSEWHERE and node.kind in _FIRST
    return not outside, _FIRST.index(node.kind) if outside else 0, node.sort_key()


def _elements(
    graph: Graph, senders: list[Node], receivers: list[Node], corner: tuple[float, float]
) -> Iterator[str]:
    numbers = {node: number for number, node in enumerate(graph.nodes)}
    rows = {node: place for place, node in enumerate(senders)}
    columns = {node: place for place, node in enumerate(receivers)}
    left, top = corner
    right, bottom = left + _CELL * len(columns), top + _CELL * len(rows)
    grid = [f"M{point((left, top + _CELL * row))}H{number(right)}" for row in range(len(rows) + 1)]
    grid += [
        f"M{point((left + _CELL * column, top))}V{number(bottom)}"
        for column in range(len(columns) + 1)
    ]
    yield f'<path class="grid" d="{"".join(grid)}"/>'
    for node, row in rows.items():
        yield _heading(node, numbers[node], (left - 8, top + _CELL * (row + 0.5) + 4), "")
    for node, column in columns.items():
        x, y = left + _CELL * (column + 0.5) + 4, top - 8
        yield _heading(
            node, numbers[node], (x, y), f' transform="rotate(-90 {number(x)} {number(y)})"'
        )
    cells: dict[tuple[int, int], list[Edge]] = {}
    for edge in graph.edges:
        cells.setdefault((rows[edge.sender], columns[edge.receiver]), []).append(edge)
    for (row, column), edges in cells.items():
        yield _cell(edges, numbers, left + _CELL * column, top + _CELL * row)


def _heading(node: Node, index: int, at: tuple[float, float], turned: str) -> str:
    name = short(full_name(node), _LONGEST)
    classes = f"heading {node.kind.name.lower()}{' unprotected' if node.unprotected else ''}"
    is_row = not turned
    anchor = ' text-anchor="end"' if is_row else ""
    return (
        f'<text class="{classes}" data-node="{index}" x="{number(at[0])}" y="{number(at[1])}"{anchor}{turned}>'
        f"{text_of(name)}</text>"
    )


def _cell(edges: list[Edge], numbers: dict[Node, int], x: float, y: float) -> str:
    """The squares of the edges between two nodes, one over another where states differ."""
    height = (_CELL - 4) / len(edges)
    return "".join(
        _square(edge, numbers, (x + 2, y + 2 + height * place), height)
        for place, edge in enumerate(edges)
    )


def _square(edge: Edge, numbers: dict[Node, int], at: tuple[float, float], height: float) -> str:
    x, y = at
    size = f'width="{number(_CELL - 4)}" height="{number(height)}"'
    label = _SIGNS.get(edge.state, "") + _count(edge.count)
    text = ""
    if height >= 10 and port_width(label) <= _CELL:  # noqa: PLR2004 - a line of text
        text = f'<text x="{number(x + _CELL / 2 - 2)}" y="{number(y + height / 2 + 3.5)}">{text_of(label)}</text>'
    return (
        f'<g class="{edge_classes(edge)} square" {ends_of(edge, numbers)}>{edge_title(edge)}'
        f'<rect x="{number(x)}" y="{number(y)}" {size} rx="2"/>{text}</g>'
    )


def _count(count: int) -> str:
    """A count in three characters."""
    if count < 1_000:  # noqa: PLR2004 - three digits
        return str(count)
    return f"{count // 1_000}k"
