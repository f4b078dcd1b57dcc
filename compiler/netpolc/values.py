"""Values: frozen, cheap to define and to make, and, where asked, one object for each meaning.

The stages of the compiler hand each other frozen dataclasses; a small compile loads more than a
hundred classes of them, a large one makes two million values. `@frozen` gives what
`@dataclass(frozen=True, slots=True)` does, and costs less:

    @frozen
    class Point:
        x: int
        y: int = 0
        label: str = field(default="", compare=False)

- *Defining.* The standard decorator writes the methods of each class as text and compiles them at
  every start, 0.4 milliseconds a class. Here they are closures over the fields, and the
  constructor is made when the first value of its class is. `@record` does the same for a class
  whose objects change.
- *Making.* `maker(Point)` makes values at twice the speed of the constructor, for hot paths.
- *Comparing.* Selectors, peers and ports are the keys of every table. `@frozen(interned=True)` has one
  object for each meaning, so that equality and hashes are questions about the object, which the
  interpreter answers itself (hash-consing: Filliâtre and Conchon, "Type-Safe Modular Hash-Consing",
  2006). The table refers to them weakly: they live as long as somebody uses them, and a
  process that compiles again and again does not grow.
- *Hashing.* `@frozen(cache_hash=True)` computes the hash of a value once.

The last two need the base class `Keyed`, which has room for what they remember.
"""

import operator
from collections.abc import Callable
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field, fields
from functools import cache
from reprlib import recursive_repr
from types import CodeType, FunctionType
from typing import Any, NoReturn, TypeVar, dataclass_transform, overload

from netpolc.remembered import weak_table

C = TypeVar("C", bound=type)
_MANY_FIELDS = 12
"""The values of a class with more fields are filled by name."""
T = TypeVar("T")


class Keyed:
    """Has room for a hash and for a key to sort by, which are not part of the value."""

    __slots__ = ("__weakref__", "_hash", "_key")
    _hash: int
    _key: tuple[object, ...]


@overload
def frozen(cls: C, /) -> C: ...
@overload
def frozen(
    *,
    kw_only: bool = False,
    eq: bool = True,
    order: bool = False,
    interned: bool = False,
    cache_hash: bool = False,
) -> Callable[[C], C]: ...
@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(
    cls: C | None = None,
    /,
    *,
    kw_only: bool = False,
    eq: bool = True,
    order: bool = False,
    interned: bool = False,
    cache_hash: bool = False,
) -> C | Callable[[C], C]:
    """Make a frozen dataclass with slots, faster to create than the standard library's.

    Of `field` it knows `default`, `default_factory`, `init` (with a default), `repr`, `compare` and
    `kw_only`; what is not compared is not hashed. A `__repr__` of the class's own is kept.
    No attribute can be set or deleted, not even one that a subclass has room for.

    An `interned` class has no `__post_init__`, and its fields are hashable and all compared.
    """

    def decorate(written: C) -> C:
        made = _made(written, kw_only=kw_only, eq=eq, order=order)
        if cache_hash:
            _cache_hash(made)
        if interned:
            _intern(made)
        return made

    return decorate if cls is None else decorate(cls)


@overload
def record(cls: C, /) -> C: ...
@overload
def record(*, kw_only: bool = False) -> Callable[[C], C]: ...
@dataclass_transform(field_specifiers=(field,))
def record(cls: C | None = None, /, *, kw_only: bool = False) -> C | Callable[[C], C]:
    """Make a dataclass with slots, without equality and repr, as fast to create as `frozen`.

    A record is compared by identity, and its attributes can be set.
    """

    def decorate(written: C) -> C:
        return _defined(written, kw_only=kw_only)

    return decorate if cls is None else decorate(cls)


def maker(cls: type[T], *names: str) -> Callable[..., T]:
    """A function that makes values of a class from all its fields, in order, or from those named.

    A frozen class guards its fields even while a value is made. A maker fills the fields of
    an unguarded twin and then gives it its proper class, at twice the speed. There are no defaults,
    keywords or `__post_init__`. Whoever keeps the function should annotate it. A field that is not
    named is missing; a class with such fields makes them in its `__getattr__`.
    """
    names = names or tuple(attribute.name for attribute in fields(cls))  # type: ignore[arg-type]
    slots = {"__slots__": cls.__dict__["__slots__"]}
    twin = type(cls.__name__, cls.__bases__, slots)
    code = _making(len(names)).replace(
        co_varnames=(*names, "twin", "cls", "made"), co_names=(*names, "__class__")
    )
    return FunctionType(code, {}, "make", (twin, cls))


