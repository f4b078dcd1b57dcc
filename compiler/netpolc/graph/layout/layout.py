"""Places for the nodes and edges of a graph: columns from left to right, namespaces as boxes.

It follows Sugiyama, Tagawa and Toda (1981): ranks, an order in each column with few crossings,
coordinates. Two things are particular. A node outside of namespaces that both sends and receives
has two places, so that what comes from the internet is on the left and what goes there on the
right. Edges that bring the same ports to the same node share their wires and one arrow, which
loses nothing: whatever joins such a wire reaches that one node on these ports.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from netpolc.graph.layout.coordinates import set_coordinates
from netpolc.graph.layout.drawing import Drawing, Frame, Loop, Point, Route, Spot, Tag
from netpolc.graph.layout.order import order_columns
from netpolc.graph.layout.ranks import ranks
from netpolc.graph.layout.text_size import LINE, name_width, port_width
from netpolc.graph.layout.vertex import ALONE, Vertex
from netpolc.graph.model import ELSEWHERE, Edge, Graph, Node, NodeKind
from netpolc.graph.words import edge_text, node_lines, short

_MARGIN, _FRAME = 16.0, 14.0
_PITCH, _ARROW = 18.0, 20.0
_LOOP = 26.0
_BEND, _MORE_BEND, _MOST_BEND = 56.0, 3.0, 160.0
"""The width in which edges bend between two columns: at least, more for each edge, at most."""
_NARROWEST = 44.0
LONGEST_TITLE = 40
"""Characters of a namespace's name that its box shows."""


@dataclass(slots=True, eq=False)
class _Place(Vertex):
    """A place of a node, with what enters and leaves it on each side, from the top."""

    node: Node = field(kw_only=True)
    lines: tuple[str, ...] = ()
    width: float = 0.0
    head: float = 0.0
    """The height above the node that its loops take."""
    entries: "dict[bool, list[_Entry]]" = field(default_factory=lambda: {True: [], False: []})
    """By whether it is the left side."""


@dataclass(slots=True, eq=False)
class _Entry:
    """The point where edges enter a place, or without `edges`, where all of its edges leave it."""

    at: _Place
    is_left: bool
    edges: list[tuple[Edge, _Place]] = field(default_factory=list)
    wires: dict[int, Vertex] = field(default_factory=dict)
    y: float = 0.0

    @property
    def text(self) -> str:
        """The ports of the edges, which are the same for all."""
        return edge_text(self.edges[0][0]) if self.edges else ""


def layout(graph: Graph) -> Drawing:
    """The drawing of a graph."""
    names = sorted({node.namespace for node in graph.nodes} - {ELSEWHERE})
    blocks = {name: number for number, name in enumerate(names)}
    places = _places(graph, blocks)
    entries = _entries(graph, places)
    _connect(entries)
    vertices = list(dict.fromkeys(places.values()))
    for vertex in vertices:
        _measure(vertex)
    columns = _columns(vertices, entries, len(blocks))
    order_columns(columns, len(blocks))
    boxes = set_coordinates(columns, len(blocks))
    _place_entries(vertices)
    return _drawn(graph, columns, vertices, entries, (names, boxes))


def _places(graph: Graph, blocks: dict[str, int]) -> dict[tuple[Node, bool], _Place]:
    """The places of each node as a sender and as a receiver, with their ranks."""
    places: dict[tuple[Node, bool], _Place] = {}
    for node in graph.nodes:
        block = blocks.get(node.namespace, ALONE)
        for is_sender in (True, False):
            is_shared = not _is_split(node) and not is_sender
            places[node, is_sender] = (
                places[node, True]
                if is_shared
                else _Place(rank=0, block=block, is_wire=False, node=node)
            )
    used = {(edge.sender, True) for edge in graph.edges if edge.sender != edge.receiver}
    used |= {(edge.receiver, False) for edge in graph.edges if edge.sender != edge.receiver}
    for node in graph.nodes:
        if _is_split(node) and not {(node, True), (node, False)} <= used:
            places[node, (node, True) not in used] = places[node, (node, True) in used]
    links = [
        (places[edge.sender, True], places[edge.receiver, False])
        for edge in graph.edges
        if edge.sender != edge.receiver
    ]
    _set_ranks(list(dict.fromkeys(places.values())), links)
    return places


def _is_split(node: Node) -> bool:
    """Whether a node has one place to send from and one to receive at."""
    return node.namespace == ELSEWHERE and node.kind is not NodeKind.NAMESPACE


def _set_ranks(places: Sequence[_Place], links: Sequence[tuple[_Place, _Place]]) -> None:
    """Rank the nodes of namespaces, then those outside, which only send or only receive.

    They would pull namespaces apart if they were ranked together.
    """
    inside = [place for place in places if not _is_split(place.node)]
    numbers = {id(place): number for number, place in enumerate(inside)}
    own = [
        (numbers[id(a)], numbers[id(b)]) for a, b in links if id(a) in numbers and id(b) in numbers
    ]
    for place, rank in zip(inside, ranks(len(inside), own), strict=True):
        place.rank = rank
    for place in places:
        if id(place) not in numbers:
            after = [b.rank for a, b in links if a is place and id(b) in numbers]
            place.rank = min(after, default=0) - 1
    for place in places:
        before = [a.rank for a, b in links if b is place]
        if id(place) not in numbers and before:
            place.rank = 1 + max(before)
    used = {rank: number for number, rank in enumerate(sorted({place.rank for place in places}))}
    for place in places:
        place.rank = used[place.rank]


