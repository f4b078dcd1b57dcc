"""What workloads are open to: rows shared by workloads, and rows that are right."""

from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netpolc.analysis.concrete_evaluator import Connection, End, Pod, permits
from netpolc.analysis.connection_sets import PodClass
from netpolc.analysis.exposure import Exposed, Exposures
from netpolc.analysis.namespace_partition import Cluster
from netpolc.analysis.query import EVERY_ADDRESS, EVERY_POD, Question, of_workload
from netpolc.analysis.reachability import AskedCase, Reached, reach
from netpolc.ir.build import policy_set
from netpolc.ir.model import Allow, Policies, Subject
from netpolc.kube.inventory import ContainerPort, Workload
from netpolc.kube.label_conventions import controller_labels
from netpolc.kube.peers import Direction, Pods
from netpolc.kube.ports import EVERY_PORT, NamedPort
from netpolc.kube.selectors import EVERYTHING, Selector
from tests.analysis import strategies as small
from tests.analysis.test_reachability_random import carries, holds, is_in
from tests.tries import tries

WORKLOADS = [
    Workload(
        namespace=namespace,
        name=f"w{number}",
        kind="Deployment",
        labels=labels,
        ports=(
            ContainerPort(number=http, name="http"),
            ContainerPort(number=443, name="metrics"),
        ),
    )
    for namespace in small.NAMES
    for number, labels in enumerate(small.POD_LABELS)
    for http in small.NUMBERS
]
directions = st.sampled_from(Direction)


def reached(cluster: Cluster, workload: Workload, direction: Direction) -> Iterable[Reached]:
    """The connections of one workload, asked for without any other."""
    own = of_workload(workload)
    for other in (EVERY_POD, EVERY_ADDRESS):
        ends = (other, own) if direction is Direction.INGRESS else (own, other)
        yield from reach(cluster, (Question(sender=ends[0], receiver=ends[1]),))


def alone(cluster: Cluster, workload: Workload, direction: Direction) -> tuple[Exposed, ...]:
    """The plain way: each row is worked out for itself."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AskedCase, "likeness", lambda *_: object())
        return Exposures(cluster).of(workload, direction)


def whole(exposed: Exposed) -> tuple[object, ...]:
    """A row with what opens its ends and their lines, which are not compared."""
    openers = (*(exposed.egress or ()), *(exposed.ingress or ()))
    lines = [origin.line for opener in openers for origin in opener.origins]
    return exposed, exposed.egress, exposed.ingress, lines


@settings(max_examples=tries(60), deadline=None)
@given(small.policies(with_names=True), st.permutations(WORKLOADS), directions)
def test_workloads_that_share_rows_have_those_of_each_alone(
    known: Policies, workloads: list[Workload], direction: Direction
) -> None:
    cluster = Cluster(known)
    exposures = Exposures(cluster)
    for workload in workloads[:16]:
        found = exposures.of(workload, direction)
        assert list(map(whole, found)) == list(map(whole, alone(cluster, workload, direction)))


@settings(max_examples=tries(40), deadline=None)
@given(small.policies(with_names=True), st.sampled_from(WORKLOADS), directions, st.data())
def test_rows_of_a_workload_are_exactly_what_is_permitted(
    known: Policies, workload: Workload, direction: Direction, data: st.DataObject
) -> None:
    rows = list(reached(Cluster(known), workload, direction))
    numbers = {
        NamedPort(port.protocol, port.name): frozenset((port.number,)) for port in workload.ports
    }
    pods: list[Pod] = small.all_pods(numbers)
    mine = [
        pod for pod in pods if pod.namespace == workload.namespace and pod.labels == workload.labels
    ]
    ends: list[End] = [*pods, *small.ADDRESSES]
    for _ in range(12):
        own, other = data.draw(st.sampled_from(mine)), data.draw(st.sampled_from(ends))
        sender, receiver = (other, own) if direction is Direction.INGRESS else (own, other)
        if not small.could_be(known, sender, receiver):
            continue
        holding = [row for row in rows if holds(row, sender, receiver)]
        assert len(holding) <= 1
        for protocol, port in small.PORTS:
            connection = Connection(sender=sender, receiver=receiver, protocol=protocol, port=port)
            assert any(carries(row, connection) for row in holding) == permits(known, connection)


def test_a_policy_about_one_replica_opens_its_workload() -> None:
    """A StatefulSet's pods have labels of their own, which a subject may require."""
    name = "statefulset.kubernetes.io/pod-name"
    database = Workload(
        namespace="shop",
        name="db",
        kind="StatefulSet",
        labels={"app": "db"},
        varying=controller_labels("StatefulSet", "db"),
    )
    first, api = Selector.labels({name: "db-0"}), Selector.labels({"app": "api"})
    origins = small.origin("shop", 1)
    parts = (
        Subject(selector=EVERYTHING, direction=Direction.INGRESS, origins=origins),
        Subject(selector=first, direction=Direction.INGRESS, origins=origins),
        Allow(
            subject=first,
            direction=Direction.INGRESS,
            peer=Pods(None, api),
            traffic=EVERY_PORT,
            origins=origins,
        ),
    )
    cluster = Cluster(Policies({"shop": policy_set(namespace="shop", parts=parts)}))
    (row,) = Exposures(cluster).of(database, Direction.INGRESS)
    assert isinstance(row.peer, PodClass)
    assert row.peer.pods == api


@settings(max_examples=tries(40), deadline=None)
@given(small.policies(with_names=True), st.sampled_from(WORKLOADS), directions, st.data())
def test_what_is_certain_is_permitted_whatever_labels_the_namespace_has(
    known: Policies, workload: Workload, direction: Direction, data: st.DataObject
) -> None:
    """And whatever is permitted is certain or possible."""
    rows = Exposures(Cluster(known)).of(workload, direction)
    numbers = {
        NamedPort(port.protocol, port.name): frozenset((port.number,)) for port in workload.ports
    }
    pods: list[Pod] = small.all_pods(numbers)
    mine = [
        pod for pod in pods if pod.namespace == workload.namespace and pod.labels == workload.labels
    ]
    for _ in range(12):
        own, other = data.draw(st.sampled_from(mine)), data.draw(st.sampled_from(pods))
        sender, receiver = (other, own) if direction is Direction.INGRESS else (own, other)
        if not small.could_be(known, sender, receiver):
            continue
        holding = [
            row
            for row in rows
            if is_in(other, row.peer) and row.own_namespace == (own.namespace == other.namespace)
        ]
        for protocol, port in small.PORTS:
            connection = Connection(sender=sender, receiver=receiver, protocol=protocol, port=port)
            is_permitted = permits(known, connection)
            certain = any(port in row.carried.traffic.numbers(protocol) for row in holding)
            listed = any(
                port in row.possible.numbers(protocol)
                or row.carried.traffic.named
                or row.possible.named
                or row.carried.depending
                for row in holding
            )
            assert is_permitted or not certain
            assert certain or listed or not is_permitted
