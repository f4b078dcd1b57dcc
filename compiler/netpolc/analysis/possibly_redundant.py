"""The statements that may be redundant, found by the labels, blocks and ports of their allows.

An allow of one statement that no other allow comes near is lost with it. Nearly all statements of a
large program have one, so they are not redundant. Whether the few others are is a question for boxes
(`namespace_redundancy`).
"""

from collections.abc import Container, Iterable, Iterator
from functools import cached_property
from itertools import chain, islice
from operator import attrgetter
from typing import TypeAlias

from netpolc import provenance
from netpolc.analysis.chosen_labels import chosen_labels
from netpolc.analysis.disjointness import Neighbours
from netpolc.ir.distinct import surely_happens
from netpolc.ir.model import Allow, PolicySet, Subject
from netpolc.kube.peers import Direction, Outside, Pods
from netpolc.kube.selector_index import SelectorIndex
from netpolc.kube.selectors import EVERYTHING, Selector
from netpolc.provenance import Origin
from netpolc.remembered import ByIdentity

_FEW = 16
"""So many subjects are asked one by one, each with an index of its allows."""
_ALLOWS, _ORIGINS = attrgetter("allows"), attrgetter("origins")
Statement: TypeAlias = provenance.Place
"""The identity of a statement: file, line and text."""


def may_be_redundant(policies: PolicySet) -> bool:
    """Return whether some statement of a namespace may be redundant."""
    possible = [subject for subject in policies.subjects if not subject.selector.impossible]
    sides = (
        NearAllows(policies.namespace, tuple(s for s in possible if s.direction is direction))
        for direction in Direction
    )
    return bool(possibly_redundant(sides))


class NearAllows:
    """The subjects of one namespace and direction, to be asked which of their allows come near others."""

    def __init__(self, name: str, subjects: tuple[Subject, ...]) -> None:
        """Take subjects of a namespace that can match a pod."""
        self._name = name
        self.subjects = subjects
        self._opening = SelectorIndex(
            (subject.selector, subject) for subject in subjects if subject.allows
        )
        self._are_apart = self._opening.is_disjoint
        self._neighbours: ByIdentity[Subject, Neighbours] = ByIdentity(
            lambda subject: Neighbours(subject.allows, name)
        )
        self._by_pods = ByIdentity(_by_pods)
        self._near: dict[Selector, list[Subject] | None] = {}

    def are_alone(self, subject: Subject) -> bool:
        """Return whether surely no allow of a subject opens anything that another allow opens."""
        return subject.distinct and (
            self._are_apart or self._opening.meets_only(subject.selector, subject)
        )

    def is_needed(self, allow: Allow) -> bool:
        """Return whether an allow surely opens something that none but its one statement opens."""
        return (
            len(allow.origins) == 1
            and surely_happens(allow)
            and (self._admits_pods_alone(allow) or next(self.neighbours(allow), None) is None)
        )

    def neighbours(self, allow: Allow, without: Container[int] = ()) -> Iterator[Allow]:
        """Return the other allows that may open what an allow opens.

        The allows whose ids are in `without` are left out, now and later.
        """
        subjects = self._overlapping(allow.subject)
        if subjects is not None:
            near = (self._neighbours.of(subject) for subject in subjects)
            return chain.from_iterable(index.of(allow, without) for index in near)
        each = self._of_all.of(allow, without)
        return (other for other in each if not other.subject.isdisjoint(allow.subject))

    def _overlapping(self, selector: Selector) -> list[Subject] | None:
        """Return the subjects that share pods with a selector; None where they are many.

        Such as those that `*` or `{app notin (a, b)}` meets: nearly all.
        """
        if selector not in self._near:
            some = islice(self._opening.each_overlapping(selector), _FEW + 1)
            are_few = sum(1 for _ in some) <= _FEW
            self._near[selector] = list(self._opening.overlapping(selector)) if are_few else None
        return self._near[selector]

    @cached_property
    def _of_all(self) -> Neighbours:
        """The allows of all subjects."""
        return Neighbours([each for some in self.subjects for each in some.allows], self._name)

    def _admits_pods_alone(self, allow: Allow) -> bool:
        """Return whether no other allow lists the pods with the fewest labels that this one lists.

        Allows of distinct keys all meet each other, so that none is seen to be apart; but a pod
        with the labels of one has none that the others ask for. False also where many match this pod.
        """
        if not isinstance(allow.peer, Pods):
            return False
        subject = chosen_labels(allow.subject.requirements)
        near = list(islice(self._opening.matching(subject), _FEW + 1))
        if len(near) > _FEW:
            return False
        peer = chosen_labels(allow.peer.pods.requirements)
        each = chain.from_iterable(self._by_pods.of(some).matching(peer) for some in near)
        return all(other is allow for other in each)


def _by_pods(subject: Subject) -> SelectorIndex[Allow]:
    """Return the allows of a subject by the pods at their other end, which for `any` are all."""
    return SelectorIndex(
        (allow.peer.pods if isinstance(allow.peer, Pods) else EVERYTHING, allow)
        for allow in subject.allows
        if not isinstance(allow.peer, Outside)
    )


def possibly_redundant(sides: Iterable[NearAllows]) -> dict[Statement, list[Allow]]:
    """Return the statements of a namespace that may be redundant, each with its allows."""
    candidates: dict[Statement, list[Allow]] = {}
    needed: set[Statement] = set()
    alone: list[Subject] = []
    for side in sides:
        for subject in side.subjects:
            if side.are_alone(subject):
                alone.append(subject)
                continue
            for allow in subject.allows:
                if side.is_needed(allow):
                    needed.add(allow.origins[0].place)
                    continue
                for origin in allow.origins:
                    candidates.setdefault(origin.place, []).append(allow)
    files = {path for path, _, _ in candidates}
    opened = chain.from_iterable(map(_ALLOWS, alone))
    needed.update(o.place for o in origins_of(opened) if o.path in files)
    return {statement: some for statement, some in candidates.items() if statement not in needed}


def origins_of(subjects_or_allows: Iterable[Allow | Subject]) -> Iterator[Origin]:
    """Return the origins of all allows or subjects."""
    return chain.from_iterable(map(_ORIGINS, subjects_or_allows))
