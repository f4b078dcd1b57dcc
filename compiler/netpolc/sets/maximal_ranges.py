"""A function of whole numbers that is constant between known edges, in ranges of one value."""

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import TypeVar

_V = TypeVar("_V")


def maximal_ranges(
    edges: Iterable[int], value_at: Callable[[int], _V]
) -> Iterator[tuple[int, int, _V]]:
    """Return the ranges (first, last) of equal value, as long as possible, with that value.

    Args:
        edges: the numbers at which the value may change; the first and last bound the ranges.
        value_at: the value at a number.
    """
    last: tuple[int, int, _V] | None = None
    for first, end in pairwise(sorted(set(edges))):
        value = value_at(first)
        if last is not None and last[2] == value:
            last = last[0], end - 1, value
            continue
        if last is not None:
            yield last
        last = first, end - 1, value
    if last is not None:
        yield last
