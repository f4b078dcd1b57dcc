"""`@frozen` makes of a class what the standard frozen, slotted dataclass makes of it."""

import copy
import dataclasses
import gc
import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError, dataclass, field, replace
from datetime import date
from typing import Any, Generic, TypeVar
from weakref import ref

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netpolc import remembered, values
from netpolc.commands.pipeline import run
from netpolc.io.project import Options
from netpolc.io.sources import Sources
from netpolc.kube.cidr import Block, Cidr
from netpolc.kube.peers import Pods
from netpolc.kube.ports import EVERY_PORT, Protocol, Traffic
from netpolc.kube.selectors import EVERYTHING, Selector
from netpolc.sets import ValueSet
from netpolc.source import SourceFile, Span
from netpolc.values import Keyed, frozen, maker, record

T = TypeVar("T")
TODAY = date(2026, 1, 1)
NAMES = ("a", "b", "c", "d")
VALUES: st.SearchStrategy[object] = (
    st.integers(0, 2) | st.sampled_from(["", "b", float("nan"), None, ()]) | st.builds(list)
)
DEFAULTS: list[dict[str, Any]] = [
    {},
    {"default": 1},
    {"default": None},
    {"default": 2, "init": False},
    {"default_factory": list},
]


@st.composite
def arguments_of_field(draw: st.DrawFn) -> dict[str, Any]:
    """What `field` is given."""
    given: dict[str, Any] = draw(
        st.fixed_dictionaries(
            {}, optional={name: st.booleans() for name in ("repr", "compare", "kw_only")}
        )
    )
    default = draw(st.sampled_from(DEFAULTS))
    return {**given, **default}


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Any, Any]:
    """A class of the standard library and one of ours, written alike."""
    options = {name: draw(st.booleans()) for name in ("kw_only", "eq", "order")}
    options["order"] &= options["eq"]
    parts = draw(st.lists(arguments_of_field(), max_size=len(NAMES)))
    parts.sort(key=lambda one: "default" in one or "default_factory" in one)  # As Python wants it.

    def written() -> type:
        body: dict[str, Any] = {one: field(**some) for one, some in zip(NAMES, parts, strict=False)}
        body["__annotations__"] = dict.fromkeys(body, Any)
        body |= {"__doc__": "Drawn.", "__module__": __name__, "__qualname__": "Drawn"}
        return type("Drawn", (), body)

    return dataclass(frozen=True, slots=True, **options)(written()), frozen(**options)(written())


def outcome(act: Callable[[], object]) -> object:
    """What an act gives, or how it fails."""
    try:
        return act()
    except (TypeError, ValueError, AttributeError) as error:
        return type(error), str(error)


ARGUMENTS = st.tuples(
    st.lists(VALUES, max_size=5), st.dictionaries(st.sampled_from((*NAMES, "e")), VALUES)
)


@given(pairs(), ARGUMENTS)
def test_a_class_is_made_and_its_values_as_the_standard_one_s(
    pair: tuple[Any, Any], arguments: tuple[list[object], dict[str, object]]
) -> None:
    standard, ours = pair
    some, named = arguments
    assert [(f.name, f.kw_only, f.repr, f.compare) for f in dataclasses.fields(ours)] == [
        (f.name, f.kw_only, f.repr, f.compare) for f in dataclasses.fields(standard)
    ]
    assert ours.__match_args__ == standard.__match_args__
    assert ours.__slots__ == standard.__slots__
    for _ in range(2):  # The first use of a class differs from the others.
        expected = outcome(lambda: repr(standard(*some, **named)))
        assert outcome(lambda: repr(ours(*some, **named))) == expected


@given(st.data(), ARGUMENTS)
def test_values_of_many_fields_are_made_as_the_standard_ones(
    data: st.DataObject, arguments: tuple[list[object], dict[str, object]]
) -> None:
    some, named = arguments
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(values, "_MANY_FIELDS", -1)
        standard, ours = data.draw(pairs())
    for _ in range(2):
        expected = outcome(lambda: repr(standard(*some, **named)))
        assert outcome(lambda: repr(ours(*some, **named))) == expected


