"""Frozen values that cost little to define.

The stages of the compiler hand each other frozen dataclasses; a small compile loads more
than a hundred kinds of them. `@dataclass(frozen=True, slots=True)` writes the methods of
each as text and compiles them at every start: 0.4 milliseconds a class, half of the time
that a compile of ten services took. `@frozen` gives the same for a tenth of that:

    @frozen
    class Point:
        x: int
        y: int = 0
        label: str = field(default="", compare=False)

The standard dataclass still works out the fields, so `fields`, `replace` and `match` are its
own. The methods are closures over a class's fields. The constructor is made when the first
value of its class is, which in most runs most classes never see; its code is compiled once
for each number of fields, and given their names.
"""

import operator
from collections.abc import Callable
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field, fields
from functools import cache
from reprlib import recursive_repr
from types import CodeType, FunctionType
from typing import Any, NoReturn, TypeVar, dataclass_transform, overload

C = TypeVar("C", bound=type)


@overload
def frozen(cls: C, /) -> C: ...
@overload
def frozen(*, kw_only: bool = False, eq: bool = True, order: bool = False) -> Callable[[C], C]: ...
@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(
    cls: C | None = None, /, *, kw_only: bool = False, eq: bool = True, order: bool = False
) -> C | Callable[[C], C]:
    """What `@dataclass(frozen=True, slots=True)` makes of a class, with these of its arguments.

    Of `field` it knows `default`, `default_factory`, `init` (with a default), `repr`, `compare` and
    `kw_only`; what is not compared is not hashed. A `__repr__` of the class's own stays.
    No attribute can be set or deleted, not even one that a subclass has room for.
    """
    if cls is None:
        return lambda written: _made(written, kw_only=kw_only, eq=eq, order=order)
    return _made(cls, kw_only=kw_only, eq=eq, order=order)


def _made(written: C, *, kw_only: bool, eq: bool, order: bool) -> C:
    define = dataclass(init=False, repr=False, eq=False, slots=True, kw_only=kw_only)
    cls: Any = define(written)
    cls.__init__ = _first_constructor(cls)
    cls.__setattr__, cls.__delattr__ = _refuse_to_set, _refuse_to_delete
    cls.__getstate__, cls.__setstate__ = _state, _restore
    if "__repr__" not in cls.__dict__:
        cls.__repr__ = _represented
    if eq:
        _compare(cls, order=order)
    made: C = cls
    return made


def _first_constructor(cls: Any) -> Callable[..., None]:
    """What compiles the constructor, leaves its place to it, and calls it."""

    def __init__(self: object, /, *given: object, **named: object) -> None:  # noqa: N807
        cls.__init__ = proper = _constructor(cls)
        proper(self, *given, **named)

    return __init__


def _constructor(cls: Any) -> FunctionType:
    """The `__init__` that fills the fields of a class.

    It calls each slot's own setter. `object.__setattr__`, through which the standard frozen
    dataclass goes, has to find the slot by its name first, for each field of each value.
    """
    given = [one for one in fields(cls) if one.init]
    placed = [one for one in given if not one.kw_only]
    named = [one for one in given if one.kw_only]
    unasked = [one for one in fields(cls) if not one.init]
    optional = [_may_be_left_out(one) for one in placed]
    if optional != sorted(optional):
        message = f"{cls.__qualname__}: a field without default follows one with a default"
        raise TypeError(message)
    fresh = tuple(one.default_factory is not MISSING for one in (*placed, *named))
    code = _filling(fresh, len(unasked), checks=hasattr(cls, "__post_init__")).replace(
        co_varnames=("self", *(one.name for one in (*placed, *named))),
        co_argcount=1 + len(placed),
        co_kwonlyargcount=len(named),
        co_qualname=f"{cls.__qualname__}.__init__",
    )
    known: dict[str, Any] = {"missing": MISSING}
    for i, one in enumerate((*placed, *named, *unasked)):
        known[f"set_{i}"] = getattr(cls, one.name).__set__
        known[f"default_{i}"] = one.default
        known[f"new_{i}"] = one.default_factory
    made = FunctionType(code, known)
    made.__defaults__ = tuple(one.default for one in placed if _may_be_left_out(one))
    made.__kwdefaults__ = {one.name: one.default for one in named if _may_be_left_out(one)}
    return made


def _may_be_left_out(one: Field[Any]) -> bool:
    return one.default is not MISSING or one.default_factory is not MISSING


@cache
def _filling(fresh: tuple[bool, ...], unasked: int, *, checks: bool) -> CodeType:
    """What fills so many fields, whatever their names: compiled once for many classes.

    Args:
        fresh: for each argument whether it is made anew where it is not given.
        unasked: how many fields after those are no arguments and have their defaults.
        checks: whether `__post_init__` is called at the end.
    """
    lines = [f"def __init__({', '.join(['self', *(f'a{i}' for i in range(len(fresh)))])}):"]
    for i, is_fresh in enumerate(fresh):
        given = f"new_{i}() if a{i} is missing else a{i}" if is_fresh else f"a{i}"
        lines.append(f" set_{i}(self, {given})")
    lines += [f" set_{i}(self, default_{i})" for i in range(len(fresh), len(fresh) + unasked)]
    lines.append(" self.__post_init__()" if checks else " return None")
    found: dict[str, Any] = {}
    exec("\n".join(lines), found)  # noqa: S102 - as the standard dataclass does
    code: CodeType = found["__init__"].__code__
    return code


def _compare(cls: Any, *, order: bool) -> None:
    """Let values of exactly this class be equal, hashed and, if asked, ordered by their fields."""
    key = _key(*(one.name for one in fields(cls) if one.compare))
    cls.__hash__ = lambda self: hash(key(self))
    for name in ("__eq__", *(("__lt__", "__le__", "__gt__", "__ge__") if order else ())):
        setattr(cls, name, _comparison(key, getattr(operator, name)))


def _comparison(
    key: Callable[[object], object], compare: Callable[[Any, Any], object]
) -> Callable[[object, object], object]:
    def compared(self: object, other: object) -> object:
        if other.__class__ is self.__class__:
            return compare(key(self), key(other))
        return NotImplemented

    return compared


def _key(*names: str) -> Callable[[object], Any]:
    """What takes a tuple of these attributes of a value."""
    match names:
        case ():
            return lambda _value: ()
        case (name,):
            get = operator.attrgetter(name)
            return lambda value: (get(value),)
        case _:
            return operator.attrgetter(*names)


def _refuse_to_set(_self: object, name: str, _value: object) -> NoReturn:
    message = f"cannot assign to field {name!r}"
    raise FrozenInstanceError(message)


def _refuse_to_delete(_self: object, name: str) -> NoReturn:
    message = f"cannot delete field {name!r}"
    raise FrozenInstanceError(message)


@recursive_repr()
def _represented(self: Any) -> str:
    shown = (f"{one.name}={getattr(self, one.name)!r}" for one in fields(self) if one.repr)
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _state(self: Any) -> list[object]:
    """What pickling and copying keep: the fields, and nothing else that has a slot."""
    return [getattr(self, one.name) for one in fields(self)]


def _restore(self: Any, state: list[object]) -> None:
    for one, kept in zip(fields(self), state, strict=True):
        object.__setattr__(self, one.name, kept)
