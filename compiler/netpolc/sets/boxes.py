"""Sets of points in a space of many variables, as boxes.

A label selector limits some keys and leaves all others alone; so does a question about
a connection, with ports and addresses for further variables. Each is a box: a product
of one set for every variable it limits. There are unboundedly many variables, a box
names a few. Unions of boxes have no cheap canonical form, so they are kept as they come
and everything asked of them (empty? inside? equal?) is decided exactly by search.

Two searches do all the work, and both split on one variable at a time, into the parts
of its domain that the boxes at hand tell apart. Boxes that ask for different values of
one variable then fall into different parts, so n of them (`app=a`, `app=b`, …) cost
about n steps and not n². Before splitting, boxes that have one requirement left are
subtracted at once: there is only one way to stay outside them. In the worst case the
problem is satisfiability, and no search is fast on all of it.

A variable without entry may hold anything; an interval variable must have an entry in
every box that something is subtracted from, because intervals have no "anything".
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Protocol, Self, TypeAlias, TypeVar

from netpolc.sets.value_set import EVERY, ValueSet
from netpolc.values import frozen


class Possibilities(Protocol):
    """The possible values of a variable: a `ValueSet` or an `IntervalSet`."""

    def __bool__(self) -> bool: ...
    def __and__(self, other: Self, /) -> Self: ...
    def __or__(self, other: Self, /) -> Self: ...
    def __sub__(self, other: Self, /) -> Self: ...


P = TypeVar("P", bound=Possibilities)
Variable: TypeAlias = Hashable
Box: TypeAlias = Mapping[Variable, Possibilities]
_Box: TypeAlias = dict[Variable, Possibilities]
_Numbered: TypeAlias = tuple[int, Box]

ANYTHING: Box = {}
"""The box that limits nothing."""
_FEW_SETS, _MANY_VALUES = 4, 64
"""So few sets, with so many values, are cut by one another sooner than value by value."""


def meet(*boxes: Box) -> dict[Variable, Possibilities] | None:
    """The box that all of the boxes have in common; None where there is none."""
    common_box = dict(boxes[0])
    for box in boxes[1:]:
        for variable, allowed in box.items():
            mine = common_box.get(variable)
            if mine is None:
                common_box[variable] = allowed
            elif mine is not allowed:
                common = mine & allowed
                if not common:
                    return None
                common_box[variable] = common
    return common_box


def outside(box: Box, avoided: Iterable[Box]) -> Iterator[Box]:
    """The part of a box that lies in none of the avoided ones, as disjoint boxes.

    The first comes without the others being worked out, so whether there is one at all
    costs no more than finding it.
    """
    stack: list[tuple[_Box, list[_Numbered]]] = [(dict(box), list(enumerate(avoided)))]
    while stack:
        here, threats = stack.pop()
        left = _settled(here, threats)
        if left is None:
            continue
        if left:
            stack.extend(reversed(_split(here, left)))
        else:
            yield here


def cells(box: Box, members: Sequence[Box]) -> Iterator[tuple[Box, tuple[int, ...]]]:
    """Disjoint boxes that make up the box, each with the members it lies in.

    A cell lies inside the members that are listed (by their index, ascending) and
    outside all others. Several cells can have the same members.
    """
    stack: list[tuple[_Box, list[_Numbered], tuple[int, ...]]] = [
        (dict(box), list(enumerate(members)), ())
    ]
    while stack:
        here, undecided, inside = stack.pop()
        left: list[_Numbered] = []
        for index, member in undecided:
            rest = left_of(here, member)
            if rest:
                left.append((index, rest))
            elif rest is not None:
                inside = (*inside, index)
        if left:
            stack.extend((part, near, inside) for part, near in reversed(_split(here, left)))
        else:
            yield here, tuple(sorted(inside))


@frozen(eq=False)
class Boxes:
    """A union of boxes. The operators are those of Python's sets, and decide exactly."""

    boxes: tuple[Box, ...] = ()

    def __bool__(self) -> bool:
        """Whether it has a point. A box with an empty entry is never built, so it has one."""
        return bool(self.boxes)

    def __or__(self, other: "Boxes") -> "Boxes":
        """The union, with nothing of the second that the first has."""
        return Boxes((*self.boxes, *(other - self).boxes))

    def __and__(self, other: "Boxes") -> "Boxes":
        """The intersection."""
        pairs = (meet(mine, theirs) for mine in self.boxes for theirs in other.boxes)
        return Boxes(tuple(box for box in pairs if box is not None))

    def __sub__(self, other: "Boxes") -> "Boxes":
        """The difference of the sets."""
        return Boxes(tuple(part for box in self.boxes for part in outside(box, other.boxes)))

    def __le__(self, other: "Boxes") -> bool:
        """Whether every point of this set is one of the other's."""
        return all(next(outside(box, other.boxes), None) is None for box in self.boxes)

    def __eq__(self, other: object) -> bool:
        """Whether both have the same points, however they are cut into boxes."""
        return isinstance(other, Boxes) and self <= other and other <= self

    __hash__ = None  # type: ignore[assignment]  # equal sets are cut in many ways

    def joined(self) -> "Boxes":
        """The same points in fewer boxes: two that differ in one variable become one."""
        if len(self.boxes) < 2:  # noqa: PLR2004
            return self
        left = list(self.boxes)
        variables = dict.fromkeys(variable for box in left for variable in box)
        before = 0
        while len(left) != before:
            before = len(left)
            for variable in variables:
                left = _joined_along(variable, left)
        return Boxes(tuple(left))


