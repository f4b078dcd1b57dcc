"""Attribute a changed connection to an end, and to the changed statements there.

A connection needs both ends. Where comparison finds it permitted on one side only, an
end that permits it on both sides has nothing to do with the change. What is left at the
other end is an allow that only one side has, an isolation that only one side has, or
neither: then labels of namespaces have changed.

An allow can come from several statements (`db <- api:80` and `db <- api:81` are one). The
class is then cut, so that each statement answers for its own part.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TypeAlias

from netpolc.analysis.concrete_evaluator import Pod, end_permits
from netpolc.analysis.connection_sets import PodClass
from netpolc.analysis.policy_version import PolicyVersion
from netpolc.analysis.semantic_diff import Change
from netpolc.changes.changed_sources import ChangedSources
from netpolc.changes.model import Effect, Side, StatementChange
from netpolc.changes.statement_diff import Changed, cause_key
from netpolc.changes.subject_view import Frame, KnownLabels, is_about_pods, proper
from netpolc.ir.model import Allow, PolicySet, Subject
from netpolc.kube.peers import Anyone, Direction, Peer
from netpolc.kube.ports import EVERY_PORT, Traffic
from netpolc.kube.selector_index import SelectorIndex
from netpolc.kube.selectors import Selector
from netpolc.program import model as program
from netpolc.provenance import (
    Origin,
    Origins,
    Place,
    Role,
    StatementKind,
    closing_or_all,
    merged,
)
from netpolc.sets import IntervalSet, ValueSet
from netpolc.sets.boxes import Box, Boxes, meet, outside
from netpolc.values import frozen

Causes: TypeAlias = frozenset[StatementChange]
Arrow: TypeAlias = tuple[Selector, Peer, Traffic]
"""A subject, a peer and traffic: what a statement opens."""

_BOTH = (Direction.INGRESS, Direction.EGRESS)
_NOTHING = PolicySet(namespace="")


@frozen(kw_only=True, eq=False)
class Part:
    """Connections that change for the same reason, seen from the subject of the reason.

    `arrows` are the arrows that describe them, if all that an arrow permits changes.
    """

    effect: Effect
    frame: Frame
    box: Box
    causes: Causes
    permitting: Origins
    closing: Origins
    arrows: tuple[Arrow, ...]


@frozen(kw_only=True, eq=False)
class _End:
    """An end that makes the difference: the side, the statements' origins, the thing."""

    direction: Direction
    namespace: str
    side: PolicyVersion
    allow: Allow | None
    origins: Origins
    causes: tuple[StatementChange, ...]


