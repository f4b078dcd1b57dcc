"""Value sets and interval sets against the sets of members that they stand for."""

from hypothesis import given
from hypothesis import strategies as st

from netpolc.sets import IntervalSet, ValueSet

MENTIONED = "abc"
POSSIBLE = (*MENTIONED, "unmentioned", None)
values = st.builds(
    ValueSet, st.frozensets(st.sampled_from(MENTIONED)), st.booleans(), st.booleans()
)
ranges = st.lists(
    st.tuples(st.integers(0, 20), st.integers(0, 4)).map(lambda p: (p[0], p[0] + p[1])), max_size=4
)
intervals = ranges.map(lambda found: IntervalSet.of(*found))


def members(found: ValueSet) -> set[str | None]:
    return {value for value in POSSIBLE if value in found}


def numbers(found: IntervalSet) -> set[int]:
    return {number for low, high in found.ranges for number in range(low, high + 1)}


@given(values, values)
def test_value_sets_are_sets(one: ValueSet, other: ValueSet) -> None:
    mine, theirs = members(one), members(other)
    assert members(one & other) == mine & theirs
    assert members(one | other) == mine | theirs
    assert members(one - other) == mine - theirs
    assert members(~one) == set(POSSIBLE) - mine
    assert (one <= other) == (mine <= theirs)
    assert one.isdisjoint(other) == mine.isdisjoint(theirs)
    assert bool(one) == bool(mine)
    assert (one == other) == (mine == theirs)
    assert one.is_full == (mine == set(POSSIBLE))


@given(ranges, intervals)
def test_interval_sets_are_sets(given_ranges: list[tuple[int, int]], other: IntervalSet) -> None:
    one = IntervalSet.of(*given_ranges)
    mine, theirs = numbers(one), numbers(other)
    assert mine == {n for low, high in given_ranges for n in range(low, high + 1)}
    assert numbers(one | other) == mine | theirs
    assert numbers(one & other) == mine & theirs
    assert numbers(one - other) == mine - theirs
    assert (one <= other) == (mine <= theirs)
    assert one.isdisjoint(other) == mine.isdisjoint(theirs)
    assert one.count() == len(mine)
    assert all((n in one) == (n in mine) for n in range(-1, 27))


@given(intervals, intervals)
def test_intervals_are_maximal_so_equality_is_meaning(one: IntervalSet, other: IntervalSet) -> None:
    for found in (one, one | other, one & other, one - other):
        assert all(low <= high for low, high in found.ranges)
        assert all(a[1] + 1 < b[0] for a, b in zip(found.ranges, found.ranges[1:], strict=False))
    assert (one == other) == (numbers(one) == numbers(other))
