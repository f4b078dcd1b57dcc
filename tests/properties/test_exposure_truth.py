"""Exposure against the API's own text: each unknown pod is in one row, which is right.

Labels of a workload's namespace that nobody states, and those in which its pods differ, make worlds: what all
of them permit is certain, what only some permit is possible.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from netpolc.analysis.concrete_evaluator import Pod as KnownPod
from netpolc.commands.exposure_rows import exposure_rows
from netpolc.commands.listed import Listed
from netpolc.ir.build import policy_set
from netpolc.ir.model import Allow, Policies, Subject
from netpolc.kube.inventory import Inventory, Workload
from netpolc.kube.label_conventions import ControllerLabel, LabelValue
from netpolc.kube.name_rules import METADATA_NAME
from netpolc.kube.peers import BlockScope, Direction, Pods
from netpolc.kube.ports import Protocol
from netpolc.kube.selectors import Selector
from netpolc.manifest.write import write
from netpolc.passes.emit import emit
from netpolc.passes.normalise import normalise
from netpolc.program.model import ClusterAddresses
from tests.analysis import strategies as small
from tests.analysis.test_reachability_random import is_in
from tests.graph.test_graph import known
from tests.properties.test_disjoint_exposure import other_end, rows_about
from tests.reference.kubernetes import permits
from tests.reference.world import Pod, World
from tests.tries import tries

TIER = ControllerLabel(key="tier", kind=LabelValue.UNKNOWN, pattern="t")
workloads = st.builds(
    Workload,
    namespace=st.sampled_from(small.NAMES),
    name=st.just("own"),
    kind=st.just("Deployment"),
    labels=st.sampled_from(small.POD_LABELS),
)
varying = st.builds(
    Workload,
    namespace=st.sampled_from(small.NAMES),
    name=st.just("own"),
    kind=st.just("StatefulSet"),
    labels=st.sampled_from([{"app": "x"}, {"app": "y"}, {}]),
    varying=st.just((TIER,)),
)

by_namespace = st.builds(
    Pods,
    st.sampled_from(small.ENVS).map(lambda values: Selector.of((("env", values),))),
    small.pod_selectors,
)


@st.composite
def policies_of_labels(draw: st.DrawFn) -> Policies:
    """Policies of one namespace, whose peers are chosen by labels of their namespaces."""
    direction = draw(st.sampled_from(Direction))
    allows = draw(
        st.lists(
            st.builds(
                Allow,
                subject=small.pod_selectors,
                direction=st.just(direction),
                peer=by_namespace,
                traffic=small.traffic,
            ),
            min_size=2,
            max_size=4,
        )
    )
    closed = (Subject(selector=allow.subject, direction=direction) for allow in allows)
    labels = draw(st.sampled_from([{}, {}, {"env": "p"}]))
    return Policies({"a": policy_set(namespace="a", labels=labels, parts=(*closed, *allows))})


@dataclass(frozen=True)
class Case:
    """Policies as the API has them, a workload, and the direction of its connections."""

    policies: Policies
    manifests: list[Any]
    workload: Workload
    direction: Direction

    def outcomes(self, other: KnownPod, protocol: Protocol, port: int) -> set[bool]:
        """What the worlds say of a connection with a pod that is not known."""
        return {self._permits(world, protocol, port) for world in self._worlds(other)}

    def _permits(self, world: World, protocol: Protocol, port: int) -> bool:
        sender, receiver = world.pods if self.direction is Direction.EGRESS else world.pods[::-1]
        return permits(self.manifests, world, sender, receiver, protocol.value, port)

    def _worlds(self, other: KnownPod) -> Iterator[World]:
        """Each set of labels that the workload's namespace and pods may have."""
        own = self.workload
        replicas = [own.labels, {**own.labels, "tier": "t"}] if own.varying else [own.labels]
        for namespace, labels in product(self.labels_of(own.namespace), replicas):
            there = {other.namespace: other.namespace_labels, own.namespace: namespace}
            pods = (
                Pod(namespace=own.namespace, name="own", labels=labels),
                Pod(namespace=other.namespace, name="other", labels=other.labels),
            )
            yield World(there, pods)

    def labels_of(self, namespace: str) -> list[dict[str, str]]:
        """The labels that a namespace may have."""
        stated = self.policies.namespaces.get(namespace)
        named = {METADATA_NAME: namespace, **({} if stated is None else stated.labels)}
        if "env" in named or (stated is not None and stated.complete):
            return [named]
        return [{**named, **labels} for labels in small.NAMESPACE_LABELS]


def rows_of(case: Case) -> list[Listed]:
    """The rows of the case's workload in its direction, where blocks match addresses outside only."""
    whole = known(case.policies, Inventory(workloads=(case.workload,)))
    stated = ClusterAddresses(blocks=BlockScope.OUTSIDE)
    whole = replace(whole, program=replace(whole.program, addresses=stated))
    return list(rows_about(list(exposure_rows(whole)), case.workload, case.direction))


@settings(max_examples=tries(60), deadline=None)
@given(
    small.policies() | policies_of_labels(),
    workloads | varying,
    st.sampled_from(Direction),
    st.data(),
)
def test_each_unknown_pod_is_in_one_row_that_is_right(
    drawn: Policies, workload: Workload, direction: Direction, data: st.DataObject
) -> None:
    policies = normalise(drawn)
    manifests = [yaml.safe_load(write(policy)) for policy in emit(policies).value]
    case = Case(policies, manifests, workload, direction)
    rows = rows_of(case)
    for _ in range(20):
        other = data.draw(st.sampled_from(small.all_pods()))
        namespace = data.draw(st.sampled_from(case.labels_of(other.namespace)))
        other = replace(other, namespace_labels=namespace)
        holding = [row for row in rows if is_in(other, other_end(row, direction))]
        assert len(holding) <= 1
        for protocol, port in small.PORTS:
            outcomes = case.outcomes(other, protocol, port)
            certain = any(port in row.traffic.numbers(protocol) for row in holding)
            possible = any(port in row.possible.numbers(protocol) for row in holding)
            assert (certain, possible) == (outcomes == {True}, len(outcomes) > 1)
            assert not possible or holding[0].facts
