"""The order of vertices in columns has few crossings, and namespaces keep one order in all columns."""

from collections.abc import Iterable

import pytest

from netpolc.graph.layout import order
from netpolc.graph.layout.order import order_columns
from netpolc.graph.layout.vertex import ALONE, Vertex

_Place = tuple[int, int]


def columns_of(
    blocks: Iterable[Iterable[int]], edges: Iterable[tuple[_Place, _Place]]
) -> list[list[Vertex]]:
    """Columns of vertices in these blocks, with edges between places (a column, and a number in it)."""
    columns = [
        [Vertex(rank=rank, block=block, height=10.0, is_wire=False) for block in column]
        for rank, column in enumerate(blocks)
    ]
    for (column, number), (next_column, other) in edges:
        columns[column][number].join(columns[next_column][other])
    return columns


def crossings_of(columns: list[list[Vertex]]) -> int:
    """The pairs of edges between two columns that cross, counted one by one."""
    place = {vertex: number for column in columns for number, vertex in enumerate(column)}
    edges = [
        [(place[vertex], place[other]) for vertex in column for other in vertex.right]
        for column in columns
    ]
    return sum(
        (a - c) * (b - d) < 0
        for some in edges
        for index, (a, b) in enumerate(some)
        for c, d in some[:index]
    )


_TANGLES = [
    ([[1, 0], [2, 0]], "00-10 00-11 01-10", 1, 0),
    ([[1, 0, 0], [ALONE, 1]], "00-11 01-11 02-10 02-11", 1, 0),
    ([[1, 2, 2, 0], [1, 2]], "00-10 01-10 02-10 03-11", 2, 0),
    ([[1, 2, ALONE, 0], [0, 2, 0]], "00-11 01-10 02-10 03-11 03-12", 4, 3),
    ([[2, 0, ALONE], [1, 2, 1], [0, 1]], "00-10 01-11 02-12 10-20 12-20", 1, 0),
]
"""Blocks of columns, edges, and the crossings that sweeps alone leave, and that remain in the end."""


@pytest.mark.parametrize(("blocks", "edges", "swept", "best"), _TANGLES)
def test_neighbouring_namespaces_are_exchanged_where_that_removes_crossings(
    blocks: list[list[int]],
    edges: str,
    swept: int,
    best: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    places = [
        tuple((int(end[0]), int(end[1])) for end in edge.split("-")) for edge in edges.split()
    ]
    count = 1 + max(block for column in blocks for block in column)
    columns = columns_of(blocks, [(first, second) for first, second in places])
    order_columns(columns, count)
    assert crossings_of(columns) == best
    assert _keeps_namespaces_together(columns)
    # In a large graph it would take too long.
    vertices = sum(map(len, blocks))
    for large, expected in ((vertices + 1, best), (vertices, swept)):
        monkeypatch.setattr(order, "_LARGE", large)
        again = columns_of(blocks, [(first, second) for first, second in places])
        order_columns(again, count)
        assert crossings_of(again) == expected


def _keeps_namespaces_together(columns: list[list[Vertex]]) -> bool:
    """Whether the vertices of each block are neighbours, and two blocks have one order in all columns."""
    after: set[tuple[int, int]] = set()
    for column in columns:
        blocks = [vertex.block for vertex in column if vertex.block != ALONE]
        runs = [
            block for number, block in enumerate(blocks) if blocks[number - 1 : number] != [block]
        ]
        if len(runs) != len(set(runs)):
            return False
        after.update((a, b) for number, a in enumerate(runs) for b in runs[number + 1 :])
    return not any((b, a) in after for a, b in after)
