"""Whether a list of steps permits no more than another, against every address and port of a small world."""

from collections.abc import Sequence
from ipaddress import IPv4Address
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netpolc.analysis.tier_steps import Step, Tie, surely_permits_no_more
from netpolc.analysis.tiers import Networks, TierPeer
from netpolc.kube.cidr import Addresses, Block, Cidr
from netpolc.kube.peers import Anyone, Pods
from netpolc.kube.ports import Protocol, Traffic
from netpolc.kube.selectors import EVERYTHING
from netpolc.manifest.tier_model import Action, Tier
from tests.tries import tries

_NETWORKS = ("10.0.0.0/30", "10.0.0.0/31", "10.0.0.2/31", "10.0.0.1/32")
_ADDRESSES = [IPv4Address(f"10.0.0.{number}") for number in range(5)]
_PORTS = (1, 2)
_LEVEL = {Action.DENY: 0, Action.PASS: 1, Action.ACCEPT: 2}


def networks(*texts: str) -> Networks:
    return Networks(Addresses.of(Block(Cidr.parse(text)) for text in texts))


def step(action: Action, peer: TierPeer, ports: tuple[int, int] = (1, 65535)) -> Step:
    return Step(action, Pods(None, EVERYTHING), peer, Traffic.of([(Protocol.TCP, *ports)]))


def lists(ports: Sequence[tuple[int, int]]) -> st.SearchStrategy[list[Step]]:
    """Lists of steps about networks, of which some are about all addresses."""
    peers = st.sampled_from([*map(networks, _NETWORKS), Anyone()])
    steps = st.builds(step, st.sampled_from(list(Action)), peers, st.sampled_from(list(ports)))
    return st.lists(steps, max_size=4)


def level(steps: Sequence[Step], address: IPv4Address, port: int, tier: Tier) -> int:
    """How much a list permits to an address: what its first step says that matches."""
    actions = (
        each.action
        for each in steps
        if Traffic.of([(Protocol.TCP, port, port)]) <= each.traffic
        and (not isinstance(each.peer, Networks) or _is_in(address, each.peer))
    )
    found = _LEVEL[next(actions, Action.PASS)]
    return min(found, 1) if tier is Tier.BASELINE else found


def _is_in(address: IPv4Address, peer: Networks) -> bool:
    return Addresses.of([Block(Cidr.parse(f"{address}/32"))]) <= peer.addresses


def permits_no_more(steps: Sequence[Step], others: Sequence[Step], tier: Tier) -> bool:
    return all(
        level(steps, address, port, tier) <= level(others, address, port, tier)
        for address, port in product(_ADDRESSES, _PORTS)
    )


@settings(max_examples=tries(300), deadline=None)
@given(lists([(1, 65535)]), lists([(1, 65535)]), st.sampled_from(list(Tier)))
def test_lists_about_networks_are_compared_exactly(
    steps: list[Step], others: list[Step], tier: Tier
) -> None:
    assert surely_permits_no_more(steps, others, tier) is permits_no_more(steps, others, tier)


@settings(max_examples=tries(300), deadline=None)
@given(
    lists([(1, 65535), (1, 1), (2, 65535)]),
    lists([(1, 65535), (1, 1), (2, 65535)]),
    st.sampled_from(list(Tier)),
)
def test_a_list_that_surely_permits_no_more_permits_no_more_to_any_address(
    steps: list[Step], others: list[Step], tier: Tier
) -> None:
    if surely_permits_no_more(steps, others, tier):
        assert permits_no_more(steps, others, tier)


_TIE = Tie(
    frozenset(
        {
            ("a", (step(Action.ACCEPT, networks("10.0.0.0/30")),)),
            ("b", (step(Action.DENY, networks("10.0.0.0/31")),)),
        }
    )
)


@pytest.mark.parametrize(
    ("steps", "others", "is_sure"),
    [
        # An acceptance that only moves past a denial closes nothing.
        (
            [step(Action.DENY, networks("10.0.0.0/31")), step(Action.ACCEPT, Anyone())],
            [step(Action.ACCEPT, Anyone()), step(Action.DENY, networks("10.0.0.0/31"))],
            True,
        ),
        (
            [step(Action.ACCEPT, Anyone()), step(Action.DENY, networks("10.0.0.0/31"))],
            [step(Action.DENY, networks("10.0.0.0/31")), step(Action.ACCEPT, Anyone())],
            False,
        ),
        # The same policies of one priority decide alike, wherever they decide.
        ([_TIE], [_TIE, step(Action.ACCEPT, Anyone())], True),
        ([_TIE, step(Action.ACCEPT, Anyone())], [_TIE], False),
        ([_TIE], [step(Action.DENY, networks("10.0.0.0/31"))], False),
        ([step(Action.DENY, networks("10.0.0.0/30"))], [_TIE], True),
    ],
)
def test_ties_and_steps_in_another_order(
    steps: list[Step | Tie], others: list[Step | Tie], is_sure: bool
) -> None:
    assert surely_permits_no_more(steps, others, Tier.ADMIN) is is_sure