@st.composite
def twins(draw: st.DrawFn) -> tuple[list[Any], list[Any]]:
    """Some values of a standard class, and the same of ours."""
    standard, ours = draw(pairs())
    fields = [one for one in dataclasses.fields(standard) if one.init]
    required = {f.name for f in fields if f.default is f.default_factory}
    first = {f.name: draw(VALUES) for f in fields if f.name in required or draw(st.booleans())}
    second = first | {f.name: draw(VALUES) for f in fields if draw(st.integers(0, 3)) == 0}
    named = (first, second)
    return [standard(**one) for one in named], [ours(**one) for one in named]


def compares(one: object) -> bool:
    """Whether equality goes by the fields."""
    return "__eq__" in vars(type(one))


def changed(one: Any, method: str, *given: object) -> None:
    """Change every field of a value."""
    for name in one.__slots__:
        getattr(one, method)(name, *given)


ACTS: dict[str, Callable[[Any, Any], object]] = {
    "==": lambda one, other: one == other,
    "!=": lambda one, other: one != other,
    "itself": lambda one, _: one == one,  # noqa: PLR0124 - what holds a NaN equals itself
    "another class": lambda one, _: one == 1,
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
    "sorted": lambda one, other: repr(sorted([one, other])),
    "hash": lambda one, other: (hash(one), hash(other)) if compares(one) else None,
    "replace": lambda one, _: repr(dataclasses.replace(one, a=7)),
    "replace what is not there": lambda one, _: repr(dataclasses.replace(one, e=7)),
    "set": lambda one, _: changed(one, "__setattr__", 1),
    "delete": lambda one, _: changed(one, "__delattr__"),
    "copy": lambda one, _: repr(copy.copy(one)),
    "copy deeply": lambda one, _: repr(copy.deepcopy(one)),
    "as a dictionary": lambda one, _: repr(dataclasses.asdict(one)),
}


@given(twins())
def test_values_behave_as_the_standard_ones(drawn: tuple[list[Any], list[Any]]) -> None:
    standard, ours = drawn
    for name, act in ACTS.items():
        expected = outcome(lambda act=act: act(*standard))  # type: ignore[misc]
        assert outcome(lambda act=act: act(*ours)) == expected, name  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        ours[0].e = 1
    with pytest.raises(FrozenInstanceError):
        del ours[0].e


@frozen
class Point(Generic[T]):
    """Somewhere."""

    x: T
    y: int = 0
    label: str = field(default="", compare=False)


@frozen(cache_hash=True, kw_only=True)
class Known(Keyed):
    """Something with room for its hash, and a check."""

    name: str

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError


def test_values_match_by_place_and_by_name() -> None:
    match Point(1, 2, "c"):
        case Point(x, 2, label=label):
            assert (x, label) == (1, "c")
        case _:
            pytest.fail("a point is a point")


@pytest.mark.parametrize("value", [Point(1, 2, "c"), Point("x"), Known(name="a")])
def test_values_are_pickled_and_copied_without_what_they_remember(value: object) -> None:
    hash(value)
    for other in (pickle.loads(pickle.dumps(value)), copy.copy(value)):  # noqa: S301
        assert (other, repr(other)) == (value, repr(value))
        assert not hasattr(other, "_hash")


def test_a_check_of_its_own_is_made() -> None:
    with pytest.raises(ValueError, match=r"^$"):
        Known(name="")


def test_a_record_can_be_changed_and_is_itself_alone() -> None:
    @record(kw_only=True)
    class Building:
        start: int
        parts: list[str] = field(default_factory=list)
        later: str = field(init=False)
        length: int = 0

    one, other = Building(start=1), Building(start=1)
    one.parts.append("a")
    one.length += 1
    assert (one.start, one.parts, one.length, other.parts) == (1, ["a"], 1, [])
    assert one != other
    with pytest.raises(AttributeError):
        _ = one.later
    one.later = "b"
    assert one.later == "b"
    with pytest.raises(AttributeError):
        one.end = 2  # type: ignore[attr-defined]


def test_a_field_without_default_cannot_follow_one_with_a_default() -> None:
    @frozen
    class Crossed:
        """Whose first argument could be left out, and its second not."""

        a: int = 1
        b: int  # type: ignore[misc]

    with pytest.raises(TypeError, match="Crossed: a field without default follows one"):
        Crossed(b=1)


def test_an_undecorated_subclass_is_another_class_and_as_frozen() -> None:
    class Corner(Point[int]):
        """A point that is a corner."""

    corner = Corner(1)
    assert (corner.x, type(corner)) == (1, Corner)
    assert corner != Point(1)
    with pytest.raises(FrozenInstanceError):
        corner.z = 1  # type: ignore[attr-defined]


