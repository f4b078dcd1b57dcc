"""Tiers in assertions and questions: who decides, and what is left undecided."""

from dataclasses import replace
from ipaddress import IPv4Address

import pytest

from netpolc.analysis.assertions import Status, decide
from netpolc.analysis.bounds import Bounds, tier_readings
from netpolc.analysis.concrete_evaluator import Connection, End, Pod
from netpolc.analysis.explain_query import Answer, can
from netpolc.analysis.lift_tiers import lift_tiers
from netpolc.analysis.query import PodEnd, Question
from netpolc.analysis.tier_facts import tier_facts
from netpolc.analysis.tiers import TierRule, Tiers
from netpolc.analysis.unknown_facts import (
    BlockMatching,
    EqualPriority,
    NodeAddress,
    PodAddress,
    ResolvedName,
    UnknownFact,
)
from netpolc.ir.model import Policies
from netpolc.kube.cidr import Addresses, Block, Cidr
from netpolc.kube.peers import BlockScope, Direction, Grant, Outside, Pods
from netpolc.kube.ports import EVERY_PORT, Protocol, Traffic
from netpolc.kube.selectors import Selector
from netpolc.manifest import tier_model
from netpolc.manifest.manifest_set import UnreadPolicy
from netpolc.manifest.model import LabelSelector
from netpolc.manifest.read import read
from netpolc.manifest.tier_model import Action, Tier, TierPeer, TierPods, TierPolicy, TierPort
from netpolc.program.model import Assertion, Claim, ClusterAddresses
from netpolc.provenance import Origin, PolicyRef, Role
from netpolc.source import SourceFile
from tests.analysis.test_semantic_diff import API, DB, TCP, of, shop

SHOP = Selector.namespace("shop")
HEAD = """\
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: NAME}
spec:
  tier: Admin
  priority: 5
  subject: {namespaces: {}}
"""
ALL_IN = "  ingress:\n  - {action: ACTION, from: [{namespaces: {}}]}\n"
TO = "  egress:\n  - {action: ACTION, to: [PEER]}\n"
CLOSED = of(shop((Pods(None, API), TCP)))
NOWHERE = Addresses()
WEB_PODS = PodEnd(SHOP, Selector.labels({"app": "web"}))


def tiers(*texts: str) -> Tiers:
    found = [read(SourceFile("a.yaml", text)) for text in texts]
    assert not any(one.diagnostics for one in found)
    return lift_tiers(policy for one in found for policy in one.value.tiers)


def policy(body: str, action: str, name: str = "p", *, tier: str = "Admin", peer: str = "") -> str:
    text = HEAD.replace("NAME", name).replace("Admin", tier) + body
    return text.replace("ACTION", action).replace("PEER", peer)


def claim(kind: Claim, grant: Grant, direction: Direction = Direction.INGRESS) -> Assertion:
    return Assertion(
        claim=kind,
        home="shop",
        subject=Pods(None, DB),
        direction=direction,
        grants=(grant,),
        origin=Origin(path="a", line=1, source=PolicyRef("a"), role=Role.POLICY),
    )


def verdict(
    known: Tiers,
    assertion: Assertion,
    policies: Policies = CLOSED,
    *,
    pods: Addresses = NOWHERE,
    nodes: Addresses = NOWHERE,
) -> tuple[Status, tuple[UnknownFact, ...]]:
    stated = ClusterAddresses(pods=pods, nodes=nodes)
    found = decide(Bounds.of(policies, stated, tiers=known), assertion)
    return found.status, found.unknowns


NEVER_WEB = claim(Claim.NEVER, Grant(Pods(None, WEB_PODS.pods), EVERY_PORT))
ALWAYS_API = claim(Claim.ALWAYS, Grant(Pods(None, API), TCP))


def test_an_admin_accept_refutes_what_no_policy_permits() -> None:
    assert verdict(Tiers(), NEVER_WEB) == (Status.PROVED, ())
    assert verdict(tiers(policy(ALL_IN, "Accept")), NEVER_WEB) == (Status.REFUTED, ())


def test_an_admin_deny_refutes_what_a_policy_permits() -> None:
    assert verdict(Tiers(), ALWAYS_API) == (Status.PROVED, ())
    assert verdict(tiers(policy(ALL_IN, "Deny")), ALWAYS_API) == (Status.REFUTED, ())
    assert verdict(tiers(policy(ALL_IN, "Pass")), ALWAYS_API) == (Status.PROVED, ())


def test_a_baseline_denies_only_pods_that_nothing_isolates() -> None:
    known = tiers(policy(ALL_IN, "Deny", tier="Baseline"))
    assert verdict(known, ALWAYS_API)[0] is Status.PROVED
    assert verdict(known, ALWAYS_API, of())[0] is Status.REFUTED
    assert verdict(known, NEVER_WEB, of())[0] is Status.PROVED


