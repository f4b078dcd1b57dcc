"""Pods that no policy closes.

Kubernetes leaves a pod open in a direction until something closes it, so one label
forgotten leaves a service open to everybody. In: policies, and perhaps the pods that
are asked about. Out: for each namespace and direction the classes of pods that nothing
closes. A namespace that nothing closes at all is a class like any other: `everything`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from netpolc.ir.model import Policies, PolicySet
from netpolc.kube.peers import Direction
from netpolc.kube.selectors import EVERYTHING, Selector
from netpolc.sets import ValueSet
from netpolc.sets.boxes import Box, outside


@dataclass(frozen=True, slots=True, kw_only=True)
class Unprotected:
    """Pods of a namespace that are open in a direction: all that meet one of the selectors."""

    namespace: str
    direction: Direction
    pods: tuple[Selector, ...]


def unprotected(policies: Policies) -> Iterator[Unprotected]:
    """The classes of pods that nothing closes, by namespace and direction."""
    for name, policy_set in sorted(policies.namespaces.items()):
        for direction in Direction:
            pods = open_pods(policy_set, direction)
            if pods:
                yield Unprotected(namespace=name, direction=direction, pods=pods)


def open_pods(
    policies: PolicySet, direction: Direction, among: Selector = EVERYTHING
) -> tuple[Selector, ...]:
    """The pods, among some, that nothing closes, as selectors that exclude each other."""
    if among.impossible:
        return ()
    closed = (i.subject for i in policies.isolations if i.direction is direction)
    avoided: list[Box] = [
        dict(subject.requirements) for subject in closed if not subject.impossible
    ]
    return tuple(_selectors(outside(dict(among.requirements), avoided)))


def _selectors(boxes: Iterable[Box]) -> Iterator[Selector]:
    for box in boxes:
        yield Selector.of(
            (str(key), allowed) for key, allowed in box.items() if isinstance(allowed, ValueSet)
        )
