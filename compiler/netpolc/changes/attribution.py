"""Attribute a changed connection to an end, and to the changed statements there.

An allow can come from several statements (`db <- api:80` and `db <- api:81` are one). The
class is then cut, so that each statement answers for its own part.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TypeAlias

from netpolc.analysis.connection_sets import PodClass
from netpolc.analysis.permission_change import Change
from netpolc.analysis.policy_version import PolicyVersion
from netpolc.changes.changed_ends import ChangedEnd, ChangedEnds
from netpolc.changes.changed_sources import ChangedSources
from netpolc.changes.compared_sides import DIRECTIONS, Arrow, ComparedSides, openings_of
from netpolc.changes.model import Effect, Side, StatementChange
from netpolc.changes.statement_diff import Changed, cause_key
from netpolc.changes.subject_view import Frame, KnownLabels, proper
from netpolc.ir.model import Subject
from netpolc.kube.peers import Anyone
from netpolc.kube.ports import EVERY_PORT
from netpolc.provenance import Origin, Origins, Role, closing_or_all, merged
from netpolc.sets.boxes import Box, meet, outside
from netpolc.values import frozen

Causes: TypeAlias = frozenset[StatementChange]


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


class Attribution:
    """Attributes the changes between two sides."""

    def __init__(self, sides: tuple[Side, Side], changed: Changed, known: KnownLabels) -> None:
        """Take both sides, what has changed between them, and the labels that are known."""
        self._compared = ComparedSides(sides, changed, known)
        self._sources = ChangedSources(*sides, changed)
        self._ends = ChangedEnds(sides, self._compared, self._sources, known)

    def parts(self, change: Change, effect: Effect) -> Iterator[Part]:
        """The parts of a change, each with its reason; together they are all of it."""
        ends = list(self._ends.of(change, effect))
        frame = _frame(change, ends)
        causes = frozenset(cause for end in ends for cause in end.causes)
        if not causes:
            causes = frozenset(self._last_resort(change))
        permitted = effect.permitting
        permitting = merged(tuple(self._permitting(change, permitted, causes)))
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
        changes = self._sources.of(side, namespace, closing_or_all(isolation.origins))
        return tuple(sorted(changes or self._sources.anything((namespace,)), key=cause_key))

    def _permitting(self, change: Change, side: PolicyVersion, causes: Causes) -> Iterator[Origin]:
        """The statements that list the connections; an allow has those of narrower allows too.

        An IR file does not say what each of its statements lists. Of several in one allow, those that
        have changed are meant, if there are some.
        """
        for direction in DIRECTIONS:
            allow, namespace = change.allow(direction), change.home(direction)
            if allow is None or namespace is None:
                continue
            if len(allow.origins) == 1:
                yield from allow.origins
                continue
            arrows = self._compared.arrows_of(side, namespace)
            listing = [
                origin
                for origin in allow.origins
                if self._compared.lists(change, namespace, arrows.get(origin.place))
            ]
            unknown = tuple(origin for origin in listing if origin.place not in arrows)
            unchanged = {origin.place for origin in _without(unknown, causes, side)}
            told_apart = len(unchanged) < len(unknown)
            yield from (
                origin for origin in listing if not (told_apart and origin.place in unchanged)
            )

    def _last_resort(self, change: Change) -> tuple[StatementChange, ...]:
        names = {
            name
            for end in (change.connections.sender, change.connections.receiver)
            if isinstance(end, PodClass)
            for name in end.names.values
        }
        return self._sources.facts(names) or self._sources.anything(names)

    def _cut(self, whole: Part, ends: list[ChangedEnd]) -> Iterator[Part]:
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
        self, whole: Part, rest: Iterable[Box], end: ChangedEnd, others: Causes
    ) -> Iterator[Part]:
        """The parts that no changed arrow lists itself, because a declaration that it names has changed."""
        mine = frozenset(end.causes)
        indirect = self._sources.of(end.side, end.namespace, end.origins, lambda c: c not in mine)
        causes = others | frozenset(indirect or mine)
        permitting = _without(whole.permitting, mine, end.side) or whole.permitting
        known = self._compared.arrows_of(end.side, end.namespace)
        arrows = tuple(
            opening
            for origin in permitting
            if (arrow := known.get(origin.place)) is not None and arrow.direction is end.direction
            for opening in openings_of(arrow)
        )
        for box in rest:
            yield replace(whole, box=box, causes=causes, permitting=permitting, arrows=arrows)

    def _written(
        self, end: ChangedEnd, whole: Part
    ) -> Iterator[tuple[StatementChange, tuple[Arrow, ...], list[Box]]]:
        for cause in end.causes:
            arrow = self._compared.arrow(cause, end.side)
            if arrow is None or arrow.direction is not whole.frame.direction:
                continue
            listed = openings_of(arrow)
            yield cause, listed, self._compared.boxes(listed, whole.frame, whole.box, end.side)


def _without(origins: Origins, gone: Iterable[StatementChange], side: PolicyVersion) -> Origins:
    """The origins that are none of some statements."""
    places = {
        origin.place
        for change in gone
        if (origin := change.before if side == PolicyVersion.BEFORE else change.after) is not None
    }
    return tuple(origin for origin in origins if origin.place not in places)


def _frame(change: Change, ends: list[ChangedEnd]) -> Frame:
    """The end that an arrow would be about: an arrow's own before one it only mirrors."""
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
