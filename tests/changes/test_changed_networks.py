"""Cluster-wide policies with networks of which it is unknown whether pods have addresses in them."""

from typing import Any

import pytest

from netpolc.analysis.concrete_evaluator import Pod
from netpolc.analysis.connection_sets import PodClass
from netpolc.analysis.unknown_facts import PodAddress
from netpolc.changes.model import Effect
from netpolc.changes.render import json, text
from netpolc.kube.cidr import Addresses, Block, Cidr
from netpolc.program.model import ClusterAddresses
from tests.properties.test_tier_diff import told

OWN: dict[str, Any] = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "NetworkPolicy",
    "metadata": {"name": "n0", "namespace": "a"},
    "spec": {
        "podSelector": {},
        "policyTypes": ["Egress"],
        "egress": [{"to": [{"namespaceSelector": {}}]}],
    },
}
"""It closes the pods to addresses, so that only pods can have a change."""
NOTHING: dict[str, Any] = {**OWN, "spec": {**OWN["spec"], "egress": []}}
LOW, HIGH = ({"networks": [block]} for block in ("10.0.0.0/9", "10.128.0.0/9"))
PODS: dict[str, Any] = {"namespaces": {}}


def guard(*rules: tuple[str, dict[str, Any]], priority: int = 5, name: str = "p0") -> Any:
    """A policy of the Admin tier with these rules of the egress of namespace a."""
    return {
        "apiVersion": "policy.networking.k8s.io/v1alpha2",
        "kind": "ClusterNetworkPolicy",
        "metadata": {"name": name},
        "spec": {
            "tier": "Admin",
            "priority": priority,
            "subject": {"namespaces": {"matchLabels": {"kubernetes.io/metadata.name": "a"}}},
            "egress": [{"action": action, "to": [peer]} for action, peer in rules],
        },
    }


OPENED, CLOSED = ([effect] for effect in Effect)
EITHER = [*OPENED, *CLOSED]


@pytest.mark.parametrize(
    ("before", "after", "effects"),
    [
        ([("Deny", LOW)], [("Deny", HIGH)], EITHER),
        ([("Deny", LOW)], [("Deny", LOW), ("Deny", HIGH)], CLOSED),
        ([("Deny", LOW), ("Deny", HIGH)], [("Deny", HIGH)], OPENED),
        ([("Deny", LOW), ("Accept", PODS)], [("Pass", LOW), ("Deny", PODS)], EITHER),
        (
            [("Deny", LOW), ("Deny", PODS)],
            [("Accept", HIGH), ("Deny", LOW), ("Deny", PODS)],
            OPENED,
        ),
        ([("Deny", LOW), ("Accept", HIGH)], [("Pass", LOW), ("Deny", HIGH)], EITHER),
    ],
)
def test_other_networks_may_open_or_close_pods_where_the_policy_keeps_its_name(
    before: list[tuple[str, dict[str, Any]]],
    after: list[tuple[str, dict[str, Any]]],
    effects: list[Effect],
) -> None:
    found = told([guard(*before), OWN], [guard(*after), OWN])
    assert [change.effect for change in found.tiers if change.undecided] == effects


def test_accepting_fewer_networks_opens_nothing() -> None:
    baseline = guard(("Deny", PODS), name="b")
    baseline["spec"]["tier"] = "Baseline"
    before, after = guard(("Accept", LOW), ("Accept", HIGH)), guard(("Accept", LOW))
    for sides, effects in (((before, after), CLOSED), ((after, before), OPENED)):
        found = told(*([side, baseline] for side in sides))
        assert [change.effect for change in found.tiers if change.undecided] == effects


WIDE: dict[str, Any] = {"networks": ["10.0.0.0/8"]}


