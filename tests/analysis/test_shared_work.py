"""The work of lists and exposures, counted: it grows with the workloads, not with their pairs."""

from datetime import date

import pytest

from netpolc.analysis import concrete_evaluator, tier_order
from netpolc.analysis import possible_connections as possible_list
from netpolc.analysis.bounds import tier_readings
from netpolc.analysis.exposure import Exposures
from netpolc.analysis.namespace_partition import Cluster
from netpolc.analysis.policy_index import PolicyIndex
from netpolc.analysis.possible_connections import possible_connections
from netpolc.analysis.semantic_diff import compare
from netpolc.analysis.tier_fold import TierFold
from netpolc.analysis.tiers import NO_TIERS, Tiers
from netpolc.analysis.unknown_of_list import UnknownOfList
from netpolc.commands.pipeline import run
from netpolc.io.project import Options
from netpolc.io.sources import Sources
from netpolc.ir.model import Policies
from netpolc.kube.inventory import Inventory, Workload
from netpolc.kube.peers import Direction
from netpolc.kube.selectors import Selector
from netpolc.program.model import ClusterAddresses
from netpolc.sets import boxes
from netpolc.source import SourceFile
from tests.analysis.test_tiers import tiers
from tests.conftest import Count

FROM_OPS = tiers(
    """
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: base}
spec:
  tier: Baseline
  priority: 1
  subject: {namespaces: {}}
  ingress:
  - {action: Accept, from: [{namespaces: {matchLabels: {kubernetes.io/metadata.name: ops}}}]}
  - {action: Deny, from: [{namespaces: {}}]}
"""
)


def ring(services: int, *peers: str) -> tuple[Policies, Inventory]:
    """Services of one namespace, each open to the next one and peers, and a workload of each."""
    arrows = "".join(
        f"s{n} <- {', '.join((f's{(n + 1) % services}:80', *peers))}\n" for n in range(services)
    )
    intents = (SourceFile("a.intent", f"namespace shop\n{arrows}"),)
    workloads = tuple(
        Workload(namespace="shop", name=name, kind="Deployment", labels={"app": name})
        for name in (f"s{n}" for n in range(services))
    )
    known = run(Sources(intents=intents), Options(today=date(2026, 1, 1)))
    return known.whole, Inventory(workloads=workloads)


@pytest.mark.parametrize("tiers", [NO_TIERS, FROM_OPS], ids=["", "tiers"])
@pytest.mark.parametrize(
    ("place", "name"), [(boxes, "left_of"), (boxes, "meet"), (PolicyIndex, "_is_toward")]
)
def test_workloads_of_one_namespace_are_not_compared_with_each_other(
    count: Count,
    tiers: Tiers,
    place: object,
    name: str,
) -> None:
    calls = count(place, name)
    found = []
    for services in (20, 40):
        policies, inventory = ring(services)
        reading, _ = tier_readings(tiers, ClusterAddresses())
        exposures = Exposures(Cluster(policies, tiers=(reading,)))
        calls.clear()
        for workload in inventory.workloads:
            for direction in Direction:
                assert exposures.of(workload, direction)
        found.append(calls[name])
    assert found[1] <= 2 * found[0] + 8


@pytest.mark.parametrize(("place", "name"), [(TierFold, "permitted"), (Selector, "matches")])
def test_a_list_beside_tiers_asks_about_the_pairs_that_policies_name(
    count: Count,
    place: object,
    name: str,
) -> None:
    calls = count(place, name)
    found = []
    for services in (20, 40):
        policies, inventory = ring(services)
        calls.clear()
        assert list(possible_connections(policies, inventory, ClusterAddresses(), FROM_OPS))
        found.append(calls[name])
    assert found[1] <= 2 * found[0] + 8


@pytest.mark.parametrize(
    ("place", "name"),
    [(possible_list, "beyond"), (UnknownOfList, "_about")],
)
def test_a_list_asks_once_what_blocks_that_may_match_pods_permit(
    count: Count,
    place: object,
    name: str,
) -> None:
    calls = count(place, name)
    found = []
    for services in (20, 40):
        policies, inventory = ring(services, "10.0.0.0/8:443", "192.168.0.0/16")
        calls.clear()
        rows = list(possible_connections(policies, inventory, ClusterAddresses()))
        assert len(rows) > services * (services - 1)
        found.append(calls[name])
    assert found[1] <= 2 * found[0] + 8


def of_each(services: int, port: int) -> Tiers:
    """A cluster-wide policy about each service, with a priority of its own."""
    return tiers(
        *(
            f"""
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {{name: p{n}}}
spec:
  tier: Admin
  priority: {n + 1}
  subject: {{pods: {{namespaceSelector: {{}}, podSelector: {{matchLabels: {{app: s{n}}}}}}}}}
  ingress:
  - action: Accept
    from: [{{namespaces: {{matchLabels: {{team: t{n}}}}}}}]
    protocols: [{{tcp: {{destinationPort: {{number: {port}}}}}}}]
"""
            for n in range(services)
        )
    )


@pytest.mark.parametrize(
    ("place", "name"),
    [
        (tier_order._Maker, "add"),
        (boxes, "left_of"),
        (boxes, "meet"),
        (concrete_evaluator, "_rule_matches"),
    ],
)
def test_a_changed_rule_is_compared_with_those_about_its_pods(
    count: Count,
    place: object,
    name: str,
) -> None:
    calls = count(place, name)
    found = []
    for services in (20, 40):
        policies, _ = ring(services)
        sides = [tier_readings(of_each(services, port), ClusterAddresses())[0] for port in (80, 81)]
        calls.clear()
        change = compare(policies, policies, tiers=(sides[0], sides[1]))
        assert len(change.gained) >= services
        found.append(calls[name])
    assert found[1] <= 2 * found[0] + 8
