"""The matrix that the conformance tests of network-policy-api expect of a cluster.

Facts of `conformance/base` and `conformance/tests` (v1alpha2), written anew: the pods of one
namespace, "home", are the subject; pods of three others call them, or are called. Each test starts
from some rules, changes their order, action or priority, and says which connections work.

The manifests of the experimental channel are Go templates (`{{ index .HostNetworkPorts 0 }}`), so they are
refused as they are (NP403); what the suite makes of them is here.
"""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from netpolc.analysis.bounds import Bounds
from netpolc.analysis.explain_query import Answer, can
from netpolc.analysis.lift_tiers import lift_tiers
from netpolc.analysis.query import AddressEnd, EndOfQuestion, PodEnd, Question
from netpolc.analysis.unknown_facts import NodeAddress
from netpolc.kube.cidr import Addresses, Block, Cidr
from netpolc.kube.ports import Protocol, Traffic
from netpolc.kube.selectors import EVERYTHING, Selector
from netpolc.manifest.read import read
from netpolc.passes.lift import lift_manifests
from netpolc.program.model import ClusterAddresses
from netpolc.source import SourceFile

Rule = tuple[str, str, int | None]
"""Action, the namespace at the other end (or a list of blocks), and a port (None: all traffic)."""
Facts = Sequence[tuple[str, int, bool]]

PORTS = {"TCP": (80, 8080), "UDP": (53, 5353), "SCTP": (9003, 9005)}
A, D, P = "Accept", "Deny", "Pass"


def policy(
    rules: dict[str, Sequence[Rule]], protocol: str, *, tier: str = "Admin", priority: int = 10
) -> dict[str, Any]:
    """A policy whose subject is home."""
    spec: dict[str, Any] = {"tier": tier, "priority": priority, "subject": _named("home")}
    for direction, some in rules.items():
        side = "from" if direction == "ingress" else "to"
        spec[direction] = [
            {
                "action": action,
                side: [{"networks": other.split()} if "/" in other else _named(other)],
                **(
                    {}
                    if port is None
                    else {"protocols": [{protocol.lower(): {"destinationPort": {"number": port}}}]}
                ),
            }
            for action, other, port in some
        ]
    return {
        "apiVersion": "policy.networking.k8s.io/v1alpha2",
        "kind": "ClusterNetworkPolicy",
        "metadata": {"name": f"{tier.lower()}-{priority}"},
        "spec": spec,
    }


def _named(namespace: str) -> dict[str, Any]:
    return {"namespaces": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}}


def own_policy(other: str) -> dict[str, Any]:
    """A NetworkPolicy that opens home to a namespace alone, in both directions."""
    peer = {"namespaceSelector": _named(other)["namespaces"]}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "own", "namespace": "home"},
        "spec": {
            "podSelector": {},
            "policyTypes": ["Ingress", "Egress"],
            "ingress": [{"from": [peer]}],
            "egress": [{"to": [peer]}],
        },
    }


def verify(objects: Sequence[dict[str, Any]], direction: str, protocol: str, facts: Facts) -> None:
    """Compare the facts with the answers."""
    bounds = bounds_of(objects)
    for other, port, permitted in facts:
        reply = can(bounds, asked(other, direction, protocol, port))
        assert reply.answer is (Answer.YES if permitted else Answer.NO), other


def bounds_of(objects: Sequence[dict[str, Any]]) -> Bounds:
    """What objects mean, of which none is refused."""
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)})
    outcome = read(SourceFile("a.json", text))
    assert not outcome.diagnostics
    known = lift_manifests([outcome.value]).value
    return Bounds.of(known, ClusterAddresses(), tiers=lift_tiers(outcome.value.tiers))


def asked(other: str, direction: str, protocol: str, port: int) -> Question:
    """The question whether home and another end are connected."""
    ends = (_end(other), _end("home"))
    sender, receiver = ends if direction == "ingress" else ends[::-1]
    traffic = Traffic.of([(Protocol(protocol), port, port)])
    return Question(sender=sender, receiver=receiver, traffic=traffic)


def _end(name: str) -> EndOfQuestion:
    if "/" in name:
        return AddressEnd(Addresses.of((Block(Cidr.parse(name)),)))
    return PodEnd(Selector.namespace(name), EVERYTHING)


def swapped(rules: Sequence[Rule], *places: tuple[int, int]) -> list[Rule]:
    """The rules with some of them having changed places."""
    found = list(rules)
    for one, other in places:
        found[one], found[other] = found[other], found[one]
    return found


