"""Policies at one end as if the Admin tier left every connection to NetworkPolicies.

What permits least and what permits most may be equal for two sets of NetworkPolicies that differ: where
one rule of the Admin tier may accept a connection and another may deny it, the first reading stops at the
denial and the second at the acceptance, and neither comes to NetworkPolicies. But a cluster comes to them
where neither rule matches.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeAlias

from netpolc.analysis.concrete_evaluator import Connection
from netpolc.analysis.connection_sets import Connections
from netpolc.analysis.may_permit_more import NamespaceFacts, TierSteps, may_meet
from netpolc.analysis.namespace_partition import facts_of
from netpolc.analysis.permission_change import Change
from netpolc.analysis.semantic_diff import Comparison
from netpolc.analysis.tiers import TierReading
from netpolc.analysis.undecided_connections import UndecidedConnections
from netpolc.ir.model import Policies
from netpolc.kube.peers import Direction
from netpolc.manifest.tier_model import Tier
from netpolc.values import frozen

Read: TypeAlias = tuple[Policies, TierReading | None]
"""NetworkPolicies, and one reading of cluster-wide policies."""


@frozen(eq=False)
class _Side:
    """What is undecided on one side, and what is known of its namespaces."""

    undecided: UndecidedConnections
    facts: NamespaceFacts

    def unknown(self, connections: Connections, direction: Direction) -> list[Change]:
        """The connections that unknown facts decide and the Admin tier may leave to NetworkPolicies."""
        steps = TierSteps(self.undecided.least, self.facts)
        if not (steps.may_pass(direction, connections) and steps.may_contradict(connections)):
            return []
        return [
            change
            for change in self.undecided.among(connections)
            if steps.may_pass(direction, change.connections)
        ]


class LeftToPolicies:
    """Finds the connections that unknown facts decide on both of two sides, and NetworkPolicies may decide too."""

    def __init__(self, least: Sequence[Read], most: Sequence[Read]) -> None:
        """Take both sides, read as what permits least and as what permits most."""
        each = [policies.namespaces for policies, _ in least]
        names = {name for namespaces in each for name in namespaces}
        facts = {name: facts_of([namespaces.get(name) for namespaces in each]) for name in names}
        self._sides = [
            _Side(
                UndecidedConnections(policies, lowest, highest),
                {name: of_each[number] for name, of_each in facts.items()},
            )
            for number, ((policies, lowest), (_, highest)) in enumerate(
                zip(least, most, strict=True)
            )
        ]

    def only(self, comparison: Comparison, direction: Direction) -> Comparison:
        """The changes of NetworkPolicies at an end that have such connections."""
        opened, closed = (
            tuple(change for change in changes if self.examples((change.connections,), direction))
            for changes in (comparison.gained, comparison.lost)
        )
        return replace(comparison, gained=opened, lost=closed)

    def examples(self, classes: Iterable[Connections], direction: Direction) -> list[Connection]:
        """Examples of such connections in some classes, on either side."""
        before, after = self._sides
        found: list[Connection] = []
        for connections in classes:
            then = before.unknown(connections, direction)
            for now in after.unknown(connections, direction) if then else ():
                met = [each for each in then if may_meet(each.connections, now.connections)]
                found += (each.witness for each in (now, *met) if met)
        return found


def left_to_policies(sides: Iterable[Read], direction: Direction) -> Iterator[Read]:
    """Yield the sides with NetworkPolicies and the Baseline tier of one direction alone.

    So the other end permits everything.
    """
    for policies, reading in sides:
        yield policies.of(direction), reading and _baseline(reading, direction)


def _baseline(reading: TierReading, direction: Direction) -> TierReading:
    rules = (
        rule
        for rule in reading.tiers.rules
        if rule.tier is Tier.BASELINE and rule.direction is direction
    )
    return TierReading(
        replace(reading.tiers, rules=tuple(rules)),
        most=reading.most,
        pods=reading.pods,
        nodes=reading.nodes,
    )
