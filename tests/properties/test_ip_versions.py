"""Lists where blocks match pods by their addresses, of which a connection uses those of one IP version."""

from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_address
from itertools import permutations, product
from random import Random
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from netpolc.analysis import concrete_evaluator as concrete
from netpolc.analysis.block_reading import BlockReading
from netpolc.analysis.namespace_partition import Cluster
from netpolc.analysis.possible_connections import possible_connections
from netpolc.analysis.query import Question
from netpolc.analysis.three_valued import find_blocked, find_permitted, line_of
from netpolc.analysis.witness import confirmed
from netpolc.ir.build import policy_set
from netpolc.ir.model import Allow, Policies, PolicySet, Subject
from netpolc.kube.inventory import Inventory, Workload
from netpolc.kube.name_rules import METADATA_NAME
from netpolc.kube.peers import BlockScope, Direction, Pods
from netpolc.kube.ports import EVERY_PORT, Protocol, Traffic
from netpolc.manifest.write import write
from netpolc.passes.emit import emit
from netpolc.passes.normalise import normalise
from netpolc.program.model import ClusterAddresses
from tests.properties.test_analysis import APPS, BY_APP, PORTS, outside
from tests.properties.test_tiers import (
    EVERYWHERE,
    asked_end,
    connection,
    pairs,
    reading,
    understood,
)
from tests.reference import tier_strategies as small
from tests.reference.kubernetes import connects, permits
from tests.reference.world import Plugin, Pod, World
from tests.tries import tries

_CUT = (
    *("0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/9", "::/0", "2001:db8::/32", "2001:db8::/33"),
    *("0.0.0.0/0", "::/0"),
)
_PLACES = tuple(
    map(
        ip_address,
        (
            *("10.0.0.1", "10.0.0.2", "10.128.0.1", "10.128.0.2", "192.0.2.1", "192.0.2.2"),
            *("2001:db8::1", "2001:db8::2", "2001:db8:8000::1", "2001:db8:8000::2"),
            *("2600::1", "2600::2"),
        ),
    )
)
"""Two addresses in each part that the blocks tell apart."""
_PORTS = st.sampled_from(
    [EVERY_PORT, *(Traffic.of([(Protocol.TCP, port, port)]) for port in PORTS)]
)


@st.composite
def _blocks_at_both_ends(draw: st.DrawFn) -> PolicySet:
    """Policies of a namespace in which blocks, and few others, open what is closed."""
    peers = st.one_of(*[st.sampled_from(_CUT).map(outside)] * 3, st.builds(Pods, st.none(), BY_APP))
    allow = st.builds(
        Allow,
        subject=BY_APP,
        direction=st.sampled_from(Direction),
        peer=peers,
        traffic=_PORTS,
    )
    some = draw(st.lists(allow, min_size=2, max_size=5))
    closed = (Subject(selector=one.subject, direction=one.direction) for one in some)
    return policy_set(namespace="shop", complete=True, parts=(*closed, *some))


@settings(max_examples=tries(60), deadline=None)
@given(_blocks_at_both_ends(), st.booleans())
def test_where_blocks_match_pods_a_list_has_what_each_and_what_some_addresses_permit(
    drawn: PolicySet, stated: bool
) -> None:
    """A connection uses addresses of one IP version, and a pod may have one of each."""
    policies = normalise(Policies({drawn.namespace: drawn}))
    manifests = [yaml.safe_load(write(policy)) for policy in emit(policies).value]
    workloads = tuple(
        Workload(namespace="shop", name=app, kind="Pod", labels={"app": app}) for app in APPS
    )
    scope = BlockScope.ALL if stated else None
    rows = possible_connections(
        policies, Inventory(workloads=workloads), ClusterAddresses(blocks=scope)
    )
    found = {(str(row.sender), str(row.receiver)): row for row in rows}
    for sender, receiver in permutations(workloads):
        row = found.get((str(sender), str(receiver)))
        certain, possible = (Traffic(), Traffic()) if row is None else (row.traffic, row.possible)
        for port in PORTS:
            permitted = {
                permits(manifests, world, world.pods[0], world.pods[1], "TCP", port)
                for world in _placed(sender, receiver, either=not stated)
            }
            assert (port in certain.tcp) is (permitted == {True})
            assert (port in possible.tcp) is (permitted == {True, False})


def _placed(sender: Workload, receiver: Workload, *, either: bool) -> Iterator[World]:
    """Worlds with a pod of two workloads each, at all addresses, under the plugins that may be."""
    for one, other in product(_PLACES, _PLACES):
        pods = tuple(
            Pod(namespace="shop", name=each.name, labels=each.labels, address=address)
            for each, address in ((sender, one), (receiver, other))
        )
        if connects(*pods):
            for matches in (True, False) if either else (True,):
                plugin = Plugin(blocks_match_pods=matches)
                yield World({"shop": {METADATA_NAME: "shop"}}, pods, plugin)


@settings(max_examples=tries(60), deadline=None)
@given(small.cluster_policies(), small.network_policies(), st.booleans(), st.integers(0, 1 << 30))
def test_searches_find_what_is_permitted_between_addresses_of_one_version(
    cluster: list[dict[str, Any]], own: list[dict[str, Any]], most: bool, seed: int
) -> None:
    policies, tiers = understood([*cluster, *own])
    blocks, here = BlockReading(pods=EVERYWHERE), reading(tiers, most=most)
    whole = Cluster(policies, blocks=blocks, tiers=[here])
    random = Random(seed)
    for source, destination, protocol, port in pairs(seed, 25):
        if not (isinstance(source, Pod) and isinstance(destination, Pod)):
            continue
        one = _addressed(connection(source, destination, protocol, port), random)
        traffic = Traffic.of([(one.protocol, port, port)])
        question = Question(
            sender=asked_end(source), receiver=asked_end(destination), traffic=traffic
        )
        line = line_of(whole, (traffic,))
        is_permitted = concrete.permits(policies, one, blocks, here)
        find = find_permitted if is_permitted else find_blocked
        found = find(whole, line, question, inventory=Inventory())
        assert found is not None
        confirmed(whole, found.found.case, found.found.box, line, permitted=is_permitted)


def _addressed(one: concrete.Connection, random: Random) -> concrete.Connection:
    """The connection with addresses of one IP version at both ends."""
    assert isinstance(one.sender, concrete.Pod)
    assert isinstance(one.receiver, concrete.Pod)
    version = random.choice((4, 6))
    sender, receiver = random.sample([a for a in _PLACES if a.version == version], 2)
    return replace(
        one,
        sender=replace(one.sender, address=sender),
        receiver=replace(one.receiver, address=receiver),
        version=version,
    )
