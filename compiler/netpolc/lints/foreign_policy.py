"""Policies beside the program that widen or defeat what it says.

NetworkPolicy only adds: a policy that somebody else applied in a namespace opens what it
opens for all pods it selects, and closes those pods for everything it does not list. So
what the intents say holds only together with what is in the cluster already. Given those
manifests, the difference is exact (`analysis.compare`), and each policy is named.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import product

from netpolc.analysis.left_to_policies import LeftToPolicies, left_to_policies
from netpolc.analysis.permission_change import Change
from netpolc.analysis.semantic_diff import Comparison, compare
from netpolc.analysis.sentence import sentence
from netpolc.analysis.tiers import TierReading, TierRule
from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.ir.model import Policies, PolicySet
from netpolc.kube.peers import Direction
from netpolc.provenance import Origin, PolicyRef

WIDENED = Rule(code="NP606", name="widened-by-policy", severity=Severity.WARNING)
DEFEATED = Rule(code="NP607", name="defeated-by-policy", severity=Severity.WARNING)


def foreign_policies(
    own: Policies, whole: Policies, readings: Iterable[TierReading | None] = (None,)
) -> Iterator[Diagnostic]:
    """Report the foreign policies that change what the program's namespaces permit.

    `whole` is the program's own policies with those beside them. Namespaces of which the
    program says nothing are the others' own affair. `readings` are those of the cluster-wide policies:
    what these decide no NetworkPolicy changes.
    """
    facts = Policies(
        {
            name: policies if not _speaks(own, name) else _facts(own, whole, name)
            for name, policies in whole.namespaces.items()
        }
    )
    comparisons = tuple(_comparisons(facts, whole, tuple(readings)))
    yield from _named(
        (change for comparison in comparisons for change in comparison.gained), WIDENED
    )
    yield from _named(
        (change for comparison in comparisons for change in comparison.lost), DEFEATED
    )


def _comparisons(
    own: Policies, whole: Policies, readings: tuple[TierReading | None, ...]
) -> Iterator[Comparison]:
    """What differs under each reading, and between them, where the Admin tier leaves it to NetworkPolicies."""
    for reading in readings:
        yield compare(own, whole, tiers=(reading, reading))
    if len(readings) == 1:
        return
    read = [[(own, reading), (whole, reading)] for reading in readings]
    unknown = LeftToPolicies(*read)
    for direction, sides in product(Direction, read):
        (mine, baseline), (all_policies, _) = left_to_policies(sides, direction)
        yield unknown.only(compare(mine, all_policies, tiers=(baseline, baseline)), direction)


def _speaks(own: Policies, name: str) -> bool:
    """Whether the program has a policy in a namespace, and does not only make claims about it."""
    return name in own.namespaces and bool(own.namespaces[name].subjects)


def _facts(own: Policies, whole: Policies, name: str) -> PolicySet:
    """The program's policies of a namespace, with all that is known of its labels."""
    known = whole.namespaces[name]
    mine = own.namespaces[name]
    return replace(mine, labels=known.labels, complete=known.complete)


def _named(changes: Iterable[Change], kind: Rule) -> Iterator[Diagnostic]:
    """One finding for each policy, with the first connection that it changes."""
    says = (
        "permits what the intents do not" if kind is WIDENED else "closes what the intents permit"
    )
    word = "now permitted" if kind is WIDENED else "no longer permitted"
    seen: set[tuple[str, str]] = set()
    for change in changes:
        for origin, part in _guilty(change, kind):
            policy = (origin.path, part.name)
            if origin.span is None or policy in seen:
                continue
            seen.add(policy)
            yield Diagnostic(
                rule=kind,
                message=f"policy `{policy[1]}` {says}",
                label=Label(origin.span, f"{word}: {sentence(change.witness)}"),
                help="remove or narrow the policy, or say it in the intents",
            )


def _guilty(change: Change, kind: Rule) -> list[tuple[Origin, PolicyRef]]:
    """The foreign policies that a change comes from."""
    openers = (change.egress, change.ingress) if kind is WIDENED else (change.closed,)
    policies = (
        opener for opener in openers if opener is not None and not isinstance(opener, TierRule)
    )
    origins: list[Origin] = [origin for policy in policies for origin in policy.origins]
    return [(origin, part) for origin in origins if (part := origin.policy) is not None]
