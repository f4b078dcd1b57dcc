"""Neighbours are found without looking at all, and are those that looking at all finds."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from netpolc.analysis.disjointness import Neighbours, are_apart
from netpolc.ir.build import made_allow
from netpolc.kube.cidr import Addresses, Block, Cidr
from netpolc.kube.name_rules import METADATA_NAME
from netpolc.kube.peers import Anyone, Direction, Outside, Peer, Pods
from netpolc.kube.ports import EVERY_PORT, NamedPort, Protocol, Traffic
from netpolc.kube.selectors import EVERYTHING, Selector
from netpolc.sets import ValueSet

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
def test_neighbours_are_all_that_are_not_apart(drawn: list[Peer], stranger: Peer) -> None:
    allows = [made_allow(EVERYTHING, Direction.INGRESS, peer, EVERY_PORT, ()) for peer in drawn]
    known = Neighbours(allows, HOME)
    home = Selector.labels({METADATA_NAME: HOME})
    for one in (*allows, made_allow(EVERYTHING, Direction.INGRESS, stranger, EVERY_PORT, ())):
        plain = [other for other in allows if other is not one and not are_apart(one, other, home)]
        assert [id(other) for other in known.of(one)] == [id(other) for other in plain]


TRAFFIC = [
    EVERY_PORT,
    *(Traffic.of([(Protocol.TCP, first, first + more)]) for first in (1, 2, 3) for more in (0, 30)),
    Traffic.of(named=[NamedPort(Protocol.TCP, "http")]),
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
            if other is not one and id(other) not in lost and not are_apart(one, other, home)
        ]
        assert [id(other) for other in known.of(one, lost)] == plain
        lost.add(id(one))
