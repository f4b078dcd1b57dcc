"""What changed cluster-wide policies open and close, apart from what NetworkPolicies do.

A rule of a tier is about pods of many namespaces at once, so it is not an arrow of a subject: it
is told by the rules that decide on each side and by one connection that they decide differently.
"""

from collections.abc import Iterator
from dataclasses import replace

from netpolc.analysis.semantic_diff import Change, Comparison
from netpolc.analysis.tiers import TierRule
from netpolc.changes.model import Effect, TierChange
from netpolc.provenance import Origins, closing_or_all, merged


def tier_changes(
    comparison: Comparison, *, changed: bool
) -> tuple[tuple[TierChange, ...], Comparison]:
    """The changes that tiers make, and the comparison without them.

    Args:
        comparison: everything that differs.
        changed: whether cluster-wide policies differ. Where they do not, a change is theirs only
            where no namespace is responsible for it.
    """
    found: dict[tuple[Effect, Origins, Origins], TierChange] = {}
    kept = []
    for effect, changes in ((Effect.OPENED, comparison.gained), (Effect.CLOSED, comparison.lost)):
        others = []
        for change in changes:
            if not _is_by_tiers(change, changed=changed):
                others.append(change)
                continue
            opening = merged(*_opening(change))
            closing = closing_or_all(change.closed.origins)
            found.setdefault(
                (effect, opening, closing),
                TierChange(effect=effect, opening=opening, closing=closing, witness=change.witness),
            )
        kept.append(tuple(others))
    gained, lost = kept
    return tuple(found.values()), replace(comparison, gained=gained, lost=lost)


def _is_by_tiers(change: Change, *, changed: bool) -> bool:
    deciding = (change.egress, change.ingress, change.closed)
    if changed and any(isinstance(one, TierRule) for one in deciding):
        return True
    return isinstance(change.closed, TierRule) and change.home(change.closed.direction) is None


def _opening(change: Change) -> Iterator[Origins]:
    for one in (change.ingress, change.egress):
        if one is not None:
            yield one.origins
