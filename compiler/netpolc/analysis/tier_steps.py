"""The rules of a tier as a list of steps, and whether one list permits no more than another whatever is unknown.

The first step that matches a connection decides about it. Of which addresses pods have, and of what names
resolve to, nothing is known here: so lists are compared by what each step says, and by edits whose effect is
sure.

Policies of equal priority that disagree are told apart by their names: an implementation may go by them.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import replace
from typing import TypeAlias

from netpolc.analysis.port_intersection import may_share_ports
from netpolc.analysis.tiers import Networks, TierPeer
from netpolc.kube.peers import Anyone, Pods
from netpolc.kube.ports import Traffic
from netpolc.kube.selectors import EVERYTHING
from netpolc.manifest.tier_model import Action
from netpolc.values import frozen

_RISING = (Action.DENY, Action.PASS, Action.ACCEPT)
"""The actions, each after those that permit less."""


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

    def raised_to(self, action: Action) -> "Step":
        """The step with an action that permits more, or the same step."""
        return replace(self, action=max(self.action, action, key=_RISING.index))

    def covers(self, other: "Step") -> bool:
        """Whether it surely matches all that the other one matches."""
        return (
            _selects_within(other.subject, self.subject)
            and _names_within(other.peer, self.peer)
            and other.traffic <= self.traffic
        )

    def commutes(self, other: "Step | Tie") -> bool:
        """Whether the order of the two decides nothing."""
        return isinstance(other, Step) and (
            self.action is other.action
            or _are_disjoint(self.subject, other.subject)
            or _are_disjoint(self.peer, other.peer)
            or not may_share_ports(self.traffic, other.traffic)
        )


@frozen
class Tie:
    """Policies of equal priority that disagree, by their names."""

    policies: frozenset[tuple[str, tuple[Step, ...]]]

    @property
    def may_pass(self) -> bool:
        """Whether one of the policies may leave connections to the next tier."""
        return any(step.may_pass for _, steps in self.policies for step in steps)

    def commutes(self, other: "Step | Tie") -> bool:  # noqa: ARG002 - as a step
        """Nothing changes places with policies of which it is unknown which one decides."""
        return False


_Layers: TypeAlias = tuple[frozenset[Step | Tie], ...]


def surely_permits_no_more(steps: Sequence["Step | Tie"], others: Sequence["Step | Tie"]) -> bool:
    """Whether a list permits no more than another one, whatever is unknown.

    With fewer or narrower denials, with wider acceptances, or with `Accept` in the place of another action,
    a list permits no less; without one of its acceptances it permits no more. So it is tried whether such
    edits make both lists equal.
    """
    known = [step for step in others if isinstance(step, Step)]
    raised = [each for step in steps for each in _raised(step, known)]
    matched = {step.matched for step in raised if isinstance(step, Step)}
    lowered = [
        step
        for step in others
        if isinstance(step, Tie) or step.action is not Action.ACCEPT or step.matched in matched
    ]
    return _normal_form(raised) == _normal_form(lowered)


def _raised(step: "Step | Tie", others: Sequence["Step"]) -> Iterable["Step | Tie"]:
    """The steps to put in the place of a step so that a list permits no less and is more like another one."""
    if isinstance(step, Tie):
        return (step,)
    for other in others:
        if other.matched == step.matched:
            return (step.raised_to(other.action),)
    alike = [other for other in others if other.action is step.action]
    match step.action:
        case Action.DENY:
            return [other for other in alike if step.covers(other)]
        case Action.ACCEPT:
            return (next((other for other in alike if other.covers(step)), step),)
        case _:
            return (step,)


def _normal_form(steps: Sequence["Step | Tie"]) -> _Layers:
    """The steps that may decide, in layers: equal for lists that differ in an order without effect.

    A step is in the first layer after all earlier steps with which it does not commute.
    """
    layers: list[set[Step | Tie]] = []
    for step in without_idle(steps):
        blocking = [
            place
            for place, layer in enumerate(layers)
            if not all(step.commutes(earlier) for earlier in layer)
        ]
        place = blocking[-1] + 1 if blocking else 0
        if place == len(layers):
            layers.append(set())
        layers[place].add(step)
    return tuple(map(frozenset, layers))


def without_idle(steps: Sequence[Step | Tie]) -> list[Step | Tie]:
    """The steps without those that decide nothing, because of an earlier or a later one."""
    kept: list[Step | Tie] = []
    for step in steps:
        earlier = (each for each in kept if isinstance(each, Step))
        if isinstance(step, Tie) or not any(each.covers(step) for each in earlier):
            kept.append(step)
    found: list[Step | Tie] = []
    for step in reversed(kept):
        if isinstance(step, Tie) or not _is_idle_before(step, reversed(found)):
            found.append(step)
    return found[::-1]


def _is_idle_before(step: Step, later: Iterable[Step | Tie]) -> bool:
    """Whether later steps decide alike without a step; one that passes matters only if it keeps others from deciding."""
    for other in later:
        if isinstance(other, Step) and other.action is step.action and other.covers(step):
            return True
        if not step.commutes(other):
            return False
    return step.action is Action.PASS


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
