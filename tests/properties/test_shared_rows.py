"""Lists and exposures work rows out once for all that are alike: the same rows as one by one."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netpolc.analysis.block_reading import readings
from netpolc.analysis.connection_list import Row, connections
from netpolc.analysis.exposure import Exposures
from netpolc.analysis.namespace_partition import Cluster
from netpolc.analysis.possible_connections import possible_connections
from netpolc.analysis.workload_classes import WorkloadClasses
from netpolc.kube.inventory import Inventory, Workload
from netpolc.kube.peers import BlockScope, Direction
from netpolc.program.model import ClusterAddresses
from tests.analysis.test_exposure import alone, whole
from tests.properties.test_tiers import WORKLOADS, reading, understood
from tests.reference import tier_strategies as small
from tests.tries import tries

Drawn = list[dict[str, Any]]
STATED = st.sampled_from((*BlockScope, None)).map(lambda scope: ClusterAddresses(blocks=scope))
HOSTS = tuple(
    replace(one, name=f"{one.name}-host", host_network=True) for one in WORKLOADS.workloads[:2]
)
"""Workloads on the host's network, labelled as others are."""
MANY = (*WORKLOADS.workloads, *HOSTS)


@settings(max_examples=tries(40), deadline=None)
@given(
    small.cluster_policies(),
    small.network_policies(),
    st.booleans(),
    STATED,
    st.permutations(MANY),
)
def test_workloads_that_share_rows_beside_tiers_have_those_of_each_alone(
    cluster: Drawn, own: Drawn, most: bool, stated: ClusterAddresses, workloads: list[Workload]
) -> None:
    policies, tiers = understood([*cluster, *own])
    blocks = readings(stated)[most]
    known = Cluster(policies, blocks=blocks, tiers=(reading(tiers, most=most),))
    exposures = Exposures(known)
    for workload in workloads[:6]:
        for direction in Direction:
            found = exposures.of(workload, direction)
            assert list(map(whole, found)) == list(map(whole, alone(known, workload, direction)))


@settings(max_examples=tries(40), deadline=None)
@given(small.cluster_policies(), small.network_policies(), STATED)
def test_a_list_beside_tiers_is_that_of_every_pair(
    cluster: Drawn, own: Drawn, stated: ClusterAddresses
) -> None:
    policies, tiers = understood([*cluster, *own])
    inventory = Inventory(workloads=MANY)

    def rows() -> list[Row]:
        return [
            *connections(policies, inventory, tiers),
            *possible_connections(policies, inventory, stated, tiers),
        ]

    shared = rows()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WorkloadClasses, "tier_kinds", property(lambda self: range(len(self.all))))
        assert shared == rows()