def test_what_only_lists_by_a_block_depends_on_a_tie_and_on_the_plugin() -> None:
    """A connection is permitted but not listed if the tie permits and blocks match no pods."""
    tied = tiers(policy(ALL_IN, "Accept", "a"), policy(ALL_IN, "Deny", "b"))
    wide, pods = (Addresses.of([Block(Cidr.parse(text))]) for text in ("10.0.0.0/8", "10.1.0.0/16"))
    listed = (Grant(Pods(None, API), TCP), Grant(Outside(wide), EVERY_PORT))
    only = replace(claim(Claim.ONLY, listed[0]), grants=listed)
    for stated, status, facts in (
        (ClusterAddresses(pods=pods), Status.UNKNOWN, {BlockMatching, EqualPriority}),
        (ClusterAddresses(blocks=BlockScope.OUTSIDE), Status.UNKNOWN, {EqualPriority}),
        (ClusterAddresses(pods=pods, blocks=BlockScope.ALL), Status.PROVED, set()),
    ):
        found = decide(Bounds.of(CLOSED, stated, [wide], tied), only)
        assert (found.status, set(map(type, found.unknowns))) == (status, facts)


def test_the_rule_that_decides_is_named() -> None:
    bounds = Bounds.of(CLOSED, ClusterAddresses(), tiers=tiers(policy(ALL_IN, "Accept")))
    reply = can(bounds, Question(sender=WEB_PODS, receiver=PodEnd(SHOP, DB), traffic=TCP))
    assert reply.answer is Answer.YES
    (rule,) = reply.ingress.allows
    assert isinstance(rule, TierRule)
    assert [origin.statement for origin in rule.origins] == ["ClusterNetworkPolicy p ingress[0]"]
    assert reply.blocked is None


@pytest.mark.parametrize("claimed", [NEVER_WEB, claim(Claim.ALWAYS, NEVER_WEB.grants[0])])
def test_equal_priorities_that_disagree_decide_nothing(claimed: Assertion) -> None:
    known = tiers(policy(ALL_IN, "Accept", "a"), policy(ALL_IN, "Deny", "b"))
    fact = EqualPriority(("ClusterNetworkPolicy a", "ClusterNetworkPolicy b"), 5)
    assert verdict(known, claimed) == (Status.UNKNOWN, (fact,))


def test_equal_priorities_that_agree_where_it_matters_decide() -> None:
    known = tiers(policy(ALL_IN, "Pass", "a"), policy(ALL_IN, "Accept", "b"))
    assert verdict(known, ALWAYS_API) == (Status.PROVED, ())  # Permitted by NetworkPolicy too.
    assert verdict(known, NEVER_WEB)[0] is Status.UNKNOWN
    known = tiers(policy(ALL_IN, "Pass", "a"), policy(ALL_IN, "Deny", "b"))
    assert verdict(known, NEVER_WEB) == (Status.PROVED, ())


def test_networks_meet_pods_where_their_addresses_say_so() -> None:
    denied = tiers(policy(TO, "Deny", peer="{networks: [10.0.0.0/8]}"))
    out = claim(Claim.ALWAYS, Grant(Pods(None, API), TCP), Direction.EGRESS)
    assert verdict(denied, out, of()) == (Status.UNKNOWN, (PodAddress("ClusterNetworkPolicy p"),))
    inside, outside = (
        Addresses.of((Block(Cidr.parse(text)),)) for text in ("10.244.0.0/16", "192.168.0.0/16")
    )
    assert verdict(denied, out, of(), pods=inside)[0] is Status.REFUTED
    assert verdict(denied, out, of(), pods=outside)[0] is Status.PROVED


def test_networks_are_read_for_each_ip_version_by_itself() -> None:
    pods = Addresses.of(map(Block, map(Cidr.parse, ("10.244.0.0/16", "fd00::/64"))))
    v4, v6 = (
        policy(TO, "Deny", name, peer=f"{{networks: ['{network}']}}")
        for name, network in (("v4", "10.0.0.0/8"), ("v6", "fd00::/8"))
    )
    never, always = (
        claim(kind, Grant(Pods(None, API), TCP), Direction.EGRESS)
        for kind in (Claim.NEVER, Claim.ALWAYS)
    )
    assert verdict(tiers(v4), never, of(), pods=pods)[0] is Status.REFUTED  # Over IPv6.
    assert verdict(tiers(v4), always, of(), pods=pods)[0] is Status.REFUTED
    assert verdict(tiers(v4, v6), never, of(), pods=pods)[0] is Status.PROVED
    # Whether pods have addresses of both versions is not known here.
    assert verdict(tiers(v4), never, of())[0] is Status.UNKNOWN


