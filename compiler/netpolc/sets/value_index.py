"""Find again what limits variables to some values, without looking at everything.

Selectors, boxes and peers mostly require one value of some variable: `app=db`. Which of a
thousand of them could meet another one is answered by that value. Entries that require
values of the same variables are one family, and a question is answered by the variable that
leaves the fewest of a family.
"""

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from typing import Generic, TypeAlias, TypeVar

from netpolc.sets.value_set import ValueSet

T = TypeVar("T")
Limits: TypeAlias = Mapping[Hashable, object]
"""The values that each variable may hold; a variable without an entry may hold any value."""
_Values: TypeAlias = Mapping[Hashable, Collection[str]]


class ValueIndex(Generic[T]):
    """Entries with their limits. Answers may contain more than what is asked for, never less."""

    __slots__ = ("_entries", "_families", "_sharing")

    def __init__(self, entries: Iterable[tuple[Limits, T]]) -> None:
        """Put each entry into the family of the variables of which it requires values."""
        self._entries: list[T] = []
        self._families: dict[frozenset[Hashable], _Family] = {}
        self._sharing: dict[Hashable, list[_Family]] = {}
        for limits, entry in entries:
            required = dict(_finite(limits))
            variables = frozenset(required)
            family = self._families.get(variables)
            if family is None:
                family = self._families[variables] = _Family(variables)
            family.add(len(self._entries), required)
            self._entries.append(entry)
        often = Counter(variable for family in self._families for variable in family)
        for variables, family in self._families.items():
            if variables:
                self._sharing.setdefault(min(variables, key=often.__getitem__), []).append(family)

    def meeting(self, limits: Limits) -> list[T]:
        """The entries that something within the limits could be in, in their order."""
        return self._in_order(self._meeting(limits))

    def each_meeting(self, limits: Limits) -> Iterator[T]:
        """The same one by one in any order, for a question that few of them answer."""
        return (self._entries[number] for number in self._meeting(limits))

    def _meeting(self, limits: Limits) -> Iterator[int]:
        # Absence meets no entry that requires a value.
        asked = {
            variable: allowed.values
            for variable, allowed in limits.items()
            if isinstance(allowed, ValueSet) and not allowed.complement
        }
        return (number for family in self._families.values() for number in family.near(asked))

    def around(self, limits: Limits) -> list[T]:
        """The entries that everything within the limits could be in, in their order."""
        return self._in_order(self._around(limits))

    def each_around(self, limits: Limits) -> Iterator[T]:
        """The same one by one in any order."""
        return (self._entries[number] for number in self._around(limits))

    def _around(self, limits: Limits) -> Iterator[int]:
        asked = {variable: (next(iter(values)),) for variable, values in _finite(limits)}
        empty = self._families.get(frozenset())
        families = [] if empty is None else [empty]
        for variable in asked:
            sharing = self._sharing.get(variable, ())
            families += [family for family in sharing if family.variables <= asked.keys()]
        return (number for family in families for number in family.near(asked))

    def _in_order(self, numbers: Iterable[int]) -> list[T]:
        return [self._entries[number] for number in sorted(set(numbers))]


class _Family:
    """Entries, by number, that require values of the same variables."""

    __slots__ = ("_members", "_tables", "variables")

    def __init__(self, variables: frozenset[Hashable]) -> None:
        self.variables = variables
        self._members: dict[int, _Values] = {}
        self._tables: dict[Hashable, dict[str, list[int]]] = {}

    def add(self, number: int, required: _Values) -> None:
        """Take in an entry with the values that it requires."""
        self._members[number] = required

    def near(self, asked: _Values) -> Iterable[int]:
        """The entries that share a value of one of the variables that are asked for.

        That of the variable by which they are fewest; all of them if none is asked for.
        """
        candidates: Iterable[int] = self._members
        fewest = len(self._members) + 1
        for variable in self.variables & asked.keys():
            table = self._table(variable)
            hits = [table[value] for value in asked[variable] if value in table]
            if (size := sum(map(len, hits))) < fewest:
                fewest, candidates = size, (number for some in hits for number in some)
        return candidates

    def _table(self, variable: Hashable) -> dict[str, list[int]]:
        """The entries by the values that they require of a variable; made when first asked for."""
        table = self._tables.get(variable)
        if table is None:
            table = self._tables[variable] = {}
            for number, required in self._members.items():
                for value in required[variable]:
                    table.setdefault(value, []).append(number)
        return table


def _finite(limits: Limits) -> Iterator[tuple[Hashable, frozenset[str]]]:
    """The values of the variables that the limits leave some of finitely many."""
    for variable, allowed in limits.items():
        if isinstance(allowed, ValueSet) and allowed.is_finite and allowed.values:
            yield variable, allowed.values