def _settled(here: _Box, threats: list[_Numbered]) -> list[_Numbered] | None:
    """Narrow `here` by what it must avoid without a choice; what is left to avoid.

    None when it lies inside something to be avoided.
    """
    while True:
        left: list[_Numbered] = []
        single: dict[Variable, list[Possibilities]] = {}
        for index, threat in threats:
            rest = left_of(here, threat)
            if rest is None:
                continue
            if not rest:
                return None
            if len(rest) == 1:
                for variable, allowed in rest.items():
                    single.setdefault(variable, []).append(allowed)
            else:
                left.append((index, rest))
        if not single:
            return left
        for variable, sets in single.items():
            remaining = here.get(variable, EVERY) - union(sets)
            if not remaining:
                return None
            here[variable] = remaining
        threats = left


def left_of(here: Box, box: Box) -> _Box | None:
    """Return the requirements of the box that `here` does not meet anyway; None if it cannot."""
    rest: _Box = {}
    for variable, allowed in box.items():
        mine = here.get(variable)
        if mine is None:
            rest[variable] = allowed
        elif mine is not allowed:
            common = mine & allowed
            if not common:
                return None
            if common != mine:
                rest[variable] = common
    return rest


def union(sets: list[P]) -> P:
    """The union of sets, in pairs, so that many small ones cost little."""
    while len(sets) > 1:
        pairs = [a | b for a, b in zip(sets[::2], sets[1::2], strict=False)]
        sets = pairs + sets[len(sets) - len(sets) % 2 :]
    return sets[0]


def _split(here: _Box, undecided: list[_Numbered]) -> list[tuple[_Box, list[_Numbered]]]:
    """Cut `here` along one variable, where the boxes differ; with each part, the boxes that reach it."""
    variable = _telling(undecided)
    asked: dict[Possibilities, list[int]] = {}
    for position, (_, box) in enumerate(undecided):
        if variable in box:
            asked.setdefault(box[variable], []).append(position)
    others = [position for position, (_, box) in enumerate(undecided) if variable not in box]
    parts = []
    for allowed, inside in _atoms(here.get(variable, EVERY), asked):
        near = sorted((*inside, *others))
        parts.append(({**here, variable: allowed}, [undecided[position] for position in near]))
    return parts


def _telling(undecided: list[_Numbered]) -> Variable:
    """The variable to cut along: the one that most boxes limit, labels before numbers.

    Different values of a label exclude each other, so cutting there leaves each box in
    few parts; ranges of numbers overlap.
    """
    labels: Counter[Variable] = Counter()
    numbers: Counter[Variable] = Counter()
    for _, box in undecided:
        for variable, allowed in box.items():
            (labels if isinstance(allowed, ValueSet) else numbers)[variable] += 1
    counts = labels or numbers
    return max(counts, key=counts.__getitem__)


