"""Values of which there is one object for each meaning.

Selectors, peers and ports are the keys of every table, and a compile of ten thousand
services asks two million times for a hash or whether two are equal. Computed in Python
that is an eighth of its time. When equal values are one object, both are questions about
the object, which the interpreter answers itself (hash-consing: Filliâtre and Conchon,
"Type-Safe Modular Hash-Consing", 2006).

    @interned
    @frozen
    class Point(HasKey): ...

The objects live as long as the process does; there are as many as distinct selectors, peers and
ports that it has met.
"""

from collections.abc import Callable
from dataclasses import MISSING, fields
from typing import Any, TypeVar

from netpolc.sets.making import maker

C = TypeVar("C", bound="type[HasKey]")


class HasKey:
    """Has room for a key to sort by, which is no part of the value."""

    __slots__ = ("_key",)
    _key: tuple[object, ...]


def interned(cls: C) -> C:
    """Let a frozen class give the object that there is, if there is one.

    It is for classes without `__post_init__` whose fields are hashable and all compared.
    """
    names = [one.name for one in fields(cls)]  # type: ignore[arg-type]
    defaults = {one.name: one.default for one in fields(cls) if one.default is not MISSING}  # type: ignore[arg-type]
    given = [f"{name}=defaults[{name!r}]" if name in defaults else name for name in names]
    key = ", ".join(names) + ("," if len(names) == 1 else "")
    lines = [
        f"def __new__(cls, {', '.join(given)}):",
        f" key = ({key})",
        " found = objects.get(key)",
        # Of two threads that make the same one, the second gets the first's.
        f" return objects.setdefault(key, make({key})) if found is None else found",
    ]
    known: dict[str, Any] = {"objects": {}, "make": maker(cls), "defaults": defaults}
    exec("\n".join(lines), known)  # noqa: S102 - as dataclasses makes `__init__`
    cls.__new__ = known["__new__"]  # type: ignore[method-assign]
    cls.__eq__ = object.__eq__  # type: ignore[method-assign]
    cls.__hash__ = object.__hash__  # type: ignore[method-assign]
    cls.__init__ = object.__init__  # type: ignore[method-assign]
    cls.__reduce__ = _remade(names)  # type: ignore[method-assign, assignment]
    return cls


def _remade(names: list[str]) -> Callable[[Any], tuple[type, tuple[object, ...]]]:
    """How a value is pickled and copied: by its fields, so that it comes back as the one object."""

    def remade(self: object) -> tuple[type, tuple[object, ...]]:
        return type(self), tuple(getattr(self, name) for name in names)

    return remade
