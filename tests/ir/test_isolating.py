"""Subjects are found by a pod's labels without looking at all, and are those that close it."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from netpolc.ir.model import Policies, PolicySet
from netpolc.kube.peers import Direction
from tests.analysis import strategies as small


@given(
    small.policies(),
    st.sampled_from(small.NAMES[:3]),
    st.sampled_from(Direction),
    st.sampled_from(small.POD_LABELS),
)
def test_subjects_of_a_pod_are_those_that_a_look_at_all_finds(
    known: Policies, namespace: str, direction: Direction, labels: dict[str, str]
) -> None:
    here = known.namespaces.get(namespace)
    plain = () if here is None else here.of(direction)
    expected = [one.selector for one in plain if one.selector.matches(labels)]
    for _ in range(2):
        found = [one.selector for one in known.isolating(namespace, direction, labels)]
        assert len(found) == len(set(found))
        assert set(found) == set(expected)


@given(small.policies(), small.policy_sets("a"), st.sampled_from(Direction))
def test_changed_policies_do_not_remember_earlier_ones(
    known: Policies, other: PolicySet, direction: Direction
) -> None:
    known.isolating("a", direction, {})
    changed = replace(known, namespaces={**known.namespaces, "a": other})
    expected = {one.selector for one in other.of(direction) if one.selector.matches({})}
    assert {one.selector for one in changed.isolating("a", direction, {})} == expected
