"""The order of vertices in columns, with few crossings of edges.

Vertices of a namespace keep together, and namespaces have one order in all columns, so that each
has a box that nothing else enters. Columns are swept from left to right and back; each vertex
goes where its neighbours are, and the best order of all sweeps is kept.
"""

import itertools
from bisect import bisect_right, insort
from collections.abc import Iterable, Sequence

from netpolc.graph.layout.vertex import ALONE, Vertex

_SWEEPS, _LARGE, _FEW_SWEEPS = 24, 1_500, 6
_GAP = 16.0


def order_columns(columns: list[list[Vertex]], blocks: int) -> None:
    """Put each column into its order, from the top."""
    sweeps = _SWEEPS if sum(map(len, columns)) < _LARGE else _FEW_SWEEPS
    order = list(range(blocks))
    for column in columns:
        _arrange(column, order)
        _stack(column)
    best, fewest = _copy(columns), _crossings(columns)
    for sweep in range(sweeps):
        _sweep(columns, order, is_forward=sweep % 2 == 0)
        order = _block_order(columns, order)
        for column in columns:
            _arrange(column, order)
            _stack(column)
        crossings = _crossings(columns)
        if crossings < fewest:
            best, fewest = _copy(columns), crossings
        if not fewest:
            break
    columns[:] = best
    _improve_blocks(columns, blocks)


def _copy(columns: Iterable[Sequence[Vertex]]) -> list[list[Vertex]]:
    return [list(column) for column in columns]


def _sweep(columns: list[list[Vertex]], order: list[int], *, is_forward: bool) -> None:
    for column in columns if is_forward else reversed(columns):
        for vertex in column:
            near = vertex.left if is_forward else vertex.right
            vertex.aim = _mean(near, vertex.y)
        _arrange(column, order)
        _stack(column)


def _mean(near: Sequence[Vertex], otherwise: float) -> float:
    return sum(vertex.y for vertex in near) / len(near) if near else otherwise


def _arrange(column: list[Vertex], order: Sequence[int]) -> None:
    """Sort a column by aims, its blocks in their order and the rest between them."""
    members: dict[int, list[Vertex]] = {}
    for vertex in column:
        members.setdefault(vertex.block, []).append(vertex)
    alone = sorted(members.pop(ALONE, []), key=_aim)
    groups = [sorted(members[block], key=_aim) for block in order if block in members]
    middles = [_mean_aim(group) for group in groups]
    gaps: list[list[Vertex]] = [[] for _ in range(len(groups) + 1)]
    for vertex in alone:
        gaps[_gap(middles, vertex.aim)].append(vertex)
    column[:] = gaps[0]
    for group, gap in zip(groups, gaps[1:], strict=True):
        column += [*group, *gap]


def _aim(vertex: Vertex) -> float:
    return vertex.aim


def _mean_aim(group: Sequence[Vertex]) -> float:
    return sum(map(_aim, group)) / len(group)


def _gap(middles: Sequence[float], aim: float) -> int:
    """The gap between groups where the fewest of them are on the wrong side of an aim."""
    if all(lower <= higher for lower, higher in itertools.pairwise(middles)):
        return bisect_right(middles, aim)
    wrong = below = sum(middle < aim for middle in middles)
    best = 0
    for gap, middle in enumerate(middles, start=1):
        wrong += -1 if middle < aim else 1
        if wrong < below:
            best, below = gap, wrong
    return best


def _stack(column: Sequence[Vertex]) -> None:
    """Give the vertices of a column their heights one below another, around zero."""
    total = sum(vertex.height + _GAP for vertex in column)
    top = -total / 2
    for vertex in column:
        vertex.y = vertex.aim = top + vertex.height / 2
        top += vertex.height + _GAP


def _block_order(columns: Iterable[Sequence[Vertex]], order: Sequence[int]) -> list[int]:
    """The blocks by the middle of what they are connected with outside."""
    seen: dict[int, list[float]] = {block: [] for block in order}
    for column in columns:
        for vertex in column:
            if vertex.block != ALONE:
                near = [o for o in (*vertex.left, *vertex.right) if o.block != vertex.block]
                seen[vertex.block] += [other.y for other in near] or [vertex.y]
    place = {block: number for number, block in enumerate(order)}
    middle = {block: sum(ys) / len(ys) if ys else 0.0 for block, ys in seen.items()}
    return sorted(order, key=lambda block: (middle[block], place[block]))


def _crossings(columns: Sequence[Sequence[Vertex]]) -> int:
    """Count the crossings of edges."""
    crossings = 0
    for column, after in itertools.pairwise(columns):
        places = {id(vertex): place for place, vertex in enumerate(after)}
        ends: list[int] = []
        for vertex in column:
            to = sorted(places[id(other)] for other in vertex.right)
            crossings += sum(len(ends) - bisect_right(ends, place) for place in to)
            for place in to:
                insort(ends, place)
    return crossings


def _improve_blocks(columns: list[list[Vertex]], blocks: int) -> None:
    """Exchange neighbouring blocks as long as that removes crossings."""
    if sum(map(len, columns)) >= _LARGE:
        return
    order = _order_of(columns, blocks)
    fewest, is_better = _crossings(columns), True
    while is_better and fewest:
        is_better = False
        for place in range(blocks - 1):
            tried = [*order]
            tried[place : place + 2] = reversed(tried[place : place + 2])
            before = _copy(columns)
            for column in columns:
                _stack(column)
            for column in columns:
                for vertex in column:
                    if vertex.block == ALONE:
                        vertex.aim = _mean([*vertex.left, *vertex.right], vertex.y)
                _arrange(column, tried)
            crossings = _crossings(columns)
            if crossings < fewest:
                order, fewest, is_better = tried, crossings, True
            else:
                columns[:] = before


def _order_of(columns: Iterable[Sequence[Vertex]], blocks: int) -> list[int]:
    """An order of the blocks that all columns have."""
    after: dict[int, set[int]] = {block: set() for block in range(blocks)}
    for column in columns:
        seen = list(dict.fromkeys(v.block for v in column if v.block != ALONE))
        for first, second in itertools.pairwise(seen):
            after[second].add(first)
    order: list[int] = []
    while len(order) < blocks:
        order += [b for b in sorted(after) if b not in order and after[b] <= set(order)][:1]
    return order
