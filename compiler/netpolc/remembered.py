"""Results that functions remember, and that a process which lives long does not collect.

A large compile asks the same about a few names a hundred thousand times, and an editor's server
meets a new name with every keystroke. So nothing is remembered for ever, but

- as long as something uses the result: a selector, the traffic of some ports (`one_while_used`);
- as long as something uses the value that the result is about (`remembered_with_value`);
- if it is about a text, until many other texts have come (`remembered_by_text`).

What only one run or one call asks for belongs in a table of its own (`ByIdentity`).
"""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, Generic, TypeVar
from weakref import ref

K = TypeVar("K")
T = TypeVar("T")
V = TypeVar("V")
MOST_CHARACTERS = 1 << 16
"""Of the texts in a table together: five thousand names, a megabyte with their results."""


class _Reference(ref[Any]):
    """A weak reference that knows where in its table it is."""

    __slots__ = ("key",)
    key: Any


def weak_table(objects: dict[K, _Reference]) -> Callable[[K, T], T]:
    """Return a function that adds an object to a table, which forgets it when nothing uses it.

    The table has references to objects by their keys. The function returns the object of the key.
    """
    forget = _forgetting(objects)

    def add(key: K, made: T) -> T:
        reference = _Reference(made, forget)
        reference.key = key
        # Of two threads that make the same object, the second gets the first's.
        kept: T | None = objects.setdefault(key, reference)()
        if kept is None:
            objects[key] = reference
            return made
        return kept

    return add


def _forgetting(objects: dict[K, _Reference]) -> Callable[[_Reference], None]:
    """A function that takes the reference to an object that is gone out of its table."""

    def forget(gone: _Reference) -> None:
        if objects.get(gone.key) is gone:
            del objects[gone.key]

    return forget


def one_while_used(function: Callable[[K], T]) -> Callable[[K], T]:
    """Let a function return the same object for the same argument, as long as something uses it.

    The objects are `Keyed`. None is worked out each time.
    """
    objects: dict[K, _Reference] = {}
    forget = _forgetting(objects)

    @wraps(function)
    def find(key: K) -> T:
        known = objects.get(key)
        if known is not None and (kept := known()) is not None:
            return kept  # type: ignore[no-any-return]
        made = function(key)
        if made is not None:
            objects[key] = reference = _Reference(made, forget)
            reference.key = key
        return made

    return find


def remembered_with_value(function: Callable[[V], T]) -> Callable[[V], T]:
    """Let a function of an interned value remember its result as long as something uses the value.

    The result must not refer to the value, or both would stay for ever.
    """
    results: dict[int, tuple[T, _Reference]] = {}

    def forget(gone: _Reference) -> None:
        del results[gone.key]

    @wraps(function)
    def find(value: V) -> T:
        known = results.get(id(value))
        if known is not None:
            return known[0]
        reference = _Reference(value, forget)
        reference.key = id(value)
        # Of two threads that ask about the same value, one is too late, and its reference is gone.
        return results.setdefault(id(value), (function(value), reference))[0]

    return find


class _Texts(dict[str, Any]):
    """The results of a function by texts; when these are too long together, all are forgotten."""

    def __init__(self, function: Callable[[str], object], weight: int) -> None:
        super().__init__()
        self._function = function
        self._weight = weight
        self._characters = 0

    def __missing__(self, text: str) -> object:
        result = self._function(text)
        self._characters = together = self._characters + self._weight * len(text)
        if together <= MOST_CHARACTERS:
            self[text] = result
        else:
            self.clear()
            self._characters = 0
        return result


def remembered_by_text(function: Callable[[str], T], *, weight: int = 1) -> Callable[[str], T]:
    """Let a function of a text remember what it returned for the last texts.

    `weight` says how many times more memory its results take than facts about a name.
    """
    return _Texts(function, weight).__getitem__


class ByIdentity(Generic[V, T]):
    """The results of a function for objects that many values share, each worked out once.

    Objects are found again by identity, and kept, so that no other object can take their place.
    """

    __slots__ = ("_function", "_kept", "_results")

    def __init__(self, function: Callable[[V], T]) -> None:
        """Begin with nothing."""
        self._function = function
        self._results: dict[int, T] = {}
        self._kept: list[V] = []

    def of(self, value: V) -> T:
        """The result for an object."""
        result = self._results.get(id(value))
        if result is None:
            result = self._results[id(value)] = self._function(value)
            self._kept.append(value)
        return result

    def of_all(self, values: Sequence[V]) -> list[T]:
        """The results for several objects."""
        try:  # As nearly always: a call for each of them would take longer than all else.
            return [self._results[id(value)] for value in values]
        except KeyError:
            return [self.of(value) for value in values]
