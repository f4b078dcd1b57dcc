"""Sets of whole numbers, as intervals.

Ports and addresses are numbers, and policies speak of them in ranges. A set is
kept as its maximal ranges in ascending order, both ends included, never touching;
that form is unique, so equality of sets is equality of tuples.

    >>> IntervalSet.of((1, 3), (4, 6), (10, 10))
    IntervalSet(ranges=((1, 6), (10, 10)))
    >>> IntervalSet.of((1, 6)) - IntervalSet.of((3, 4))
    IntervalSet(ranges=((1, 2), (5, 6)))
"""

from bisect import bisect_right
from collections.abc import Iterable
from typing import TypeAlias

from netpolc.values import Keyed, frozen

Range: TypeAlias = tuple[int, int]


@frozen(cache_hash=True)
class IntervalSet(Keyed):
    """A set of whole numbers. Make one with `of`; the constructor trusts its argument."""

    ranges: tuple[Range, ...] = ()

    @classmethod
    def of(cls, *ranges: Range) -> "IntervalSet":
        """The union of ranges, given in any order; a reversed range is refused (ValueError)."""
        return cls(_joined(ranges))

    def __bool__(self) -> bool:
        """Whether the set has a member."""
        return bool(self.ranges)

    def __contains__(self, number: int) -> bool:
        """Whether the number is a member."""
        index = bisect_right(self.ranges, number, key=lambda pair: pair[0])
        return index > 0 and number <= self.ranges[index - 1][1]

    def __or__(self, other: "IntervalSet") -> "IntervalSet":
        """The union."""
        if not other.ranges:
            return self
        return IntervalSet(_joined((*self.ranges, *other.ranges))) if self.ranges else other

    def __and__(self, other: "IntervalSet") -> "IntervalSet":
        """The intersection."""
        common: list[Range] = []
        mine, theirs = self.ranges, other.ranges
        i = j = 0
        while i < len(mine) and j < len(theirs):
            low, high = max(mine[i][0], theirs[j][0]), min(mine[i][1], theirs[j][1])
            if low <= high:
                common.append((low, high))
            if mine[i][1] < theirs[j][1]:
                i += 1
            else:
                j += 1
        return IntervalSet(tuple(common))

    def __sub__(self, other: "IntervalSet") -> "IntervalSet":
        """The difference of the sets."""
        left: list[Range] = []
        holes, first = other.ranges, 0
        for start, high in self.ranges:
            low = start
            while first < len(holes) and holes[first][1] < low:
                first += 1
            index = first
            while index < len(holes) and holes[index][0] <= high:
                if low < holes[index][0]:
                    left.append((low, holes[index][0] - 1))
                low = holes[index][1] + 1
                index += 1
            if low <= high:
                left.append((low, high))
        return IntervalSet(tuple(left))

    def __le__(self, other: "IntervalSet") -> bool:
        """Whether every member is a member of the other."""
        mine, theirs = self.ranges, other.ranges
        if mine == theirs or not mine:
            return True
        if not theirs or mine[0][0] < theirs[0][0] or theirs[-1][1] < mine[-1][1]:
            return False
        # Ranges never touch, so each of mine is inside one of theirs, or not at all.
        index = 0
        for low, high in mine:
            while theirs[index][1] < low:
                index += 1
            if low < theirs[index][0] or theirs[index][1] < high:
                return False
        return True

    def isdisjoint(self, other: "IntervalSet") -> bool:
        """Whether no number is a member of both."""
        mine, theirs = self.ranges, other.ranges
        if not mine or not theirs or mine[-1][1] < theirs[0][0] or theirs[-1][1] < mine[0][0]:
            return True
        i = j = 0
        while i < len(mine) and j < len(theirs):
            if max(mine[i][0], theirs[j][0]) <= min(mine[i][1], theirs[j][1]):
                return False
            if mine[i][1] < theirs[j][1]:
                i += 1
            else:
                j += 1
        return True

    def count(self) -> int:
        """The number of members."""
        return sum(high - low + 1 for low, high in self.ranges)


def _joined(ranges: Iterable[Range]) -> tuple[Range, ...]:
    """The ranges sorted, with adjacent and overlapping ranges merged."""
    out: list[Range] = []
    for low, high in sorted(ranges):
        if high < low:
            message = f"reversed range {low}-{high}"
            raise ValueError(message)
        if out and low <= out[-1][1] + 1:
            out[-1] = (out[-1][0], max(out[-1][1], high))
        else:
            out.append((low, high))
    return tuple(out)