def _atoms(
    mine: Possibilities, asked: Mapping[Possibilities, list[int]]
) -> Iterable[tuple[Possibilities, list[int]]]:
    """The parts of `mine` that the sets tell apart, each with the numbers of those it is in."""
    if not isinstance(mine, ValueSet):
        return _cut(mine, asked)
    sets = [(values, numbers) for values, numbers in asked.items() if isinstance(values, ValueSet)]
    unnamed = frozenset(n for allowed, numbers in sets if allowed.complement for n in numbers)
    is_large = any(len(allowed.values) > _MANY_VALUES for allowed, _ in sets)
    parts: Iterable[tuple[ValueSet, list[int]]]
    if is_large and len(sets) <= _FEW_SETS:
        parts = _cut(mine, dict(sets))
    else:
        parts = _value_atoms(mine, sets, unnamed)
    return sorted(parts, key=lambda part: _place(part, unnamed))


def _place(part: tuple[ValueSet, list[int]], unnamed: frozenset[int]) -> tuple[object, ...]:
    """A key that orders parts: other values, named ones by the sets that name them, absence."""
    allowed, inside = part
    if allowed.complement:
        return 0, []
    return (1, sorted(unnamed.symmetric_difference(inside))) if allowed.values else (2, [])


def _cut(mine: P, asked: Mapping[P, list[int]]) -> list[tuple[P, list[int]]]:
    """The same, cut by one set after the other."""
    parts: list[tuple[P, list[int]]] = [(mine, [])]
    for allowed, numbers in asked.items():
        cut = []
        for part, inside in parts:
            if common := part & allowed:
                cut.append((common, inside + numbers))
            if rest := part - allowed:
                cut.append((rest, inside))
        parts = cut
    return parts


def _value_atoms(
    mine: ValueSet, sets: Iterable[tuple[ValueSet, list[int]]], unnamed: frozenset[int]
) -> Iterator[tuple[ValueSet, list[int]]]:
    """The same for values: one look at each value that any set names."""
    toggled: dict[str, set[int]] = {}
    for allowed, numbers in sets:
        for value in allowed.values:
            toggled.setdefault(value, set()).update(numbers)
    parts: dict[frozenset[int], ValueSet] = {}
    named: dict[frozenset[int], list[str]] = {}
    for value, naming in toggled.items():
        if value in mine:
            # A set that names a value has it, one that is all but its values lacks it.
            named.setdefault(unnamed ^ naming, []).append(value)
    rest = mine & ValueSet(frozenset(toggled), complement=True)
    if rest:
        parts[unnamed] = rest
    for inside, values in named.items():
        parts[inside] = parts.get(inside, ValueSet()) | ValueSet(frozenset(values))
    if mine.absent:
        inside = frozenset(n for allowed, numbers in sets if allowed.absent for n in numbers)
        parts[inside] = parts.get(inside, ValueSet()) | ValueSet(absent=True)
    yield from ((allowed, list(inside)) for inside, allowed in parts.items())


def _joined_along(variable: Variable, boxes: list[Box]) -> list[Box]:
    """Boxes that are equal but for one variable, made one."""
    others = {0, *(len(box) - 1 for box in boxes if variable in box)}
    alike: dict[Hashable, list[Box]] = {}
    for number, box in enumerate(boxes):
        # Most boxes are alone, which their number of variables shows sooner than their values.
        key: Hashable = number
        if variable in box or len(box) in others:
            key = frozenset((v, allowed) for v, allowed in box.items() if v != variable)
        alike.setdefault(key, []).append(box)
    return [_with_all(variable, some) for some in alike.values()]


def _with_all(variable: Variable, boxes: list[Box]) -> Box:
    """Boxes that are equal but for one variable, with all that they leave to it."""
    sets = [box[variable] for box in boxes if variable in box]
    if not sets or (len(sets) == len(boxes) and not _is_full(allowed := union(sets))):
        return {**boxes[0], variable: allowed} if sets else boxes[0]
    return {v: allowed for v, allowed in boxes[0].items() if v != variable}


def _is_full(allowed: Possibilities) -> bool:
    return isinstance(allowed, ValueSet) and allowed.is_full