@pytest.mark.parametrize(
    ("before", "after", "effects"),
    [
        ([("Accept", WIDE)], [("Accept", LOW)], CLOSED),
        ([("Accept", LOW)], [("Accept", WIDE)], OPENED),
        ([("Accept", WIDE)], [("Accept", LOW), ("Accept", WIDE)], []),
        ([("Accept", WIDE)], [("Accept", WIDE), ("Deny", LOW)], []),
        ([("Deny", LOW), ("Accept", PODS)], [("Deny", WIDE), ("Accept", PODS)], CLOSED),
        ([("Deny", WIDE), ("Accept", PODS)], [("Deny", LOW), ("Accept", PODS)], OPENED),
        ([("Deny", LOW), ("Accept", WIDE)], [("Accept", LOW), ("Accept", WIDE)], OPENED),
    ],
)
def test_wider_networks_permit_or_deny_what_narrower_ones_do(
    before: list[tuple[str, dict[str, Any]]],
    after: list[tuple[str, dict[str, Any]]],
    effects: list[Effect],
) -> None:
    baseline = guard(("Deny", PODS), name="b")
    baseline["spec"]["tier"] = "Baseline"
    found = told(*([guard(*rules), baseline] for rules in (before, after)))
    assert [change.effect for change in found.tiers if change.undecided] == effects


def test_what_surely_changes_and_what_may_change_are_rows_of_their_own() -> None:
    found = told([guard(("Deny", WIDE))], [])
    assert [change.effect for change in found.tiers] == [Effect.OPENED, Effect.OPENED]
    undecided, certain = sorted(found.tiers, key=lambda change: not change.undecided)
    assert [type(fact) for fact in undecided.undecided] == [PodAddress]
    assert isinstance(undecided.witness.receiver, Pod)
    assert not isinstance(certain.witness.receiver, Pod)
    assert not any(isinstance(some.receiver, PodClass) for some in certain.connections)


def test_each_side_is_named_with_its_own_rules() -> None:
    found = told([guard(("Deny", LOW)), OWN], [guard(("Deny", HIGH), name="q"), OWN])
    change, closed = found.tiers
    assert (closed.opening, closed.closing) == (change.closing, change.opening)
    names = [[one.statement for one in some] for some in (change.closing, change.opening)]
    own = "n0 egress[0].to[0]"
    assert [sorted(each) for each in names] == [
        ["ClusterNetworkPolicy p0 egress[0]", own],
        ["ClusterNetworkPolicy q egress[0]", own],
    ]
    printed = text.render(found)
    assert "was a.json:1  ClusterNetworkPolicy p0 egress[0]\n" in printed
    assert "now a.json:1  ClusterNetworkPolicy q egress[0]\n" in printed
    assert [type(fact) for fact in change.undecided] == [PodAddress, PodAddress]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([guard(("Deny", LOW))], [guard(("Deny", LOW), priority=9)]),
        ([guard(("Deny", LOW))], [guard(("Deny", LOW), ("Pass", HIGH))]),
        ([guard(("Deny", LOW), ("Deny", HIGH))], [guard(("Deny", HIGH), ("Deny", LOW))]),
        ([guard(("Deny", LOW), ("Deny", PODS))], [guard(("Deny", HIGH), ("Deny", PODS))]),
        (
            [guard(("Deny", LOW)), guard(("Deny", HIGH), priority=6, name="p1")],
            [guard(("Deny", LOW), priority=7), guard(("Deny", HIGH), priority=6, name="p1")],
        ),
        (
            [guard(("Accept", LOW), ("Deny", PODS))],
            [guard(("Accept", LOW), ("Deny", PODS), name="q")],
        ),
        ([guard(("Deny", LOW), ("Accept", HIGH))], [guard(("Accept", HIGH), ("Deny", LOW))]),
        (
            [guard(("Deny", LOW), ("Accept", PODS))],
            [guard(("Deny", LOW), name="q"), guard(("Accept", PODS), priority=6, name="r")],
        ),
        ([guard(("Deny", LOW), ("Deny", LOW))], [guard(("Deny", LOW), name="q")]),
    ],
)
def test_what_decides_in_the_same_way_changes_nothing(before: list[Any], after: list[Any]) -> None:
    found = told([*before, OWN], [*after, OWN])
    assert not found


THIRD = [{"networks": [block]} for block in ("10.0.0.0/10", "10.64.0.0/10", "10.128.0.0/9")]


