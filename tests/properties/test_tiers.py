"""Tiers in the analysis against the reference evaluator, on random sets and every pair of a world."""

import json
from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from random import Random
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from netpolc.analysis import concrete_evaluator as concrete
from netpolc.analysis.lift_tiers import lift_tiers
from netpolc.analysis.namespace_partition import Cluster
from netpolc.analysis.permission_change import Change
from netpolc.analysis.possible_connections import possible_connections
from netpolc.analysis.query import EVERY_ADDRESS, AddressEnd, EndOfQuestion, PodEnd, Question
from netpolc.analysis.reachability import reach
from netpolc.analysis.search import Blocked
from netpolc.analysis.semantic_diff import compare, newly_permitted
from netpolc.analysis.three_valued import find_blocked, find_permitted, line_of
from netpolc.analysis.tier_facts import tier_facts
from netpolc.analysis.tiers import TierReading, Tiers
from netpolc.analysis.witness import confirmed
from netpolc.ir.model import Policies
from netpolc.kube.cidr import Addresses, Block, Cidr
from netpolc.kube.inventory import ContainerPort, Inventory, Workload
from netpolc.kube.ports import NamedPort, Protocol, Traffic
from netpolc.kube.selectors import Selector
from netpolc.manifest.read import read
from netpolc.passes.lift import lift_manifests
from netpolc.program.model import ClusterAddresses
from netpolc.sets import ValueSet
from netpolc.sets.value_set import ABSENT
from netpolc.source import SourceFile
from tests.analysis.test_reachability_random import carries, holds, is_in
from tests.reference import tier_strategies as small
from tests.reference import tiers as reference
from tests.reference.world import Address, Endpoint, Pod
from tests.tries import tries

EVERYWHERE = EVERY_ADDRESS.addresses
WORLD = small.world()
PLACES: tuple[Address, ...] = tuple(
    map(ip_address, ("10.0.0.9", "10.1.0.9", "192.168.0.9", "2001:db8::9", "fd00::9"))
)
"""Addresses that pods may have: one in each part that the networks tell apart."""
ENDS = list(small.ends(WORLD))
WORKLOADS = Inventory(
    workloads=tuple(
        Workload(
            kind="Pod",
            namespace=pod.namespace,
            name=pod.name,
            labels=pod.labels,
            ports=tuple(
                ContainerPort(name=own.name, protocol=Protocol(own.protocol), number=own.number)
                for own in pod.ports
            ),
        )
        for pod in WORLD.pods
    )
)


def understood(policies: Sequence[Mapping[str, Any]]) -> tuple[Policies, Tiers]:
    """What the product reads of policies, with the world's namespaces."""
    text = json.dumps(
        {"apiVersion": "v1", "kind": "List", "items": [*small.namespace_manifests(), *policies]}
    )
    outcome = read(SourceFile("a.json", text))
    assert not outcome.diagnostics, outcome.diagnostics
    return lift_manifests([outcome.value]).value, lift_tiers(outcome.value.tiers)


def reading(tiers: Tiers, *, most: bool, pods: Addresses = EVERYWHERE) -> TierReading:
    return TierReading(tiers, most=most, pods=pods, nodes=EVERYWHERE)


def pairs(seed: int, number: int) -> list[tuple[Endpoint, Endpoint, str, int]]:
    """Some of the connections of the world."""
    random = Random(seed)
    found: list[tuple[Endpoint, Endpoint, str, int]] = []
    while len(found) < number:
        source, destination = random.choice(ENDS), random.choice(ENDS)
        if source is not destination and (isinstance(source, Pod) or isinstance(destination, Pod)):
            found.append((source, destination, *random.choice(small.PORTS)))
    return found


def connection(
    source: Endpoint, destination: Endpoint, protocol: str, port: int
) -> concrete.Connection:
    return concrete.Connection(
        sender=_end(source), receiver=_end(destination), protocol=Protocol(protocol), port=port
    )