def test_what_holds_itself_can_be_shown() -> None:
    inside: list[object] = []
    around = Point(inside)
    inside.append(around)
    assert repr(around) == "Point(x=[...], y=0, label='')"


def test_a_class_keeps_its_own_words_for_itself() -> None:
    @frozen
    class Named:
        """Something shown by its name."""

        name: str

        def __repr__(self) -> str:
            return self.name

    assert repr(Named("a")) == "a"


@frozen(interned=True)
class Interned(Keyed):
    """A class of which there is one object for each meaning."""

    x: int
    y: int = 7


INTERNED = (
    Selector.labels({"app": "db"}),
    Pods(None, EVERYTHING),
    Pods(Selector.labels({"env": "prod"}), Selector.labels({"app": "db", "tier": "x"})),
    Traffic.of([(Protocol.TCP, 80, 90)]),
    EVERY_PORT,
    Cidr.parse("10.0.0.0/8"),
    Block(Cidr.parse("10.0.0.0/8"), (Cidr.parse("10.1.0.0/16"),)),
)


def test_equal_values_are_one_object() -> None:
    assert Interned(1) is Interned(x=1, y=7) is Interned(1, 7)
    assert Interned(1) != Interned(2)
    assert (repr(Interned(1)), hash(Interned(1))) == ("Interned(x=1, y=7)", hash(Interned(1, y=7)))
    assert Selector.of([("app", ValueSet.among("db"))]) is Selector.labels({"app": "db"})


@pytest.mark.parametrize("value", INTERNED, ids=repr)
def test_copies_are_the_value(value: Keyed) -> None:
    assert copy.copy(value) is value
    assert copy.deepcopy(value) is value
    assert pickle.loads(pickle.dumps(value)) is value  # noqa: S301
    assert replace(value) is value


def test_a_changed_copy_leaves_the_value_alone() -> None:
    point = Interned(1, 2)
    assert replace(point, y=3) is Interned(1, 3)
    assert (point.x, point.y) == (1, 2)


def test_interned_values_are_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        Interned(1).x = 2  # type: ignore[misc]


def test_wrong_arguments_are_refused() -> None:
    with pytest.raises(TypeError):
        Interned()  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        Interned(1, 2, 3)  # type: ignore[call-arg]


def test_an_object_lives_as_long_as_somebody_uses_it() -> None:
    """A process that compiles again and again, as an editor's does, must not grow."""
    known = [Interned(n, n) for n in range(100)]
    first = ref(known[0])
    assert Interned(0, 0) is known[0]
    del known
    gc.collect()
    assert first() is None


def test_an_object_may_outlive_the_names_of_its_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """At its end a process clears the modules before it takes their last objects away."""
    known = [Interned(-1, -1)]
    unraisable: list[object] = []
    monkeypatch.setattr("sys.unraisablehook", unraisable.append)
    for module in (values, remembered):
        for name in [name for name in vars(module) if not name.startswith("__")]:
            monkeypatch.setattr(module, name, None)
    known.clear()
    monkeypatch.undo()
    assert unraisable == []
    assert Interned(-1, -1) == Interned(-1, -1)


def test_a_compile_leaves_no_objects_behind() -> None:
    def selectors() -> int:
        gc.collect()
        return sum(isinstance(one, Selector) for one in gc.get_objects())

    def compiled(number: int) -> None:
        lines = "".join(f"db <- {{app=a{number}-{n}}}\n" for n in range(50))
        text = f"namespace shop\ndefault: deny\n{lines}"
        assert run(Sources(intents=(SourceFile("a.intent", text),)), Options(today=TODAY)).files

    compiled(0)
    before = selectors()
    for number in range(1, 4):
        compiled(number)
    assert selectors() <= before


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Known, Known(name="a")),
        (Span, Span(file=SourceFile("a", "text"), start=1, end=2)),
    ],
)
def test_a_maker_makes_what_the_constructor_does(kind: type[Any], value: Any) -> None:
    made = maker(kind)(*(getattr(value, one.name) for one in dataclasses.fields(kind)))
    assert (made, repr(made), type(made)) == (value, repr(value), kind)
    with pytest.raises(FrozenInstanceError):
        made.name = 2
