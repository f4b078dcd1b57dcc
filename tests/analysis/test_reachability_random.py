"""`reach`, `can`, `redundant` and `unprotected` against the concrete evaluator."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netpolc.analysis import reachability
from netpolc.analysis.bounds import Bounds
from netpolc.analysis.concrete_evaluator import Connection, End, Pod, permits
from netpolc.analysis.connection_sets import EndClass, PodClass
from netpolc.analysis.explain_query import Answer, can
from netpolc.analysis.namespace_partition import Cluster
from netpolc.analysis.open_pods import closed_pods, open_pods
from netpolc.analysis.query import AddressEnd, PodEnd, Question
from netpolc.analysis.reachability import Reached, reach
from netpolc.analysis.redundant_statements import redundant_statements
from netpolc.analysis.semantic_diff import equivalent
from netpolc.ir.build import policy_set
from netpolc.ir.model import Allow, Policies, PolicySet, Subject
from netpolc.kube.cidr import Addresses
from netpolc.kube.name_rules import METADATA_NAME
from netpolc.kube.peers import Direction, Pods
from netpolc.kube.ports import Traffic
from netpolc.kube.selectors import Selector
from netpolc.provenance import Origin
from tests.analysis import strategies as small
from tests.tries import tries

some_ends = st.sampled_from([*small.all_pods(), *small.ADDRESSES])
PORTS = {small.HTTP: frozenset((80,)), small.METRICS: frozenset((443,))}


@settings(max_examples=tries(60), deadline=None)
@given(small.policies(with_names=True), st.data())
def test_rows_are_exactly_what_is_permitted(known: Policies, data: st.DataObject) -> None:
    rows = list(reach(Cluster(known)))
    for _ in range(12):
        sender, receiver = data.draw(some_ends), data.draw(some_ends)
        if isinstance(receiver, Pod):
            receiver = replace(receiver, ports=PORTS)
        if not (isinstance(sender, Pod) or isinstance(receiver, Pod)):
            continue
        if not small.could_be(known, sender, receiver):
            continue
        holding = [row for row in rows if holds(row, sender, receiver)]
        assert len(holding) <= 1
        for protocol, port in small.PORTS:
            connection = Connection(sender=sender, receiver=receiver, protocol=protocol, port=port)
            assert any(carries(row, connection) for row in holding) == permits(known, connection)


@settings(max_examples=tries(60), deadline=None)
@given(small.policies(with_names=True), st.data())
def test_rows_that_overlap_are_together_what_is_permitted(
    known: Policies, data: st.DataObject
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reachability, "most_classes", lambda members: 0 * members)
        rows = list(reach(Cluster(known)))
    for _ in range(12):
        sender, receiver = data.draw(some_ends), data.draw(some_ends)
        if isinstance(receiver, Pod):
            receiver = replace(receiver, ports=PORTS)
        if not (isinstance(sender, Pod) or isinstance(receiver, Pod)):
            continue
        if not small.could_be(known, sender, receiver):
            continue
        holding = [row for row in rows if holds(row, sender, receiver)]
        for protocol, port in small.PORTS:
            connection = Connection(sender=sender, receiver=receiver, protocol=protocol, port=port)
            assert any(carries(row, connection) for row in holding) == permits(known, connection)


def holds(row: Reached, sender: End, receiver: End) -> bool:
    """Whether a row is about two ends."""
    together = (
        isinstance(sender, Pod)
        and isinstance(receiver, Pod)
        and sender.namespace == receiver.namespace
    )
    if isinstance(sender, Pod) and isinstance(receiver, Pod) and row.same_namespace != together:
        return False
    return is_in(sender, row.sender) and is_in(receiver, row.receiver)


def is_in(end: End, found: EndClass) -> bool:
    if isinstance(found, PodClass):
        return (
            isinstance(end, Pod)
            and end.namespace in found.names
            and found.namespaces.matches(end.namespace_labels)
            and found.pods.matches(end.labels)
        )
    return not isinstance(end, Pod) and end in found


def carries(row: Reached, connection: Connection) -> bool:
    """Whether a row has the traffic of a connection."""
    ports = connection.receiver.ports if isinstance(connection.receiver, Pod) else {}
    bearing = {
        name
        for name, numbers in ports.items()
        if name.protocol is connection.protocol and connection.port in numbers
    }
    traffic = row.carried.traffic
    if connection.port in traffic.numbers(connection.protocol) or traffic.named & bearing:
        return True
    return any(
        d.names <= bearing
        and not d.without & bearing
        and connection.port in d.numbers
        and connection.protocol in {name.protocol for name in d.names | d.without}
        for d in row.carried.depending
    )


@settings(max_examples=tries(60), deadline=None)
@given(small.policies(), small.pods, small.traffic, st.none() | small.blocks)
def test_an_answer_says_what_decides_it(
    known: Policies, subject: Pods, traffic: Traffic, addresses: Addresses | None
) -> None:
    namespaces = Selector.labels({METADATA_NAME: "a"})
    receiver = PodEnd(subject.namespaces or namespaces, subject.pods)
    sender = PodEnd() if addresses is None else AddressEnd(addresses)
    question = Question(sender=sender, receiver=receiver, traffic=traffic)
    cluster = Cluster(known)
    reply = can(Bounds.certain(cluster), question)
    assert reply.answer is not Answer.UNKNOWN
    assert (reply.permitted is None) == (reply.answer in {Answer.NO, Answer.NOTHING})
    assert (reply.blocked is None) == (reply.answer in {Answer.YES, Answer.NOTHING})
    assert bool(list(reach(cluster, (question,)))) == (reply.permitted is not None)
    if reply.blocked is not None:
        assert reply.ingress.isolations or reply.egress.isolations
    if reply.permitted is not None:
        assert reply.ingress.open or reply.ingress.allows


@settings(max_examples=tries(60), deadline=None)
@given(small.policies(with_names=True))
def test_redundant_statements_can_all_go(known: Policies) -> None:
    gone = {(r.namespace, _key(r.origin)) for r in redundant_statements(Cluster(known))}
    left = Policies(
        {
            name: without_lines(p, {k for n, k in gone if n == name})
            for name, p in known.namespaces.items()
        }
    )
    assert equivalent(known, left)


@settings(max_examples=tries(40), deadline=None)
@given(small.policies())
def test_a_statement_that_changes_nothing_at_its_end_is_redundant(known: Policies) -> None:
    """After all redundant ones have gone, none can go without a change."""
    gone = {(r.namespace, _key(r.origin)) for r in redundant_statements(Cluster(known))}
    left = Policies(
        {
            name: without_lines(p, {k for n, k in gone if n == name})
            for name, p in known.namespaces.items()
        }
    )
    assert not list(redundant_statements(Cluster(left)))


def _key(origin: Origin) -> int:
    return origin.line


def without_lines(policies: PolicySet, lines: set[int]) -> PolicySet:
    parts: list[Subject | Allow] = []
    for subject in policies.subjects:
        parts += (replace(subject, allows=()), *subject.allows)
    parts = [
        replace(part, origins=tuple(o for o in part.origins if o.line not in lines))
        for part in parts
        if any(o.line not in lines for o in part.origins)
    ]
    return policy_set(
        namespace=policies.namespace,
        labels=policies.labels,
        complete=policies.complete,
        parts=parts,
    )


@settings(max_examples=tries(60), deadline=None)
@given(small.policy_sets("a"), small.pod_selectors, st.sampled_from(Direction))
def test_open_pods_are_those_that_nothing_closes(
    known: PolicySet, among: Selector, direction: Direction
) -> None:
    found = open_pods(closed_pods(known, direction), among)
    for labels in small.POD_LABELS:
        closed = any(
            i.direction is direction and i.selector.matches(labels) for i in known.subjects
        )
        assert sum(s.matches(labels) for s in found) == (among.matches(labels) and not closed)