class Attribution:
    """Attributes the changes between two sides."""

    def __init__(self, sides: tuple[Side, Side], changed: Changed, known: KnownLabels) -> None:
        self._sides = sides
        self._changed = changed
        self._known = known
        self._sources = ChangedSources(*sides, changed)
        self._allows: dict[tuple[int, str], frozenset[Allow]] = {}
        self._arrows: dict[tuple[int, str], Mapping[Place, program.Arrow]] = {}
        self._subjects: dict[tuple[int, str, Direction], SelectorIndex[Subject]] = {}

    def parts(self, change: Change, effect: Effect) -> Iterator[Part]:
        """The parts of a change, each with its reason; together they are all of it."""
        ends = list(self._ends(change, effect))
        frame = _frame(change, ends)
        causes = frozenset(cause for end in ends for cause in end.causes)
        if not causes:
            causes = frozenset(self._last_resort(change))
        permitted = effect.permitting
        permitting = merged(tuple(self._permitting(change, permitted)))
        for box in frame.boxes(change.connections):
            whole = Part(
                effect=effect,
                frame=frame,
                box=box,
                causes=causes,
                permitting=permitting,
                closing=closing_or_all(change.closed.origins),
                arrows=tuple(_arrows(change, frame)),
            )
            yield from self._cut(whole, ends)

    def isolation(
        self, side: PolicyVersion, namespace: str, isolation: Subject
    ) -> tuple[StatementChange, ...]:
        """The changed statements of an isolation that only this side has."""
        found = self._sources.of(side, namespace, closing_or_all(isolation.origins))
        return tuple(sorted(found or self._sources.anything((namespace,)), key=cause_key))

    def _ends(self, change: Change, effect: Effect) -> Iterator[_End]:
        permitted = effect.permitting
        for direction in _BOTH:
            namespace = change.home(direction)
            if namespace is None or not self._differs(
                change, direction, namespace, permitted.other
            ):
                continue
            allow = change.allow(direction)
            side = permitted if allow is not None else permitted.other
            if allow is None:
                origins = self._gone(change, direction, namespace, side)
            elif allow in self._allowed(permitted.other, namespace):
                continue
            else:
                origins = allow.origins
            if allow is None:
                # What closes pods closes what its arrows do not list.
                causes = self._sources.of(side, namespace, origins)
            else:
                causes = self._behind(change, side, namespace, origins)
                causes = self._needed(change, namespace, side, causes)
            if causes:
                yield _End(
                    direction=direction,
                    namespace=namespace,
                    side=side,
                    allow=allow,
                    origins=origins,
                    causes=causes,
                )

    def _behind(
        self, change: Change, side: PolicyVersion, namespace: str, origins: Origins
    ) -> tuple[StatementChange, ...]:
        def concerns(cause: StatementChange) -> bool:
            return self._lists(change, namespace, self._arrow(cause, side))

        return self._sources.of(side, namespace, origins, concerns)

    def _needed(
        self,
        change: Change,
        namespace: str,
        side: PolicyVersion,
        causes: tuple[StatementChange, ...],
    ) -> tuple[StatementChange, ...]:
        """The causes without each one whose part of the change the other causes permit too.

        Without such an arrow or policy the connections would be permitted all the same. The
        narrowest goes first, so of two that both permit all of the change the wider is named.
        """
        if len(causes) == 1:
            return causes
        listed: dict[StatementChange, list[Box]] = {}
        parts: dict[tuple[Direction, StatementChange], Boxes] = {}
        for cause in causes:
            for direction, arrows in self._opened(cause, side, namespace):
                if change.home(direction) != namespace:
                    continue
                frame = Frame(namespace, direction)
                wanted = list(frame.boxes(change.connections))
                mine = self._boxes(arrows, frame, wanted[0], side)
                listed[cause] = [*listed.get(cause, ()), *mine]
                common = (meet(one, box) for one in wanted for box in mine)
                parts[direction, cause] = Boxes(tuple(box for box in common if box is not None))
        needed = dict(parts)
        for key in sorted(parts, key=lambda key: (_width(listed[key[1]]), cause_key(key[1]))):
            others = (p for other, p in needed.items() if other[0] is key[0] and other != key)
            if parts[key] <= Boxes(tuple(box for part in others for box in part.boxes)):
                del needed[key]
        left = {cause for _, cause in needed}
        return tuple(cause for cause in causes if cause in left or cause not in listed)

    def _opened(
        self, cause: StatementChange, side: PolicyVersion, namespace: str
    ) -> Iterator[tuple[Direction, tuple[Arrow, ...]]]:
        """The openings of an arrow or a policy, by direction; nothing if they are not known."""
        arrow = self._arrow(cause, side)
        if arrow is not None:
            yield arrow.direction, _listed(arrow)
        lifted = self._sides[side].lifted.namespaces.get(namespace, _NOTHING)
        for direction in _BOTH if cause.what is StatementKind.POLICY else ():
            arrows = tuple(
                (allow.subject, allow.peer, allow.traffic)
                for subject in lifted.of(direction)
                for allow in subject.allows
                if any(o.policy is not None and o.policy.name == cause.name for o in allow.origins)
            )
            if arrows:
                yield direction, arrows

    def _boxes(
        self, arrows: Iterable[Arrow], frame: Frame, like: Box, side: PolicyVersion
    ) -> list[Box]:
        """The boxes of arrows, pods or addresses as in the other box, without known labels."""
        return [
            settled
            for one in arrows
            for box in frame.arrow(*one)
            if is_about_pods(box) is is_about_pods(like)
            for settled in self._known.settled(box, side)
        ]

    def _arrow(self, cause: StatementChange, side: PolicyVersion) -> program.Arrow | None:
        origin = cause.before if side == PolicyVersion.BEFORE else cause.after
        return None if origin is None else self._changed.arrows.get(origin.place)

    def _lists(self, change: Change, namespace: str, arrow: program.Arrow | None) -> bool:
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

    def _permitting(self, change: Change, side: PolicyVersion) -> Iterator[Origin]:
        """The statements that list the connections; an allow has those of narrower allows too."""
        for direction in _BOTH:
            allow, namespace = change.allow(direction), change.home(direction)
            if allow is None or namespace is None:
                continue
            if len(allow.origins) == 1:
                yield from allow.origins
                continue
            arrows = self._arrows_of(side, namespace)
            yield from (
                origin
                for origin in allow.origins
                if self._lists(change, namespace, arrows.get(origin.place))
            )

    def _arrows_of(self, side: PolicyVersion, namespace: str) -> Mapping[Place, program.Arrow]:
        found = self._arrows.get((side, namespace))
        if found is None:
            known = self._sides[side].program.namespaces.get(namespace)
            arrows = () if known is None else known.arrows
            found = self._arrows[side, namespace] = {a.origin.place: a for a in arrows}
        return found

    def _differs(
        self, change: Change, direction: Direction, namespace: str, side: PolicyVersion
    ) -> bool:
        """Whether this end closes the connection on the side that does not permit it."""
        if direction is change.closed.direction:
            return True
        if change.closed.direction is Direction.INGRESS:
            # Comparison looks at egress first, so there egress permits it.
            return False
        pod = change.witness_end(direction)
        if not isinstance(pod, Pod):
            return False
        labels = {**pod.namespace_labels, **self._known.of(namespace, side)}
        there = replace(pod, namespace_labels=labels)
        known = self._sides[side]
        return not end_permits(
            known.policies, direction, there, change.witness, tiers=known.reading
        )

    def _gone(
        self, change: Change, direction: Direction, namespace: str, side: PolicyVersion
    ) -> Origins:
        """The origins that close the subject on this side and not on the other."""
        pods = change.pods(direction)
        other = self._subjects_of(side.other, namespace, direction)
        near = self._subjects_of(side, namespace, direction).overlapping(pods)
        gone = [one for one in near if not other.exact(one.selector)]
        by_selector = SelectorIndex((one.selector, one) for one in gone)
        widest = (one for one in gone if not is_inside(one, by_selector))
        return merged(*(closing_or_all(one.origins) for one in widest))

    def _subjects_of(
        self, side: PolicyVersion, namespace: str, direction: Direction
    ) -> SelectorIndex[Subject]:
        found = self._subjects.get((side, namespace, direction))
        if found is None:
            subjects = self._set(side, namespace).of(direction)
            found = SelectorIndex((one.selector, one) for one in subjects)
            self._subjects[side, namespace, direction] = found
        return found

    def _set(self, side: PolicyVersion, namespace: str) -> PolicySet:
        return self._sides[side].policies.namespaces.get(namespace, _NOTHING)

    def _allowed(self, side: PolicyVersion, namespace: str) -> frozenset[Allow]:
        found = self._allows.get((side, namespace))
        if found is None:
            found = frozenset(self._set(side, namespace).allows)
            self._allows[side, namespace] = found
        return found

    def _last_resort(self, change: Change) -> tuple[StatementChange, ...]:
        names = {
            name
            for end in (change.connections.sender, change.connections.receiver)
            if isinstance(end, PodClass)
            for name in end.names.values
        }
        return self._sources.facts(names) or self._sources.anything(names)

    def _cut(self, whole: Part, ends: list[_End]) -> Iterator[Part]:
        """The part as its statements have it, where several opened it together."""
        chosen = [end for end in ends if end.direction is whole.frame.direction and end.allow]
        written = list(self._written(chosen[0], whole)) if chosen else []
        taken = [box for _, _, boxes in written for box in boxes]
        rest = [box for cut in outside(whole.box, taken) for box in proper(cut)]
        if not written or (len(written) == 1 and not rest):
            yield whole
            return
        others = frozenset(c for end in ends if end is not chosen[0] for c in end.causes)
        mine = frozenset(chosen[0].causes)
        for cause, arrows, boxes in written:
            gone = _without(whole.permitting, mine - {cause}, chosen[0].side)
            for box in boxes:
                cut = meet(whole.box, box)
                for piece in () if cut is None else proper(cut):
                    yield replace(
                        whole,
                        box=piece,
                        causes=others | {cause},
                        permitting=gone,
                        arrows=arrows,
                    )
        yield from self._unwritten(whole, rest, chosen[0], others)

    def _unwritten(
        self, whole: Part, rest: Iterable[Box], end: _End, others: Causes
    ) -> Iterator[Part]:
        """The parts that no changed arrow lists itself, because a declaration that it names has changed."""
        mine = frozenset(end.causes)
        indirect = self._sources.of(end.side, end.namespace, end.origins, lambda c: c not in mine)
        causes = others | frozenset(indirect or mine)
        permitting = _without(whole.permitting, mine, end.side) or whole.permitting
        known = self._arrows_of(end.side, end.namespace)
        arrows = tuple(
            one
            for origin in permitting
            if (arrow := known.get(origin.place)) is not None and arrow.direction is end.direction
            for one in _listed(arrow)
        )
        for box in rest:
            yield replace(whole, box=box, causes=causes, permitting=permitting, arrows=arrows)

    def _written(
        self, end: _End, whole: Part
    ) -> Iterator[tuple[StatementChange, tuple[Arrow, ...], list[Box]]]:
        for cause in end.causes:
            arrow = self._arrow(cause, end.side)
            if arrow is None or arrow.direction is not whole.frame.direction:
                continue
            listed = _listed(arrow)
            yield cause, listed, self._boxes(listed, whole.frame, whole.box, end.side)


