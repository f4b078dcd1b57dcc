"""The rules of a tier as a list of steps, and whether one list permits no more than another whatever is unknown.

The first step that matches a connection decides about it. Of which addresses pods have, and of what names
resolve to, nothing is known here: so lists are compared by what each step says. One list may permit more than another if
some connection may be decided by a step of each, the more permissive one first in its list.

Policies of equal priority that disagree are told apart by their names: an implementation may go by them.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from functools import reduce
from operator import or_
from typing import TypeAlias

from netpolc.analysis.port_intersection import may_share_ports
from netpolc.analysis.tiers import Networks, TierPeer
from netpolc.kube.peers import Anyone, Pods
from netpolc.kube.ports import Traffic
from netpolc.kube.selectors import EVERYTHING
from netpolc.manifest.tier_model import Action, Tier
from netpolc.values import frozen

_RANKS = {
    Tier.ADMIN: {Action.DENY: 0, Action.PASS: 1, Action.ACCEPT: 2},
    # The Baseline tier comes last, so what it does not deny is permitted.
    Tier.BASELINE: {Action.DENY: 0, Action.PASS: 1, Action.ACCEPT: 1},
}
"""How much each action permits in a tier. What no step matches is passed."""


@frozen
class Step:
    """A peer of a rule: the connections that it names, and what becomes of them."""

    action: Action
    subject: Pods
    peer: TierPeer
    traffic: Traffic

    @property
    def may_pass(self) -> bool:
        """Whether it leaves connections to the next tier."""
        return self.action is Action.PASS

    @property
    def matched(self) -> Hashable:
        """What it matches."""
        return self.subject, self.peer, self.traffic

    def is_apart_from(self, other: "Step") -> bool:
        """Whether the two surely match no connection in common."""
        return (
            _are_disjoint(self.subject, other.subject)
            or _are_disjoint(self.peer, other.peer)
            or not may_share_ports(self.traffic, other.traffic)
        )


@frozen
class Tie:
    """Policies of equal priority that disagree, by their names."""

    policies: frozenset[tuple[str, tuple[Step, ...]]]

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps of all its policies."""
        return tuple(step for _, steps in self.policies for step in steps)

    @property
    def may_pass(self) -> bool:
        """Whether one of the policies may leave connections to the next tier."""
        return any(step.may_pass for step in self.steps)


_Steps: TypeAlias = Sequence[Step | Tie]


def surely_permits_no_more(steps: _Steps, others: _Steps, tier: Tier) -> bool:
    """Whether a list permits no more than another one of the same tier, whatever is unknown.

    It is sure where every two steps that may decide about one connection say so. What several steps match only together is
    taken into account for networks alone.
    """
    if list(steps) == list(others):
        return True
    rank = _RANKS[tier]
    mine, theirs = _Decisions(steps), _Decisions(others)
    return not any(
        rank[decision.action] > rank[other.action] and _may_both_decide(decision, other)
        for decision in mine.all
        for other in theirs.all
    )


@frozen(eq=False)
class _Decision:
    """What becomes of the connections that a step decides about; without a step, of those that no step matches."""

    action: Action
    step: Step | None
    place: int
    tie: Tie | None
    among: "_Decisions"

    @property
    def earlier(self) -> Iterator[Step]:
        """The steps that match none of these connections."""
        return (step for place, step in self.among.placed if place < self.place)

    def is_after(self, step: Step) -> bool:
        """Whether a step that matches the same as another one is before it."""
        return self.among.first.get(step.matched, self.place) < self.place


class _Decisions:
    """All decisions of a list of steps."""

    def __init__(self, steps: _Steps) -> None:
        self.placed = [
            (place, step)
            for place, each in enumerate(steps)
            for step in (each.steps if isinstance(each, Tie) else (each,))
        ]
        self.first = {step.matched: place for place, step in reversed(self.placed)}
        ties = [each if isinstance(each, Tie) else None for each in steps]
        self.all = [
            *(
                _Decision(step.action, step, place, ties[place], self)
                for place, step in self.placed
            ),
            _Decision(Action.PASS, None, len(steps), None, self),
        ]


def _may_both_decide(decision: _Decision, other: _Decision) -> bool:
    """Whether a connection may be decided by one decision of each of two lists."""
    steps = [each.step for each in (decision, other) if each.step is not None]
    if decision.tie is not None and decision.tie == other.tie:
        return False
    if any(each.is_after(step) for each in (decision, other) for step in steps):
        return False
    if len(steps) > 1 and steps[0].is_apart_from(steps[1]):
        return False
    return not _is_covered(steps, (*decision.earlier, *other.earlier))


def _is_covered(steps: Sequence[Step], others: Iterable[Step]) -> bool:
    """Whether others surely match every connection that all of some steps match."""
    near = [
        other
        for other in others
        if any(_selects_within(step.subject, other.subject) for step in steps)
        and any(step.traffic <= other.traffic for step in steps)
    ]
    if any(_names_within(step.peer, other.peer) for other in near for step in steps):
        return True
    networks = [step.peer.addresses for step in steps if isinstance(step.peer, Networks)]
    matched = [other.peer.addresses for other in near if isinstance(other.peer, Networks)]
    if not networks or not matched:
        return False
    rest = networks[0] - reduce(or_, matched)
    return not rest or not all(map(rest.meets, networks[1:]))


def _selects_within(pods: Pods, wide: Pods) -> bool:
    """Whether all pods of a selector are those of another one."""
    return pods.pods <= wide.pods and (pods.namespaces or EVERYTHING) <= (
        wide.namespaces or EVERYTHING
    )


def _names_within(peer: TierPeer, wide: TierPeer) -> bool:
    """Whether all ends of a peer are surely those of another one."""
    match peer, wide:
        case _, Anyone():
            return True
        case Pods() as pods, Pods() as others:
            return _selects_within(pods, others)
        case Networks(addresses), Networks(others):
            return addresses <= others
        case _:
            return peer == wide


def _are_disjoint(peer: TierPeer, other: TierPeer) -> bool:
    """Whether two peers surely have no end in common."""
    match peer, other:
        case Pods(namespaces, pods), Pods(other_namespaces, other_pods):
            return pods.isdisjoint(other_pods) or (namespaces or EVERYTHING).isdisjoint(
                other_namespaces or EVERYTHING
            )
        case Networks(addresses), Networks(others):
            return not addresses.meets(others)
        case _:
            return False
