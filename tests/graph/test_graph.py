"""A graph shows what a list or a diff says, no more and no less."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netpolc.changes.diff import difference
from netpolc.changes.difference_graph import difference_graph
from netpolc.changes.model import Side
from netpolc.cli.main import run
from netpolc.commands.graph import permitted
from netpolc.commands.list_ import listed
from netpolc.commands.pipeline import Compilation
from netpolc.graph.folding import folded
from netpolc.graph.model import EdgeState, NodeKind
from netpolc.graph.words import full_name
from netpolc.ir.model import Policies
from netpolc.kube.inventory import Inventory, Workload
from netpolc.passes.normalise import normalise
from tests.changes.changes import side
from tests.cli.conftest import Put, put  # noqa: F401 - `put` is a fixture
from tests.properties.strategies import policies
from tests.properties.test_tier_diff import edits, told
from tests.reference.tier_strategies import network_policies

workloads = st.builds(
    Workload,
    namespace=st.sampled_from(["shop", "pay", "other"]),
    name=st.sampled_from("abc"),
    kind=st.just("Pod"),
    labels=st.dictionaries(st.just("app"), st.sampled_from(["api", "db"])),
)
inventories = st.lists(workloads, max_size=5, unique_by=str).map(
    lambda some: Inventory(workloads=tuple(some))
)


def known(whole: Policies, inventory: Inventory) -> Compilation:
    """What a run knows of policies and workloads."""
    nothing = side({})
    return Compilation(
        program=nothing.program,
        policies=nothing.policies,
        given=whole,
        whole=whole,
        written=whole,
        inventory=inventory,
    )


@settings(max_examples=12, deadline=None)
@given(policies(), inventories)
def test_the_edges_are_the_rows_of_a_list(some: Policies, inventory: Inventory) -> None:
    compiled = known(normalise(some), inventory)
    rows = list(listed(compiled, exposure=False))
    graph = permitted(compiled, whole=True)
    for shown in (graph, folded(graph), permitted(compiled)):
        assert sum(edge.count for edge in shown.edges if not edge.exposure) == len(rows)
    ends = {
        (full_name(edge.sender), full_name(edge.receiver))
        for edge in graph.edges
        if not edge.exposure
    }
    assert ends == {(row.sender, row.receiver) for row in rows}
    assert len({node for node in graph.nodes if "[Pod]" in node.names[0]}) == len(
        inventory.workloads
    )


@settings(max_examples=12, deadline=None)
@given(policies(), policies())
def test_the_graph_of_a_diff_is_empty_exactly_where_the_diff_is(
    before: Policies, after: Policies
) -> None:
    program = side({}).program
    sides = (Side(program=program, policies=normalise(one)) for one in (before, after))
    found = difference(*sides)
    graph = difference_graph(found)
    assert bool(graph) is bool(found)
    assert sum(edge.count for edge in graph.edges) == sum(len(e.far) for e in found.entries)
    assert not difference_graph(difference(*(side("db <- api:1") for _ in range(2))))


def test_a_change_is_told_by_states_and_exposure_by_kinds() -> None:
    found = difference(
        side("* <- none\ndb <- api:1"), side("* <- none\ndb <- internet:1, ns *:2, 10.0.0.0/8:3")
    )
    graph = difference_graph(found)
    assert {(e.sender.names, e.sender.kind, e.state) for e in graph.edges} == {
        (("api",), NodeKind.PODS, EdgeState.CLOSED),
        (("every namespace",), NodeKind.EVERY_NAMESPACE, EdgeState.OPENED),
        (("10.0.0.0/8",), NodeKind.BLOCK, EdgeState.OPENED),
        (("internet",), NodeKind.INTERNET, EdgeState.OPENED),
    }


@settings(max_examples=12, deadline=None)
@given(edits(), network_policies())
def test_the_graph_of_a_diff_by_cluster_wide_policies_is_empty_exactly_where_the_diff_is(
    edit: tuple[list[dict[str, Any]], list[dict[str, Any]]], own: list[dict[str, Any]]
) -> None:
    before, after = edit
    found = told([*before, *own], [*after, *own])
    graph = difference_graph(found)
    assert bool(graph) is bool(found)
    effects = {one.effect for one in found.tiers} | {one.effect for one in found.entries}
    assert {edge.state.value for edge in graph.edges} == {effect.value for effect in effects}
    several = sum(len(e.far) for e in found.entries) + sum(len(t.connections) for t in found.tiers)
    assert sum(edge.count for edge in graph.edges) == several


ADMIN = """\
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: a}
spec:
  tier: Admin
  priority: 1
  subject: {pods: {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: shop}}, podSelector: {matchLabels: {app: okapi}}}}
  ingress:
  - action: ACTION
    from: [{namespaces: {matchLabels: {env: zebra}}}]
    protocols: [{tcp: {destinationPort: {number: 80}}}]
"""


@pytest.mark.parametrize("form", ["mermaid", "dot", "svg", "html", "json"])
@pytest.mark.parametrize(("action", "state"), [("Deny", "closed"), ("Accept", "")])
def test_a_change_of_cluster_wide_policies_alone_is_drawn(
    put: Put,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
    form: str,
    action: str,
    state: str,
) -> None:
    put(
        {
            "old.yaml": ADMIN.replace("ACTION", "Accept"),
            "new.yaml": ADMIN.replace("ACTION", action),
        }
    )
    assert run(["graph", "new.yaml", "--diff", "old.yaml", "--format", form]) == 0
    text = capsys.readouterr().out
    assert ("zebra" in text) is bool(state)
    assert ("okapi" in text) is bool(state)
    if form == "json":
        assert {one["state"] for one in json.loads(text)["edges"]} == ({state} if state else set())