@pytest.mark.parametrize(
    ("receiver", "facts"),
    [
        (
            Pod(namespace="shop", namespace_labels={}, labels={}),
            [PodAddress("ClusterNetworkPolicy p")],
        ),
        (IPv4Address("10.0.0.1"), []),
        (IPv4Address("192.0.2.1"), []),
    ],
)
def test_an_address_is_in_a_network_or_not_whatever_addresses_pods_have(
    receiver: End, facts: list[UnknownFact]
) -> None:
    known = tiers(policy(TO, "Deny", peer="{networks: [10.0.0.0/8]}"))
    reading, _ = tier_readings(known, ClusterAddresses())
    sender = Pod(namespace="shop", namespace_labels={}, labels={})
    connection = Connection(sender=sender, receiver=receiver, protocol=Protocol.TCP, port=80)
    assert reading is not None
    assert tier_facts(reading, connection) == facts


@pytest.mark.parametrize(
    ("peer", "fact"),
    [
        ("{nodes: {}}", NodeAddress("ClusterNetworkPolicy p")),
        ("{domainNames: [example.com]}", ResolvedName("ClusterNetworkPolicy p")),
    ],
)
def test_addresses_of_nodes_and_names_are_not_known(peer: str, fact: UnknownFact) -> None:
    closed = of(shop((Pods(None, API), TCP)))
    address = Outside(Addresses.of((Block(Cidr.parse("203.0.113.1/32")),)))
    never = claim(Claim.NEVER, Grant(address, TCP), Direction.EGRESS)
    known = tiers(
        policy("", "", "q").replace("priority: 5", "priority: 9")
        + "  egress:\n  - {action: Deny, to: [{networks: ['0.0.0.0/0', '::/0']}]}\n",
        policy(TO, "Accept", peer=peer),
    )
    assert verdict(known, never, closed) == (Status.UNKNOWN, (fact,))
    nodes = Addresses.of((Block(Cidr.parse("10.0.0.0/24")),))
    expected = Status.PROVED if isinstance(fact, NodeAddress) else Status.UNKNOWN
    assert verdict(known, never, closed, nodes=nodes)[0] is expected


@pytest.mark.parametrize("assertion", [NEVER_WEB, ALWAYS_API])
def test_policies_that_are_not_read_leave_claims_about_their_pods_open(
    assertion: Assertion,
) -> None:
    for namespace, status in (
        ("shop", Status.UNKNOWN),
        ("", Status.UNKNOWN),
        ("pay", Status.PROVED),
    ):
        unread = UnreadPolicy("CiliumNetworkPolicy", namespace, "x")
        found = verdict(Tiers(unread=(unread,)), assertion)
        assert found == (status, (unread,) if status is Status.UNKNOWN else ())


def test_a_port_name_that_is_denied_leaves_other_ports_open() -> None:
    known = tiers(
        policy(ALL_IN, "Deny").replace("}]}", "}], protocols: [{destinationNamedPort: web}]}")
    )
    always = claim(Claim.ALWAYS, Grant(Pods(None, API), Traffic.of([(Protocol.TCP, 80, 80)])))
    assert verdict(known, always, of())[0] is Status.UNKNOWN
    never = claim(Claim.NEVER, Grant(Pods(None, API), EVERY_PORT))
    assert verdict(known, never, of())[0] is Status.REFUTED


@pytest.mark.parametrize(
    ("action", "permitted"), [(Action.ACCEPT, True), (Action.DENY, False), (Action.PASS, False)]
)
def test_a_peer_of_an_unknown_field_fails_closed(action: Action, *, permitted: bool) -> None:
    """A rule that accepts matches nothing then; one that denies or passes denies everything.

    Also where no NetworkPolicy closes what the rule would pass to it.
    """
    after = tier_model.TierRule(action=Action.ACCEPT, peers=(EVERY_POD,))
    unknown = tier_model.TierRule(
        action=action, peers=(TierPeer(),), ports=(TierPort(protocol="UDP", first=1, last=2),)
    )
    for policies in (CLOSED, Policies({})):
        assert answer(policies, unknown, after) is (Answer.YES if permitted else Answer.NO)


def test_an_accepting_rule_with_one_unknown_peer_matches_nothing_at_all() -> None:
    accepting = tier_model.TierRule(action=Action.ACCEPT, peers=(EVERY_POD, TierPeer()))
    assert answer(CLOSED, accepting) is Answer.NO


EVERY_POD = TierPeer(pods=TierPods(namespaces=LabelSelector()))


def answer(policies: Policies, *rules: tier_model.TierRule) -> Answer:
    """Whether web reaches db beside an Admin policy with these rules of ingress."""
    policy = TierPolicy(
        kind="ClusterNetworkPolicy",
        version="policy.networking.k8s.io/v1alpha2",
        name="p",
        tier=Tier.ADMIN,
        priority=1,
        subject=TierPods(namespaces=LabelSelector()),
        ingress=rules,
    )
    bounds = Bounds.of(policies, ClusterAddresses(), tiers=lift_tiers([policy]))
    return can(bounds, Question(sender=WEB_PODS, receiver=PodEnd(SHOP, DB), traffic=TCP)).answer
