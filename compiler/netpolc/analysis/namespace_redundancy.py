"""The redundant statements of one namespace: what is left while some are taken away.

A statement is redundant when everything it opens at its own end stays open without it,
and everything it closes stays closed: by other statements together, whatever their
subjects. Only its own end is looked at: an arrow whose other end permits nothing
changes nothing either, but it is half-open, which is another finding. Isolations that
no other statement makes are lost with a statement, so it is redundant only if the pods
it closes are closed anyway.

Where several statements make each other redundant, the narrower ones are named first
and the rest is judged without them, so that all that are named can go together.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import TypeAlias

from netpolc.analysis.case_enumeration import sameness
from netpolc.analysis.namespace_partition import Cluster, NamespaceClass
from netpolc.analysis.permit_boxes import allowed
from netpolc.analysis.policy_index import PolicyIndex
from netpolc.analysis.policy_version import PolicyVersion
from netpolc.analysis.port_encoding import PortLine
from netpolc.analysis.possibly_redundant import NearAllows, Statement, possibly_redundant
from netpolc.analysis.query import AddressEnd, ends
from netpolc.analysis.symbolic_case import END, SENDER, Case
from netpolc.ir.distinct import surely_happens
from netpolc.ir.model import Allow, Subject
from netpolc.kube.peers import Direction, covers
from netpolc.kube.selector_index import SelectorIndex
from netpolc.provenance import Origin, closing
from netpolc.sets.boxes import Box, meet, outside
from netpolc.values import frozen

_PIECES = 32
"""So many pieces, or boxes, are looked at one by one."""
_ASKED_ALONE = 32
"""So many allows are asked whether one of them opens all, where several open it together."""


@frozen(kw_only=True)
class Redundant:
    """A redundant statement, and the allows that open what it opens.

    `namespace` is the first one that it is about; a cluster section's is about several.
    """

    namespace: str
    origin: Origin
    covered_by: tuple[Allow, ...]


_Closings: TypeAlias = tuple[dict[Statement, list[Subject]], SelectorIndex[Subject]]


class NamespaceRedundancy:
    """The statements of one namespace, and what is left while some are taken away."""

    __slots__ = (
        "_closed",
        "_cluster",
        "_gone",
        "_line",
        "_lost",
        "_name",
        "_near",
        "_sides",
    )

    def __init__(self, cluster: Cluster, line: PortLine, name: str) -> None:
        self._cluster, self._line, self._name = cluster, line, name
        self._gone: set[Statement] = set()
        self._lost: set[int] = set()  # The ids of the allows that only these statements make.
        self._closed: dict[int, _Closings] = {}
        places = {
            Direction.INGRESS: cluster.receivers.named(name),
            Direction.EGRESS: cluster.senders.named(name),
        }
        self._sides: dict[Direction, tuple[NamespaceClass, PolicyIndex]] = {}
        for direction, place in places.items():
            side = place.sides[PolicyVersion.ONLY]
            if side is not None:
                self._sides[direction] = (place, side)
        self._near = {
            direction: NearAllows(name, side.subjects)
            for direction, (_, side) in self._sides.items()
        }

    def redundant(self) -> Iterator[Redundant]:
        """Yield the redundant statements, the narrowest first; all that are named can go together."""
        opened = possibly_redundant(self._near.values())
        order = sorted(opened, key=lambda s: (_width(opened[s]), s))
        for statement in order:
            covering = self._covering(statement, opened[statement])
            if covering is not None:
                self._gone.add(statement)
                self._lost.update(
                    id(allow) for allow in opened[statement] if not self._stays(allow, statement)
                )
                yield Redundant(
                    namespace=self._name,
                    origin=_origin(statement, opened[statement]),
                    covered_by=covering,
                )

    def _stays(self, thing: Allow | Subject, without: Statement) -> bool:
        """Whether something is still there when a statement goes too; it is if none made it."""
        # From the last on: statements go from the first on, and one may be written a thousand times.
        return not thing.origins or any(
            (s := origin.place) != without and s not in self._gone
            for origin in reversed(thing.origins)
        )

    def _covering(self, statement: Statement, allows: list[Allow]) -> tuple[Allow, ...] | None:
        """The statements that open everything that this one opens; None if something would change."""
        covers: list[tuple[Allow, list[Allow]]] = []
        for allow in allows:
            # It stays where another statement says the same.
            others = [allow] if self._stays(allow, statement) else self._covers(allow, statement)
            if others is None:
                return None
            covers.append((allow, others))
        if not all(self._closes_nothing(side, statement) for _, side in self._sides.values()):
            return None
        return _fewest(covers)

    def _closes_nothing(self, side: PolicyIndex, statement: Statement) -> bool:
        """Whether all pods that the statement closes are closed anyway.

        What earlier statements closed was closed by what was left then, so of this nothing more is lost.
        """
        closed_by, closings = self._closings(side)
        lost = (
            subject
            for subject in closed_by.get(statement, ())
            if not self._stays(subject, statement)
        )
        return all(
            next(outside(_labels(subject), self._still_closed(subject, closings, statement)), None)
            is None
            for subject in lost
        )

    def _still_closed(
        self, lost: Subject, closings: SelectorIndex[Subject], statement: Statement
    ) -> list[Box]:
        near = closings.overlapping(lost.selector)
        return [_labels(other) for other in near if self._stays(other, statement)]

    def _closings(self, side: PolicyIndex) -> _Closings:
        """The isolations of a side, by statement and by pods."""
        indexed = self._closed.get(id(side))
        if indexed is None:
            closings = [subject for subject in map(_closing, side.subjects) if subject is not None]
            closed_by: dict[Statement, list[Subject]] = {}
            for subject in closings:
                for statement in dict.fromkeys(origin.place for origin in subject.origins):
                    closed_by.setdefault(statement, []).append(subject)
            index = SelectorIndex((subject.selector, subject) for subject in closings)
            indexed = self._closed[id(side)] = closed_by, index
        return indexed

    def _covers(self, allow: Allow, statement: Statement) -> list[Allow] | None:
        """The other allows that together open what this one opens; None if they do not."""
        place, _ = self._sides[allow.direction]

        def others() -> Iterator[Allow]:
            near = self._near[allow.direction].neighbours(allow, self._lost)
            return (other for other in near if self._stays(other, statement))

        if next(others(), None) is None and surely_happens(allow):
            return None
        used: dict[int, Allow] = {}
        for case in self._cases(place, allow):
            granted = self._line.numbered if case.receiver is None else self._line.free
            boxes = (
                (box, other)
                for other in others()
                for box in allowed(case, other, PolicyVersion.ONLY, granted)
            )
            frame = case.frame()
            own = () if frame is None else allowed(case, allow, PolicyVersion.ONLY, granted)
            whole: list[Box] = [
                base for box in own if (base := meet(frame or box, box)) is not None
            ]
            filling = _filling(whole, boxes)
            if filling is None:
                return None
            used.update({id(other): other for other in filling})
        if len(used) > 1:
            first = islice(others(), _ASKED_ALONE)
            alone = next((other for other in first if _opens_all(other, allow)), None)
            return list(used.values()) if alone is None else [alone]
        return list(used.values())

    def _cases(self, place: NamespaceClass, allow: Allow) -> Iterator[Case]:
        """The cases of the allow's own end; the policies of the other do not matter."""
        inwards = END[allow.direction] != SENDER
        for end in ends(allow.peer, self._name):
            near: Iterable[NamespaceClass | None] = (None,)
            if not isinstance(end, AddressEnd):
                near = self._cluster.anywhere.near(end.namespaces, PolicyVersion.ONLY)
            for there in near:
                pair = (there, place) if inwards else (place, there)
                for same in sameness(*pair):
                    yield Case(sender=pair[0], receiver=pair[1], same=same)


