"""Which peers surely include others."""

import pytest

from netpolc.kube.cidr import Addresses, Block, Cidr
from netpolc.kube.peers import Anyone, Outside, Peer, Pods, covers
from netpolc.kube.selectors import EVERYTHING, Selector

DB, PRIMARY = Selector.labels({"app": "db"}), Selector.labels({"app": "db", "role": "primary"})
PROD, PROD_EU = Selector.labels({"env": "prod"}), Selector.labels({"env": "prod", "region": "eu"})


def block(text: str) -> Outside:
    """The addresses of a block."""
    return Outside(Addresses.of((Block(Cidr.parse(text)),)))


@pytest.mark.parametrize(
    ("wide", "narrow", "both"),
    [
        (Pods(None, DB), Pods(None, PRIMARY), False),
        (Pods(PROD, DB), Pods(PROD_EU, DB), False),
        (Pods(EVERYTHING, DB), Pods(PROD, DB), False),
        (Pods(EVERYTHING, DB), Pods(None, DB), False),
        (Anyone(), Pods(None, DB), False),
        (Anyone(), block("10.0.0.0/8"), False),
        (block("10.0.0.0/8"), block("10.1.0.0/16"), False),
        (Pods(PROD, DB), Pods(PROD, DB), True),
    ],
)
def test_a_wide_peer_covers_a_narrow_one(wide: Peer, narrow: Peer, *, both: bool) -> None:
    assert covers(wide, narrow)
    assert covers(narrow, wide) is both


@pytest.mark.parametrize(
    ("peer", "other"),
    [
        # Whether labels choose the own namespace is not known.
        (Pods(PROD, DB), Pods(None, DB)),
        (Pods(PROD, DB), Pods(PROD_EU, EVERYTHING)),
        (Pods(None, DB), block("10.0.0.0/8")),
        (Pods(EVERYTHING, EVERYTHING), block("10.0.0.0/8")),
    ],
)
def test_peers_of_which_neither_covers_the_other(peer: Peer, other: Peer) -> None:
    assert not covers(peer, other)
    assert not covers(other, peer)
