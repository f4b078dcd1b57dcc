"""Pods that no policy closes.

Kubernetes leaves a pod open in a direction until something closes it, so one label
forgotten leaves a service open to everybody. In: policies, and perhaps the pods that
are asked about. Out: the classes of pods that nothing closes. A namespace that nothing
closes at all is a class like any other: `everything`.
"""

from collections.abc import Iterable, Iterator

from netpolc.ir.model import PolicySet
from netpolc.kube.peers import Direction
from netpolc.kube.selector_index import SelectorIndex
from netpolc.kube.selectors import EVERYTHING, Selector
from netpolc.sets import ValueSet
from netpolc.sets.boxes import Box, outside


def is_closed(policies: PolicySet, direction: Direction) -> bool:
    """Whether one statement closes every pod of the namespace in a direction."""
    return any(subject.selector.is_everything for subject in policies.of(direction))


def closed_pods(policies: PolicySet, direction: Direction) -> SelectorIndex[Selector]:
    """The pods that are closed in a direction, as the selectors of their subjects."""
    return SelectorIndex.of(subject.selector for subject in policies.of(direction))


def open_pods(
    closed: SelectorIndex[Selector], among: Selector = EVERYTHING
) -> tuple[Selector, ...]:
    """The pods, among some, that nothing closes, as selectors that exclude each other."""
    if among.impossible or closed.covers(among):
        return ()
    avoided: list[Box] = [dict(subject.requirements) for subject in closed.overlapping(among)]
    return tuple(selectors_of(outside(dict(among.requirements), avoided)))


def selectors_of(boxes: Iterable[Box]) -> Iterator[Selector]:
    """The selectors of boxes whose variables are label keys."""
    for box in boxes:
        yield Selector.of(
            (str(key), allowed) for key, allowed in box.items() if isinstance(allowed, ValueSet)
        )