def _end(end: Endpoint) -> concrete.End:
    if not isinstance(end, Pod):
        return end
    ports: dict[NamedPort, frozenset[int]] = {}
    for own in end.ports:
        ports[NamedPort(Protocol(own.protocol), own.name)] = frozenset((own.number,))
    return concrete.Pod(
        namespace=end.namespace,
        namespace_labels=WORLD.namespaces[end.namespace],
        labels=end.labels,
        ports=ports,
    )


def verdicts(
    policies: Sequence[Mapping[str, Any]],
    pair: tuple[Endpoint, Endpoint, str, int],
    places: Sequence[Address],
) -> frozenset[bool]:
    """What the reference says, wherever the receiver's address may be."""
    source, destination, protocol, port = pair
    asked = reference.Connection(
        source=source, destination=destination, protocol=protocol, port=port
    )
    networks = (
        [reference.Network(pods={destination: place}) for place in places]
        if isinstance(destination, Pod)
        else [reference.Network()]
    )
    return frozenset[bool]().union(
        *(reference.verdicts(policies, WORLD, network, asked) for network in networks)
    )


@settings(max_examples=tries(60), deadline=None)
@given(small.cluster_policies(networks=False), small.network_policies(), st.integers(0, 1 << 30))
def test_the_two_readings_are_exactly_what_implementations_may_do(
    cluster: list[dict[str, Any]], own: list[dict[str, Any]], seed: int
) -> None:
    policies, tiers = understood([*cluster, *own])
    for pair in pairs(seed, 40):
        expected = verdicts([*cluster, *own], pair, PLACES[:1])
        found = {
            concrete.permits(policies, connection(*pair), tiers=reading(tiers, most=most))
            for most in (False, True)
        }
        assert found == expected


@settings(max_examples=tries(60), deadline=None)
@given(small.cluster_policies(), small.network_policies(), st.integers(0, 1 << 30))
def test_the_two_readings_bound_what_addresses_decide(
    cluster: list[dict[str, Any]], own: list[dict[str, Any]], seed: int
) -> None:
    policies, tiers = understood([*cluster, *own])
    for pair in pairs(seed, 40):
        expected = verdicts([*cluster, *own], pair, PLACES)
        least, most = (
            concrete.permits(policies, connection(*pair), tiers=reading(tiers, most=permissive))
            for permissive in (False, True)
        )
        assert least <= min(expected)
        assert most >= max(expected)
        known = Addresses.of((Block(Cidr.parse("10.1.0.0/24")),))
        exact = verdicts([*cluster, *own], pair, PLACES[1:2])
        if len(exact) == 1:
            for permissive in (False, True):
                settled = reading(tiers, most=permissive, pods=known)
                assert {concrete.permits(policies, connection(*pair), tiers=settled)} == exact


@settings(max_examples=tries(80), deadline=None)
@given(small.cluster_policies(), small.network_policies(), st.booleans(), st.integers(0, 1 << 30))
def test_searches_find_exactly_what_the_reading_permits(
    cluster: list[dict[str, Any]], own: list[dict[str, Any]], most: bool, seed: int
) -> None:
    policies, tiers = understood([*cluster, *own])
    here = reading(tiers, most=most)
    whole = Cluster(policies, tiers=[here])
    for source, destination, protocol, port in pairs(seed, 25):
        asked = Traffic.of([(Protocol(protocol), port, port)])
        question = Question(
            sender=asked_end(source), receiver=asked_end(destination), traffic=asked
        )
        line = line_of(whole, (asked,))
        known = Inventory()
        yes = find_permitted(whole, line, question, inventory=known)
        no = find_blocked(whole, line, question, inventory=known)
        for found in (yes, no):
            if found is not None:
                piece = found.found
                confirmed(
                    whole, piece.case, piece.box, line, permitted=not isinstance(piece, Blocked)
                )
        is_permitted = concrete.permits(
            policies, connection(source, destination, protocol, port), tiers=here
        )
        assert (yes if is_permitted else no) is not None
        names = {name for rule in tiers.rules for name in rule.traffic.named}
        if not names:
            assert (yes is None) is not is_permitted
            assert (no is None) is is_permitted


