"""Many proposals are proved in parts: each part closes what the whole text closes, and opens no more."""

from collections.abc import Callable, Iterable
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netpolc.commands import learn
from netpolc.flowlogs import intents_text
from netpolc.flowlogs.classify import ClassifiedLog
from netpolc.flowlogs.flows import Flow, PodParty
from netpolc.flowlogs.proposals import Proposal
from netpolc.flowlogs.vocabulary import Intents
from netpolc.ir.model import Policies
from netpolc.kube.peers import Direction
from tests.flowlogs.test_proposals import (
    INTENTS,
    PODS,
    PORTS,
    UNIVERSE,
    flow,
    is_permitted,
    learn_from,
    meaning,
)

FLOWS = st.lists(st.sampled_from(UNIVERSE), min_size=1, max_size=12)
SOME = UNIVERSE[::7]
PROGRAMS = st.sampled_from((INTENTS, INTENTS.replace("mirror: no\n", ""), ""))


def closed_pods(policies: Policies) -> list[tuple[PodParty, Direction]]:
    """The pods that something closes, by direction."""
    return [
        (pod, direction)
        for pod, direction in product(PODS, Direction)
        if policies.isolating(pod.namespace, direction, dict(pod.labels))
    ]


def parts_of(
    monkeypatch: pytest.MonkeyPatch, change: Callable[[str], str] = lambda text: text
) -> list[str]:
    """The texts of the parts that are proved from now on, each after a change."""
    found: list[str] = []
    real = intents_text.text_of_some

    def noted(
        log: ClassifiedLog,
        proposals: Iterable[Proposal],
        intents: Intents,
        is_wanted: Callable[[Proposal], bool],
        **options: Any,
    ) -> str:
        found.append(change(real(log, proposals, intents, is_wanted, **options)))
        return found[-1]

    monkeypatch.setattr(learn, "text_of_some", noted)
    return found


@given(PROGRAMS, FLOWS, st.booleans(), st.booleans(), st.integers(1, 3))
def test_parts_close_what_the_whole_closes_and_open_no_more(
    program: str, flows: list[Flow], new: bool, egress: bool, at_once: int
) -> None:
    whole = learn_from(flows, program, new=new, egress=egress)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(learn, "_AT_ONCE", at_once)
        parts = parts_of(patch)
        result = learn_from(flows, program, new=new, egress=egress)
    assert (result.text, result.diagnostics) == (whole.text, whole.diagnostics)
    assert not result.failed, result.diagnostics
    after = meaning(program, result.text)
    permitted = {one for one in SOME if is_permitted(after, one)}
    opened: set[Flow] = set()
    for part in parts:
        some = meaning(program, part)
        assert closed_pods(some) == closed_pods(after)
        opened |= {one for one in SOME if is_permitted(some, one)}
    assert opened <= permitted


@pytest.mark.parametrize("lost", range(3))
def test_a_flow_that_no_part_permits_is_not_proved(
    lost: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learn, "_AT_ONCE", 1)
    flows = [flow(PODS[n], PODS[n + 1], PORTS[0]) for n in range(3)]
    parts = parts_of(monkeypatch)
    assert not learn_from(flows).failed
    assert len(parts) == 3
    arrow = next(line for line in parts[lost].splitlines() if "<-" in line and ":80" in line)
    monkeypatch.undo()
    monkeypatch.setattr(learn, "_AT_ONCE", 1)
    parts_of(monkeypatch, lambda text: text.replace(f"{arrow}\n", ""))
    result = learn_from(flows)
    assert [one.rule for one in result.diagnostics] == [learn.UNPROVED_PROPOSAL]