def _filling(whole: list[Box], boxes: Iterator[tuple[Box, Allow]]) -> list[Allow] | None:
    """Allows whose boxes together fill other boxes, none of them needlessly; None if all do not.

    Each box takes its part out of what is left, so that the first few are enough where thousands
    overlap. What falls into too many pieces is searched as one.
    """
    left = whole
    used: list[tuple[Box, Allow]] = []
    for box, other in boxes:
        if not left or len(left) > _PIECES:
            used += () if not left else ((box, other), *boxes)
            break
        if any(meet(part, box) is not None for part in left):
            used.append((box, other))
            left = [piece for part in left for piece in outside(part, (box,))]
    if left and (len(left) <= _PIECES or not _fill(used, whole)):
        return None
    if len(used) <= _PIECES:
        for candidate in used.copy():
            fewer = [other for other in used if other is not candidate]
            used = fewer if _fill(fewer, whole) else used
    return [allow for box, allow in used if any(meet(part, box) is not None for part in whole)]


def _fill(used: list[tuple[Box, Allow]], whole: list[Box]) -> bool:
    boxes = [box for box, _ in used]
    return all(next(outside(part, boxes), None) is None for part in whole)


def _fewest(covers: list[tuple[Allow, list[Allow]]]) -> tuple[Allow, ...]:
    """The allows that cover each of some allows, leaving out the unnecessary ones."""
    kept = {id(other): other for _, others in covers for other in others}
    if len(covers) > _ASKED_ALONE:
        return tuple(kept.values())
    for key in list(kept):
        uses = [(allow, others) for allow, others in covers if key in map(id, others)]
        further = [other for other in kept.values() if id(other) != key]
        if all(
            len(others) == 1 and any(_opens_all(other, allow) for other in further)
            for allow, others in uses
        ):
            del kept[key]
    return tuple(kept.values())


def _origin(statement: Statement, allows: list[Allow]) -> Origin:
    """The first origin that is the statement."""
    return next(o for allow in allows for o in allow.origins if o.place == statement)


def _closing(subject: Subject) -> Subject | None:
    """A subject with the origins that close; None if only mirrors or dns rules close it."""
    origins = closing(subject.origins)
    if len(origins) == len(subject.origins):
        return subject
    return replace(subject, origins=origins) if origins else None


def _labels(subject: Subject) -> Box:
    return dict(subject.selector.requirements)


def _width(allows: list[Allow]) -> tuple[int, int]:
    """Estimate the width of a statement: the fewer requirements, the wider."""
    requirements = sum(len(allow.subject.requirements) for allow in allows)
    return -requirements, len(allows)


def _opens_all(wide: Allow, narrow: Allow) -> bool:
    """Whether an allow by itself surely opens all that another opens."""
    return (
        narrow.subject <= wide.subject
        and covers(wide.peer, narrow.peer)
        and narrow.traffic <= wide.traffic
    )