def _entries(graph: Graph, places: dict[tuple[Node, bool], _Place]) -> list[_Entry]:
    """The points where edges enter places; edges with the same ports and state share one."""
    entries: dict[object, _Entry] = {}
    for edge in graph.edges:
        if edge.sender == edge.receiver:
            places[edge.receiver, False].head = _LOOP
            continue
        sender, receiver = places[edge.sender, True], places[edge.receiver, False]
        is_left = sender.rank < receiver.rank
        is_inside = sender.block == receiver.block != ALONE
        text = edge_text(edge)
        key = id(receiver), is_left, is_inside, text, edge.state, edge.exposure
        entry = entries.get(key)
        if entry is None:
            entry = entries[key] = _Entry(receiver, is_left)
            receiver.entries[is_left].append(entry)
        entry.edges.append((edge, sender))
        if not any(not other_entry.edges for other_entry in sender.entries[not is_left]):
            sender.entries[not is_left].append(_Entry(sender, not is_left))
    return list(entries.values())


def _connect(entries: Iterable[_Entry]) -> None:
    """Lay the wires of edges through the columns between their ends."""
    for entry in entries:
        step = -1 if entry.is_left else 1
        is_inside = all(sender.block == entry.at.block for _, sender in entry.edges)
        block = entry.at.block if is_inside else ALONE
        for _, sender in entry.edges:
            last: Vertex = entry.at
            for rank in range(entry.at.rank + step, sender.rank, step):
                if rank not in entry.wires:
                    entry.wires[rank] = Vertex(rank, block)
                _join(last, entry.wires[rank], entry)
                last = entry.wires[rank]
            _join(last, sender, entry)


def _join(nearer: Vertex, farther: Vertex, entry: _Entry) -> None:
    if entry.is_left:
        farther.join(nearer)
    else:
        nearer.join(farther)


def _measure(vertex: _Place) -> None:
    vertex.lines = tuple(node_lines(vertex.node))
    vertex.width = max(_NARROWEST, *(name_width(line) + 24 for line in vertex.lines))
    most = max(map(len, vertex.entries.values()))
    vertex.height = max(len(vertex.lines) * LINE + 12, most * _PITCH + 4) + vertex.head


def _columns(
    vertices: Sequence[_Place], entries: Iterable[_Entry], blocks: int
) -> list[list[Vertex]]:
    """The vertices by rank, with a placeholder where a box passes a column in which it has none."""
    everything: list[Vertex] = [*vertices]
    everything += [wire for entry in entries for wire in entry.wires.values()]
    columns: list[list[Vertex]] = [
        [] for _ in range(1 + max((v.rank for v in everything), default=-1))
    ]
    for vertex in everything:
        columns[vertex.rank].append(vertex)
    for block in range(blocks):
        used = {vertex.rank for vertex in everything if vertex.block == block}
        for rank in set(range(min(used), max(used))) - used:
            columns[rank].append(Vertex(rank, block))
    return columns


def _place_entries(vertices: Iterable[_Place]) -> None:
    """Spread the entries of each side, in the order of what is at their other ends."""
    for vertex in vertices:
        middle = vertex.y + vertex.head / 2
        for is_left, entries in vertex.entries.items():
            entries.sort(key=_height_of_partners)
            room = vertex.height - vertex.head - 4
            pitch = min(_PITCH, room / max(1, len(entries)))
            first = middle - pitch * (len(entries) - 1) / 2
            for number, entry in enumerate(entries):
                entry.y = first + pitch * number
            assert all(entry.is_left is is_left for entry in entries)


def _height_of_partners(entry: _Entry) -> float:
    step = -1 if entry.is_left else 1
    near = entry.wires.get(entry.at.rank + step)
    if near is not None:
        return near.y
    others: list[Vertex] = [sender for _, sender in entry.edges]
    if not entry.edges:
        others = [*(entry.at.left if entry.is_left else entry.at.right)]
    return sum(vertex.y for vertex in others) / max(1, len(others))


@dataclass(slots=True)
class _Across:
    """The horizontal places of columns, and between which of them edges bend."""

    left: list[float] = field(default_factory=list)
    right: list[float] = field(default_factory=list)
    bend_from: list[float] = field(default_factory=list)
    bend_to: list[float] = field(default_factory=list)


def _across(columns: Sequence[Sequence[Vertex]], names: Sequence[str]) -> _Across:
    across, titled = _Across(), set[int]()
    x = _MARGIN + _FRAME
    for number, column in enumerate(columns):
        places = [vertex for vertex in column if isinstance(vertex, _Place)]
        widest = max((vertex.width for vertex in places), default=0.0)
        for block in {vertex.block for vertex in places} - {ALONE} - titled:
            widest = max(widest, _title_width(names[block]) - 2 * _FRAME)
            titled.add(block)
        x += _run(places, is_left=True) if number else 0.0
        across.left.append(x)
        across.bend_to.append(x - _run(places, is_left=True))
        x += widest
        across.right.append(x)
        x += _run(places, is_left=False)
        across.bend_from.append(x)
        edges = sum(len(vertex.right) for vertex in column)
        x += min(_MOST_BEND, _BEND + _MORE_BEND * edges)
    return across


