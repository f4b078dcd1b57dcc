"""Whether two lists of rules decide the same, whatever NetworkPolicies there are.

A tier decides a connection at each end, for or against it, or leaves it to the next. What it
leaves is seen in two worlds: one in which everything after it is open, and one in which it is closed.

Where it is unknown whether a network has the address of a pod, lists are compared by what they permit
least and most. That may be equal for lists that accept pods of different networks, so it is a proof only
where one of the lists leaves nothing unknown: an import also proves each statement that it writes, and
all other rules are the same in both lists.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import product

from netpolc.analysis.bounds import tier_readings
from netpolc.analysis.semantic_diff import compare
from netpolc.analysis.tiers import TierRule, Tiers
from netpolc.ir.model import Policies
from netpolc.kube.peers import ANY_POD, Anyone, Direction
from netpolc.kube.ports import EVERY_PORT
from netpolc.manifest.tier_model import Action, Tier
from netpolc.program.model import ClusterAddresses

_NOTHING = Policies({})
_LAST = 1_000_000
"""A priority after all that a policy can have."""


def decide_alike(rules: Iterable[TierRule], other: Iterable[TierRule]) -> bool:
    """Whether the rules of a tier permit the same in both lists, at least and at most."""
    first, second = tuple(rules), tuple(other)
    return all(
        _permit_alike(first, second, direction, is_open=is_open)
        for direction, is_open in product(Direction, (True, False))
    )


def everything_denied(direction: Direction) -> TierRule:
    """The rule that closes a direction after all others of the Baseline tier."""
    return TierRule(
        tier=Tier.BASELINE,
        priority=_LAST,
        policy="",
        index=0,
        direction=direction,
        action=Action.DENY,
        subject=ANY_POD,
        peers=(Anyone(),),
        traffic=EVERY_PORT,
    )


def _permit_alike(
    first: tuple[TierRule, ...],
    second: tuple[TierRule, ...],
    direction: Direction,
    *,
    is_open: bool,
) -> bool:
    last = () if is_open else (everything_denied(direction),)
    sides = [
        tier_readings(Tiers.of((*_as_admin(rules, direction), *last)), ClusterAddresses())
        for rules in (first, second)
    ]
    return not any(
        compare(_NOTHING, _NOTHING, tiers=pair) for pair in zip(sides[0], sides[1], strict=True)
    )


def _as_admin(rules: Iterable[TierRule], direction: Direction) -> Iterator[TierRule]:
    """The rules of a direction, of whatever tier, as of the first."""
    return (replace(rule, tier=Tier.ADMIN) for rule in rules if rule.direction is direction)
