"""Boxes to stay outside of, found again by the values that they require.

A thousand lines of which each opens something are a thousand boxes, and what one more line opens lies
outside of nearly all of them for one label: `app=db`. To look at all of them for each takes the square of their number.
"""

from collections.abc import Iterable

from netpolc.sets.boxes import Box
from netpolc.sets.value_index import ValueIndex

_FEW = 8
"""So many boxes are looked at one by one, which takes less time than an index."""


class AvoidedBoxes:
    """Boxes to stay outside of, to be asked which of them may meet another box.

    Those that are asked twice, as the same tuple, are indexed.
    """

    __slots__ = ("_indexes",)

    def __init__(self) -> None:
        self._indexes: dict[int, tuple[tuple[Box, ...], ValueIndex[Box] | None]] = {}

    def near(self, box: Box, avoided: tuple[Box, ...]) -> Iterable[Box]:
        """The avoided boxes that may meet a box, in their order."""
        if len(avoided) <= _FEW:
            return avoided
        if id(avoided) not in self._indexes:
            self._indexes[id(avoided)] = avoided, None
            return avoided
        _, index = self._indexes[id(avoided)]
        if index is None:
            index = ValueIndex((avoided_box, avoided_box) for avoided_box in avoided)
            self._indexes[id(avoided)] = avoided, index
        return index.meeting(box)
