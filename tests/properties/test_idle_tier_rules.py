"""Rules of tiers that are said to decide nothing: without them every cluster is as before."""

import copy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from netpolc.analysis.rule_reach import idle, rule_reach
from netpolc.analysis.tiers import TierRule
from tests.properties.test_tiers import PLACES, pairs, understood, verdicts
from tests.reference import tier_strategies as small
from tests.tries import tries


@settings(max_examples=tries(40), deadline=None)
@given(small.cluster_policies(), st.integers(0, 1 << 30))
def test_nothing_changes_without_a_rule_that_decides_nothing(
    before: list[dict[str, Any]], seed: int
) -> None:
    _, tiers = understood(before)
    for reach in rule_reach(tiers):
        if reach.reached and not idle(reach):
            continue
        after = _without(before, reach.rule)
        for pair in pairs(seed, 10):
            for place in PLACES:
                assert verdicts(before, pair, [place]) == verdicts(after, pair, [place])


def _without(policies: list[dict[str, Any]], rule: TierRule) -> list[dict[str, Any]]:
    """The policies without a rule."""
    left = copy.deepcopy(policies)
    kind, name = rule.policy.split()
    (policy,) = (p for p in left if (p["kind"], p["metadata"]["name"]) == (kind, name))
    del policy["spec"][rule.direction.value][rule.index]
    return left
