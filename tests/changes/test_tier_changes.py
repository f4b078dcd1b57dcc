"""What changed cluster-wide policies open and close, as `diff` tells it."""

import json

import pytest

from netpolc.analysis.lift_tiers import lift_tiers
from netpolc.changes.diff import difference
from netpolc.changes.model import Difference, Effect, Side
from netpolc.changes.render import json as json_form
from netpolc.changes.render import markdown, text
from netpolc.ir.model import Policies
from netpolc.manifest.read import read
from netpolc.program.model import ClusterAddresses, Program
from netpolc.source import SourceFile

POLICY = """\
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: NAME}
spec:
  tier: Admin
  priority: PRIORITY
  subject: {namespaces: {}}
  ingress:
  - {action: ACTION, from: [{namespaces: {}}]}
"""
EMPTY = Program(namespaces={}, assertions=(), addresses=ClusterAddresses())


def side(*policies: tuple[str, int, str]) -> Side:
    texts = [
        POLICY.replace("NAME", name).replace("PRIORITY", str(priority)).replace("ACTION", action)
        for name, priority, action in policies
    ]
    found = [read(SourceFile("a.yaml", one)).value for one in texts]
    tiers = lift_tiers(one for some in found for one in some.tiers)
    return Side(program=EMPTY, policies=Policies({}), tiers=tiers)


def told(before: Side, after: Side) -> Difference:
    return difference(before, after)


@pytest.mark.parametrize(
    ("before", "after", "effect"),
    [
        ([("a", 1, "Accept")], [("a", 1, "Deny")], Effect.CLOSED),
        ([("a", 1, "Deny")], [], Effect.OPENED),
        ([("a", 1, "Accept"), ("b", 2, "Deny")], [("a", 3, "Accept"), ("b", 2, "Deny")], Effect.CLOSED),
        ([("a", 1, "Deny"), ("b", 2, "Pass")], [("a", 2, "Deny"), ("b", 1, "Pass")], Effect.OPENED),
    ],
)  # fmt: skip
def test_a_changed_action_priority_or_order_changes_the_meaning(
    before: list[tuple[str, int, str]], after: list[tuple[str, int, str]], effect: Effect
) -> None:
    found = told(side(*before), side(*after))
    assert {one.effect for one in found.tiers} == {effect}
    assert found.count(effect) == len(found.tiers)
    rules = [o.statement for one in found.tiers for o in (*one.opening, *one.closing)]
    assert rules
    rule = rules[0]
    assert effect.value in text.render(found)
    assert rule in text.render(found)
    assert json.loads(json_form.render(found))["tiers"]
    assert "Cluster-wide policies" in markdown.render(found)


def test_a_change_without_effect_is_no_difference() -> None:
    assert not told(side(("a", 1, "Accept")), side(("a", 9, "Accept")))
    assert not told(side(("a", 1, "Deny"), ("b", 2, "Accept")), side(("a", 1, "Deny")))