@cache
def _making(count: int) -> CodeType:
    """The code of a maker of so many fields."""
    names = [f"a{i}" for i in range(count)]
    lines = [
        f"def make({', '.join(names)}, twin=None, cls=None):",
        " made = twin()",
        *(f" made.{name} = {name}" for name in names),
        " made.__class__ = cls",
        " return made",
    ]
    namespace: dict[str, Any] = {}
    exec("\n".join(lines), namespace)  # noqa: S102 - as dataclasses makes `__init__`
    code: CodeType = namespace["make"].__code__
    return code


def _intern(cls: Any) -> None:
    """Let a class give the object that there is, if there is one."""
    names = [attribute.name for attribute in fields(cls)]
    defaults = {
        attribute.name: attribute.default
        for attribute in fields(cls)
        if attribute.default is not MISSING
    }
    arguments = [f"{name}=defaults[{name!r}]" if name in defaults else name for name in names]
    key = ", ".join(names) + ("," if len(names) == 1 else "")
    lines = [
        f"def __new__(cls, {', '.join(arguments)}):",
        f" key = ({key})",
        " reference = objects.get(key)",
        " if reference is not None and (kept := reference()) is not None:",
        "  return kept",
        f" return add(key, make({key}))",
    ]
    objects: dict[tuple[object, ...], Any] = {}
    known = {
        "objects": objects,
        "make": maker(cls),
        "defaults": defaults,
        "add": weak_table(objects),
    }
    exec("\n".join(lines), known)  # noqa: S102 - as dataclasses makes `__init__`
    cls.__new__ = known["__new__"]
    cls.__eq__ = object.__eq__
    cls.__hash__ = object.__hash__
    cls.__init__ = object.__init__
    cls.__reduce__ = lambda self: (type(self), tuple(getattr(self, name) for name in names))


def _cache_hash(cls: Any) -> None:
    """Let the values of a class compute their hash once each."""
    computed = cls.__hash__

    def hashed(self: Keyed) -> int:
        try:
            return self._hash
        except AttributeError:
            number: int = computed(self)
            object.__setattr__(self, "_hash", number)
            return number

    cls.__hash__ = hashed


def _made(written: C, *, kw_only: bool, eq: bool, order: bool) -> C:
    cls: Any = _defined(written, kw_only=kw_only)
    cls.__setattr__, cls.__delattr__ = _refuse_to_set, _refuse_to_delete
    cls.__getstate__, cls.__setstate__ = _state, _restore
    if "__repr__" not in cls.__dict__:
        cls.__repr__ = _represented
    if eq:
        _compare(cls, order=order)
    made: C = cls
    return made


def _defined(written: C, *, kw_only: bool) -> C:
    """A class with slots for its fields and a constructor."""
    define = dataclass(init=False, repr=False, eq=False, slots=True, kw_only=kw_only)
    cls: Any = define(written)
    cls.__init__ = _first_constructor(cls)
    defined: C = cls
    return defined


def _first_constructor(cls: Any) -> Callable[..., None]:
    """Stub `__init__`: compiles the real one on first use, installs it and calls it.

    To compile one for many fields takes as long as to fill hundreds of values by name, and classes
    with many are those of requests, options and results, of which a run makes one or two.
    """
    by_name = _filler(cls) if len(fields(cls)) > _MANY_FIELDS else None

    def __init__(self: object, /, *given: object, **named: object) -> None:  # noqa: N807
        if given or by_name is None or not by_name(self, named):
            cls.__init__ = proper = _constructor(cls)
            proper(self, *given, **named)

    return __init__


def _filler(cls: Any) -> Callable[[Any, dict[str, object]], bool]:
    """A function that fills a value by name, and returns whether the arguments are right."""
    attributes = fields(cls)
    names = {attribute.name for attribute in attributes if attribute.init}

    def fill(value: Any, named: dict[str, object]) -> bool:
        if not named.keys() <= names:
            return False
        for attribute in attributes:
            if attribute.name in named:
                filled = named[attribute.name]
            elif attribute.default_factory is not MISSING:
                filled = attribute.default_factory()
            elif attribute.default is not MISSING:
                filled = attribute.default
            else:
                return False
            object.__setattr__(value, attribute.name, filled)
        if hasattr(cls, "__post_init__"):
            value.__post_init__()
        return True

    return fill


