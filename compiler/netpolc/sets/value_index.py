"""Find again what limits variables to some values, without looking at everything.

Selectors, boxes and peers mostly require one value of some variable: `app=db`. Which of a
thousand of them could meet another one is answered by that value. Each entry is kept under
the required values of one variable, the one whose values the fewest entries share.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import Generic, TypeAlias, TypeVar

from netpolc.sets.value_set import ValueSet

T = TypeVar("T")
Limits: TypeAlias = Mapping[Hashable, object]
"""The values that each variable may hold; a variable without an entry may hold any value."""


class ValueIndex(Generic[T]):
    """Entries with their limits. Answers may contain more than what is asked for, never less."""

    __slots__ = ("_entries", "_filed", "_others", "_tables")

    def __init__(self, entries: Iterable[tuple[Limits, T]]) -> None:
        """File each entry under the values that it requires of its rarest variable."""
        self._entries: list[T] = []
        self._others: list[int] = []
        self._tables: dict[Hashable, dict[str, list[int]]] = {}
        self._filed: dict[Hashable, list[int]] = {}
        required = []
        for limits, entry in entries:
            self._entries.append(entry)
            required.append([(key, allowed.values) for key, allowed in _finite(limits)])
        often = Counter((key, value) for some in required for key, vs in some for value in vs)
        for number, some in enumerate(required):
            self._file(number, some, often)

    def _file(
        self,
        number: int,
        required: list[tuple[Hashable, frozenset[str]]],
        often: Mapping[tuple[Hashable, str], int],
    ) -> None:
        if not required:
            self._others.append(number)
            return
        key, values = required[0]
        if len(required) > 1:
            key, values = min(required, key=lambda one: sum(often[one[0], v] for v in one[1]))
        self._filed.setdefault(key, []).append(number)
        table = self._tables.setdefault(key, {})
        for value in values:
            table.setdefault(value, []).append(number)

    def meeting(self, limits: Limits) -> list[T]:
        """The entries that something within the limits could be in, in their order."""
        found = self._others.copy()
        for key, table in self._tables.items():
            allowed = limits.get(key)
            if isinstance(allowed, ValueSet) and allowed.is_finite:
                for value in allowed.values:
                    found += table.get(value, ())
            else:
                found += self._filed[key]
        return self._in_order(found)

    def around(self, limits: Limits) -> list[T]:
        """The entries that everything within the limits could be in, in their order."""
        found = self._others.copy()
        for key, allowed in _finite(limits):
            table = self._tables.get(key)
            if table is not None:
                found += table.get(next(iter(allowed.values)), ())
        return self._in_order(found)

    def _in_order(self, numbers: list[int]) -> list[T]:
        if len(numbers) > 1:
            numbers = sorted(set(numbers))
        return [self._entries[number] for number in numbers]


def _finite(limits: Limits) -> Iterator[tuple[Hashable, ValueSet]]:
    """The limits that leave some of finitely many values."""
    for key, allowed in limits.items():
        if isinstance(allowed, ValueSet) and allowed.is_finite and allowed.values:
            yield key, allowed