@pytest.mark.parametrize(
    ("before", "after", "rules"),
    [
        ([NOTHING], [OWN], [("Accept", THIRD[0]), ("Deny", THIRD[1])]),
        ([NOTHING], [OWN], [("Accept", THIRD[0]), ("Pass", THIRD[1]), ("Deny", PODS)]),
    ],
)
def test_network_policies_may_open_what_the_admin_tier_may_leave_to_them(
    before: list[Any], after: list[Any], rules: list[tuple[str, Any]]
) -> None:
    """Least is denied and most is accepted on both sides; between them NetworkPolicies decide."""
    there = [(Effect.OPENED, "* -> ns *"), (Effect.CLOSED, "* -> ns *")]
    for sides, expected in zip(((before, after), (after, before)), there, strict=True):
        found = told(*([*side, guard(*rules)] for side in sides))
        assert [(entry.effect, entry.arrow) for entry in found.entries] == [expected]
        assert [type(fact) for fact in found.entries[0].undecided] == [PodAddress]


def test_network_policies_may_open_what_the_baseline_tier_accepts() -> None:
    admin = guard(
        ("Accept", THIRD[0]), ("Pass", PODS), ("Deny", {"networks": ["0.0.0.0/0", "::/0"]})
    )
    baseline = guard(("Accept", THIRD[1]), ("Deny", PODS), name="b")
    baseline["spec"]["tier"] = "Baseline"
    found = told([admin, baseline, NOTHING], [admin, baseline])
    assert [(entry.effect, bool(entry.undecided)) for entry in found.entries] == [
        (Effect.OPENED, True)
    ]


def test_network_policies_change_nothing_that_the_admin_tier_decides() -> None:
    admin = guard(("Accept", LOW), ("Deny", PODS))
    assert not told([admin, NOTHING], [admin, OWN])


_DUAL = ClusterAddresses(
    pods=Addresses.of(Block(Cidr.parse(block)) for block in ("10.0.0.0/8", "fd00::/8"))
)
_IPV4, _IPV6 = ({"networks": [block]} for block in ("10.0.0.0/8", "fd00::/8"))


@pytest.mark.parametrize(
    ("before", "after", "rules", "entries"),
    [
        ([NOTHING], [OWN], [("Deny", _IPV4)], ["* -> ns * over IPv6"]),
        ([OWN], [NOTHING], [("Deny", _IPV6)], ["* -> ns * over IPv4"]),
        ([NOTHING], [OWN], [("Deny", _IPV4), ("Deny", _IPV6)], []),
        ([NOTHING], [OWN], [("Accept", _IPV4)], ["* -> ns * over IPv6"]),
        ([NOTHING], [OWN], [("Pass", _IPV4)], ["* -> ns *"]),
    ],
)
def test_network_policies_change_what_the_admin_tier_leaves_to_them_over_each_version(
    before: list[Any], after: list[Any], rules: list[tuple[str, Any]], entries: list[str]
) -> None:
    found = told([*before, guard(*rules)], [*after, guard(*rules)], facts=_DUAL)
    assert [(entry.arrow, entry.undecided) for entry in found.entries] == [
        (arrow, ()) for arrow in entries
    ]
    versions = {_version_of(arrow) for arrow in entries}
    assert {some.version for entry in found.entries for some in entry.connections} == versions


def _version_of(arrow: str) -> int | None:
    _, _, version = arrow.partition(" over IPv")
    return int(version) if version else None


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        ([], [("Deny", _IPV4)], {(Effect.CLOSED, 4)}),
        ([("Deny", _IPV4)], [("Deny", _IPV4), ("Deny", _IPV6)], {(Effect.CLOSED, 6)}),
        ([("Deny", _IPV4)], [("Deny", _IPV6)], {(Effect.OPENED, 4), (Effect.CLOSED, 6)}),
        ([("Deny", _IPV4), ("Deny", _IPV6)], [("Deny", PODS)], set()),
    ],
)
def test_a_change_of_networks_is_told_of_their_ip_version(
    before: list[Any], after: list[Any], changes: set[tuple[Effect, int]]
) -> None:
    sides = ([OWN, *([guard(*rules)] if rules else [])] for rules in (before, after))
    found = told(*sides, facts=_DUAL)
    assert not any(change.undecided for change in found.tiers)
    assert {(change.effect, change.witness.version) for change in found.tiers} == changes


def test_the_json_of_a_change_has_its_ip_version() -> None:
    rules = guard(("Deny", _IPV4))
    found = told([NOTHING, rules], [OWN, rules], facts=_DUAL)
    # Of the connections inside the namespace, those with other namespaces, and the witness.
    assert json.render(found).count('"ip_version": 6') == 3
