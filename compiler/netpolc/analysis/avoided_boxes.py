"""Boxes to stay outside of, found again by the values that they require.

A thousand lines of which each opens something are a thousand boxes, and what one more line opens lies
outside of nearly all of them for one label: `app=db`. To look at all of them for each takes the square of their number.
"""

from collections.abc import Iterable, Iterator
from itertools import islice

from netpolc.sets.boxes import Box
from netpolc.sets.value_index import ValueIndex
from netpolc.values import frozen

_FEW = 8
"""So many boxes are looked at one by one, which takes less time than an index."""


@frozen(eq=False)
class FirstBoxes:
    """The first so many of some boxes.

    Each rule of a tier applies outside of what all rules before it match. Of n rules these would be
    n² boxes, so the regions of all rules share one tuple.
    """

    boxes: tuple[Box, ...]
    number: int

    @classmethod
    def of(cls, boxes: Iterable[Box]) -> "FirstBoxes":
        """All of some boxes."""
        every = tuple(boxes)
        return cls(every, len(every))

    def __iter__(self) -> Iterator[Box]:
        """Iterate over them."""
        return islice(self.boxes, self.number)


class AvoidedBoxes:
    """Boxes to stay outside of, to be asked which of them may meet another box.

    Those that are asked twice, as the same tuple, are indexed.
    """

    __slots__ = ("_indexes",)

    def __init__(self) -> None:
        self._indexes: dict[int, tuple[tuple[Box, ...], ValueIndex[tuple[int, Box]] | None]] = {}

    def near(self, box: Box, avoided: FirstBoxes) -> Iterable[Box]:
        """The avoided boxes that may meet a box, in their order."""
        if avoided.number <= _FEW:
            return avoided
        key = id(avoided.boxes)
        if key not in self._indexes:
            self._indexes[key] = avoided.boxes, None
            return avoided
        _, index = self._indexes[key]
        if index is None:
            index = ValueIndex((each, (place, each)) for place, each in enumerate(avoided.boxes))
            self._indexes[key] = avoided.boxes, index
        return (each for place, each in index.meeting(box) if place < avoided.number)