_ACCEPT_PODS: dict[str, Any] = {
    "apiVersion": "policy.networking.k8s.io/v1alpha2",
    "kind": "ClusterNetworkPolicy",
    "metadata": {"name": "p0"},
    "spec": {
        "subject": {"namespaces": {}},
        "priority": 0,
        "tier": "Admin",
        "ingress": [{"action": "Accept", "from": [{"namespaces": {}}]}],
        "egress": [{"action": "Accept", "to": [{"namespaces": {}}]}],
    },
}
_CLOSE_MOST: dict[str, Any] = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "NetworkPolicy",
    "metadata": {"name": "n0", "namespace": "b"},
    "spec": {
        "podSelector": {"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["x"]}]},
        "policyTypes": ["Ingress"],
        "ingress": [],
    },
}


# Addresses reach no pod that a policy without rules closes, whatever tiers accept from pods.
@example([_ACCEPT_PODS, {**_ACCEPT_PODS, "metadata": {"name": "p1"}}], [_CLOSE_MOST], False, 0)
@settings(max_examples=tries(40), deadline=None)
@given(small.cluster_policies(), small.network_policies(), st.booleans(), st.integers(0, 1 << 30))
def test_classes_are_exactly_what_the_reading_permits(
    cluster: list[dict[str, Any]], own: list[dict[str, Any]], most: bool, seed: int
) -> None:
    policies, tiers = understood([*cluster, *own])
    here = reading(tiers, most=most)
    rows = list(reach(Cluster(policies, tiers=[here])))
    for pair in pairs(seed, 40):
        one = connection(*pair)
        holding = [row for row in rows if holds(row, one.sender, one.receiver)]
        assert len(holding) <= 1
        assert any(carries(row, one) for row in holding) == concrete.permits(
            policies, one, tiers=here
        )


@settings(max_examples=tries(40), deadline=None)
@given(
    small.cluster_policies(networks=False),
    small.cluster_policies(networks=False),
    small.network_policies(),
    small.network_policies(),
    st.booleans(),
    st.integers(0, 1 << 30),
    st.sampled_from(["tiers", "policies", "both"]),
)
def test_a_comparison_finds_what_changes_and_nothing_else(
    before: list[dict[str, Any]],
    after: list[dict[str, Any]],
    own: list[dict[str, Any]],
    theirs: list[dict[str, Any]],
    most: bool,
    seed: int,
    changed: str,
) -> None:
    policies, old = understood([*before, *own])
    now_own = own if changed == "tiers" else theirs
    later, new = understood([*(before if changed == "policies" else after), *now_own])
    readings = reading(old, most=most), reading(new, most=most)
    found = compare(policies, later, tiers=readings, most=200)  # Its witnesses are confirmed.
    assert newly_permitted(policies, later, tiers=readings, most=200) == found.gained
    for pair in pairs(seed, 80):
        one = connection(*pair)
        then = concrete.permits(policies, one, tiers=readings[0])
        now = concrete.permits(later, one, tiers=readings[1])
        if found.whole and then is not now:
            assert any(tells(change, one) for change in (found.gained if now else found.lost))
        if not found:
            assert then is now


@settings(max_examples=tries(40), deadline=None)
@given(
    small.cluster_policies(),
    small.cluster_policies(),
    small.network_policies(),
    st.booleans(),
)
def test_rules_found_by_labels_decide_as_all_rules_do(
    before: list[dict[str, Any]],
    after: list[dict[str, Any]],
    own: list[dict[str, Any]],
    most: bool,
) -> None:
    policies, old = understood([*before, *own])
    _, new = understood([*after, *own])
    readings = reading(old, most=most), reading(new, most=most)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("netpolc.analysis.tiers._FEW", len(old.rules) + len(new.rules))
        plain = compare(policies, policies, tiers=readings, most=200)
        patch.setattr("netpolc.analysis.tiers._FEW", 0)
        assert compare(policies, policies, tiers=readings, most=200) == plain


