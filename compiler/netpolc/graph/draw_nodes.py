"""A graph drawn as nodes and arrows.

Every state and kind has a shape of its own, and colours repeat it.
"""

from collections.abc import Iterable, Iterator

from netpolc.graph.layout import LONGEST_TITLE, Drawing, Frame, Loop, Route, Spot, Tag, layout
from netpolc.graph.layout.text_size import LINE
from netpolc.graph.model import Edge, EdgeState, Graph, Node, NodeKind
from netpolc.graph.picture import (
    Picture,
    edge_classes,
    edge_title,
    ends_of,
    exposing,
    number,
    point,
    text_of,
)
from netpolc.graph.words import edge_text, full_name, short

_CORNER = 7.0


def draw_nodes(graph: Graph) -> Picture:
    """The picture of a graph that has few edges."""
    drawing = layout(graph)
    return Picture(
        width=drawing.width,
        height=drawing.height,
        elements=tuple(_elements(graph, drawing)),
    )


def _elements(graph: Graph, drawing: Drawing) -> Iterator[str]:
    numbers = {node: number for number, node in enumerate(graph.nodes)}
    yield from map(_frame, drawing.frames)
    # What exposes is drawn last, above the rest.
    for route in sorted(drawing.routes, key=lambda route: exposing(route.edge) is not None):
        yield _route(route, numbers)
    yield from (_loop(loop, numbers) for loop in drawing.loops)
    yield from map(_tag, drawing.tags)
    yield from (_spot(spot, numbers[spot.node]) for spot in drawing.spots)


def _frame(frame: Frame) -> str:
    return (
        f'<g class="namespace"><rect {_rectangle(frame)} rx="10"/>'
        f'<text x="{number(frame.x + 12)}" y="{number(frame.y + 18)}">{text_of(short(frame.namespace, LONGEST_TITLE))}</text></g>'
    )


def _route(route: Route, numbers: dict[Node, int]) -> str:
    edge = route.edge
    path = [f"M{point(route.points[0])}"]
    (x, y), *others = route.points
    for to in others:
        if abs(to[1] - y) < 1:
            path.append(f"L{point(to)}")
        else:
            middle = (x + to[0]) / 2
            path.append(f"C{point((middle, y))} {point((middle, to[1]))} {point(to)}")
        x, y = to
    is_right = route.points[-1][0] >= route.points[-2][0]
    tip = _tip(x, y, 1 if is_right else -1, edge.state)
    return _edge_group(edge, numbers, f'<path class="line" d="{"".join(path)}"/>{tip}')


def _loop(loop: Loop, numbers: dict[Node, int]) -> str:
    x, y = loop.x, loop.y
    path = f"M{point((x - 34, y))}C{point((x - 34, y - 26))} {point((x - 8, y - 26))} {point((x - 8, y - 2))}"
    arrow = f'<path class="tip" d="M{point((x - 8, y))}l-4,-8h8z"/>'
    text = f'<text class="ports" x="{number(x)}" y="{number(y - 10)}">{text_of(edge_text(loop.edge))}</text>'
    return _edge_group(loop.edge, numbers, f'<path class="line" d="{path}"/>{arrow}{text}')


def _edge_group(edge: Edge, numbers: dict[Node, int], content: str) -> str:
    inside = f"{edge_title(edge)}{content}"
    return f'<g class="{edge_classes(edge)}" {ends_of(edge, numbers)}>{inside}</g>'


def _tip(x: float, y: float, way: int, state: EdgeState) -> str:
    """The end of an edge: an arrow, or a bar with a cross where the connection is closed."""
    if state is EdgeState.CLOSED:
        bar = f"M{point((x - 3 * way, y - 7))}v14m{-8 * way},-11l-8,8m0,-8l8,8"
        return f'<path class="tip bar" d="{bar}"/>'
    return f'<path class="tip" d="M{point((x, y))}l{-9 * way},-4.5v9z"/>'


def _tag(tag: Tag) -> str:
    anchor = ' text-anchor="end"' if tag.is_left else ""
    return f'<text class="ports {tag.edge.state.value}" x="{number(tag.x)}" y="{number(tag.y)}"{anchor}>{text_of(tag.text)}</text>'


def _spot(spot: Spot, number: int) -> str:
    node = spot.node
    classes = f"node {node.kind.name.lower()}{' unprotected' if node.unprotected else ''}"
    texts = "".join(_line(spot, line, place) for place, line in enumerate(spot.lines))
    return (
        f'<g class="{classes}" data-node="{number}"><title>{text_of(full_name(node))}</title>'
        f"{''.join(_shape(spot))}{texts}</g>"
    )


def _line(spot: Spot, line: str, place: int) -> str:
    y = spot.y + spot.height / 2 + (place - (len(spot.lines) - 1) / 2) * LINE + 4
    is_warning = spot.node.unprotected and place == len(spot.lines) - 1
    mark = ' class="warning"' if is_warning else ""
    return (
        f'<text{mark} x="{number(spot.x + spot.width / 2)}" y="{number(y)}">{text_of(line)}</text>'
    )


def _shape(spot: Spot) -> Iterable[str]:
    match spot.node.kind:
        case NodeKind.INTERNET:
            return _octagon(spot, 0), _octagon(spot, 3.5)
        case NodeKind.EVERY_NAMESPACE:
            return (_octagon(spot, 0),)
        case NodeKind.BLOCK:
            return (f'<rect {_rectangle(spot)} rx="{number(min(14.0, spot.height / 2))}"/>',)
        case NodeKind.NAMESPACE:
            tab = f"M{point((spot.x + 8, spot.y))}v-5h26l6,5"
            return f'<rect {_rectangle(spot)} rx="3"/>', f'<path d="{tab}"/>'
        case _:
            outer = f'<rect {_rectangle(spot)} rx="7"/>'
            inner = f'<rect {_rectangle(spot, 3.5)} rx="4"/>'
            return (outer, inner) if spot.node.unprotected else (outer,)


def _octagon(spot: Spot, inset: float) -> str:
    left, top = spot.x + inset, spot.y + inset
    right, bottom = spot.x + spot.width - inset, spot.y + spot.height - inset
    c = _CORNER
    points = (
        (left + c, top), (right - c, top), (right, top + c), (right, bottom - c),
        (right - c, bottom), (left + c, bottom), (left, bottom - c), (left, top + c),
    )  # fmt: skip
    return f'<path d="M{"L".join(map(point, points))}z"/>'


def _rectangle(box: Spot | Frame, inset: float = 0) -> str:
    sizes = box.x + inset, box.y + inset, box.width - 2 * inset, box.height - 2 * inset
    return " ".join(
        f'{name}="{number(size)}"'
        for name, size in zip(("x", "y", "width", "height"), sizes, strict=True)
    )
