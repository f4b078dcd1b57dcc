"""Changes under both readings of cluster-wide policies, with a mark on what unknown facts decide.

One reading permits least and the other permits most. What changes under both changes for certain. A change under
one of them alone is undecided if unknown facts decide some of its connections.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from netpolc.analysis.concrete_evaluator import Connection
from netpolc.analysis.connection_sets import Connections, PodClass, is_within
from netpolc.analysis.undecided_connections import UndecidedConnections
from netpolc.analysis.unknown_facts import UnknownFact
from netpolc.changes.model import Entry, Side, TierChange, entry_key
from netpolc.changes.tier_changes import facts_about, tier_key

_Change = TypeVar("_Change", Entry, TierChange)


class BothReadings:
    """The changes between two sides under either reading."""

    def __init__(self, least: Sequence[Side], most: Sequence[Side]) -> None:
        """Take both sides, read as what permits least and as what permits most."""
        self._readings = [side.reading for side in least]
        self._undecided = [
            UndecidedConnections(side.policies, side.reading, wide.reading)
            for side, wide in zip(least, most, strict=True)
        ]

    def entries(self, least: Iterable[Entry], most: Iterable[Entry]) -> tuple[Entry, ...]:
        """The entries under either reading, of which those of one alone are marked."""
        first, second = ({entry_key(entry): entry for entry in some} for some in (least, most))
        return tuple(
            entry if key in first and key in second else self._marked(entry)
            for key, entry in {**second, **first}.items()
        )

    def tier_changes(
        self, least: Iterable[TierChange], most: Iterable[TierChange]
    ) -> tuple[TierChange, ...]:
        """The changes by tiers under either reading, of which those of one alone are marked."""
        changes = tuple(least), tuple(most)
        under_either: dict[Hashable, TierChange] = {}
        for some, known in zip(changes, map(_TierChanges, reversed(changes)), strict=True):
            for change in some:
                key = tier_key(change), change.connections
                if key not in under_either:
                    under_either[key] = change if known.have(change) else self._marked(change)
        return tuple(under_either.values())

    def _marked(self, change: _Change) -> _Change:
        """A change with the unknown facts that decide about its witness, or about the first connections that they decide."""
        facts = (facts_about(witness, self._readings) for witness in self._examples(change))
        decisive: tuple[UnknownFact, ...] = next(filter(None, facts), ())
        undecided = tuple(dict.fromkeys((*change.undecided, *decisive)))
        return replace(change, undecided=undecided)

    def _examples(self, change: Entry | TierChange) -> Iterator[Connection]:
        yield change.witness
        for connections in change.connections:
            for side in self._undecided:
                yield from (each.witness for each in side.among(connections))


class _TierChanges:
    """Changes by tiers, found by their rules and the namespaces at their ends."""

    def __init__(self, changes: Iterable[TierChange]) -> None:
        self._filed: dict[Hashable, dict[Connections, None]] = {}
        for change in changes:
            for some in change.connections:
                self._filed.setdefault(_place(change, some), {})[some] = None

    def have(self, change: TierChange) -> bool:
        """Whether each class of a change is within one of these."""
        return all(
            some in (near := self._filed.get(_place(change, some), {}))
            or any(is_within(some, other) for other in near)
            for some in change.connections
        )


def _place(change: TierChange, some: Connections) -> Hashable:
    ends = some.sender, some.receiver
    return tier_key(change), *(end.names if isinstance(end, PodClass) else None for end in ends)
