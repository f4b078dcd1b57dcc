"""Neighbours are found without looking at all, and are those that looking at all finds."""

from hypothesis import given
from hypothesis import strategies as st

from netpolc.analysis.disjointness import Neighbours, are_apart
from netpolc.ir.build import made_allow
from netpolc.kube.cidr import Addresses, Block, Cidr
from netpolc.kube.name_rules import METADATA_NAME
from netpolc.kube.peers import Anyone, Direction, Outside, Peer, Pods
from netpolc.kube.ports import EVERY_PORT
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
