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

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from itertools import islice

from netpolc.analysis.case_enumeration import sameness
from netpolc.analysis.namespace_partition import Cluster, NamespaceClass
from netpolc.analysis.permit_boxes import allowed
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


class _Side:
    """One direction of a namespace: its place, the allows that come near others, and what is closed."""

    def __init__(self, name: str, place: NamespaceClass, subjects: tuple[Subject, ...]) -> None:
        self.place = place
        self.near = NearAllows(name, subjects)

    @cached_property
    def _closings(self) -> list[Subject]:
        """The subjects that statements close by themselves, with these statements, or that have none."""
        closings = [(subject, closing(subject.origins)) for subject in self.near.subjects]
        return [replace(s, origins=own) for s, own in closings if own or not s.origins]

    @cached_property
    def closed(self) -> SelectorIndex[Subject]:
        """What is closed, by its pods; the last written first, because statements go from the first on."""
        order = sorted(self._closings, key=_last_place, reverse=True)
        return SelectorIndex((subject.selector, subject) for subject in order)

    @cached_property
    def closed_by(self) -> Mapping[Statement, list[Subject]]:
        """What is closed, by statement."""
        subjects: dict[Statement, list[Subject]] = {}
        for subject in self._closings:
            for statement in dict.fromkeys(origin.place for origin in subject.origins):
                subjects.setdefault(statement, []).append(subject)
        return subjects


class NamespaceRedundancy:
    """The statements of one namespace, and what is left while some are taken away."""

    def __init__(self, cluster: Cluster, line: PortLine, name: str) -> None:
        self._cluster, self._line, self._name = cluster, line, name
        self._gone: set[Statement] = set()
        self._lost: set[int] = set()  # The ids of the allows that only these statements make.
        self._sides: dict[Direction, _Side] = {}
        for direction in Direction:
            places = cluster.receivers if direction is Direction.INGRESS else cluster.senders
            place = places.named(name)
            if (side := place.sides[PolicyVersion.ONLY]) is not None:
                self._sides[direction] = _Side(name, place, side.subjects)

    def redundant(self) -> Iterator[Redundant]:
        """Yield the redundant statements, the narrowest first; all that are named can go together."""
        opened = possibly_redundant(side.near for side in self._sides.values())
        order = sorted(opened, key=lambda s: (_width(opened[s]), s))
        for statement in order:
            covering = self._covering(statement, opened[statement])
            if covering is not None:
                self._gone.add(statement)
                self._lost.update(
                    id(allow) for allow in opened[statement] if not self._stays(allow, statement)
                )
                origin = _origin(statement, opened[statement])
                yield Redundant(namespace=self._name, origin=origin, covered_by=covering)

    def _stays(self, made: Allow | Subject, without: Statement) -> bool:
        """Whether an allow or subject remains if a statement is removed too; it does if none made it."""
        # From the last on: statements go from the first on, and one may be written a thousand times.
        return not made.origins or any(
            (s := origin.place) != without and s not in self._gone
            for origin in reversed(made.origins)
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
        if not all(self._closes_nothing(side, statement) for side in self._sides.values()):
            return None
        return _fewest(covers)

    def _closes_nothing(self, side: _Side, statement: Statement) -> bool:
        """Whether all pods that the statement closes are closed anyway.

        What earlier statements closed was closed by what was left then, so of this nothing more is lost.
        """
        for subject in side.closed_by.get(statement, ()):
            if not self._stays(subject, statement):
                near = side.closed.each_overlapping(subject.selector)
                others = (_labels(other) for other in near if self._stays(other, statement))
                few = list(islice(others, _PIECES))
                if _leaves(subject, few) and _leaves(subject, [*few, *others]):
                    return False
        return True

    def _covers(self, allow: Allow, statement: Statement) -> list[Allow] | None:
        """The other allows that together open what this one opens; None if they do not."""
        side = self._sides[allow.direction]

        def others() -> Iterator[Allow]:
            near = side.near.neighbours(allow, self._lost)
            return (other for other in near if self._stays(other, statement))

        if next(others(), None) is None and surely_happens(allow):
            return None
        used: dict[int, Allow] = {}
        for case in self._cases(side.place, allow):
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


def _labels(subject: Subject) -> Box:
    return dict(subject.selector.requirements)


def _last_place(subject: Subject) -> tuple[Statement, ...]:
    """The last statement that closes a subject, if statements do."""
    return tuple(sorted({origin.place for origin in subject.origins})[-1:])


def _leaves(subject: Subject, others: list[Box]) -> bool:
    """Whether others leave some pods of a subject."""
    return next(outside(_labels(subject), others), None) is not None


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
