"""What differs between two lists of connections: the cluster of today, before and after.

`netpolc.analysis.semantic_diff` says what policies permit over all pods that could exist. Here are the rows of
two lists instead: which known workloads gained, lost or changed what they may send to
each other and to addresses. A workload that is only on one side brings its connections
with it or takes them away. Addresses are cut at the ends of both sides' ranges, and
neighbours that change in the same way are put together again.
"""

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from netpolc.analysis.connection_list import AddressRange, Row
from netpolc.kube.ports import Traffic
from netpolc.sets.maximal_ranges import maximal_ranges
from netpolc.values import frozen

_NONE = Traffic()
_Pair: TypeAlias = tuple[str, str]
_Piece: TypeAlias = tuple[AddressRange, Traffic]


@frozen(kw_only=True)
class RowChange:
    """A row that differs: the ends as lists name them, and the traffic on both sides."""

    sender: str
    receiver: str
    before: Traffic
    after: Traffic

    @property
    def kind(self) -> str:
        """`added`, `removed` or `changed`."""
        if self.before and self.after:
            return "changed"
        return "removed" if self.before else "added"


def changes(before: Iterable[Row], after: Iterable[Row]) -> Iterator[RowChange]:
    """The rows that differ, those between workloads first."""
    pairs: dict[_Pair, list[Traffic]] = {}
    ranges: dict[_Pair, tuple[list[_Piece], list[_Piece]]] = {}
    for side, rows in enumerate((before, after)):
        for row in rows:
            blank = _key(row)
            if isinstance(row.sender, AddressRange):
                ranges.setdefault(blank, ([], []))[side].append((row.sender, row.traffic))
            elif isinstance(row.receiver, AddressRange):
                ranges.setdefault(blank, ([], []))[side].append((row.receiver, row.traffic))
            else:
                pairs.setdefault(blank, [_NONE, _NONE])[side] = row.traffic
    for (sender, receiver), (then, now) in pairs.items():
        if then != now:
            yield RowChange(sender=sender, receiver=receiver, before=then, after=now)
    for (sender, receiver), sides in ranges.items():
        for block, then, now in _cut(*sides):
            yield RowChange(
                sender=sender or str(block),
                receiver=receiver or str(block),
                before=then,
                after=now,
            )


def _key(row: Row) -> _Pair:
    """The ends of a row, empty for addresses."""
    sender = "" if isinstance(row.sender, AddressRange) else str(row.sender)
    return sender, "" if isinstance(row.receiver, AddressRange) else str(row.receiver)


def _cut(
    before: list[_Piece], after: list[_Piece]
) -> Iterator[tuple[AddressRange, Traffic, Traffic]]:
    """Ranges of addresses where the sides differ, with the traffic of both."""
    edges = {edge for block, _ in (*before, *after) for edge in (block.first, block.last + 1)}
    for first, last, (then, now) in maximal_ranges(
        edges, lambda address: (_at(before, address), _at(after, address))
    ):
        if then != now:
            yield AddressRange(first, last), then, now


def _at(pieces: list[_Piece], address: int) -> Traffic:
    return next((t for block, t in pieces if block.first <= address <= block.last), _NONE)
