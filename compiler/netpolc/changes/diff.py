"""Compute the difference between two sides.

    statement_diff       the statements that differ, by text
    changed_sources      the changed statements that an allow or an isolation comes from
    attribution          the end that makes the difference, and the statements responsible
    subject_view         connections as one box seen from a subject
    changed_connections  boxes joined into arrows; local_names and peer_text word them
    isolation_changes    pods that became isolated, or stopped being isolated
    risks                what deserves a review
    tier_changes         what changed cluster-wide policies open and close

In: two `Side`s. Out: a `Difference`. Pure: nothing is read, nothing fails.
"""

from collections.abc import Iterable

from netpolc.analysis.semantic_diff import compare
from netpolc.changes.attribution import Attribution
from netpolc.changes.changed_connections import entries
from netpolc.changes.isolation_changes import isolation_changes
from netpolc.changes.mark_undecided import mark_undecided
from netpolc.changes.model import (
    Cause,
    Difference,
    Entry,
    IsolationChange,
    Side,
    StatementChange,
    entry_key,
)
from netpolc.changes.statement_diff import Changed, cause_key, changed_statements
from netpolc.changes.subject_view import KnownLabels
from netpolc.changes.tier_changes import tier_changes
from netpolc.provenance import StatementKind

MOST = 5_000
"""Classes of connections to compute for each side; more would take minutes."""


def difference(before: Side, after: Side, *, most: int | None = MOST) -> Difference:
    """All that differs from the first side to the second.

    Args:
        before: what there was, its policies normalised.
        after: what there is now, likewise.
        most: how many classes of connections to work out on each side, None for all. A
            change of a whole organisation (another `label:`) has as many as it has pairs
            of services; the result is then right, and marked as incomplete.

    Returns:
        The connections opened and closed, exactly, with the statements that do it; what
        was only reworded, where both sides have intents.
    """
    sides = before, after
    changed = changed_statements(before.program, after.program)
    known = KnownLabels(before.policies, after.policies)
    attribution = Attribution(sides, changed, known)
    comparison = compare(
        before.policies, after.policies, most=most, tiers=(before.reading, after.reading)
    )
    by_tiers, comparison = tier_changes(comparison, changed=before.tiers != after.tiers)
    found = tuple(
        mark_undecided(entry, before, after)
        for entry in (entries(comparison, sides, attribution, known) if comparison else ())
    )
    names = _differing(before, after)
    isolations = tuple(isolation_changes(sides, names, attribution))
    causes = _causes(isolations, found)
    return Difference(
        before=before.name,
        after=after.name,
        causes=causes,
        rewordings=tuple(
            one
            for one in _rewordings(changed, causes, before, after)
            # What else it may do is not known, but an assertion never opens anything.
            if comparison.whole or one.what is StatementKind.ASSERTION
        ),
        moved=changed.moved,
        whole=comparison.whole,
        tiers=by_tiers,
    )


def _differing(before: Side, after: Side) -> list[str]:
    """The namespaces whose isolations are not the same."""
    then, now = before.policies.namespaces, after.policies.namespaces
    return [
        name
        for name in sorted({*then, *now})
        if name not in then or name not in now or then[name].closed != now[name].closed
    ]


def _causes(isolations: Iterable[IsolationChange], found: Iterable[Entry]) -> tuple[Cause, ...]:
    """Everything under the statements that make it, by place."""
    together: dict[tuple[StatementChange, ...], tuple[list[IsolationChange], list[Entry]]] = {}
    for isolation in isolations:
        together.setdefault(isolation.causes, ([], []))[0].append(isolation)
    for entry in found:
        together.setdefault(entry.causes, ([], []))[1].append(entry)
    causes = (
        Cause(
            statements=statements,
            isolations=tuple(closed),
            entries=tuple(sorted(opened, key=entry_key)),
        )
        for statements, (closed, opened) in together.items()
    )
    return tuple(sorted(causes, key=lambda one: [cause_key(s) for s in one.statements]))


def _rewordings(
    changed: Changed, causes: Iterable[Cause], before: Side, after: Side
) -> tuple[StatementChange, ...]:
    """The changed statements that are the cause of nothing."""
    if not before.program.namespaces or not after.program.namespaces:
        return ()
    at_work = {one for cause in causes for one in cause.statements}
    rest = (one for one in changed.all if one not in at_work)
    return tuple(sorted(rest, key=cause_key))
