"""Lists beside cluster-wide policies that name networks, against the API's own text."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from netpolc.analysis.possible_connections import possible_connections
from netpolc.kube.cidr import Addresses, Block, Cidr
from netpolc.kube.peers import BlockScope
from netpolc.kube.ports import Protocol
from netpolc.program.model import ClusterAddresses
from tests.properties.test_tiers import PLACES, WORKLOADS, pairs, understood, verdicts
from tests.reference import tier_strategies as small
from tests.reference.world import Pod
from tests.tries import tries


@settings(max_examples=tries(40), deadline=None)
@given(
    small.cluster_policies(names=False),
    small.network_policies(),
    st.sampled_from(
        ((), ("10.0.0.0/8",), ("10.0.0.0/8", "2001:db8::/32"), ("192.168.0.0/16", "fd00::/8"))
    ),
    st.integers(0, 1 << 30),
)
def test_networks_decide_a_row_by_every_address_that_pods_may_have(
    cluster: list[dict[str, Any]], own: list[dict[str, Any]], stated: tuple[str, ...], seed: int
) -> None:
    """Networks that together have all addresses of pods, of both IP versions, leave nothing open."""
    policies, tiers = understood([*cluster, *own])
    pods = Addresses.of(Block(Cidr.parse(text)) for text in stated)
    facts = ClusterAddresses(pods=pods, blocks=BlockScope.OUTSIDE)
    places = [place for place in PLACES if not stated or place in pods]
    rows = {
        (str(row.sender), str(row.receiver)): row
        for row in possible_connections(policies, WORKLOADS, facts, tiers)
    }
    for pair in pairs(seed, 40):
        source, destination, protocol, port = pair
        if isinstance(source, Pod) and isinstance(destination, Pod):
            row = rows.get((name(source), name(destination)))
            found = verdicts([*cluster, *own], pair, places)
            sure = row is not None and port in row.traffic.numbers(Protocol(protocol))
            possible = row is not None and port in row.possible.numbers(Protocol(protocol))
            assert (sure, possible) == (found == {True}, len(found) > 1)


def name(pod: Pod) -> str:
    """The name of a pod in a list."""
    return f"{pod.namespace}/{pod.name}[Pod]"
