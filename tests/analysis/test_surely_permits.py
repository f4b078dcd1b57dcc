"""What shows without a search that pods of a namespace reach pods of another."""

import pytest

from netpolc.analysis.policy_index import PolicyIndex
from netpolc.kube.peers import Direction
from netpolc.kube.ports import EVERY_PORT
from netpolc.kube.selectors import Selector
from tests.analysis.test_open_pods import policies

DB, API = Selector.labels({"app": "db"}), Selector.labels({"app": "api"})


@pytest.mark.parametrize(
    ("peer", "there", "permits"),
    [
        ("api", "shop", True),
        ("api", "other", False),
        ("api in ns other", "other", True),
        ("api in ns other", "shop", False),
        ("api in ns *", "other", True),
        ("api in ns {env=dev}", "other", False),
        ("web", "shop", False),
        ("any", "other", True),
        ("10.0.0.0/8", "other", False),
    ],
)
def test_an_allow_permits_pods_of_the_namespace_that_it_names(
    peer: str, there: str, permits: bool
) -> None:
    index = PolicyIndex.of(policies(f"db <- {peer}"), Direction.INGRESS)
    assert index is not None
    assert index.surely_permits(DB, API, there, EVERY_PORT) is permits
