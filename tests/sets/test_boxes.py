"""Boxes and their unions against the sets of points that they stand for."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netpolc.sets import IntervalSet, ValueSet
from netpolc.sets.boxes import Box, Boxes, cells, meet, outside
from tests.sets.strategies import boxes, inside, members, points, unions

quick = settings(max_examples=60, deadline=None)


@quick
@given(boxes(), boxes())
def test_meet_is_the_intersection(one: Box, other: Box) -> None:
    both = meet(one, other)
    for point in points():
        assert (both is not None and inside(point, both)) == (
            inside(point, one) and inside(point, other)
        )


@quick
@given(unions, unions)
def test_operators_are_those_of_sets_of_points(one: Boxes, other: Boxes) -> None:
    mine, theirs = members(one), members(other)
    assert members(one | other) == mine | theirs
    assert members(one & other) == mine & theirs
    assert members(one - other) == mine - theirs
    assert (one <= other) == (mine <= theirs)
    assert (one == other) == (mine == theirs)
    assert bool(one - other) == bool(mine - theirs)


@quick
@given(boxes(), st.lists(boxes(), max_size=4))
def test_what_is_outside_comes_in_disjoint_boxes(box: Box, avoided: list[Box]) -> None:
    parts = list(outside(box, avoided))
    for point in points():
        found = sum(inside(point, part) for part in parts)
        wanted = inside(point, box) and not any(inside(point, other) for other in avoided)
        assert found == wanted


@quick
@given(boxes(), st.lists(boxes(), max_size=4))
def test_cells_partition_a_box_by_membership(box: Box, some: list[Box]) -> None:
    found = list(cells(box, some))
    for point in points():
        here = [numbers for cell, numbers in found if inside(point, cell)]
        if not inside(point, box):
            assert not here
        else:
            assert here == [tuple(i for i, other in enumerate(some) if inside(point, other))]


@quick
@given(boxes(), st.lists(boxes(), max_size=4))
def test_cells_are_the_same_whether_cut_by_sets_or_by_values(box: Box, some: list[Box]) -> None:
    by_values = list(cells(box, some))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("netpolc.sets.boxes._MANY_VALUES", 0)
        assert list(cells(box, some)) == by_values


@quick
@given(unions)
def test_joining_keeps_the_points(one: Boxes) -> None:
    joined = one.joined()
    assert members(joined) == members(one)
    assert len(joined.boxes) <= len(one.boxes)


def test_many_values_of_one_key_cost_one_piece() -> None:
    every = IntervalSet(((1, 8),))
    avoided: list[Box] = [{"app": ValueSet.among(f"s{i}")} for i in range(3000)]
    pieces = list(outside({"n": every}, avoided))
    assert len(pieces) == 1
    avoided = [
        {"app": ValueSet.among(f"s{i}"), "n": IntervalSet(((i % 8 + 1, 8),))} for i in range(800)
    ]
    assert len(list(outside({"n": every}, avoided))) <= 801


def test_boxes_that_differ_in_one_variable_are_joined() -> None:
    app = [ValueSet.among(name) for name in "abc"]
    some: tuple[Box, ...] = (
        {"app": app[0], "n": app[0]},
        {"tier": app[0]},
        {"app": app[1], "n": app[0]},
    )
    assert Boxes((*some, {"tier": app[1]}, {"app": app[2]})).joined().boxes == (
        {"app": ValueSet.among("a", "b"), "n": app[0]},
        {"tier": ValueSet.among("a", "b")},
        {"app": app[2]},
    )
    assert Boxes(({"app": app[0], "n": app[0]}, {"app": app[0]})).joined().boxes == (
        {"app": app[0]},
    )


def test_two_halves_are_joined_to_nothing_said() -> None:
    one = Boxes(({"x": ValueSet.among("a")}, {"x": ValueSet.other_than("a")}))
    assert one.joined().boxes == ({},)
    assert one == Boxes(({},))
    assert Boxes() != one
