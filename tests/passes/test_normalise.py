"""One form for one meaning: what is united, what is dropped, and what must stay apart."""

import time

import pytest

from netpolc.ir.model import Allow
from netpolc.kube.cidr import Addresses, Block, Cidr
from netpolc.kube.peers import Outside, Peer, Pods
from netpolc.kube.ports import EVERY_PORT, NamedPort, Protocol, Traffic
from netpolc.kube.selectors import EVERYTHING, NOTHING, Selector
from netpolc.passes.normalise import normalise
from tests.ir.examples import (
    ANYONE,
    EGRESS,
    app,
    closed,
    every_pod_of,
    meaning,
    named,
    opened,
    outside,
    own,
    said,
    tcp,
)

DB = app("db")
FIRST, SECOND, THIRD = said("1"), said("2"), said("3")


def reduced(*parts: Allow) -> list[tuple[Peer, Traffic]]:
    """What is left of the allows of one subject."""
    (one,) = normalise(meaning(*parts)).namespaces.values()
    return [(allow.peer, allow.traffic) for allow in one.allows]


def test_the_traffic_of_a_peer_is_one() -> None:
    parts = [opened(DB, own("api"), tcp(port)) for port in (80, 81, 443)]
    assert reduced(*parts) == [(own("api"), tcp(80, 81, 443))]


def test_the_addresses_of_a_traffic_are_one_and_joined_where_exact() -> None:
    parts = [opened(DB, outside(cidr), tcp(80)) for cidr in ("10.0.0.0/9", "10.128.0.0/9", "::/0")]
    ((peer, _),) = reduced(*parts)
    assert isinstance(peer, Outside)
    assert list(map(str, peer.addresses.blocks)) == ["10.0.0.0/8", "::/0"]


def test_a_block_of_which_nothing_is_left_is_not_written() -> None:
    halves = (Cidr.parse("10.0.0.0/9"), Cidr.parse("10.128.0.0/9"))
    swallowed = Outside(Addresses.of([Block(Cidr.parse("10.0.0.0/8"), halves)]))
    ((peer, _),) = reduced(opened(DB, swallowed), opened(DB, outside("::/0")))
    assert isinstance(peer, Outside)
    assert list(map(str, peer.addresses.blocks)) == ["::/0"]


def test_uniting_goes_on_until_there_is_nothing_to_unite() -> None:
    parts = [
        opened(DB, outside("10.0.0.0/9"), tcp(80)),
        opened(DB, outside("10.128.0.0/9"), tcp(80)),
        opened(DB, outside("10.0.0.0/8"), tcp(81)),
        opened(DB, outside("11.0.0.0/8"), tcp(80, 81)),
    ]
    assert reduced(*parts) == [(outside("10.0.0.0/7"), tcp(80, 81))]


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        (ANYONE, own("api")),
        (ANYONE, outside("10.0.0.0/8")),
        (Pods(None, EVERYTHING), own("api")),
        (Pods(EVERYTHING, app("api")), own("api")),
        (Pods(EVERYTHING, EVERYTHING), every_pod_of("monitoring")),
        (every_pod_of("monitoring"), Pods(named("monitoring"), app("api"))),
        (outside("10.0.0.0/8"), outside("10.1.0.0/16")),
    ],
)
def test_what_another_covers_is_dropped_and_its_origins_are_kept(wide: Peer, narrow: Peer) -> None:
    parts = [opened(DB, narrow, tcp(80), FIRST), opened(DB, wide, tcp(80, 443), SECOND)]
    (one,) = normalise(meaning(*parts)).namespaces.values()
    (allow,) = one.allows
    assert (allow.peer, allow.traffic) == (wide, tcp(80, 443))
    assert allow.origins == (FIRST, SECOND)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (opened(DB, ANYONE, tcp(80)), opened(DB, own("api"), tcp(80, 443))),
        (opened(DB, own("api")), opened(DB, own("web"))),
        (opened(DB, own("api")), opened(DB, Pods(named("shop"), app("api")))),
        (opened(DB, Pods(None, EVERYTHING)), opened(DB, outside("10.0.0.0/8"))),
        (opened(DB, ANYONE), opened(DB, ANYONE, direction=EGRESS)),
        (opened(DB, ANYONE), opened(app("api"), ANYONE)),
        (opened(EVERYTHING, ANYONE), opened(DB, ANYONE)),
        (
            opened(DB, ANYONE, tcp(8080)),
            opened(DB, own("api"), Traffic.of(named=[NamedPort(Protocol.TCP, "web")])),
        ),
    ],
)
def test_what_says_something_of_its_own_stays(one: Allow, other: Allow) -> None:
    assert len(reduced(one, other)) == 2


def test_a_chain_of_covers_ends_at_the_widest() -> None:
    parts = [
        opened(DB, own("api"), tcp(1), FIRST),
        opened(DB, Pods(None, EVERYTHING), tcp(1), SECOND),
        opened(DB, ANYONE, tcp(1), THIRD),
    ]
    (one,) = normalise(meaning(*parts)).namespaces.values()
    assert [(allow.peer, allow.origins) for allow in one.allows] == [
        (ANYONE, (FIRST, SECOND, THIRD))
    ]


def test_the_own_namespace_is_not_called_by_name() -> None:
    parts = [opened(DB, Pods(named("default"), app("api")), tcp(1)), opened(DB, own("api"), tcp(2))]
    assert reduced(*parts) == [(own("api"), tcp(1, 2))]
    also = Selector.labels({"kubernetes.io/metadata.name": "default", "env": "x"})
    assert reduced(opened(DB, Pods(also, EVERYTHING))) == [(Pods(also, EVERYTHING), EVERY_PORT)]


def test_what_nothing_can_meet_is_gone_and_what_it_closes_stays_closed() -> None:
    swallowed = Block(Cidr.parse("10.0.0.0/8"), (Cidr.parse("10.0.0.0/8"),))
    parts = [
        opened(NOTHING, ANYONE),
        opened(DB, Pods(None, NOTHING)),
        opened(DB, Pods(NOTHING, EVERYTHING)),
        opened(DB, Outside(Addresses.of([swallowed]))),
        opened(DB, ANYONE, Traffic()),
    ]
    (one,) = normalise(meaning(*parts)).namespaces.values()
    assert one.subjects == (closed(DB),)
    assert one.allows == ()


def test_a_namespace_without_policies_and_its_facts_stay() -> None:
    (one,) = normalise(meaning(namespace="shop", env="x")).namespaces.values()
    assert one.labels["env"] == "x"


def test_many_peers_take_no_time_squared() -> None:
    many = 4_000
    parts = [
        *(opened(DB, own(f"a{i}"), tcp(i % 9 + 1)) for i in range(many)),
        *(opened(DB, Pods(named(f"n{i}"), app("api")), tcp(i % 9 + 1)) for i in range(many)),
        *(
            opened(DB, outside(f"10.{i // 250}.{i % 250}.1/32"), tcp(i % 60_000 + 1))
            for i in range(many)
        ),
        *(
            opened(DB, Pods(None, Selector.labels({"app": "x", "v": str(i)})), tcp(9))
            for i in range(many)
        ),
    ]
    value = meaning(*parts)
    start = time.process_time()
    (one,) = normalise(value).namespaces.values()
    # Comparing each pair takes minutes.
    assert time.process_time() - start < 10
    assert len(one.allows) == 4 * many
