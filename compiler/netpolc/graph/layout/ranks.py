"""The column of each vertex: edges lead to the right, except those that would close a cycle."""

from collections.abc import Sequence
from typing import TypeAlias

Link: TypeAlias = tuple[int, int]

_ROUNDS = 8


def ranks(count: int, links: Sequence[Link]) -> list[int]:
    """The rank of each of `count` vertices, from 0; no link has both ends in one rank."""
    order = _order(count, links)
    forward = sorted({(a, b) if order[a] < order[b] else (b, a) for a, b in links})
    before: list[list[int]] = [[] for _ in range(count)]
    after: list[list[int]] = [[] for _ in range(count)]
    for a, b in forward:
        before[b].append(a)
        after[a].append(b)
    ranked = [0] * count
    by_order = sorted(range(count), key=order.__getitem__)
    for vertex in by_order:
        ranked[vertex] = 1 + max((ranked[other] for other in before[vertex]), default=-1)
    _shorten(ranked, before, after, by_order)
    used = {rank: number for number, rank in enumerate(sorted(set(ranked)))}
    return [used[rank] for rank in ranked]


def _order(count: int, links: Sequence[Link]) -> list[int]:
    """A place for each vertex such that few links lead backwards.

    The heuristic of Eades, Lin and Smyth (1993): sinks go last, sources first, and of the rest the
    vertex that sends most and receives least.
    """
    out: list[set[int]] = [set() for _ in range(count)]
    into: list[set[int]] = [set() for _ in range(count)]
    for a, b in links:
        out[a].add(b)
        into[b].add(a)
    left, first, last = set(range(count)), list[int](), list[int]()
    while left:
        sink = next((v for v in sorted(left, reverse=True) if not out[v]), None)
        vertex = max(left, key=lambda v: (not into[v], len(out[v]) - len(into[v]), -v))
        if sink is not None:
            last.append(sink)
            vertex = sink
        else:
            first.append(vertex)
        left.discard(vertex)
        for other in out[vertex]:
            into[other].discard(vertex)
        for other in into[vertex]:
            out[other].discard(vertex)
    places = [0] * count
    for place, vertex in enumerate([*first, *reversed(last)]):
        places[vertex] = place
    return places


def _shorten(
    ranked: list[int], before: list[list[int]], after: list[list[int]], by_order: list[int]
) -> None:
    """Move vertices towards the side where they have more links, which makes links shorter."""
    for _ in range(_ROUNDS):
        is_moved = False
        for vertex in reversed(by_order):
            low = 1 + max((ranked[other] for other in before[vertex]), default=-1)
            high = min((ranked[other] for other in after[vertex]), default=len(ranked)) - 1
            pull = len(after[vertex]) - len(before[vertex])
            place = high if pull > 0 else low if pull < 0 else ranked[vertex]
            if place != ranked[vertex] and low <= place <= high:
                ranked[vertex], is_moved = place, True
        if not is_moved:
            return