def _constructor(cls: Any) -> FunctionType:
    """The `__init__` that fills the fields of a class.

    It calls each slot's own setter. `object.__setattr__`, through which the standard frozen
    dataclass goes, has to find the slot by its name first, for each field of each value.
    """
    arguments = [attribute for attribute in fields(cls) if attribute.init]
    positional = [attribute for attribute in arguments if not attribute.kw_only]
    by_name = [attribute for attribute in arguments if attribute.kw_only]
    unasked = [
        attribute
        for attribute in fields(cls)
        if not attribute.init and attribute.default is not MISSING
    ]
    optional = [_may_be_left_out(attribute) for attribute in positional]
    if optional != sorted(optional):
        message = f"{cls.__qualname__}: a field without default follows one with a default"
        raise TypeError(message)
    fresh = tuple(attribute.default_factory is not MISSING for attribute in (*positional, *by_name))
    code = _filling(fresh, len(unasked), checks=hasattr(cls, "__post_init__")).replace(
        co_varnames=("self", *(attribute.name for attribute in (*positional, *by_name))),
        co_argcount=1 + len(positional),
        co_kwonlyargcount=len(by_name),
        co_qualname=f"{cls.__qualname__}.__init__",
    )
    known: dict[str, Any] = {"missing": MISSING}
    for i, attribute in enumerate((*positional, *by_name, *unasked)):
        known[f"set_{i}"] = getattr(cls, attribute.name).__set__
        known[f"default_{i}"] = attribute.default
        known[f"new_{i}"] = attribute.default_factory
    made = FunctionType(code, known)
    made.__defaults__ = tuple(
        attribute.default for attribute in positional if _may_be_left_out(attribute)
    )
    made.__kwdefaults__ = {
        attribute.name: attribute.default for attribute in by_name if _may_be_left_out(attribute)
    }
    return made


def _may_be_left_out(attribute: Field[Any]) -> bool:
    return attribute.default is not MISSING or attribute.default_factory is not MISSING


@cache
def _filling(fresh: tuple[bool, ...], unasked: int, *, checks: bool) -> CodeType:
    """Return the code of an `__init__` for this many fields, shared by all classes of that shape.

    Args:
        fresh: for each argument whether it is made anew where it is not given.
        unasked: how many fields after those are not arguments and have their defaults.
        checks: whether `__post_init__` is called at the end.
    """
    lines = [f"def __init__({', '.join(['self', *(f'a{i}' for i in range(len(fresh)))])}):"]
    for i, is_fresh in enumerate(fresh):
        value = f"new_{i}() if a{i} is missing else a{i}" if is_fresh else f"a{i}"
        lines.append(f" set_{i}(self, {value})")
    lines += [f" set_{i}(self, default_{i})" for i in range(len(fresh), len(fresh) + unasked)]
    lines.append(" self.__post_init__()" if checks else " return None")
    namespace: dict[str, Any] = {}
    exec("\n".join(lines), namespace)  # noqa: S102 - as the standard dataclass does
    code: CodeType = namespace["__init__"].__code__
    return code


def _compare(cls: Any, *, order: bool) -> None:
    """Let values of exactly this class be equal, hashed and, if asked, ordered by their fields."""
    key = _key(*(attribute.name for attribute in fields(cls) if attribute.compare))
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
    """A function that returns these attributes of a value as a tuple."""
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
    shown = (
        f"{attribute.name}={getattr(self, attribute.name)!r}"
        for attribute in fields(self)
        if attribute.repr
    )
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _state(self: Any) -> list[object]:
    """The pickled and copied state: the fields, and no other slot."""
    return [getattr(self, name) for name in _field_names(self.__class__)]


def _restore(self: Any, state: list[object]) -> None:
    for name, kept in zip(_field_names(self.__class__), state, strict=True):
        object.__setattr__(self, name, kept)


@cache
def _field_names(cls: Any) -> tuple[str, ...]:
    """Return the names of a class's fields, which a task asks for each of its files."""
    return tuple(attribute.name for attribute in fields(cls))