def _width(boxes: Iterable[Box]) -> list[tuple[int, int]]:
    """Estimate the width of boxes: the fewer labels they ask for, the wider."""
    return sorted(
        (
            -sum(
                1
                for allowed in box.values()
                if isinstance(allowed, ValueSet) and not allowed.is_full
            ),
            sum(allowed.count() for allowed in box.values() if isinstance(allowed, IntervalSet)),
        )
        for box in boxes
    )[::-1]


def is_inside(one: Subject, others: SelectorIndex[Subject]) -> bool:
    """Whether another isolation of the same direction closes these pods and more.

    What an arrow opens at the other end, or `dns`, selects closed pods and closes none.
    """
    return any(one.selector != other.selector for other in others.supersets_of(one.selector))


def _listed(arrow: program.Arrow) -> tuple[Arrow, ...]:
    """The grants of an arrow, peer by peer."""
    return tuple((arrow.subject, n.grant.peer, n.grant.traffic) for n in arrow.grants)


def _without(origins: Origins, gone: Iterable[StatementChange], side: PolicyVersion) -> Origins:
    """The origins that are none of some statements."""
    places = {
        origin.place
        for change in gone
        if (origin := change.before if side == PolicyVersion.BEFORE else change.after) is not None
    }
    return tuple(origin for origin in origins if origin.place not in places)


def _frame(change: Change, ends: list[_End]) -> Frame:
    """The end that an arrow would speak of: an arrow's own before one it only mirrors."""
    spoken = [end for end in ends if any(o.role is not Role.MIRROR for o in end.origins)]
    if spoken or ends:
        chosen = (spoken or ends)[0]
        return Frame(chosen.namespace, chosen.direction)
    direction = change.closed.direction
    namespace = change.home(direction)
    assert namespace is not None, "what closes a pod lives in its namespace"
    return Frame(namespace, direction)


def _arrows(change: Change, frame: Frame) -> Iterator[Arrow]:
    allow = change.allow(frame.direction)
    if allow is not None:
        yield allow.subject, allow.peer, allow.traffic
    elif isinstance(change.closed, Subject) and change.closed.direction is frame.direction:
        yield change.closed.selector, Anyone(), EVERY_PORT
