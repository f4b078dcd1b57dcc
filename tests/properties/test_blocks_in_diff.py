"""Differences where blocks match pods by their addresses, or may match them, against the API's own text."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import permutations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netpolc.analysis.connection_sets import Connections, PodClass
from netpolc.changes.diff import difference
from netpolc.changes.model import Difference, Effect, Entry, Side
from netpolc.ir.build import policy_set
from netpolc.ir.model import Allow, Policies, PolicySet, Subject
from netpolc.kube.inventory import Workload
from netpolc.kube.peers import Direction
from netpolc.passes.normalise import normalise
from netpolc.program.model import ClusterAddresses, Program
from tests.analysis.test_reachability_random import is_in
from tests.properties.strategies import policies
from tests.properties.test_analysis import PORTS
from tests.properties.test_blocks_in_lists import (
    FACTS,
    WORKLOADS,
    Case,
    blocks_at_both_ends,
    case,
    pod,
)
from tests.reference.world import Pod
from tests.tries import tries


@settings(max_examples=tries(60), deadline=None)
@given(blocks_at_both_ends(), blocks_at_both_ends(), FACTS)
def test_a_change_between_pods_that_is_not_marked_is_one_in_every_world(
    before: PolicySet, after: PolicySet, facts: ClusterAddresses
) -> None:
    cases = case(before, facts), case(after, facts)
    found = _difference(cases, facts)
    for sender, receiver in permutations(WORKLOADS, 2):
        for entry in found.entries:
            is_opened = entry.effect is Effect.OPENED
            for port in () if entry.undecided else _ports(entry, sender, receiver):
                then, now = (each.outcomes(sender, receiver, port) for each in cases)
                assert not then or (then, now) == ({not is_opened}, {is_opened})


@settings(max_examples=tries(40), deadline=None)
@given(blocks_at_both_ends(), blocks_at_both_ends(), st.booleans(), FACTS)
def test_a_change_in_some_world_is_told(
    before: PolicySet, drawn: PolicySet, adds: bool, facts: ClusterAddresses
) -> None:
    """Between the pods, or at the end whose block has changed."""
    both = (*before.subjects, *drawn.subjects)
    after = policy_set(namespace="shop", complete=True, parts=_parts(both)) if adds else drawn
    cases = case(before, facts), case(after, facts)
    found = _difference(cases, facts)
    for (sender, receiver), port in product(permutations(WORKLOADS, 2), PORTS):
        then, now = (each.verdicts(sender, receiver, port) for each in cases)
        for (world, was), (_, is_now) in zip(then, now, strict=True):
            if was is not is_now:
                effect = Effect.OPENED if is_now else Effect.CLOSED
                ends = tuple(zip((sender, receiver), world.pods, strict=True))
                assert any(
                    _tells(some, ends, port)
                    for entry in found.entries
                    if entry.effect is effect
                    for some in entry.connections
                )


@settings(max_examples=tries(30), deadline=None)
@given(blocks_at_both_ends(), blocks_at_both_ends(), st.sampled_from(Direction), FACTS)
def test_blocks_open_nothing_else_where_the_other_end_is_the_same(
    before: PolicySet, drawn: PolicySet, kept: Direction, facts: ClusterAddresses
) -> None:
    after = replace(drawn, subjects=(*before.of(kept), *drawn.of(kept.other)))
    cases = case(before, facts), case(after, facts)
    found = _difference(cases, facts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("netpolc.changes.opened_blocks._are_alike", lambda *_: False)
        assert found == _difference(cases, facts)


@settings(max_examples=tries(10), deadline=None)
@given(st.data(), FACTS)
def test_namespaces_without_an_end_of_a_change_decide_nothing(
    data: st.DataObject, facts: ClusterAddresses
) -> None:
    drawn = data.draw(policies())
    changed = data.draw(policies())
    name = data.draw(st.sampled_from(sorted(drawn.namespaces) or [""]))
    kept = {other: each for other, each in drawn.namespaces.items() if other != name}
    edited = {key: each for key, each in changed.namespaces.items() if key == name}
    cases = [Case(normalise(each), [], facts) for each in (drawn, Policies({**kept, **edited}))]
    found = _difference(cases, facts)
    with pytest.MonkeyPatch.context() as patch:
        every = property(lambda blocks: blocks._side.policies)
        patch.setattr("netpolc.changes.blocks_between_pods.BlocksBetweenPods._decisive", every)
        assert found == _difference(cases, facts)


def _parts(subjects: Iterable[Subject]) -> Iterator[Subject | Allow]:
    for subject in subjects:
        yield replace(subject, allows=())
        yield from subject.allows


def _tells(some: Connections, ends: tuple[tuple[Workload, Pod], ...], port: int) -> bool:
    """Whether connections are about two pods, or about one pod and the address of the other one."""
    classes = some.sender, some.receiver
    are_pods = [isinstance(end, PodClass) for end in classes]
    return (
        port in some.traffic.tcp
        and (some.same_namespace or not all(are_pods))
        and all(
            is_in(pod(workload), end)
            if isinstance(end, PodClass)
            else there.address is not None and there.address in end
            for end, (workload, there) in zip(classes, ends, strict=True)
        )
    )


def _difference(cases: Iterable[Case], facts: ClusterAddresses) -> Difference:
    program = Program(namespaces={}, assertions=(), addresses=facts)
    before, after = (Side(program=program, policies=each.policies) for each in cases)
    return difference(before, after)


def _ports(entry: Entry, sender: Workload, receiver: Workload) -> Iterator[int]:
    """The ports of an entry between pods of two workloads."""
    for some in entry.connections:
        if (
            isinstance(some.sender, PodClass)
            and isinstance(some.receiver, PodClass)
            and some.same_namespace
            and is_in(pod(sender), some.sender)
            and is_in(pod(receiver), some.receiver)
        ):
            yield from (port for port in PORTS if port in some.traffic.tcp)
