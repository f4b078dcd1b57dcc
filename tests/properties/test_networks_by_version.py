"""Answers and classes of pods beside networks of tiers, where pods have addresses of both IP versions.

Two pods connect over one version, so networks are read for each by itself, against the API's own text.
"""

from ipaddress import ip_address
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from netpolc.analysis.bounds import Bounds, tier_readings
from netpolc.analysis.explain_query import Answer, can
from netpolc.analysis.exposure import Exposures
from netpolc.analysis.namespace_partition import Cluster
from netpolc.analysis.query import EVERY_POD, Question
from netpolc.analysis.reachability import reach
from netpolc.analysis.unknown_facts import IpVersion
from netpolc.changes.model import Difference, Effect, Entry, TierChange
from netpolc.kube.cidr import Addresses, Block, Cidr
from netpolc.kube.inventory import Workload
from netpolc.kube.peers import BlockScope, Direction
from netpolc.kube.ports import Protocol, Traffic
from netpolc.program.model import ClusterAddresses
from tests.analysis.test_reachability_random import holds, is_in
from tests.properties.test_tier_diff import edits, told
from tests.properties.test_tiers import (
    WORKLOADS,
    asked_end,
    connection,
    pairs,
    understood,
    verdicts,
)
from tests.reference import tier_strategies as small
from tests.reference.world import Address, Pod
from tests.tries import tries

# No network of the policies has only some of the addresses of a version.
_PODS = Addresses.of(Block(Cidr.parse(text)) for text in ("10.1.0.0/16", "2001:db8::/32"))
_FACTS = ClusterAddresses(pods=_PODS, blocks=BlockScope.OUTSIDE)
_PLACES: tuple[Address, ...] = tuple(map(ip_address, ("10.1.0.9", "2001:db8::9")))
"""An address of a pod of each version."""


@settings(max_examples=tries(40), deadline=None)
@given(small.cluster_policies(names=False), small.network_policies(), st.integers(0, 1 << 30))
def test_an_answer_is_what_policies_decide_over_either_version(
    cluster: list[dict[str, Any]], own: list[dict[str, Any]], seed: int
) -> None:
    policies, tiers = understood([*cluster, *own])
    bounds = Bounds.of(policies, _FACTS, tiers=tiers)
    for source, destination, protocol, port in pairs(seed, 20):
        if not (isinstance(source, Pod) and isinstance(destination, Pod)):
            continue
        question = Question(
            sender=asked_end(source),
            receiver=asked_end(destination),
            traffic=Traffic.of([(Protocol(protocol), port, port)]),
        )
        pair = source, destination, protocol, port
        each = [verdicts([*cluster, *own], pair, [place]) for place in _PLACES]
        assert can(bounds, question).answer is _answer(each)


def _answer(each: list[frozenset[bool]]) -> Answer:
    """The answer where these are the verdicts that implementations may give over each version."""
    sure = {next(iter(verdicts)) for verdicts in each if len(verdicts) == 1}
    if len(sure) > 1:
        return Answer.PARTLY
    if any(len(verdicts) > 1 for verdicts in each):
        return Answer.UNKNOWN
    return Answer.YES if sure == {True} else Answer.NO


@settings(max_examples=tries(30), deadline=None)
@given(small.cluster_policies(names=False), small.network_policies(), st.integers(0, 1 << 30))
def test_classes_have_what_is_permitted_over_both_versions_and_over_some(
    cluster: list[dict[str, Any]], own: list[dict[str, Any]], seed: int
) -> None:
    policies, tiers = understood([*cluster, *own])
    least, most = (Cluster(policies, tiers=(one,)) for one in tier_readings(tiers, _FACTS))
    pods = (Question(sender=EVERY_POD, receiver=EVERY_POD),)
    rows = {each: list(reach(each, pods)) for each in (least, most)}
    exposures = {each: Exposures(each) for each in (least, most)}
    for pair in pairs(seed, 20):
        source, destination, protocol, port = pair
        if not (isinstance(source, Pod) and isinstance(destination, Pod)):
            continue
        one = connection(*pair)
        traffic = Traffic.of([(Protocol(protocol), port, port)])
        found = verdicts([*cluster, *own], pair, _PLACES)
        for certain, possible in (
            [[row for row in rows[each] if holds(row, one.sender, one.receiver)] for each in rows],
            [
                [
                    row
                    for row in each.of(_workload(destination), Direction.INGRESS)
                    if is_in(one.sender, row.peer)
                    and row.own_namespace == (source.namespace == destination.namespace)
                ]
                for each in exposures.values()
            ],
        ):
            assert len(certain) < 2
            is_certain = any(traffic <= row.carried.traffic for row in certain)
            is_possible = any(traffic <= row.carried.traffic | row.possible for row in possible)
            assert (is_certain, is_possible) == (found == {True}, True in found)


@settings(max_examples=tries(12), deadline=None)
@given(
    edits(),
    small.network_policies(),
    small.network_policies() | st.none(),
    st.booleans(),
    st.integers(0, 1 << 30),
)
def test_a_change_is_told_of_the_version_that_it_is_about(
    edit: tuple[list[dict[str, Any]], list[dict[str, Any]]],
    own: list[dict[str, Any]],
    others: list[dict[str, Any]] | None,
    kept: bool,
    seed: int,
) -> None:
    before, after = edit
    if kept and others is not None:
        after = before
    sides = [*before, *own], [*after, *(own if others is None else others)]
    found = told(*sides, facts=_FACTS)
    assert not any(isinstance(fact, IpVersion) for row in _rows(found) for fact in row.undecided)
    for source, destination, protocol, port in pairs(seed, 20):
        if not (isinstance(source, Pod) and isinstance(destination, Pod)):
            continue
        pair = source, destination, protocol, port
        for place in _PLACES:
            then, now = (verdicts(some, pair, [place]) for some in sides)
            rows = [row for row in _rows(found) if _is_about(row, pair, place)]
            for row in rows:
                is_opened = row.effect is Effect.OPENED
                assert row.undecided or [*then, *now] == [not is_opened, is_opened]
            if found.whole and len(then) == len(now) == 1 and then != now:
                assert (Effect.OPENED if True in now else Effect.CLOSED) in {r.effect for r in rows}


def _rows(found: Difference) -> tuple[Entry | TierChange, ...]:
    return *found.entries, *found.tiers


def _is_about(row: Entry | TierChange, pair: tuple[Pod, Pod, str, int], place: Address) -> bool:
    """Whether a row has a connection between two pods over the version of an address."""
    asked = connection(*pair)
    _, _, protocol, port = pair
    return any(
        is_in(asked.sender, some.sender)
        and is_in(asked.receiver, some.receiver)
        and some.same_namespace == (pair[0].namespace == pair[1].namespace)
        and some.version in (None, place.version)
        and Traffic.of([(Protocol(protocol), port, port)]) <= some.traffic
        for some in row.connections
    )


def _workload(pod: Pod) -> Workload:
    return next(
        workload
        for workload in WORKLOADS.workloads
        if (workload.namespace, workload.name) == (pod.namespace, pod.name)
    )
