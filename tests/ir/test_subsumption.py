"""The index that finds who covers whom, in each way that it can be asked."""

import pytest

from netpolc.ir.subsumption import Covering
from netpolc.kube.peers import Peer, Pods
from netpolc.kube.ports import EVERY_PORT
from netpolc.kube.selectors import EVERYTHING, Selector
from netpolc.sets import ValueSet
from tests.ir.examples import ANYONE, app, every_pod_of, named, opened, outside, own, tcp

DB = app("db")
NOT_DEV = Selector.of([("env", ValueSet.other_than("dev"))])
STAGES = Selector.of([("env", ValueSet.among("a", "b"))])
STAGE = Selector.labels({"env": "a"})
BOTH = Selector.labels({"app": "api", "env": "a"})


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        (ANYONE, own("api")),
        (ANYONE, outside("10.0.0.0/8")),
        (Pods(None, EVERYTHING), own("api")),
        (Pods(None, NOT_DEV), Pods(None, STAGE)),
        (Pods(None, STAGES), Pods(None, STAGE)),
        (Pods(None, NOT_DEV), Pods(None, STAGES)),
        (Pods(None, STAGE), Pods(None, BOTH)),
        (own("api"), Pods(None, BOTH)),
        (Pods(EVERYTHING, app("api")), Pods(None, BOTH)),
        (Pods(NOT_DEV, EVERYTHING), Pods(STAGE, app("api"))),
        (Pods(NOT_DEV, EVERYTHING), Pods(STAGES, app("api"))),
        (Pods(STAGE, STAGE), Pods(BOTH, BOTH)),
        (every_pod_of("monitoring"), Pods(named("monitoring"), app("api"))),
        (outside("10.0.0.0/8", "::/0"), outside("10.1.0.0/16")),
        (outside("10.0.0.0/8", "::/0"), outside("10.1.0.0/16", "2001:db8::/32")),
        (outside("::/0"), outside("2001:db8::/32")),
    ],
)
def test_whoever_covers_is_found(wide: Peer, narrow: Peer) -> None:
    others = [opened(DB, own(f"other{number}"), tcp(number)) for number in range(1, 40)]
    above, below = opened(DB, wide, EVERY_PORT), opened(DB, narrow, tcp(80))
    covering = Covering([*others, below, above])
    assert [one for one in covering.over(below) if one not in others] == [above]
    assert list(covering.over(above)) == []
