"""Compute the difference between two sides.

    statement_diff       the statements that differ, by text
    changed_sources      the changed statements that an allow or an isolation comes from
    attribution          the end that makes the difference, and the statements responsible
    subject_view         connections as one box seen from a subject
    changed_connections  boxes joined into arrows; local_names and peer_text word them
    isolation_changes    pods that became isolated, or stopped being isolated
    risks                what deserves a review
    tier_changes         what changed cluster-wide policies open and close
    both_readings        the changes under both readings of cluster-wide policies
    opened_blocks        both sides with blocks opened to pods, which they may match
    undecided_marks      the unknown facts on which each change depends

In: two `Side`s. Out: a `Difference`. Pure: nothing is read, nothing fails.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from itertools import product
from typing import TypeAlias, TypeVar

from netpolc.analysis.bounds import tier_readings
from netpolc.analysis.left_to_policies import LeftToPolicies, left_to_policies
from netpolc.analysis.namespace_partition import Facts, facts_of
from netpolc.analysis.semantic_diff import Comparison, compare
from netpolc.analysis.tier_facts import tier_facts
from netpolc.analysis.tiers import TierReading
from netpolc.changes.attribution import Attribution
from netpolc.changes.both_readings import BothReadings
from netpolc.changes.changed_connections import entries
from netpolc.changes.isolation_changes import isolation_changes
from netpolc.changes.model import (
    Cause,
    Difference,
    Entry,
    IsolationChange,
    Side,
    StatementChange,
    TierChange,
    entry_key,
)
from netpolc.changes.opened_blocks import at_other_end, with_opened_blocks
from netpolc.changes.statement_diff import Changed, cause_key, changed_statements
from netpolc.changes.subject_view import KnownLabels
from netpolc.changes.tier_changes import (
    facts_about,
    joined,
    newly_undecided,
    tier_changes,
    tier_key,
)
from netpolc.changes.undecided_marks import UndecidedMarks, stated_addresses
from netpolc.kube.peers import Direction
from netpolc.provenance import StatementKind
from netpolc.values import frozen

_Reported = TypeVar("_Reported", bound=Entry | TierChange)
MOST = 5_000
"""Classes of connections to compute for each side; more would take minutes."""


def difference(before: Side, after: Side, *, most: int | None = MOST) -> Difference:
    """The difference between two sides.

    Args:
        before: the old side, its policies normalised.
        after: the new side, likewise.
        most: how many classes of connections to work out on each side, None for all. A
            change of a whole organisation (another `label:`) has as many as it has pairs
            of services; the result is then right, and marked as incomplete.

    Returns:
        The connections opened and closed, exactly, with the statements that cause it, and
        statements that were only reworded, if both sides have intents.
    """
    changed = changed_statements(before.program, after.program)
    known = KnownLabels(before.policies, after.policies)
    each = [_under(sides, changed, known, most) for sides in _read(before, after)]
    sides, attribution = each[0].sides, each[0].attribution
    by_tiers, changed_entries = each[0].by_tiers, each[0].entries
    whole = all(changes.whole for changes in each)
    if len(each) > 1:
        least, greatest = each
        both = BothReadings(sides, greatest.sides)
        by_tiers = both.tier_changes(by_tiers, greatest.by_tiers)
        changed_entries = both.entries(changed_entries, greatest.entries)
        by_tiers += tuple(_newly_undecided(least.sides, greatest.sides, by_tiers, most))
        for changes in _left_to_policies(least.sides, greatest.sides, changed, known, most):
            reported = set(map(tier_key, by_tiers))
            by_tiers += tuple(c for c in changes.by_tiers if tier_key(c) not in reported)
            changed_entries = _with_new(changed_entries, changes.entries)
            whole = whole and changes.whole
    by_tiers = joined(by_tiers)
    names = _differing(before, after)
    isolations = tuple(isolation_changes(sides, names, attribution))
    causes = _causes(isolations, changed_entries)
    return Difference(
        before=before.name,
        after=after.name,
        causes=causes,
        rewordings=tuple(
            change
            for change in _rewordings(changed, causes, by_tiers, before, after)
            # What else it may do is not known, but an assertion never opens anything.
            if whole or change.what is StatementKind.ASSERTION
        ),
        moved=changed.moved,
        whole=whole,
        tiers=by_tiers,
    )


_Sides: TypeAlias = tuple[Side, Side]


@frozen(kw_only=True, eq=False)
class _Changes:
    """The changes under one reading of unknown facts about cluster-wide policies."""

    sides: _Sides
    attribution: Attribution
    by_tiers: tuple[TierChange, ...]
    entries: tuple[Entry, ...]
    whole: bool


_Only: TypeAlias = Callable[[Comparison], Comparison]


def _under(
    sides: _Sides,
    changed: Changed,
    known: KnownLabels,
    most: int | None,
    *only: _Only,
) -> _Changes:
    """The changes under one reading or some of them, and changes between pods that only blocks permit; all are marked."""
    marks = UndecidedMarks(*sides)
    plain = _found(sides, changed, known, most, *only)
    each = [plain]
    by_tiers = list(marks.mark(plain.by_tiers))
    changed_entries = list(marks.mark(plain.entries))
    for direction, opened in with_opened_blocks(*sides, marks.pods):
        told = {tier_key(change) for changes in each for change in changes.by_tiers}
        told_entries = {entry_key(entry) for changes in each for entry in changes.entries}
        by_blocks = partial(at_other_end, direction=direction)
        more = _found(opened, changed, known, most, by_blocks, *only)
        each.append(more)
        by_tiers += marks.mark_by_blocks(c for c in more.by_tiers if tier_key(c) not in told)
        changed_entries += marks.mark_by_blocks(
            entry for entry in more.entries if entry_key(entry) not in told_entries
        )
    return replace(
        plain,
        by_tiers=tuple(by_tiers),
        entries=tuple(changed_entries),
        whole=all(changes.whole for changes in each),
    )


def _found(
    sides: _Sides,
    changed: Changed,
    known: KnownLabels,
    most: int | None,
    *only: _Only,
) -> _Changes:
    """The changes between two sides, or some of them, not marked."""
    before, after = sides
    attribution = Attribution(sides, changed, known)
    readings = before.reading, after.reading
    comparison = compare(before.policies, after.policies, most=most, tiers=readings)
    for some_of in only:
        comparison = some_of(comparison)
    by_tiers, rest = tier_changes(comparison, changed=before.tiers != after.tiers)
    return _Changes(
        sides=sides,
        attribution=attribution,
        by_tiers=by_tiers,
        entries=tuple(entries(rest, sides, attribution, known)) if rest else (),
        whole=comparison.whole,
    )


def _read(before: Side, after: Side) -> list[_Sides]:
    """Both sides under the readings of cluster-wide policies that permit least and most.

    A single pair if the readings are equal.
    """
    stated = stated_addresses(before, after)
    then, now = tier_readings(before.tiers, stated), tier_readings(after.tiers, stated)
    is_unknown = any(reading is not None and tier_facts(reading) for reading in (then[0], now[0]))
    return [
        (replace(before, reading=old), replace(after, reading=new))
        for old, new in list(zip(then, now, strict=True))[: 2 if is_unknown else 1]
    ]


def _newly_undecided(
    least: _Sides, greatest: _Sides, reported: Iterable[TierChange], most: int | None
) -> Iterable[TierChange]:
    before, after = least
    if before.tiers == after.tiers:
        return ()
    unknown = [
        compare(side.policies, side.policies, most=most, tiers=(side.reading, other.reading))
        for side, other in zip(least, greatest, strict=True)
    ]
    readings = before.reading, after.reading
    return newly_undecided(unknown[0], unknown[1], readings, _facts_of(least), reported)


def _left_to_policies(
    least: _Sides, greatest: _Sides, changed: Changed, known: KnownLabels, most: int | None
) -> Iterator[_Changes]:
    """What NetworkPolicies may change where unknown facts decide on both sides, so that no reading shows it."""
    before, after = least
    if before.policies == after.policies:
        return
    read = [[(side.policies, side.reading) for side in sides] for sides in (least, greatest)]
    unknown = LeftToPolicies(*read)
    readings = before.reading, after.reading
    for direction, reading in product(Direction, read):
        then, now = (
            replace(side, policies=policies, reading=baseline)
            for side, (policies, baseline) in zip(
                least, left_to_policies(reading, direction), strict=True
            )
        )
        only = partial(unknown.only, direction=direction)
        changes = _under((then, now), changed, known, most, only)
        marked = partial(_undecided, unknown, direction, readings)
        yield replace(
            changes,
            by_tiers=tuple(marked(changes.by_tiers)),
            entries=tuple(marked(changes.entries)),
        )


def _undecided(
    unknown: LeftToPolicies,
    direction: Direction,
    readings: Iterable[TierReading | None],
    changes: Iterable[_Reported],
) -> Iterator[_Reported]:
    """The changes that have connections of which it is unknown whether they change, marked."""
    for change in changes:
        examples = unknown.examples(change.connections, direction)
        facts = (fact for example in examples for fact in facts_about(example, readings))
        undecided = tuple(dict.fromkeys((*change.undecided, *facts)))
        if examples:
            yield replace(change, undecided=undecided)


def _with_new(reported: tuple[Entry, ...], others: Iterable[Entry]) -> tuple[Entry, ...]:
    """The reported entries, and of the others those with new keys."""
    return tuple({entry_key(each): each for each in (*reversed(tuple(others)), *reported)}.values())


def _facts_of(sides: _Sides) -> list[dict[str, Facts]]:
    """What is known of the labels of namespaces, for each side."""
    known = [side.policies.namespaces for side in sides]
    facts = {name: facts_of([each.get(name) for each in known]) for each in known for name in each}
    return [{name: each[number] for name, each in facts.items()} for number in range(len(known))]


def _differing(before: Side, after: Side) -> list[str]:
    """The namespaces whose isolations differ."""
    then, now = before.policies.namespaces, after.policies.namespaces
    return [
        name
        for name in sorted({*then, *now})
        if name not in then or name not in now or then[name].closed != now[name].closed
    ]


def _causes(
    isolations: Iterable[IsolationChange], changed_entries: Iterable[Entry]
) -> tuple[Cause, ...]:
    """Entries and isolations grouped by the statements that cause them, by place."""
    together: dict[tuple[StatementChange, ...], tuple[list[IsolationChange], list[Entry]]] = {}
    for isolation in isolations:
        together.setdefault(isolation.causes, ([], []))[0].append(isolation)
    for entry in changed_entries:
        together.setdefault(entry.causes, ([], []))[1].append(entry)
    causes = (
        Cause(
            statements=statements,
            isolations=tuple(closed),
            entries=tuple(sorted(opened, key=entry_key)),
        )
        for statements, (closed, opened) in together.items()
    )
    return tuple(sorted(causes, key=lambda cause: [cause_key(s) for s in cause.statements]))


def _rewordings(
    changed: Changed,
    causes: Iterable[Cause],
    by_tiers: Iterable[TierChange],
    before: Side,
    after: Side,
) -> tuple[StatementChange, ...]:
    """The changed statements that cause no opening or closing."""
    if not before.program.namespaces or not after.program.namespaces:
        return ()
    at_work = {change for cause in causes for change in cause.statements}
    deciding = {o.place for change in by_tiers for o in (*change.opening, *change.closing)}
    rest = (
        change
        for change in changed.all
        if change not in at_work
        and not any(o is not None and o.place in deciding for o in (change.before, change.after))
    )
    return tuple(sorted(rest, key=cause_key))
