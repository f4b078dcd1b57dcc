"""Random pairs of policies: what compare says, against every connection of a small world."""

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Any, Generic, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netpolc.analysis import avoided_boxes, changed_cases, semantic_diff
from netpolc.analysis.concrete_evaluator import Connection, permits
from netpolc.analysis.connection_sets import PodClass
from netpolc.analysis.semantic_diff import compare, equivalent
from netpolc.ir.build import policy_set
from netpolc.ir.model import Policies, Subject
from netpolc.kube.peers import Direction
from netpolc.kube.selectors import Selector
from netpolc.sets import ValueSet
from netpolc.sets.value_set import PRESENT
from tests.analysis import strategies as small
from tests.properties.test_tiers import reading, understood
from tests.reference import tier_strategies
from tests.tries import tries

Drawn = list[dict[str, Any]]
T = TypeVar("T")


@settings(max_examples=tries(40), deadline=None)
@given(small.policies(with_names=True))
def test_nothing_differs_from_itself(known: Policies) -> None:
    again = Policies(dict(known.namespaces))
    assert not compare(known, again)


@settings(max_examples=tries(30), deadline=None)
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


class _All(Generic[T]):
    """An index that finds everything."""

    def __init__(self, entries: Iterable[tuple[object, T]]) -> None:
        self._entries = [entry for _, entry in entries]

    def meeting(self, _: object) -> list[T]:
        return self._entries


def _every_sender(_: object, near: Iterable[T], *_others: object) -> Iterable[T]:
    return near


_OVERLAPPING = Policies(
    {
        "a": policy_set(
            namespace="a",
            parts=tuple(
                Subject(
                    selector=Selector.of(((key, allowed),)),
                    direction=Direction.INGRESS,
                    origins=small.origin("a", 1),
                )
                for key, allowed in (("app", ValueSet.other_than("x")), ("tier", PRESENT))
            ),
        )
    }
)


def test_what_two_overlapping_subjects_close_is_found_once() -> None:
    for one, other in combinations(compare(Policies({}), _OVERLAPPING).lost, 2):
        if one.connections.sender == other.connections.sender:
            ends = one.connections.receiver, other.connections.receiver
            first, second = (end.pods for end in ends if isinstance(end, PodClass))
            assert first.isdisjoint(second)


@settings(max_examples=tries(40), deadline=None)
@given(small.policies(with_names=True), small.policies(with_names=True))
def test_what_is_found_by_labels_is_what_a_look_at_all_finds(
    before: Policies, after: Policies
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(avoided_boxes, "_FEW", 0)
        quick = compare(before, after)
        patch.setattr(semantic_diff, "ValueIndex", _All)
        patch.setattr(avoided_boxes, "ValueIndex", _All)
        patch.setattr(changed_cases, "listed_senders", _every_sender)
        assert compare(before, after) == quick


@settings(max_examples=tries(25), deadline=None)
@given(
    small.policies(with_names=True),
    small.policies(with_names=True),
    tier_strategies.cluster_policies(),
    tier_strategies.cluster_policies(),
    st.booleans(),
)
def test_beside_tiers_what_is_found_by_labels_is_what_a_look_at_all_finds(
    before: Policies, after: Policies, then: Drawn, now: Drawn, most: bool
) -> None:
    tiers = reading(understood(then)[1], most=most), reading(understood(now)[1], most=most)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(avoided_boxes, "_FEW", 0)
        quick = compare(before, after, tiers=tiers)
        patch.setattr(semantic_diff, "ValueIndex", _All)
        patch.setattr(avoided_boxes, "ValueIndex", _All)
        patch.setattr(changed_cases, "listed_senders", _every_sender)
        assert compare(before, after, tiers=tiers) == quick


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
