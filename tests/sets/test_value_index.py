"""The index leaves out nothing that an answer needs, and little that it does not."""

from hypothesis import given
from hypothesis import strategies as st

from netpolc.sets import ValueSet
from netpolc.sets.boxes import Box, meet
from netpolc.sets.value_index import ValueIndex
from netpolc.sets.value_set import ABSENT, PRESENT

ALLOWED = (
    ValueSet.among("a"),
    ValueSet.among("b", "c"),
    ValueSet(frozenset(("a",)), absent=True),
    ValueSet.other_than("a"),
    PRESENT,
    ABSENT,
)
BOXES = st.dictionaries(st.sampled_from("xyz"), st.sampled_from(ALLOWED), max_size=3)


@given(st.lists(BOXES, max_size=12), BOXES)
def test_it_leaves_out_no_box_that_meets_or_contains_another(boxes: list[Box], asked: Box) -> None:
    index = ValueIndex((box, number) for number, box in enumerate(boxes))
    meeting, around = index.meeting(asked), index.around(asked)
    assert meeting == sorted(set(meeting))
    assert around == sorted(set(around))
    common = [meet(box, asked) for box in boxes]
    assert {n for n, met in enumerate(common) if met is not None} <= set(meeting)
    assert {n for n, met in enumerate(common) if met == asked} <= set(around) & set(meeting)


def test_a_box_is_found_by_either_of_its_variables() -> None:
    pairs: dict[tuple[str, str], Box] = {
        (x, y): {"x": ValueSet.among(x), "y": ValueSet.among(y)}
        for x, y in (("a", "d"), ("b", "d"), ("c", "e"), ("c", "f"), ("c", "g"))
    }
    index = ValueIndex((box, pair) for pair, box in pairs.items())
    assert index.meeting({"x": ValueSet.among("a", "b")}) == [("a", "d"), ("b", "d")]
    assert index.meeting({"y": ValueSet.among("e")}) == [("c", "e")]
    assert index.meeting({"x": ValueSet.among("c"), "y": ValueSet.among("g")}) == [("c", "g")]
    assert index.meeting({}) == list(pairs)
    assert index.around(pairs["b", "d"]) == [("b", "d")]
    assert index.meeting({"x": ABSENT}) == []
    assert index.meeting({"x": ValueSet(frozenset("a"), absent=True)}) == [("a", "d")]
