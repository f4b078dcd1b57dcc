"""Searches where blocks match pods by their addresses, of which a connection uses those of one IP version."""

from dataclasses import replace
from ipaddress import ip_address
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from netpolc.analysis import concrete_evaluator as concrete
from netpolc.analysis.block_reading import BlockReading
from netpolc.analysis.namespace_partition import Cluster
from netpolc.analysis.query import Question
from netpolc.analysis.three_valued import find_blocked, find_permitted, line_of
from netpolc.analysis.witness import confirmed
from netpolc.kube.inventory import Inventory
from netpolc.kube.ports import Traffic
from tests.properties.test_tiers import (
    EVERYWHERE,
    asked_end,
    connection,
    pairs,
    reading,
    understood,
)
from tests.reference import tier_strategies as small
from tests.reference.world import Pod
from tests.tries import tries

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
