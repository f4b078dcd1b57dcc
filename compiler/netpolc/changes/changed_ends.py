"""The ends of a changed connection that make the difference, with the statements that are the cause.

A connection needs both ends. Where comparison finds it permitted on one side only, an
end that permits it on both sides has nothing to do with the change. What is left at the
other end is an allow that only one side has, an isolation that only one side has, or
neither: then labels of namespaces have changed.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from netpolc.analysis.concrete_evaluator import Pod, end_permits
from netpolc.analysis.permission_change import Change
from netpolc.analysis.policy_version import PolicyVersion
from netpolc.changes.changed_sources import ChangedSources
from netpolc.changes.compared_sides import DIRECTIONS, ComparedSides
from netpolc.changes.model import Effect, Side, StatementChange
from netpolc.changes.statement_diff import cause_key
from netpolc.changes.subject_view import Frame, KnownLabels
from netpolc.ir.model import Allow, Subject
from netpolc.kube.peers import Direction
from netpolc.kube.selector_index import SelectorIndex
from netpolc.provenance import Origins, closing_or_all, merged
from netpolc.sets import IntervalSet, ValueSet
from netpolc.sets.boxes import Box, Boxes, meet
from netpolc.values import frozen


@frozen(kw_only=True, eq=False)
class ChangedEnd:
    """An end that makes the difference: the side, the statements' origins, the thing."""

    direction: Direction
    namespace: str
    side: PolicyVersion
    allow: Allow | None
    origins: Origins
    causes: tuple[StatementChange, ...]


class ChangedEnds:
    """Finds the ends that make the difference."""

    def __init__(
        self,
        sides: tuple[Side, Side],
        compared: ComparedSides,
        sources: ChangedSources,
        known: KnownLabels,
    ) -> None:
        """Take both sides, what is asked of them, and the changed statements."""
        self._sides = sides
        self._compared = compared
        self._sources = sources
        self._known = known

    def of(self, change: Change, effect: Effect) -> Iterator[ChangedEnd]:
        """The ends of a change that make the difference, if statements there have changed."""
        permitted = effect.permitting
        for direction in DIRECTIONS:
            namespace = change.home(direction)
            if namespace is None or not self._differs(
                change, direction, namespace, permitted.other
            ):
                continue
            allow = change.allow(direction)
            side = permitted if allow is not None else permitted.other
            if allow is None:
                origins = self._gone(change, direction, namespace, side)
            elif allow in self._compared.allows_of(permitted.other, namespace):
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
                yield ChangedEnd(
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
            return self._compared.lists(change, namespace, self._compared.arrow(cause, side))

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
            for direction, arrows in self._compared.opened(cause, side, namespace):
                if change.home(direction) != namespace:
                    continue
                frame = Frame(namespace, direction)
                wanted = list(frame.boxes(change.connections))
                mine = self._compared.boxes(arrows, frame, wanted[0], side)
                listed[cause] = [*listed.get(cause, ()), *mine]
                common = (meet(wanted_box, box) for wanted_box in wanted for box in mine)
                parts[direction, cause] = Boxes(tuple(box for box in common if box is not None))
        needed = dict(parts)
        for key in sorted(parts, key=lambda key: (_width(listed[key[1]]), cause_key(key[1]))):
            others = (p for other, p in needed.items() if other[0] is key[0] and other != key)
            if parts[key] <= Boxes(tuple(box for part in others for box in part.boxes)):
                del needed[key]
        left = {cause for _, cause in needed}
        return tuple(cause for cause in causes if cause in left or cause not in listed)

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
        other = self._compared.subjects_of(side.other, namespace, direction)
        near = self._compared.subjects_of(side, namespace, direction).overlapping(pods)
        gone = [subject for subject in near if not other.exact(subject.selector)]
        by_selector = SelectorIndex((subject.selector, subject) for subject in gone)
        widest = (subject for subject in gone if not is_inside(subject, by_selector))
        return merged(*(closing_or_all(subject.origins) for subject in widest))


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


def is_inside(subject: Subject, others: SelectorIndex[Subject]) -> bool:
    """Whether another isolation of the same direction closes these pods and more.

    What an arrow opens at the other end, or `dns`, selects closed pods and closes none.
    """
    return any(
        subject.selector != other.selector for other in others.supersets_of(subject.selector)
    )
