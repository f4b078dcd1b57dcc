"""What changed cluster-wide policies open and close, as `diff` tells it."""

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from netpolc.analysis.lift_tiers import lift_tiers
from netpolc.analysis.tiers import Tiers
from netpolc.analysis.unknown_facts import EqualPriority
from netpolc.changes.diff import difference
from netpolc.changes.model import Difference, Effect, Risk, Side
from netpolc.changes.owners import agreement
from netpolc.changes.render import json as json_form
from netpolc.changes.render import markdown, text
from netpolc.changes.render.diagnostics import findings
from netpolc.ir.model import Policies
from netpolc.manifest.read import read
from netpolc.manifest.tier_model import Tier
from netpolc.passes.lift import lift_manifests
from netpolc.program.model import ClusterAddresses, Program
from netpolc.source import SourceFile
from tests.changes.changes import side as compiled_side

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


SCHEMA = json.loads(
    (Path(__file__).parents[2] / "grammar" / "diff.schema.json").read_text(encoding="utf-8")
)


def test_what_opens_only_in_some_clusters_is_opened_and_undecided() -> None:
    """Of two policies with one priority either may decide: what permits least is only half of it."""
    before, after = side(("a", 1, "Deny")), side(("a", 1, "Deny"), ("b", 1, "Accept"))
    (found,) = told(before, after).tiers
    assert found.effect is Effect.OPENED
    assert [type(fact) for fact in found.undecided] == [EqualPriority]
    assert "? depends on which of" in text.render(told(before, after))
    (back,) = told(after, before).tiers
    assert back.effect is Effect.CLOSED
    assert back.undecided


def test_what_opens_in_every_cluster_is_not_undecided() -> None:
    before, after = side(("a", 1, "Deny"), ("b", 1, "Accept")), side(("b", 1, "Accept"))
    found = told(before, after).tiers
    assert {one.effect for one in found} == {Effect.OPENED}
    assert all(one.undecided for one in found)
    (sure,) = told(side(("a", 1, "Deny")), after).tiers
    assert not sure.undecided


def test_another_unknown_fact_is_told() -> None:
    """Both sides may permit it and may not, for different reasons: nothing shows that it is the same."""
    before = side(("a", 1, "Deny"), ("b", 1, "Accept"))
    after = side(("a", 2, "Deny"), ("c", 2, "Accept"))
    found = told(before, after).tiers
    assert [change.effect for change in found] == [Effect.OPENED, Effect.CLOSED]
    assert {change.undecided for change in found} == {
        (
            EqualPriority(("ClusterNetworkPolicy a", "ClusterNetworkPolicy b"), 1),
            EqualPriority(("ClusterNetworkPolicy a", "ClusterNetworkPolicy c"), 2),
        )
    }
    assert not told(before, before).tiers


def test_an_opening_has_risks() -> None:
    found = told(side(("a", 1, "Deny")), side(("a", 1, "Accept")))
    assert Risk.FROM_EVERY_NAMESPACE in found.risks
    assert Risk.EVERY_PORT in found.risks
    assert "! opened to every namespace" in text.render(found)
    assert "cluster-wide policies" in markdown.render(found)
    (finding,) = findings(found)
    assert finding.rule.code == "NP733"
    (closing,) = findings(told(side(("a", 1, "Accept")), side(("a", 1, "Deny"))))
    assert closing.rule.code == "NP732"


@pytest.mark.parametrize("after", [[("a", 1, "Accept")], [("a", 1, "Deny"), ("b", 1, "Accept")]])
def test_its_json_is_what_the_schema_says(after: list[tuple[str, int, str]]) -> None:
    document = json.loads(json_form.render(told(side(("a", 1, "Deny")), side(*after))))
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    assert document["tiers"]


def test_the_owners_of_the_rules_and_of_everything_must_agree() -> None:
    before, after = side(("a", 1, "Deny")), side(("a", 1, "Accept"))
    found = agreement(told(before, after), before, after)
    assert [concern.path for concern in found.concerns] == ["a.yaml"]
    assert found.everybody


def test_a_difference_by_tiers_alone_is_a_difference() -> None:
    found = told(side(("a", 1, "Accept")), side(("a", 1, "Deny")))
    assert found.tiers
    assert not any(cause.entries for cause in found.causes)
    assert found
    assert not told(side(("a", 1, "Accept")), side(("a", 1, "Accept")))


ISOLATION = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: closed, namespace: shop}
spec: {podSelector: {}, policyTypes: [Ingress], ingress: RULES}
"""


@pytest.mark.parametrize(
    ("action", "rules", "effect"),
    [
        # Open pods fall to the Baseline tier, which denies what the policy permitted.
        ("Deny", "[{from: [{namespaceSelector: {}}]}]", Effect.CLOSED),
        # The Baseline tier accepts nothing more of pods that a policy isolates.
        ("Accept", "[]", Effect.OPENED),
    ],
)
def test_a_removed_policy_leaves_the_decision_to_the_baseline_tier(
    action: str, rules: str, effect: Effect
) -> None:
    rules_of_tier = side(("a", 1, action)).tiers.rules
    tiers = Tiers.of(replace(one, tier=Tier.BASELINE) for one in rules_of_tier)
    isolation = read(SourceFile("b.yaml", ISOLATION.replace("RULES", rules))).value
    before = Side(program=EMPTY, policies=lift_manifests([isolation]).value, tiers=tiers)
    after = replace(before, policies=Policies({}))
    back = Effect.OPENED if effect is Effect.CLOSED else Effect.CLOSED
    for sides, expected in (((before, after), effect), ((after, before), back)):
        found = told(*sides)
        assert expected in {one.effect for one in found.tiers} | {
            one.effect for one in found.entries
        }


def test_assertions_of_the_cluster_section_are_the_clusters() -> None:
    """Also one about a bare name, which is about pods of each namespace."""
    spaces = "namespace alpha\ndefault: deny\nnever web <- dev\nnamespace shop\ndb <- api:1\n"
    claims = "cluster\nnever {pci=true} in ns * <- ns dev\nnever db <- internet\n"
    found = difference(
        compiled_side(spaces.replace("never web <- dev\n", "")), compiled_side(claims + spaces)
    )
    assert {(one.namespace, one.after.statement) for one in found.rewordings if one.after} == {
        ("", "never {pci=true} in ns * <- ns dev"),
        ("", "never db <- internet"),
        ("alpha", "never web <- dev"),
    }
    assert "\n  cluster\n" in text.render(found)
