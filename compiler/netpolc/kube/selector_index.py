"""Things by the selectors that choose them, to be found again by another selector or by labels.

Whether two subjects share a pod, or one contains the other, is a short question; asked of
every pair of a namespace's thousand subjects it takes the square of their number. This is
the one index for it.
"""

from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from netpolc.kube.selectors import Labels, Selector, common_key
from netpolc.sets import ValueSet
from netpolc.sets.value_index import Limits, ValueIndex

T = TypeVar("T")
_FEW = 6
"""So many selectors are compared one by one, which takes less time than filing them."""


class SelectorIndex(Generic[T]):
    """Entries, each with a selector; several may have the same. Answers keep their order."""

    __slots__ = ("_exact", "_index", "_key")

    def __init__(self, entries: Iterable[tuple[Selector, T]]) -> None:
        """Take the entries in."""
        self._exact: dict[Selector, list[T]] = {}
        for selector, entry in entries:
            self._exact.setdefault(selector, []).append(entry)
        self._index: ValueIndex[Selector] | None = None
        self._key = common_key(self._exact) if len(self._exact) > _FEW else None

    @classmethod
    def of(cls, selectors: Iterable[Selector]) -> "SelectorIndex[Selector]":
        """The index of selectors that are entries themselves, each once."""
        return SelectorIndex((selector, selector) for selector in dict.fromkeys(selectors))

    def __bool__(self) -> bool:
        """Whether there is an entry."""
        return bool(self._exact)

    @property
    def is_disjoint(self) -> bool:
        """Whether surely no two entries overlap."""
        return self._key is not None and all(len(some) == 1 for some in self._exact.values())

    def exact(self, selector: Selector) -> list[T]:
        """The entries with exactly this selector."""
        return self._exact.get(selector, [])

    def supersets_of(self, selector: Selector) -> Iterator[T]:
        """The entries whose selector matches everything that this one matches."""
        all_of_them = selector.impossible or len(self._exact) <= _FEW
        for wide in self._exact if all_of_them else self._filed().around(_asked(selector)):
            if selector <= wide:
                yield from self._exact[wide]

    def covers(self, selector: Selector) -> bool:
        """Whether an entry's selector matches everything that this one matches."""
        all_of_them = selector.impossible or len(self._exact) <= _FEW
        near = self._exact if all_of_them else self._filed().each_around(_asked(selector))
        return any(selector <= wide for wide in near)

    def overlapping(self, selector: Selector) -> Iterator[T]:
        """The entries whose selector could match something that this one matches."""
        if self._key is not None and selector in self._exact:
            yield from self._exact[selector]
            return
        few = len(self._exact) <= _FEW
        for other in self._exact if few else self._filed().meeting(_asked(selector)):
            if not selector.isdisjoint(other):
                yield from self._exact[other]

    def each_overlapping(self, selector: Selector) -> Iterator[T]:
        """The same one by one in any order, for a question that few of them answer."""
        for other in self._each_overlapping(selector):
            yield from self._exact[other]

    def meets(self, selector: Selector) -> bool:
        """Whether an entry's selector could match something that this one matches."""
        return any(True for _ in self._each_overlapping(selector))

    def meets_only(self, selector: Selector, entry: T) -> bool:
        """Whether no other entry's selector could match something that this one matches."""
        each = self._each_overlapping(selector)
        return all(filed is entry for other in each for filed in self._exact[other])

    def _each_overlapping(self, selector: Selector) -> Iterator[Selector]:
        """The selectors of entries that overlap with this one, in any order."""
        if self._key is not None and selector in self._exact:
            return iter((selector,))
        few = len(self._exact) <= _FEW
        near = self._exact if few else self._filed().each_meeting(_asked(selector))
        return (other for other in near if not selector.isdisjoint(other))

    def matching(self, labels: Labels) -> Iterator[T]:
        """The entries whose selector matches something with exactly these labels, in any order."""
        if self._key is not None:
            value = labels.get(self._key)
            yield from () if value is None else self.exact(Selector.labels({self._key: value}))
            return
        few = len(self._exact) <= _FEW
        limits: Limits = {key: ValueSet.among(value) for key, value in labels.items()}
        for selector in self._exact if few else self._filed().each_around(limits):
            if selector.matches(labels):
                yield from self._exact[selector]

    def _filed(self) -> ValueIndex[Selector]:
        if self._index is None:
            self._index = ValueIndex((_asked(selector), selector) for selector in self._exact)
        return self._index


def _asked(selector: Selector) -> Limits:
    return dict(selector.requirements)
