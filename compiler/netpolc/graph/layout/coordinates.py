"""The height of each vertex: near its neighbours, in the order of its column, boxes apart.

Two rules hold wherever vertices go: those of a column keep their order and distance, and nothing
comes between the top and the bottom of a namespace's box in any column that the box is in. Each
is of the form "this is at least so far below that". Of two placements that keep such rules the mean
keeps them too. So each round pushes everything that is too near downwards, then, from the same
aims, upwards, and takes the mean.
"""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from netpolc.graph.layout.vertex import ALONE, Vertex

_ROUNDS = 60
_STILL = 0.1
"""A movement that nobody sees, in units of the picture."""
_GAP, _WIRE_GAP, _BOX_GAP = 14.0, 7.0, 18.0
_PADDING, _TITLE = 12.0, 24.0
_STRAIGHT = 6.0
"""The weight of a neighbour where both are wires, so that long edges are straight."""


@dataclass(slots=True, eq=False)
class _Edge:
    """The top or bottom of a box, which is placed like a vertex."""

    block: int
    y: float = 0.0
    aim: float = 0.0


_Item = Vertex | _Edge


@dataclass(slots=True)
class _Rules:
    """All items, each after those above it, and the distances to what is above and below."""

    items: list[_Item] = field(default_factory=list)
    above: dict[int, list[tuple[_Item, float]]] = field(default_factory=dict)
    below: dict[int, list[tuple[_Item, float]]] = field(default_factory=dict)

    def add(self, upper: _Item, lower: _Item, distance: float) -> None:
        """Keep the lower item at a distance below the upper one."""
        self.below.setdefault(id(upper), []).append((lower, distance))
        self.above.setdefault(id(lower), []).append((upper, distance))


def set_coordinates(columns: Sequence[Sequence[Vertex]], blocks: int) -> list[tuple[float, float]]:
    """Set the `y` of all vertices, and return top and bottom of each block."""
    tops, bottoms = [_Edge(b) for b in range(blocks)], [_Edge(b) for b in range(blocks)]
    rules = _rules(columns, tops, bottoms)
    vertices = [vertex for column in columns for vertex in column]
    members: list[list[Vertex]] = [[] for _ in range(blocks)]
    for vertex in vertices:
        if vertex.block != ALONE:
            members[vertex.block].append(vertex)
    boxes = [
        (top, bottom, *_parted(inside))
        for top, bottom, inside in zip(tops, bottoms, members, strict=True)
    ]
    wanted = [(vertex, _neighbours(vertex)) for vertex in vertices]
    for item in rules.items:
        item.aim = 0.0
    _settle(rules)
    for _ in range(_ROUNDS):
        for vertex, near in wanted:
            vertex.aim = (vertex.y + _mean(near, vertex.y)) / 2
        for box in boxes:
            _aim_box(*box)
        if _settle(rules) < _STILL:
            break
    return [
        (
            min(v.y - v.height / 2 for v in inside) - _PADDING - _TITLE,
            max(v.y + v.height / 2 for v in inside) + _PADDING,
        )
        for inside in members
    ]


def _parted(inside: Iterable[Vertex]) -> tuple[list[Vertex], list[Vertex]]:
    """The vertices of a box, and the placeholders in it, which have no neighbours."""
    real: list[Vertex] = []
    placeholders: list[Vertex] = []
    for vertex in inside:
        is_real = vertex.height or vertex.left or vertex.right
        (real if is_real else placeholders).append(vertex)
    return real, placeholders


def _aim_box(
    top: _Edge, bottom: _Edge, real: Iterable[Vertex], placeholders: Iterable[Vertex]
) -> None:
    """Aim a box around its vertices, and its placeholders into its middle."""
    top.aim = min(v.aim - v.height / 2 for v in real) - _PADDING - _TITLE
    bottom.aim = max(v.aim + v.height / 2 for v in real) + _PADDING
    for vertex in placeholders:
        vertex.aim = (top.aim + bottom.aim) / 2


def _neighbours(vertex: Vertex) -> list[tuple[Vertex, float]]:
    """The neighbours of a vertex with their weights."""
    return [
        (other, _STRAIGHT if vertex.is_wire and other.is_wire else 1.0)
        for other in (*vertex.left, *vertex.right)
    ]


def _mean(near: Iterable[tuple[Vertex, float]], otherwise: float) -> float:
    """The mean height of neighbours by their weights."""
    total = weights = 0.0
    for other, weight in near:
        total += weight * other.y
        weights += weight
    return total / weights if weights else otherwise


def _settle(rules: _Rules) -> float:
    """Move each item to the mean of its places when all are pushed down, and up.

    Returns the longest way that one was moved.
    """
    down: dict[int, float] = {}
    for item in rules.items:
        place = item.aim
        for other, distance in rules.above.get(id(item), ()):
            place = max(place, down[id(other)] + distance)
        down[id(item)] = place
    up: dict[int, float] = {}
    farthest = 0.0
    for item in reversed(rules.items):
        place = item.aim
        for other, distance in rules.below.get(id(item), ()):
            place = min(place, up[id(other)] - distance)
        up[id(item)] = place
        y = (down[id(item)] + place) / 2
        farthest = max(farthest, abs(y - item.y))
        item.y = y
    return farthest


def _rules(
    columns: Sequence[Sequence[Vertex]], tops: Sequence[_Edge], bottoms: Sequence[_Edge]
) -> _Rules:
    rules = _Rules()
    for column in columns:
        for item in column:
            if item.block != ALONE:
                half = item.height / 2 + _PADDING
                rules.add(tops[item.block], item, half + _TITLE)
                rules.add(item, bottoms[item.block], half)
        for upper, lower in itertools.pairwise(column):
            if upper.block == lower.block != ALONE:
                rules.add(upper, lower, _distance(upper, lower))
            else:
                above = upper if upper.block == ALONE else bottoms[upper.block]
                below = lower if lower.block == ALONE else tops[lower.block]
                rules.add(above, below, _distance(above, below))
    vertices = (vertex for column in columns for vertex in column)
    rules.items = _sorted([*tops, *bottoms, *vertices], rules)
    return rules


def _distance(upper: _Item, lower: _Item) -> float:
    gap = 0.0
    for item in (upper, lower):
        if isinstance(item, _Edge):
            gap += _BOX_GAP / 2
        else:
            gap += item.height / 2 + (_WIRE_GAP if item.is_wire else _GAP) / 2
    return gap


def _sorted(items: Iterable[_Item], rules: _Rules) -> list[_Item]:
    """The items, each after all that are above it."""
    listed = list(items)
    missing = {id(item): len(rules.above.get(id(item), ())) for item in listed}
    ready = [item for item in listed if not missing[id(item)]]
    for item in ready:  # It grows.
        for other, _ in rules.below.get(id(item), ()):
            missing[id(other)] -= 1
            if not missing[id(other)]:
                ready.append(other)
    assert len(ready) == len(listed)
    return ready
