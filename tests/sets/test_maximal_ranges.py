"""Ranges of equal value between edges."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from netpolc.sets.maximal_ranges import maximal_ranges


def test_neighbours_of_equal_value_are_one_range() -> None:
    values = {0: "a", 3: "a", 5: "b", 7: "a"}
    assert list(maximal_ranges([9, 7, 5, 3, 0, 5], values.__getitem__)) == [
        (0, 4, "a"),
        (5, 6, "b"),
        (7, 8, "a"),
    ]


def test_no_range_without_two_edges() -> None:
    assert not list(maximal_ranges([], str))
    assert not list(maximal_ranges([4, 4], str))


@given(st.lists(st.booleans(), min_size=1, max_size=20), st.sets(st.integers(0, 20)))
def test_each_number_is_in_one_range_with_its_value(values: list[bool], more: set[int]) -> None:
    changes = {n for n in range(1, len(values)) if values[n] != values[n - 1]}
    edges = {0, len(values), *changes, *(n for n in more if n < len(values))}
    found = list(maximal_ranges(edges, values.__getitem__))
    assert [v for first, last, v in found for _ in range(first, last + 1)] == values
    assert all(one[2] != other[2] for one, other in pairwise(found))
