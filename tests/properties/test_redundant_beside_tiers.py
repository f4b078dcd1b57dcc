"""Redundant statements beside random cluster-wide policies: removing all of them changes nothing."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from netpolc.analysis.namespace_partition import Cluster
from netpolc.analysis.redundant_statements import redundant_statements
from netpolc.analysis.semantic_diff import compare
from netpolc.ir.model import Policies
from tests.analysis.strategies import policies as some_policies
from tests.analysis.test_reachability_random import without_lines
from tests.properties.test_tiers import reading, understood
from tests.reference.tier_strategies import cluster_policies
from tests.tries import tries


@settings(max_examples=tries(30), deadline=None)
@given(some_policies(with_names=True), cluster_policies(), st.booleans())
def test_redundant_statements_can_all_go_beside_cluster_wide_policies(
    known: Policies, cluster: list[dict[str, Any]], most: bool
) -> None:
    """They isolate no pod that is not isolated without them, so Baseline rules decide no more."""
    gone = [(one.namespace, one.origin.line) for one in redundant_statements(Cluster(known))]
    left = Policies(
        {
            name: without_lines(some, {line for home, line in gone if home == name})
            for name, some in known.namespaces.items()
        }
    )
    _, tiers = understood(cluster)
    one = reading(tiers, most=most)
    assert not compare(known, left, tiers=(one, one))