@pytest.mark.parametrize("protocol", PORTS)
@pytest.mark.parametrize("direction", ["ingress", "egress"])
def test_admin_rules_decide_in_their_order(direction: str, protocol: str) -> None:
    first, second = PORTS[protocol]
    partner = first if direction == "ingress" else second
    rest = second if direction == "ingress" else first
    rules: list[Rule] = [
        (A, "friend", None), (D, "friend", None), (P, "friend", None),
        (D, "enemy", first), (P, "enemy", first), (A, "partner", partner), (D, "partner", None),
    ]  # fmt: skip
    always = [("partner", partner, True), ("partner", rest, False), ("enemy", second, True)]
    for order, friend, enemy in (
        (rules, True, False),
        (swapped(rules, (0, 1)), False, False),
        (swapped(rules, (0, 2)), True, False),
        (swapped(rules, (3, 4)), True, True),
    ):
        facts = [("friend", first, friend), ("friend", second, friend), ("enemy", first, enemy)]
        verify([policy({direction: order}, protocol)], direction, protocol, [*facts, *always])


@pytest.mark.parametrize("protocol", PORTS)
@pytest.mark.parametrize("direction", ["ingress", "egress"])
def test_baseline_rules_decide_in_their_order(direction: str, protocol: str) -> None:
    first, second = PORTS[protocol]
    rules: list[Rule] = [
        (A, "friend", None), (D, "friend", None),
        (D, "enemy", first), (A, "partner", first), (D, "partner", None),
    ]  # fmt: skip
    for order, friend in ((rules, True), (swapped(rules, (0, 1)), False)):
        facts = [
            ("friend", first, friend), ("friend", second, friend), ("enemy", first, False),
            ("enemy", second, True), ("partner", first, True), ("partner", second, False),
        ]  # fmt: skip
        one = policy({direction: order}, protocol, tier="Baseline")
        verify([one], direction, protocol, facts)


@pytest.mark.parametrize("direction", ["ingress", "egress"])
def test_the_lower_priority_decides(direction: str) -> None:
    """A rule that passes moves from priority 60 to 40, before the one that denies at 50."""
    denying = policy({direction: [(D, "enemy", None)]}, "TCP", priority=50)
    baseline = policy({direction: [(A, "enemy", None)]}, "TCP", tier="Baseline")
    for priority, permitted in ((60, False), (40, True)):
        passing = policy({direction: [(P, "enemy", None)]}, "TCP", priority=priority)
        facts = [("enemy", 80, permitted), ("enemy", 8080, permitted)]
        verify([denying, passing, baseline], direction, "TCP", facts)


@pytest.mark.parametrize("direction", ["ingress", "egress"])
def test_what_an_admin_rule_passes_is_for_policies_then_for_the_baseline(direction: str) -> None:
    baseline = policy({direction: [(D, "enemy", None)]}, "TCP", tier="Baseline")
    denying, passing = (policy({direction: [(one, "enemy", None)]}, "TCP") for one in (D, P))
    own = own_policy("enemy")
    for objects, permitted in (
        ([denying, own, baseline], False),
        ([passing, own, baseline], True),
        ([passing, baseline], False),
        ([passing], True),
    ):
        verify(objects, direction, "TCP", [("enemy", 80, permitted), ("enemy", 8080, permitted)])


@pytest.mark.parametrize("tier", ["Admin", "Baseline"])
def test_networks_of_everything_are_pods_and_addresses(tier: str) -> None:
    """A pod that an earlier rule accepts stays reachable; every other one is denied with the rest."""
    rules: list[Rule] = [(A, "friend", None), (D, "0.0.0.0/0 ::/0", None)]
    facts = [
        ("friend", 80, True), ("partner", 80, False), ("enemy", 8080, False),
        ("203.0.113.1/32", 80, False), ("2001:db8::1/128", 80, False),
    ]  # fmt: skip
    verify([policy({"egress": rules}, "TCP", tier=tier)], "egress", "TCP", facts)
    opened: list[Rule] = [(A, "203.0.113.0/24", None), *rules]
    facts = [("203.0.113.1/32", 80, True), ("198.51.100.1/32", 80, False)]
    verify([policy({"egress": opened}, "TCP", tier=tier)], "egress", "TCP", facts)


@pytest.mark.parametrize("tier", ["Admin", "Baseline"])
def test_nodes_are_read_and_their_addresses_stay_unknown(tier: str) -> None:
    """The experimental channel: a port of the nodes is accepted, then every address is denied."""
    rules: list[Rule] = [(D, "0.0.0.0/0 ::/0", None)]
    denying = policy({"egress": rules}, "TCP", tier=tier)
    nodes = {"nodes": {"matchLabels": {"kubernetes.io/os": "linux"}}}
    port = {"tcp": {"destinationPort": {"number": 36363}}}
    accepting = {"action": "Accept", "to": [nodes], "protocols": [port]}
    denying["spec"]["egress"].insert(0, accepting)
    facts = [("203.0.113.1/32", 80, False), ("203.0.113.1/32", 36364, False), ("enemy", 80, False)]
    verify([denying], "egress", "TCP", facts)
    reply = can(bounds_of([denying]), asked("203.0.113.1/32", "egress", "TCP", 36363))
    assert reply.answer is Answer.UNKNOWN
    assert [type(fact) for fact in reply.facts] == [NodeAddress]
