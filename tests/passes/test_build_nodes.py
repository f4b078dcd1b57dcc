"""Peers as a person would write them: names where there are names, few of them one by one."""

from itertools import islice

import pytest

from netpolc.kube.cidr import Block, Cidr
from netpolc.kube.name_rules import METADATA_NAME
from netpolc.kube.peers import Grant, Peer, Pods
from netpolc.kube.ports import EVERY_PORT
from netpolc.kube.selectors import EVERYTHING, Selector
from netpolc.passes.decompile.build_nodes import Phrases
from netpolc.passes.decompile.groups import _names
from netpolc.passes.decompile.vocabulary import Vocabulary, Words
from netpolc.sets import ValueSet
from netpolc.syntax.formatter import peers_text

WORDS = Words(label="app", services={Selector.labels({"tier": "x"}): "back"})
VOCABULARY = Vocabulary(label="app", dns=None, namespaces={"shop": WORDS}, groups={})


def written(peer: Peer) -> str:
    """A peer in the words of namespace `shop`."""
    phrases = Phrases(VOCABULARY, "shop")
    return peers_text(tuple(phrases.peers([Grant(peer, EVERY_PORT)])))


def among(key: str, values: str) -> Selector:
    """Objects whose label is one of these values."""
    return Selector.of([(key, ValueSet.among(*values.split()))])


@pytest.mark.parametrize(
    ("namespaces", "text"),
    [
        (among(METADATA_NAME, "pay"), "ns pay"),
        (among(METADATA_NAME, "d b a c"), "ns a, ns b, ns c, ns d"),
        (among(METADATA_NAME, "a b c d e"), f"ns {{{METADATA_NAME} in (a, b, c, d, e)}}"),
        (among(METADATA_NAME, "a B"), f"ns {{{METADATA_NAME} in (B, a)}}"),
        (among("env", "a b"), "ns {env in (a, b)}"),
        (
            Selector.of([(METADATA_NAME, ValueSet.other_than("a", "b"))]),
            f"ns {{{METADATA_NAME} notin (a, b)}}",
        ),
        (
            among(METADATA_NAME, "a b") & among("env", "x"),
            f"ns {{env=x, {METADATA_NAME} in (a, b)}}",
        ),
        (EVERYTHING, "ns *"),
    ],
)
def test_a_few_namespaces_are_named_one_by_one(namespaces: Selector, text: str) -> None:
    assert written(Pods(namespaces, EVERYTHING)) == text


@pytest.mark.parametrize(
    ("pods", "text"),
    [
        (among("app", "web"), "web"),
        (among("app", "d b a c"), "a, b, c, d"),
        (among("app", "a b c d e"), "{app in (a, b, c, d, e)}"),
        (among("app", "a") & among("env", "x y"), "{app=a, env in (x, y)}"),
        (among("tier", "x"), "back"),
        (among("tier", "x y"), "{tier in (x, y)}"),
        (EVERYTHING, "*"),
    ],
)
def test_a_few_services_are_named_one_by_one(pods: Selector, text: str) -> None:
    assert written(Pods(None, pods)) == text


@pytest.mark.parametrize(
    ("blocks", "names"),
    [
        (["0.0.0.0/0"], ["internet4", "internet4-2", "internet4-3"]),
        (
            ["10.0.0.0/8", "192.168.1.0/24"],
            ["private-networks", "private-networks-2", "private-networks-3"],
        ),
        (["10.0.0.0/8", "8.8.8.8/32"], ["networks", "networks-2", "networks-3"]),
    ],
)
def test_groups_of_blocks_have_as_many_names_as_needed(blocks: list[str], names: list[str]) -> None:
    members = frozenset(Block(Cidr.parse(block)) for block in blocks)
    assert list(islice(_names(members), 3)) == names