@settings(max_examples=tries(60), deadline=None)
@given(small.cluster_policies(), st.booleans(), st.integers(0, 1 << 30))
def test_a_connection_is_decided_by_the_policies_about_its_pods(
    cluster: list[dict[str, Any]], most: bool, seed: int
) -> None:
    policies, tiers = understood(cluster)
    known = reading(tiers, most=most)
    asked = [connection(*pair) for pair in pairs(seed, 40)]
    decided = [concrete.permits(policies, each, tiers=known) for each in asked]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TierReading, "about", lambda own, *asked: own.groups[asked[:2]])
        assert decided == [concrete.permits(policies, each, tiers=known) for each in asked]


def tells(change: Change, one: concrete.Connection) -> bool:
    """Whether a connection is among those of a change."""
    told = change.connections
    ports = one.receiver.ports if isinstance(one.receiver, concrete.Pod) else {}
    bearing = {
        name
        for name, numbers in ports.items()
        if name.protocol is one.protocol and one.port in numbers
    }
    return (
        is_in(one.sender, told.sender)
        and is_in(one.receiver, told.receiver)
        and told.called <= bearing
        and not told.not_called & bearing
        and one.port in told.traffic.numbers(one.protocol)
    )


@settings(max_examples=tries(40), deadline=None)
@given(small.cluster_policies(), small.network_policies(), st.sampled_from(PLACES))
def test_a_list_has_what_is_certain_and_what_is_possible(
    cluster: list[dict[str, Any]], own: list[dict[str, Any]], place: Address
) -> None:
    """Whatever the addresses of pods are: each verdict is between the two of the list."""
    policies, tiers = understood([*cluster, *own])
    rows = {
        (str(row.sender), str(row.receiver)): row
        for row in possible_connections(policies, WORKLOADS, ClusterAddresses(), tiers)
    }
    for pair in pairs(hash(place), 40):
        source, destination, protocol, port = pair
        if not (isinstance(source, Pod) and isinstance(destination, Pod)):
            continue
        row = rows.get((_name(source), _name(destination)))
        found = verdicts([*cluster, *own], pair, [place])
        sure = row is not None and port in row.traffic.numbers(Protocol(protocol))
        possible = sure or (row is not None and port in row.possible.numbers(Protocol(protocol)))
        assert sure <= min(found)
        assert max(found) <= possible


def _name(pod: Pod) -> str:
    return f"{pod.namespace}/{pod.name}[Pod]"


def asked_end(end: Endpoint) -> EndOfQuestion:
    """The end alone: a pod by all of its labels."""
    if not isinstance(end, Pod):
        block = Block(Cidr(end.version, int(end), end.max_prefixlen))
        return AddressEnd(Addresses.of((block,)))
    return PodEnd(
        Selector.namespace(end.namespace),
        Selector.of((key, _value(end.labels.get(key))) for key in ("app", "tier")),
    )


def _value(value: str | None) -> ValueSet:
    return ABSENT if value is None else ValueSet.among(value)


@settings(max_examples=tries(40), deadline=None)
@given(small.cluster_policies(), st.integers(0, 1 << 30))
def test_facts_about_a_connection_are_those_of_all_rules_that_may_match_it(
    cluster: list[dict[str, Any]], seed: int
) -> None:
    _, tiers = understood(cluster)
    read = reading(tiers, most=True)
    for pair in pairs(seed, 20):
        asked = connection(*pair)
        found = tier_facts(read, asked)
        with pytest.MonkeyPatch.context() as patch:
            every = [group for groups in read.groups.values() for group in groups]
            patch.setattr("netpolc.analysis.tier_facts._near", lambda *_, groups=every: groups)
            assert found == tier_facts(read, asked)
