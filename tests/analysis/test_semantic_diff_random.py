"""Random pairs of policies: what compare says, against every connection of a small world."""

from collections.abc import Iterator

from hypothesis import given, settings

from netpolc.analysis.concrete_evaluator import Connection, permits
from netpolc.analysis.semantic_diff import compare, equivalent
from netpolc.ir.model import Policies
from tests.analysis import strategies as small


@settings(max_examples=40, deadline=None)
@given(small.policies(with_names=True))
def test_nothing_differs_from_itself(known: Policies) -> None:
    again = Policies(dict(known.namespaces))
    assert not compare(known, again)


@settings(max_examples=30, deadline=None)
@given(small.policies(), small.policies())
def test_a_comparison_finds_exactly_what_differs(before: Policies, after: Policies) -> None:
    if any(
        before.namespaces[n].labels != after.namespaces[n].labels
        or before.namespaces[n].complete != after.namespaces[n].complete
        for n in before.namespaces.keys() & after.namespaces.keys()
    ):
        after = Policies(
            {
                n: small.with_facts_of(p, before.namespaces.get(n))
                for n, p in after.namespaces.items()
            }
        )
    found = compare(before, after)
    gained = lost = False
    for connection in _world(before, after):
        then, now = permits(before, connection), permits(after, connection)
        gained, lost = gained or (now and not then), lost or (then and not now)
    assert (bool(found.gained), bool(found.lost)) == (gained, lost)
    assert equivalent(before, after) is not (gained or lost)


def _world(before: Policies, after: Policies) -> Iterator[Connection]:
    pods = small.all_pods()
    for sender in pods:
        for receiver in pods:
            if small.could_be(before, sender, receiver) and small.could_be(after, sender, receiver):
                for protocol, port in small.PORTS:
                    yield Connection(sender=sender, receiver=receiver, protocol=protocol, port=port)
    for pod in pods:
        for address in small.ADDRESSES:
            if small.could_be(before, pod, pod) and small.could_be(after, pod, pod):
                for protocol, port in small.PORTS:
                    yield Connection(sender=pod, receiver=address, protocol=protocol, port=port)
                    yield Connection(sender=address, receiver=pod, protocol=protocol, port=port)
