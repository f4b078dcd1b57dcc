"""Neighbours are found without looking at all, and are those that looking at all finds."""

from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netpolc.analysis import namespace_redundancy, possibly_redundant
from netpolc.analysis.disjointness import Neighbours, is_irrelevant
from netpolc.commands.pipeline import run
from netpolc.diagnostics import Diagnostic
from netpolc.io.project import Options
from netpolc.io.sources import Sources
from netpolc.ir.build import made_allow
from netpolc.kube.cidr import Addresses, Block, Cidr
from netpolc.kube.name_rules import METADATA_NAME
from netpolc.kube.peers import Anyone, Direction, Outside, Peer, Pods
from netpolc.kube.ports import EVERY_PORT, NamedPort, Protocol, Traffic
from netpolc.kube.selectors import EVERYTHING, Selector
from netpolc.sets import ValueSet
from netpolc.source import SourceFile

HOME = "shop"
# Nested and apart, with the same first address, and of both versions.
BLOCKS = [
    Block(Cidr.parse(text), tuple(map(Cidr.parse, excepts)))
    for text, *excepts in (
        ("0.0.0.0/0",),
        ("0.0.0.0/0", "10.0.0.0/8"),
        ("10.0.0.0/8",),
        ("10.0.0.0/16",),
        ("10.0.0.0/16", "10.0.1.0/24"),
        ("10.0.1.0/24",),
        ("10.0.1.7/32",),
        ("10.1.0.0/16",),
        ("192.0.2.0/24",),
        ("::/0",),
        ("2001:db8::/32",),
        ("2001:db8:1::/48",),
    )
]
SELECTORS = [
    EVERYTHING,
    Selector.labels({"app": "api"}),
    Selector.labels({"app": "web"}),
    Selector.labels({"tier": "front"}),
    Selector.labels({"app": "api", "tier": "front"}),
    Selector.labels({"app": "api", "tier": "back"}),
    Selector.of([("app", ValueSet.among("api", "web"))]),
    Selector.of([("app", ValueSet.among("api", "web")), ("tier", ValueSet.among("front"))]),
]
NAMESPACES = [
    None,
    Selector.labels({METADATA_NAME: HOME}),
    Selector.labels({METADATA_NAME: "monitoring"}),
    Selector.labels({"team": "shop"}),
    EVERYTHING,
]


def peers() -> st.SearchStrategy[Peer]:
    """Peers of every kind that come near each other in many ways."""
    addresses = st.lists(st.sampled_from(BLOCKS), min_size=1, max_size=3).map(Addresses.of)
    return st.one_of(
        st.just(Anyone()),
        addresses.map(Outside),
        st.builds(Pods, st.sampled_from(NAMESPACES), st.sampled_from(SELECTORS)),
    )


@given(st.lists(peers(), max_size=12), peers())
def test_neighbours_are_all_that_are_not_irrelevant(drawn: list[Peer], stranger: Peer) -> None:
    allows = [made_allow(EVERYTHING, Direction.INGRESS, peer, EVERY_PORT, ()) for peer in drawn]
    known = Neighbours(allows, HOME)
    home = Selector.labels({METADATA_NAME: HOME})
    for one in (*allows, made_allow(EVERYTHING, Direction.INGRESS, stranger, EVERY_PORT, ())):
        plain = [
            other for other in allows if other is not one and not is_irrelevant(other, one, home)
        ]
        assert [id(other) for other in known.of(one)] == [id(other) for other in plain]


TRAFFIC = [
    EVERY_PORT,
    *(Traffic.of([(Protocol.TCP, first, first + more)]) for first in (1, 2, 3) for more in (0, 30)),
    *(Traffic.of([(Protocol.UDP, 1, last)], [NamedPort(Protocol.UDP, "dns")]) for last in (2, 40)),
    *(Traffic.of(named=[NamedPort(Protocol.TCP, name)]) for name in ("http", "metrics")),
]


@given(
    st.lists(
        st.tuples(st.sampled_from(BLOCKS), st.sampled_from(TRAFFIC)), min_size=30, max_size=50
    ),
    st.randoms(use_true_random=False),
)
def test_allows_that_are_lost_are_no_neighbours(
    drawn: list[tuple[Block, Traffic]], random: Random
) -> None:
    """As statements go, their allows do: each answer is without those that are lost by then."""
    allows = [
        made_allow(EVERYTHING, Direction.INGRESS, Outside(Addresses.of([block])), traffic, ())
        for block, traffic in drawn
    ]
    known = Neighbours(allows, HOME)
    home = Selector.labels({METADATA_NAME: HOME})
    lost: set[int] = set()
    for one in random.sample(allows, len(allows)):
        plain = [
            id(other)
            for other in allows
            if other is not one and id(other) not in lost and not is_irrelevant(other, one, home)
        ]
        assert [id(other) for other in known.of(one, lost)] == plain
        lost.add(id(one))


def _redundant(text: str) -> tuple[Diagnostic, ...]:
    source = SourceFile("a.intent", text)
    return run(Sources(intents=(source,)), Options(today=date(2026, 1, 1))).diagnostics


_PORTS = (
    *("", ":http", ":metrics", ":[http, 80]", ":[metrics, dns/udp]", ":dns/udp", ":http/udp"),
    *(":80", ":1-100", ":101-65535", ":[1-65535, dns/udp]", ":*", ":[*/udp, http]", ":2-65535"),
)


@given(
    st.lists(
        st.tuples(st.sampled_from(("db", "*", "{x}")), st.sampled_from(("api", "*", "10.0.0.0/8"))),
        min_size=2,
        max_size=8,
    ),
    st.data(),
)
def test_what_names_of_ports_decide_is_what_a_look_at_all_finds(
    ends: list[tuple[str, str]], data: st.DataObject
) -> None:
    """An arrow on a named port is redundant where the same name is open, or all numbers are."""
    ports = data.draw(st.lists(st.sampled_from(_PORTS), min_size=len(ends), max_size=len(ends)))
    lines = (f"{one} <- {other}{port}\n" for (one, other), port in zip(ends, ports, strict=True))
    text = f"namespace shop\n{''.join(lines)}"
    found = _redundant(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(possibly_redundant, "surely_happens", lambda _: False)
        patch.setattr(namespace_redundancy, "surely_happens", lambda _: False)
        patch.setattr(possibly_redundant, "_FEW", data.draw(st.sampled_from((0, 4))))
        others = lambda index, one, _: (o for o in index._allows if o is not one)  # noqa: E731
        patch.setattr(Neighbours, "of", others)
        plain = _redundant(text)
    assert list(map(str, found)) == list(map(str, plain))
