"""The two sides of a comparison, to be asked what their statements open."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from netpolc.analysis.permission_change import Change
from netpolc.analysis.policy_version import PolicyVersion
from netpolc.changes.model import Side, StatementChange
from netpolc.changes.statement_diff import Changed
from netpolc.changes.subject_view import Frame, KnownLabels, is_about_pods
from netpolc.ir.model import Allow, PolicySet, Subject
from netpolc.kube.peers import Direction, Peer
from netpolc.kube.ports import Traffic
from netpolc.kube.selector_index import SelectorIndex
from netpolc.kube.selectors import Selector
from netpolc.program import model as program
from netpolc.provenance import Place, StatementKind
from netpolc.sets.boxes import Box, meet

Arrow: TypeAlias = tuple[Selector, Peer, Traffic]
"""A subject, a peer and traffic: what a statement opens."""

DIRECTIONS = (Direction.INGRESS, Direction.EGRESS)
_NOTHING = PolicySet(namespace="")


class ComparedSides:
    """Finds arrows, subjects and allows of either side; what is found is kept."""

    def __init__(self, sides: tuple[Side, Side], changed: Changed, known: KnownLabels) -> None:
        """Take both sides, and what has changed between them."""
        self._sides = sides
        self._changed = changed
        self._known = known
        self._allows: dict[tuple[int, str], frozenset[Allow]] = {}
        self._arrows: dict[tuple[int, str], Mapping[Place, program.Arrow]] = {}
        self._subjects: dict[tuple[int, str, Direction], SelectorIndex[Subject]] = {}

    def arrow(self, cause: StatementChange, side: PolicyVersion) -> program.Arrow | None:
        """The arrow that a changed statement is on a side; None if it is none."""
        origin = cause.before if side == PolicyVersion.BEFORE else cause.after
        return None if origin is None else self._changed.arrows.get(origin.place)

    def arrows_of(self, side: PolicyVersion, namespace: str) -> Mapping[Place, program.Arrow]:
        """The arrows of a namespace on a side, by place."""
        by_place = self._arrows.get((side, namespace))
        if by_place is None:
            known = self._sides[side].program.namespaces.get(namespace)
            arrows = () if known is None else known.arrows
            by_place = self._arrows[side, namespace] = {a.origin.place: a for a in arrows}
        return by_place

    def subjects_of(
        self, side: PolicyVersion, namespace: str, direction: Direction
    ) -> SelectorIndex[Subject]:
        """The subjects of a namespace that a side closes in a direction, by their pods."""
        selector_index = self._subjects.get((side, namespace, direction))
        if selector_index is None:
            subjects = self._set(side, namespace).of(direction)
            selector_index = SelectorIndex((subject.selector, subject) for subject in subjects)
            self._subjects[side, namespace, direction] = selector_index
        return selector_index

    def allows_of(self, side: PolicyVersion, namespace: str) -> frozenset[Allow]:
        """The allows of a namespace on a side."""
        allows = self._allows.get((side, namespace))
        if allows is None:
            allows = frozenset(self._set(side, namespace).allows)
            self._allows[side, namespace] = allows
        return allows

    def _set(self, side: PolicyVersion, namespace: str) -> PolicySet:
        return self._sides[side].policies.namespaces.get(namespace, _NOTHING)

    def opened(
        self, cause: StatementChange, side: PolicyVersion, namespace: str
    ) -> Iterator[tuple[Direction, tuple[Arrow, ...]]]:
        """The openings of an arrow or a policy, by direction; nothing if they are not known."""
        arrow = self.arrow(cause, side)
        if arrow is not None:
            yield arrow.direction, openings_of(arrow)
        lifted = self._sides[side].lifted.namespaces.get(namespace, _NOTHING)
        for direction in DIRECTIONS if cause.what is StatementKind.POLICY else ():
            arrows = tuple(
                (allow.subject, allow.peer, allow.traffic)
                for subject in lifted.of(direction)
                for allow in subject.allows
                if any(o.policy is not None and o.policy.name == cause.name for o in allow.origins)
            )
            if arrows:
                yield direction, arrows

    def boxes(
        self, arrows: Iterable[Arrow], frame: Frame, like: Box, side: PolicyVersion
    ) -> list[Box]:
        """The boxes of arrows, pods or addresses as in the other box, without known labels."""
        return [
            settled
            for arrow in arrows
            for box in frame.arrow(*arrow)
            if is_about_pods(box) is is_about_pods(like)
            for settled in self._known.settled(box, side)
        ]

    def lists(self, change: Change, namespace: str, arrow: program.Arrow | None) -> bool:
        """Whether an arrow lists some of the connections; true if it cannot be decided."""
        if arrow is None or change.home(arrow.direction) != namespace:
            return True
        frame = Frame(namespace, arrow.direction)
        mine = [
            box
            for named in arrow.grants
            for box in frame.arrow(arrow.subject, named.grant.peer, named.grant.traffic)
        ]
        return any(
            meet(box, other) is not None
            for box in frame.boxes(change.connections)
            for other in mine
            if is_about_pods(box) is is_about_pods(other)
        )


def openings_of(arrow: program.Arrow) -> tuple[Arrow, ...]:
    """The grants of an arrow, peer by peer."""
    return tuple((arrow.subject, n.grant.peer, n.grant.traffic) for n in arrow.grants)
