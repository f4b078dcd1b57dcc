"""Which allows of a subject surely are distinct, so that nothing is left to simplify."""

import pytest

from netpolc.ir.distinct import surely_happens
from netpolc.ir.model import Policies
from netpolc.kube.peers import Peer, Pods
from netpolc.kube.selectors import EVERYTHING, NOTHING, Selector
from netpolc.passes.lower import lower
from netpolc.passes.resolve import resolve
from netpolc.source import SourceFile
from netpolc.syntax.parser import parse
from tests.ir.examples import app, opened, outside, own, tcp


def policies_of(peers: str) -> Policies:
    """The policies of one arrow, not normalised."""
    file = SourceFile("a.intent", f"namespace shop\ndb <- {peers}\n")
    return lower(resolve((parse(file).value,)).value).value


@pytest.mark.parametrize(
    ("peers", "is_distinct"),
    [
        ("api:80", True),
        ("api:80, web:80", True),
        ("api:80, api in ns other:80, ns third:80", True),
        ("api:80, {role=dns} in ns kube-system:80", True),
        ("10.0.0.0/24:80, 10.0.1.0/24:81, 2001:db8::/32:82", True),
        ("10.0.0.0/16 except 10.0.1.0/24:80, 10.0.1.0/24:81", True),
        ("api:80, {role=a}:81", False),
        ("api in ns other:80, ns other:81", False),
        ("api in ns other:80, {role=a} in ns other:81", False),
        ("api in ns shop:80, web:80", False),
        ("api in ns {team=a}:80", False),
        ("{app in (a, b)}:80", False),
        ("{app=a, role=b}:80", False),
        ("10.0.0.0/24:80, 10.0.1.0/24:80", False),
        ("10.0.0.0/16:80, 10.0.1.0/24:81", False),
        ("2001:db8::/32:80, 2001:db8:1::/48:81", False),
        ("any:80", False),
        ("api:http", False),
    ],
)
def test_allows_that_do_not_come_near_each_other_are_distinct(
    peers: str, *, is_distinct: bool
) -> None:
    (subject,) = policies_of(peers).namespaces["shop"].subjects
    assert subject.distinct is is_distinct


@pytest.mark.parametrize(
    ("peer", "happens"),
    [
        (own("api"), True),
        (Pods(Selector.namespace("other"), EVERYTHING), True),
        (outside("10.0.0.0/8"), True),
        (Pods(Selector.labels({"team": "a"}), EVERYTHING), False),
        (Pods(None, NOTHING), False),
        (outside(), False),
    ],
)
def test_an_allow_surely_happens_with_a_peer_that_surely_exists(peer: Peer, happens: bool) -> None:
    assert surely_happens(opened(app("db"), peer, tcp(80))) is happens
