"""The Admin rules that open what NetworkPolicies close.

A lint that says that closed pods permit nothing has to ask these first: they decide before
any NetworkPolicy.
"""

from collections.abc import Iterator

from netpolc.analysis.namespace_partition import Facts
from netpolc.analysis.tiers import TierRule, Tiers
from netpolc.kube.peers import Direction
from netpolc.kube.selectors import EVERYTHING
from netpolc.manifest.tier_model import Action, Tier


def accepting_rules(tiers: Tiers, direction: Direction, namespace: Facts) -> Iterator[TierRule]:
    """The Admin rules that accept traffic in a direction, whose subject may be in the namespace."""
    return (
        rule
        for rule in tiers.rules
        if (rule.tier, rule.direction, rule.action) == (Tier.ADMIN, direction, Action.ACCEPT)
        and namespace.left(rule.subject.namespaces or EVERYTHING) is not None
    )
