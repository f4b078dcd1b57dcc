"""What pods that are not known may do through blocks beside cluster-wide policies, against the API's own text."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from netpolc.analysis.connection_list import AddressRange
from netpolc.analysis.connection_sets import PodClass
from netpolc.commands.exposure_rows import exposure_rows
from netpolc.commands.listed import Listed
from netpolc.kube.inventory import Inventory, Workload
from netpolc.kube.peers import Direction
from netpolc.kube.ports import Protocol
from tests.graph.test_graph import known
from tests.properties.test_disjoint_exposure import is_in
from tests.properties.test_tiers import PLACES, WORKLOADS, WORLD, understood
from tests.reference import tier_strategies as small
from tests.reference import tiers as reference
from tests.reference.kubernetes import connects
from tests.reference.world import Address, Plugin, Pod, World
from tests.tries import tries

OTHER_PLACES = tuple(place + 1 for place in PLACES)
"""Another address in each part that the networks tell apart: no two pods share one."""


def worlds(own: Pod, other: Pod) -> Iterator[tuple[Pod, Pod, World, reference.Network]]:
    """The worlds that could exist, with a pod of the workload and one that is not known."""
    for place, other_place in product(PLACES, OTHER_PLACES):
        pods = (replace(own, address=place), replace(other, address=other_place))
        if connects(*pods):
            network = reference.Network(pods=dict(zip(pods, (place, other_place), strict=True)))
            for matches in (True, False):
                plugin = Plugin(blocks_match_pods=matches)
                yield *pods, World(WORLD.namespaces, pods, plugin), network


def outcomes(
    policies: Sequence[Mapping[str, Any]],
    ends: tuple[Pod, Pod],
    direction: Direction,
    port: tuple[str, int],
) -> Iterator[tuple[Address | None, bool]]:
    """The verdicts of all worlds, each with the address of the unknown pod."""
    for own, other, world, network in worlds(*ends):
        source, destination = (own, other) if direction is Direction.EGRESS else (other, own)
        asked = reference.Connection(
            source=source, destination=destination, protocol=port[0], port=port[1]
        )
        for verdict in reference.verdicts(policies, world, network, asked):
            yield other.address, verdict


@settings(max_examples=tries(30), deadline=None)
@given(
    small.cluster_policies(names=False),
    small.network_policies(),
    st.integers(0, len(WORLD.pods) - 1),
)
def test_a_class_of_unknown_pods_has_what_each_and_what_some_worlds_permit(
    cluster: list[dict[str, Any]], own: list[dict[str, Any]], number: int
) -> None:
    """What is possible through a block of the workload is in a row by the addresses of these pods.

    Each rule that names networks is read by itself. So a rule whose networks an earlier rule has as well, which never decides
    (NP660), may mark a row that every world permits.
    """
    policies = [*cluster, *own]
    is_exact = "networks" not in json.dumps(cluster)
    some, tiers = understood(policies)
    workload = WORKLOADS.workloads[number]
    whole = replace(known(some, Inventory(workloads=(workload,))), tiers=tiers)
    rows = list(exposure_rows(whole))
    random = Random(number)
    others = random.sample([pod for pod in WORLD.pods if pod is not WORLD.pods[number]], 3)
    for direction, other in product(Direction, others):
        by_class = [row for row, end in other_ends(rows, workload, direction) if holds(end, other)]
        assert len(by_class) < 2
        for protocol, port in random.sample(small.PORTS, 2):
            ends = WORLD.pods[number], other
            found = set(outcomes(policies, ends, direction, (protocol, port)))
            verdicts = {verdict for _, verdict in found}
            named = Protocol(protocol)
            is_certain = any(port in row.traffic.numbers(named) for row in by_class)
            is_possible = any(port in row.possible.numbers(named) for row in by_class)
            assert not is_certain or verdicts == {True}
            if is_exact:
                assert is_certain is (verdicts == {True})
                assert not is_possible or True in verdicts
            if True in verdicts and not (is_certain or is_possible):
                assert all(
                    any(
                        isinstance(end, AddressRange)
                        and place in end.addresses()
                        and port in row.possible.numbers(named)
                        for row, end in other_ends(rows, workload, direction)
                    )
                    for place, verdict in found
                    if verdict and place is not None
                )


def other_ends(
    rows: Sequence[Listed], workload: Workload, direction: Direction
) -> Iterator[tuple[Listed, object]]:
    """The rows of a workload in a direction, with the end that is not known."""
    for row in rows:
        own, end = row.ends if direction is Direction.EGRESS else row.ends[::-1]
        if own is workload:
            yield row, end


def holds(end: object, other: Pod) -> bool:
    """Whether a pod that is not known is in a class."""
    pod = Workload(namespace=other.namespace, name=other.name, kind="Pod", labels=other.labels)
    return isinstance(end, PodClass) and is_in(pod, end)
