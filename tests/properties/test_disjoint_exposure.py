"""Rows of exposure are disjoint, and agree with the list about known pods and the host's network."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from netpolc.analysis.connection_sets import PodClass
from netpolc.analysis.possible_connections import possible_connections
from netpolc.commands.exposure_rows import exposure_rows
from netpolc.commands.listed import Listed
from netpolc.ir.model import Policies
from netpolc.kube.cidr import Addresses, Block, Cidr
from netpolc.kube.inventory import Inventory, Workload
from netpolc.kube.name_rules import named_labels
from netpolc.kube.peers import BlockScope, Direction
from netpolc.kube.ports import NO_TRAFFIC
from netpolc.program.model import ClusterAddresses
from tests.graph.test_graph import known
from tests.properties.strategies import policies
from tests.properties.test_tiers import WORKLOADS, WORLD, understood
from tests.reference import tier_strategies as small
from tests.tries import tries

NOTHING = NO_TRAFFIC, NO_TRAFFIC
NODES = Addresses.of((Block(Cidr.parse("10.0.0.0/24")),))


def rows_about(rows: list[Listed], workload: Workload, direction: Direction) -> Iterator[Listed]:
    """The rows of a workload in one direction about classes of pods."""
    for row in rows:
        other = row.ends[direction is Direction.EGRESS]
        if row.ends[direction is Direction.INGRESS] is workload and isinstance(other, PodClass):
            yield row


def other_end(row: Listed, direction: Direction) -> PodClass:
    """The class of pods at the other end of a row."""
    other = row.ends[direction is Direction.EGRESS]
    assert isinstance(other, PodClass)
    return other


def overlap(one: PodClass, other: PodClass) -> bool:
    """Whether two classes may have a pod in common."""
    return (
        bool(one.names & other.names)
        and not (one.namespaces & other.namespaces).impossible
        and not (one.pods & other.pods).impossible
    )


def is_in(pod: Workload, some: PodClass) -> bool:
    """Whether the pods of a workload are among a class, in a namespace of which all labels are known."""
    labels = named_labels(WORLD.namespaces[pod.namespace], pod.namespace)
    return (
        pod.namespace in some.names
        and some.namespaces.matches(labels)
        and some.pods.matches(pod.labels)
    )


@st.composite
def with_hosts(draw: st.DrawFn, inventory: Inventory) -> Inventory:
    """The workloads, some on the host's network."""
    hosts = draw(st.sets(st.sampled_from(range(len(inventory.workloads))), min_size=1, max_size=3))
    return replace(
        inventory,
        workloads=tuple(
            replace(workload, host_network=number in hosts)
            for number, workload in enumerate(inventory.workloads)
        ),
    )


@settings(max_examples=tries(8), deadline=None)
@given(
    small.cluster_policies(names=False),
    small.network_policies(),
    with_hosts(WORKLOADS),
    st.sampled_from((Addresses(), NODES)),
    st.sampled_from(BlockScope),
)
def test_a_host_is_exposed_to_a_known_pod_as_the_list_says(
    cluster: list[dict[str, Any]],
    own: list[dict[str, Any]],
    inventory: Inventory,
    nodes: Addresses,
    blocks: BlockScope,
) -> None:
    some, tiers = understood([*cluster, *own])
    stated = ClusterAddresses(nodes=nodes, blocks=blocks)
    whole = known(some, inventory)
    whole = replace(whole, tiers=tiers, program=replace(whole.program, addresses=stated))
    exposed = list(exposure_rows(whole))
    listed = {
        (str(row.sender), str(row.receiver)): (row.traffic, row.possible)
        for row in possible_connections(some, inventory, stated, tiers)
        if isinstance(row.sender, Workload) and isinstance(row.receiver, Workload)
    }
    for receiver in inventory.workloads:
        rows = list(rows_about(exposed, receiver, Direction.INGRESS))
        for sender in inventory.workloads:
            if sender is receiver or sender.host_network:
                continue
            holding = [row for row in rows if is_in(sender, other_end(row, Direction.INGRESS))]
            assert len(holding) <= 1
            if receiver.host_network:
                exposure = [(row.traffic, row.possible) for row in holding] or [NOTHING]
                assert exposure == [listed.get((str(sender), str(receiver)), NOTHING)]


@settings(max_examples=tries(20), deadline=None)
@given(policies(), with_hosts(WORKLOADS), st.sampled_from((None, *BlockScope)))
def test_rows_of_a_workload_are_disjoint(
    some: Policies, inventory: Inventory, blocks: BlockScope | None
) -> None:
    whole = known(some, inventory)
    stated = ClusterAddresses(nodes=NODES, blocks=blocks)
    whole = replace(whole, program=replace(whole.program, addresses=stated))
    exposed = list(exposure_rows(whole))
    for workload in inventory.workloads:
        for direction in Direction:
            others = [other_end(row, direction) for row in rows_about(exposed, workload, direction)]
            for pair in combinations(others, 2):
                assert not overlap(*pair)
