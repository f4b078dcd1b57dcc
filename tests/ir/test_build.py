"""Constructors: one value for one meaning, and no value that breaks an invariant."""

from dataclasses import replace

import pytest

from netpolc.ir.build import policies, policy_set
from netpolc.kube.cidr import Addresses, Block, Cidr
from netpolc.kube.name_rules import METADATA_NAME
from netpolc.kube.peers import Outside, Pods
from netpolc.kube.selectors import EVERYTHING, Selector
from netpolc.sets import ValueSet
from tests.ir.examples import EGRESS, INGRESS, app, closed, opened, own, said, tcp

DB, API = app("db"), app("api")
FIRST, SECOND = said("db <- api"), said("db <- web")


def test_equal_parts_are_one_with_the_origins_of_all() -> None:
    made = policy_set(
        namespace="shop",
        parts=[
            closed(DB, INGRESS, SECOND),
            opened(DB, own("api"), tcp(1), SECOND),
            opened(DB, own("api"), tcp(1), FIRST),
            closed(DB, INGRESS, FIRST),
        ],
    )
    assert [one.origins for one in made.subjects] == [(FIRST, SECOND)]
    assert [one.origins for one in made.allows] == [(FIRST, SECOND)]


def test_the_origins_of_an_allow_that_comes_once_are_put_in_order() -> None:
    twice = replace(opened(DB, own("api")), origins=(SECOND, FIRST, SECOND))
    made = policy_set(namespace="shop", parts=[closed(DB), twice])
    assert [one.origins for one in made.allows] == [(FIRST, SECOND)]


def test_the_order_is_simple_subjects_first_then_ingress_then_peers() -> None:
    both = Selector.labels({"app": "db", "tier": "x"})
    parts = [closed(both), closed(DB, EGRESS), closed(DB), closed(EVERYTHING), closed(API)]
    made = policy_set(namespace="shop", parts=parts)
    assert made.subjects == (parts[3], parts[4], parts[2], parts[1], parts[0])


def test_a_namespace_has_its_name_for_a_label() -> None:
    assert policy_set(namespace="shop", labels={"env": "x"}).labels == {
        "env": "x",
        METADATA_NAME: "shop",
    }
    with pytest.raises(ValueError, match="labelled"):
        policy_set(namespace="shop", labels={METADATA_NAME: "store"})


def test_opening_without_closing_is_a_bug() -> None:
    for isolation in (closed(API), closed(DB, EGRESS)):
        with pytest.raises(ValueError, match="opened but not closed"):
            policy_set(namespace="a", parts=[isolation, opened(DB, own("api"))])


def test_a_selector_that_the_api_cannot_say_is_a_bug() -> None:
    odd = Selector.of([("app", ValueSet(frozenset(["db"]), absent=True))])
    with pytest.raises(ValueError, match="no LabelSelector"):
        policy_set(namespace="a", parts=[closed(odd)])
    peers = (Pods(None, odd), Pods(odd, EVERYTHING))
    for peer in peers:
        with pytest.raises(ValueError, match="no LabelSelector"):
            policy_set(namespace="a", parts=[closed(DB), opened(DB, peer)])


def test_a_namespace_comes_once() -> None:
    with pytest.raises(ValueError, match="two policy sets"):
        policies([policy_set(namespace="a"), policy_set(namespace="a")])
    names = [policy_set(namespace=name) for name in ("b", "a")]
    assert list(policies(names).namespaces) == ["a", "b"]


def test_equal_addresses_are_written_in_the_blocks_of_both_whatever_the_order() -> None:
    half, rest = Cidr.parse("10.0.0.0/9"), Cidr.parse("10.128.0.0/9")
    plain = Outside(Addresses.of([Block(rest)]))
    cut = Outside(Addresses.of([Block(Cidr.parse("10.0.0.0/8"), (half,))]))
    assert plain == cut
    written = set()
    for peers in ((plain, cut), (cut, plain)):
        made = policy_set(namespace="a", parts=[closed(DB), *(opened(DB, peer) for peer in peers)])
        (allow,) = made.allows
        assert isinstance(allow.peer, Outside)
        written.add(allow.peer.addresses.blocks)
    assert len(written) == 1