def _run(places: Iterable[_Place], *, is_left: bool) -> float:
    """The width beside a column in which edges are straight, for arrows and ports."""
    entries = [entry for place in places for entry in place.entries[is_left] if entry.edges]
    text = max((port_width(entry.text) for entry in entries), default=0.0)
    return _FRAME + (text + _ARROW if entries else 0.0)


def _drawn(
    graph: Graph,
    columns: Sequence[Sequence[Vertex]],
    vertices: Sequence[_Place],
    entries: Iterable[_Entry],
    boxes: tuple[Sequence[str], Sequence[tuple[float, float]]],
) -> Drawing:
    across = _across(columns, boxes[0])
    tops = [top for top, _ in boxes[1]]
    tops += [vertex.y - vertex.height / 2 for column in columns for vertex in column]
    up = min(tops, default=0.0) - _MARGIN
    bottoms = [bottom for _, bottom in boxes[1]]
    bottoms += [vertex.y + vertex.height / 2 for column in columns for vertex in column]
    for vertex in (vertex for column in columns for vertex in column):
        vertex.y -= up
    for entry in (e for v in vertices for some in v.entries.values() for e in some):
        entry.y -= up
    spots = {id(vertex): _spot(vertex, across) for vertex in vertices}
    frames = tuple(
        _frame(
            name, [v for c in columns for v in c if v.block == block], across, top - up, bottom - up
        )
        for block, (name, (top, bottom)) in enumerate(zip(*boxes, strict=True))
    )
    routes = [
        Route(edge=edge, points=_points(entry, sender, spots, across))
        for entry in entries
        for edge, sender in entry.edges
    ]
    loops = [
        Loop(edge=edge, x=spots[id(vertex)].x + vertex.width, y=spots[id(vertex)].y)
        for edge in graph.edges
        for vertex in vertices
        if edge.sender == edge.receiver == vertex.node and vertex.head
    ]
    right = max((frame.x + frame.width for frame in frames), default=0.0)
    widest = max((across.right[-1] if across.right else 0.0, right))
    widest = max((widest, *(loop.x + 60 for loop in loops)))
    return Drawing(
        width=widest + _MARGIN,
        height=max(bottoms, default=0.0) - up + _MARGIN,
        spots=tuple(spots.values()),
        frames=frames,
        routes=tuple(routes),
        loops=tuple(loops),
        tags=tuple(_tag(entry, spots[id(entry.at)]) for entry in entries),
    )


def _spot(vertex: _Place, across: _Across) -> Spot:
    left, right = across.left[vertex.rank], across.right[vertex.rank]
    return Spot(
        node=vertex.node,
        lines=vertex.lines,
        x=(left + right - vertex.width) / 2,
        y=vertex.y - vertex.height / 2 + vertex.head,
        width=vertex.width,
        height=vertex.height - vertex.head,
    )


def _frame(
    name: str, inside: Sequence[Vertex], across: _Across, top: float, bottom: float
) -> Frame:
    places = [place for place in inside if isinstance(place, _Place)]
    left = min(across.left[place.rank] for place in places) - _FRAME
    right = max(across.right[place.rank] for place in places) + _FRAME
    return Frame(namespace=name, x=left, y=top, width=right - left, height=bottom - top)


def _title_width(name: str) -> float:
    """The width that a box needs for its title, which is bold."""
    return name_width(short(name, LONGEST_TITLE)) * 1.05 + 24


def _points(
    entry: _Entry, sender: _Place, spots: dict[int, Spot], across: _Across
) -> tuple[Point, ...]:
    """The way of an edge from its sender to where it enters its receiver."""
    left_to_right = entry.is_left
    start, end = spots[id(sender)], spots[id(entry.at)]
    y = next(
        other_entry.y for other_entry in sender.entries[not entry.is_left] if not other_entry.edges
    )
    points = [(start.x + start.width if left_to_right else start.x, y)]
    step = 1 if left_to_right else -1
    stops = list(range(sender.rank, entry.at.rank + step, step))
    for rank, following in pairwise(stops):
        points.append((across.bend_from[rank] if left_to_right else across.bend_to[rank], y))
        y = entry.y if following == entry.at.rank else entry.wires[following].y
        points.append(
            (across.bend_to[following] if left_to_right else across.bend_from[following], y)
        )
    points.append((end.x if left_to_right else end.x + end.width, y))
    return tuple(points)


def _tag(entry: _Entry, spot: Spot) -> Tag:
    x = spot.x - _ARROW / 2 if entry.is_left else spot.x + spot.width + _ARROW / 2
    return Tag(text=entry.text, edge=entry.edges[0][0], x=x, y=entry.y - 4, is_left=entry.is_left)
