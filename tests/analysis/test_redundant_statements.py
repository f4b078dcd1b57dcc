"""Statements that could go, and some that only look it."""

from dataclasses import replace

from netpolc.analysis.namespace_partition import Cluster
from netpolc.analysis.redundant_statements import redundant_statements
from netpolc.ir.build import policy_set
from netpolc.ir.model import Allow, Policies, Subject
from netpolc.kube.peers import Direction, Peer, Pods
from netpolc.kube.ports import EVERY_PORT, Protocol, Traffic
from netpolc.kube.selectors import EVERYTHING, Selector
from netpolc.provenance import Origin, Role, source_of
from netpolc.sets import ValueSet
from tests.analysis.test_semantic_diff import API, DB, TCP, WEB

INGRESS = Direction.INGRESS


def origin(line: int) -> tuple[Origin, ...]:
    return (
        Origin(
            path="shop.intent", line=line, source=source_of(Role.ARROW, str(line)), role=Role.ARROW
        ),
    )


def shop(*arrows: tuple[Selector, Peer, Traffic], also: tuple[Subject, ...] = ()) -> Cluster:
    allows = tuple(
        Allow(subject=s, direction=INGRESS, peer=p, traffic=t, origins=origin(line))
        for line, (s, p, t) in enumerate(arrows, 1)
    )
    closed = tuple(
        Subject(selector=a.subject, direction=INGRESS, origins=a.origins) for a in allows
    )
    one = policy_set(namespace="shop", parts=(*closed, *also, *allows))
    return Cluster(Policies({"shop": one}))


def lines(cluster: Cluster) -> list[int]:
    return [found.origin.line for found in redundant_statements(cluster)]


def test_an_arrow_is_covered_by_one_with_a_wider_subject() -> None:
    own = Pods(None, EVERYTHING)
    found = list(
        redundant_statements(shop((DB, Pods(None, API), TCP), (EVERYTHING, own, EVERY_PORT)))
    )
    assert [one.origin.line for one in found] == [1]
    assert [allow.subject for allow in found[0].covered_by] == [EVERYTHING]


def test_several_arrows_cover_one_together() -> None:
    both = Selector.of((("app", API.requirements[0][1] | WEB.requirements[0][1]),))
    arrows = ((DB, Pods(None, both), TCP), (DB, Pods(None, API), TCP), (DB, Pods(None, WEB), TCP))
    assert lines(shop(*arrows)) in ([1], [2, 3])
    assert lines(shop(*arrows[1:])) == []


def test_of_two_equal_ones_only_one_goes() -> None:
    everywhere = Pods(EVERYTHING, API)
    assert len(lines(shop((DB, everywhere, TCP), (DB, everywhere, TCP)))) == 1


def test_an_arrow_that_was_written_twice_still_covers_when_one_of_them_goes() -> None:
    """The first goes for the second, which is one allow with it, and that covers the third."""
    ports = [Traffic.of([(Protocol.TCP, 80, last)]) for last in (90, 80)]
    twice = Allow(
        subject=DB,
        direction=INGRESS,
        peer=Pods(None, API),
        traffic=ports[0],
        origins=origin(1) + origin(2),
    )
    narrow = replace(twice, traffic=ports[1], origins=origin(3))
    closed = Subject(selector=DB, direction=INGRESS)
    one = policy_set(namespace="shop", parts=(closed, twice, narrow))
    assert lines(Cluster(Policies({"shop": one}))) == [1, 3]


def test_what_closes_something_of_its_own_is_needed() -> None:
    arrows = ((DB, Pods(None, API), TCP), (EVERYTHING, Pods(None, EVERYTHING), EVERY_PORT))
    outwards = Subject(selector=DB, direction=Direction.EGRESS, origins=origin(1))
    assert lines(shop(*arrows, also=(outwards,))) == []
    settled = Subject(selector=EVERYTHING, direction=Direction.EGRESS)
    assert lines(shop(*arrows, also=(outwards, settled))) == [1]


def test_many_statements_together_close_what_one_closes() -> None:
    names = [f"v{number}" for number in range(40)]
    several = Selector.of((("app", ValueSet.among(*names)),))
    own = Pods(None, API)
    arrows = [(Selector.labels({"app": name}), own, TCP) for name in names]
    assert lines(shop((several, own, TCP), *arrows)) == [1]
    assert lines(shop((several, own, TCP), *arrows[1:])) == [*range(2, 41)]
