"""Random boxes over three variables, and every point that they can tell apart."""

from collections.abc import Iterator, Mapping
from itertools import product

from hypothesis import strategies as st

from netpolc.sets import IntervalSet, ValueSet
from netpolc.sets.boxes import Box, Boxes, Possibilities

VALUES = ("a", "b", "c", "d", None)
NUMBERS = range(1, 9)
EVERY_NUMBER = IntervalSet(((1, 8),))
Point = Mapping[str, str | int | None]

values = st.builds(
    ValueSet, st.frozensets(st.sampled_from("abc"), max_size=3), st.booleans(), st.booleans()
).filter(bool)
numbers = st.lists(
    st.tuples(st.integers(1, 8), st.integers(0, 3)).map(lambda p: (p[0], min(8, p[0] + p[1]))),
    min_size=1,
    max_size=2,
).map(lambda ranges: IntervalSet.of(*ranges))


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    """A box that always says something of the number, as interval variables must."""
    found: dict[object, Possibilities] = {"n": draw(st.just(EVERY_NUMBER) | numbers)}
    for key in ("x", "y"):
        if draw(st.booleans()):
            allowed = draw(values)
            if not allowed.is_full:
                found[key] = allowed
    return found


unions = st.lists(boxes(), max_size=4).map(lambda found: Boxes(tuple(found)))


def points() -> Iterator[Point]:
    """Every point; `d` stands for all values that no box mentions."""
    for x, y, n in product(VALUES, VALUES, NUMBERS):
        yield {"x": x, "y": y, "n": n}


def inside(point: Point, box: Box) -> bool:
    for key, value in point.items():
        allowed = box.get(key)
        if isinstance(allowed, ValueSet):
            assert not isinstance(value, int)
            if value not in allowed:
                return False
        elif isinstance(allowed, IntervalSet):
            assert isinstance(value, int)
            if value not in allowed:
                return False
    return True


def members(union: Boxes) -> set[tuple[str | int | None, ...]]:
    return {
        tuple(point.values()) for point in points() if any(inside(point, b) for b in union.boxes)
    }
