"""`diff` of cluster-wide policies against the reference, whatever is unknown.

What it calls the same is the same in every cluster, and what surely changes is told.
"""

import copy
from dataclasses import replace
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from netpolc.changes.diff import difference
from netpolc.changes.model import Difference, Effect, Side
from netpolc.passes.normalise import normalise
from netpolc.program.model import ClusterAddresses, Program
from tests.properties.test_tiers import PLACES, pairs, understood, verdicts
from tests.reference import tier_strategies as small
from tests.tries import tries

EMPTY = Program(namespaces={}, assertions=(), addresses=ClusterAddresses())
_NETWORKS = st.sampled_from(["10.0.0.0/8", "10.1.0.0/16", "2001:db8::/32", "::/0"]).map(
    lambda block: [{"networks": [block]}]
)


@st.composite
def policies_of_networks(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A policy that names networks alone: it is unknown which of its rules decide, and whether one does."""
    rule = st.fixed_dictionaries(
        {"action": st.sampled_from(["Accept", "Deny", "Pass"]), "to": _NETWORKS}
    )
    return [egress(*draw(st.lists(rule, min_size=2, max_size=3)))]


def egress(*rules: dict[str, Any]) -> dict[str, Any]:
    """A policy of the Admin tier with rules of the egress of all pods."""
    return {
        "apiVersion": "policy.networking.k8s.io/v1alpha2",
        "kind": "ClusterNetworkPolicy",
        "metadata": {"name": "p0"},
        "spec": {
            "subject": {"namespaces": {}},
            "tier": "Admin",
            "priority": 0,
            "egress": list(rules),
        },
    }


@st.composite
def edits(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """A set of cluster-wide policies and an edit of it: an action, a priority, networks, or one policy less."""
    before = draw(small.cluster_policies(names=False) | policies_of_networks())
    after = copy.deepcopy(before)
    policy = draw(st.sampled_from(after))
    match draw(st.sampled_from(["action", "priority", "networks", "drop"])):
        case "drop":
            after.remove(policy)
        case "priority" if "priority" in policy["spec"]:
            policy["spec"]["priority"] = draw(st.integers(0, 3))
        case "networks" if policy["spec"].get("egress"):
            rule = draw(st.sampled_from(policy["spec"]["egress"]))
            rule["to"] = draw(_NETWORKS)
        case _:
            rules = [*policy["spec"].get("ingress", ()), *policy["spec"].get("egress", ())]
            rule = draw(st.sampled_from(rules))
            rule["action"] = "Deny" if rule["action"] != "Deny" else "Pass"
            if policy["kind"] == "BaselineAdminNetworkPolicy" and rule["action"] == "Pass":
                rule["action"] = "Allow"
    return before, after


@settings(max_examples=tries(4), deadline=None)
@given(
    small.cluster_policies(names=False).filter(
        lambda policies: not any(p["kind"] == "BaselineAdminNetworkPolicy" for p in policies)
    ),
    small.network_policies(),
    st.permutations(range(5)),
    st.integers(1, 90),
)
def test_policies_with_other_names_and_priorities_in_the_same_order_change_nothing(
    before: list[dict[str, Any]], own: list[dict[str, Any]], names: list[int], step: int
) -> None:
    after = copy.deepcopy(before)
    for place, (old, new) in enumerate(zip(before, after, strict=True)):
        old["spec"]["priority"], new["spec"]["priority"] = place, place * step + 1
        new["metadata"]["name"] = f"q{names[place]}"
    assert not told([*before, *own], [*after, *own])


def told(
    before: list[dict[str, Any]],
    after: list[dict[str, Any]],
    *,
    facts: ClusterAddresses = EMPTY.addresses,
) -> Difference:
    """The difference between two sets of policies in a cluster of which some facts are stated."""
    program = replace(EMPTY, addresses=facts)
    sides = []
    for some in (before, after):
        policies, tiers = understood(some)
        sides.append(Side(program=program, policies=normalise(policies), tiers=tiers))
    return difference(sides[0], sides[1], most=300)


def accepting(*networks: str) -> dict[str, Any]:
    return egress({"action": "Accept", "to": [{"networks": list(networks)}]})


_DENY_PODS = egress({"action": "Deny", "to": [{"namespaces": {}}]})
_DENY_PODS["metadata"]["name"] = "p1"
_DENY_PODS["spec"]["tier"] = "Baseline"


def own_egress(*rules: dict[str, Any]) -> dict[str, Any]:
    """A NetworkPolicy that isolates the egress of namespace a."""
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "n0", "namespace": "a"},
        "spec": {"podSelector": {}, "policyTypes": ["Egress"], "egress": list(rules)},
    }


_TO_PODS = own_egress({"to": [{"namespaceSelector": {}}]})
_BETWEEN = egress(
    {"action": "Accept", "to": [{"networks": ["10.0.0.0/16"]}]},
    {"action": "Deny", "to": [{"networks": ["10.1.0.0/16"]}]},
)


# Pods with an IPv6 address lose connections, and none is opened.
@example(
    (
        [accepting("10.1.0.0/16", "2001:db8::/32"), _DENY_PODS],
        [accepting("10.1.0.0/16"), _DENY_PODS],
    ),
    [],
    None,
    True,
    0,
)
# Pods in neither network lose connections.
@example(([_BETWEEN], []), [_TO_PODS], [own_egress()], True, 0)
@settings(max_examples=tries(20), deadline=None)
@given(
    edits(),
    small.network_policies(),
    small.network_policies() | st.none(),
    st.booleans(),
    st.integers(0, 1 << 30),
)
def test_what_is_not_told_is_the_same_in_every_cluster(
    edit: tuple[list[dict[str, Any]], list[dict[str, Any]]],
    own: list[dict[str, Any]],
    others: list[dict[str, Any]] | None,
    kept: bool,
    seed: int,
) -> None:
    """Where NetworkPolicies change too, and where only they do."""
    before, after = edit
    later = own if others is None else others
    if kept and others is not None:
        after = before
    sides = [*before, *own], [*after, *later]
    found = told(*sides)
    told_effects = {one.effect for one in found.tiers} | {one.effect for one in found.entries}
    for pair in pairs(seed, 20):
        for place in PLACES:
            then, now = (verdicts(some, pair, [place]) for some in sides)
            if len(then) == len(now) == 1 and then != now and found.whole:
                assert (Effect.OPENED if True in now else Effect.CLOSED) in told_effects
            if not found:
                assert then == now


def test_an_entry_is_undecided_if_some_of_its_connections_are() -> None:
    """Its example is certain, but a network may deny its other connections on port 80 before and after."""
    deny = {"action": "Deny", "to": [{"networks": ["10.0.0.0/8"]}]}
    tiers = egress({**deny, "protocols": [{"tcp": {"destinationPort": {"number": 80}}}]})
    closed = own_egress()
    closed["spec"] |= {"policyTypes": ["Ingress"], "ingress": []}
    found = told([tiers], [tiers, closed])
    assert {row.arrow: bool(row.undecided) for row in found.entries} == {
        "* <- any": True,
        "* <- ns *:[1-79, 81-65535, */udp, */sctp], 0.0.0.0/0, ::/0": False,
    }


def test_an_acceptance_that_moves_before_other_rules_closes_nothing() -> None:
    passes, denies, accepts = (
        {"action": action, "to": [{"networks": [network]}]}
        for action, network in (
            ("Pass", "10.1.0.0/16"),
            ("Deny", "10.0.0.0/9"),
            ("Accept", "10.0.0.0/9"),
        )
    )
    moved = told([egress(passes, denies, accepts)], [egress(accepts, passes, denies)])
    assert {change.effect for change in moved.tiers} == {Effect.OPENED}
