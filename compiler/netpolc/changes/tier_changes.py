"""Connections that changed cluster-wide policies open and close.

A rule of a tier is about pods of many namespaces at once, so it is not an arrow of a subject: it
is reported with the rules that decide on each side and one connection that they decide differently.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import replace

from netpolc.analysis.concrete_evaluator import Connection
from netpolc.analysis.connection_sets import EndClass, PodClass
from netpolc.analysis.may_permit_more import NamespaceFacts, may_meet, may_permit_more
from netpolc.analysis.permission_change import Change
from netpolc.analysis.semantic_diff import Comparison
from netpolc.analysis.tier_facts import tier_facts
from netpolc.analysis.tiers import TierReading, TierRule
from netpolc.analysis.unknown_facts import UnknownFact
from netpolc.changes.model import Effect, Risk, TierChange
from netpolc.changes.risks import connection_risks
from netpolc.ir.model import Allow
from netpolc.kube.peers import Direction, Outside
from netpolc.provenance import Origins, closing_or_all, merged


def tier_changes(
    comparison: Comparison, *, changed: bool
) -> tuple[tuple[TierChange, ...], Comparison]:
    """The changes that tiers make, class by class, and the comparison without them.

    Args:
        comparison: everything that differs.
        changed: whether cluster-wide policies differ. Where they do not, a change is theirs only
            where no namespace is responsible for it.
    """
    by_tiers: list[TierChange] = []
    kept = []
    for effect, changes in ((Effect.OPENED, comparison.gained), (Effect.CLOSED, comparison.lost)):
        others = []
        for change in changes:
            if _is_by_tiers(change, changed=changed):
                by_tiers.append(_tier_change(effect, change))
            else:
                others.append(change)
        kept.append(tuple(others))
    gained, lost = kept
    return tuple(by_tiers), replace(comparison, gained=gained, lost=lost)


def joined(changes: Iterable[TierChange]) -> tuple[TierChange, ...]:
    """The changes by the same rules as one, and those of them that are undecided as another one."""
    by_rules: dict[Hashable, list[TierChange]] = {}
    for change in changes:
        by_rules.setdefault((tier_key(change), bool(change.undecided)), []).append(change)
    return tuple(map(_joined, by_rules.values()))


def newly_undecided(
    before: Comparison,
    after: Comparison,
    readings: tuple[TierReading | None, TierReading | None],
    facts: Sequence[NamespaceFacts],
    reported: Iterable[TierChange],
) -> Iterator[TierChange]:
    """Changes that unknown facts decide on both sides, and may decide otherwise on the second.

    Args:
        before: how the least and the most permissive reading of the first side differ.
        after: how those of the second side differ.
        readings: one reading of each side.
        facts: the known labels of namespaces on each side.
        reported: the changes that are known.
    """
    keys = {tier_key(tier_change) for tier_change in reported}
    for change in after.gained:
        earlier = [each for each in before.gained if may_meet(change.connections, each.connections)]
        for effect in _possible_effects(change, readings, facts) if earlier else ():
            tier_change = _undecided(effect, change, earlier, readings)
            if tier_key(tier_change) not in keys:
                keys.add(tier_key(tier_change))
                yield tier_change


def _possible_effects(
    change: Change,
    readings: tuple[TierReading | None, TierReading | None],
    facts: Sequence[NamespaceFacts],
) -> Iterator[Effect]:
    """What tiers may do with connections that unknown facts decide on both sides."""
    if may_permit_more(readings, change.connections, facts):
        yield Effect.OPENED
    if may_permit_more(readings[::-1], change.connections, facts[::-1]):
        yield Effect.CLOSED


def _undecided(
    effect: Effect,
    change: Change,
    earlier: Sequence[Change],
    readings: tuple[TierReading | None, TierReading | None],
) -> TierChange:
    """A change that unknown facts decide on both sides, with what may decide on each of them.

    `change` is what they may open on the second side, `earlier` are those of the first.
    """
    witnesses = (each.witness for each in (change, *earlier))
    is_undecided = (
        witness
        for witness in witnesses
        if all(facts_about(witness, (reading,)) for reading in readings)
    )
    witness = next(is_undecided, change.witness)
    deciding = merged(*map(_deciding, earlier)), _deciding(change)
    closing, opening = deciding if effect is Effect.OPENED else reversed(deciding)
    return replace(
        _tier_change(effect, change),
        opening=opening,
        closing=closing,
        witness=witness,
        undecided=facts_about(witness, readings),
    )


def _deciding(change: Change) -> Origins:
    """What may decide about connections that one reading permits and another one does not."""
    return merged(*_opening(change), closing_or_all(change.closed.origins))


def facts_about(
    witness: Connection, readings: Iterable[TierReading | None]
) -> tuple[UnknownFact, ...]:
    """The unknown facts of tiers that may decide about a connection on some side."""
    facts = (
        fact for reading in readings if reading is not None for fact in tier_facts(reading, witness)
    )
    return tuple(dict.fromkeys(facts))


def _tier_change(effect: Effect, change: Change) -> TierChange:
    return TierChange(
        effect=effect,
        opening=merged(*_opening(change)),
        closing=closing_or_all(change.closed.origins),
        witness=change.witness,
        connections=(change.connections,),
        risks=_risks(change) if effect is Effect.OPENED else (),
        namespaces=_namespaces(change),
        by_blocks=any(
            isinstance(opener, Allow) and isinstance(opener.peer, Outside)
            for opener in (change.egress, change.ingress)
        ),
    )


def tier_key(change: TierChange) -> tuple[Effect, Origins, Origins]:
    """A key that is equal for changes by the same rules."""
    return change.effect, change.opening, change.closing


def _joined(changes: Sequence[TierChange]) -> TierChange:
    """One change for those with the same rules."""
    risks = {risk for change in changes for risk in change.risks}
    names = [change.namespaces for change in changes]
    named = [each for each in names if each is not None]
    return replace(
        changes[0],
        connections=tuple(some for change in changes for some in change.connections),
        risks=tuple(risk for risk in Risk if risk in risks),
        namespaces=frozenset[str]().union(*named) if len(named) == len(names) else None,
        undecided=tuple(dict.fromkeys(fact for change in changes for fact in change.undecided)),
        by_blocks=any(change.by_blocks for change in changes),
    )


def _is_by_tiers(change: Change, *, changed: bool) -> bool:
    deciding = (change.egress, change.ingress, change.closed)
    if changed and any(isinstance(decider, TierRule) for decider in deciding):
        return True
    return isinstance(change.closed, TierRule) and change.home(change.closed.direction) is None


def _opening(change: Change) -> Iterator[Origins]:
    for opener in (change.ingress, change.egress):
        if opener is not None:
            yield opener.origins


def _risks(change: Change) -> tuple[Risk, ...]:
    risks = {
        risk
        for direction in Direction
        for risk in connection_risks((change.connections,), direction)
    }
    return tuple(risk for risk in Risk if risk in risks)


def _namespaces(change: Change) -> frozenset[str] | None:
    """The namespaces of both ends; None where they are without number."""
    ends: tuple[EndClass, ...] = (change.connections.sender, change.connections.receiver)
    names = [end.names for end in ends if isinstance(end, PodClass)]
    if any(values.complement for values in names):
        return None
    return frozenset(name for values in names for name in values.values)
