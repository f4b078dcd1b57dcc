"""The connections that one set of policies permits and another does not.

In: two sets of policies. Out: the connections gained and lost on the way from the first
to the second, as classes, with what permits them on one side and closes them on the
other. Nothing found means that both permit exactly the same, whatever pods exist and
whatever numbers named ports have.

Only what changed is looked at. A connection that an unchanged pair of openings permits
is permitted on both sides; so the search starts from the pairs of which one is new, at
places of which one differs, and costs what the change costs. Namespace labels: see
`cluster` for what counts as known on both sides.
"""

from collections.abc import Collection, Container, Iterable, Iterator
from dataclasses import replace
from itertools import chain, islice

from netpolc.analysis.avoided_boxes import AvoidedBoxes, FirstBoxes
from netpolc.analysis.changed_cases import changed_cases, changed_rules, facts_changed
from netpolc.analysis.connection_sets import connections
from netpolc.analysis.namespace_partition import Cluster
from netpolc.analysis.permission_change import Change, merged_changes
from netpolc.analysis.permit_boxes import Closer, Opener, Opening, allowed, closings, openings
from netpolc.analysis.policy_index import PolicyIndex
from netpolc.analysis.policy_version import PolicyVersion
from netpolc.analysis.port_encoding import PortLine, Reading, Readings
from netpolc.analysis.query import Question
from netpolc.analysis.reachability import EVERYTHING_ASKED
from netpolc.analysis.symbolic_case import END, OTHER_END, Case, labels_of
from netpolc.analysis.three_valued import line_of
from netpolc.analysis.tiers import TierReading, TierRule
from netpolc.analysis.witness import confirmed
from netpolc.ir.model import Policies
from netpolc.kube.peers import Direction
from netpolc.manifest.tier_model import Action, Tier
from netpolc.sets.boxes import Box, left_of, meet, outside
from netpolc.sets.value_index import ValueIndex
from netpolc.values import frozen

_DIRECTIONS = (Direction.EGRESS, Direction.INGRESS)


@frozen
class Comparison:
    """The connections that only the second side permits, and those that only the first permits."""

    gained: tuple[Change, ...]
    lost: tuple[Change, ...]
    whole: bool = True
    """Whether that is all; not where there was more than was asked for."""

    def __bool__(self) -> bool:
        """Whether anything changed."""
        return bool(self.gained or self.lost)


def compare(
    before: Policies,
    after: Policies,
    *,
    most: int | None = None,
    tiers: tuple[TierReading | None, TierReading | None] = (None, None),
) -> Comparison:
    """The connections that only the second policies permit, and those that only the first permit.

    Args:
        before: the first policies.
        after: the second.
        most: how many classes of connections to look for on each side; None for all.
        tiers: the cluster-wide policies of each side.
    """
    if before.namespaces == after.namespaces and not changed_rules(tiers):
        return Comparison((), ())
    cluster = Cluster(before, after, tiers=tiers)
    line = line_of(cluster, ())
    one_more = None if most is None else most + 1
    gained = tuple(islice(_changes(cluster, line, PolicyVersion.AFTER), one_more))
    lost = tuple(islice(_changes(cluster, line, PolicyVersion.BEFORE), one_more))
    whole = most is None or max(len(gained), len(lost)) <= most
    return Comparison(merged_changes(gained[:most]), merged_changes(lost[:most]), whole)


def newly_permitted(
    before: Policies,
    after: Policies,
    *,
    most: int,
    tiers: tuple[TierReading | None, TierReading | None],
) -> tuple[Change, ...]:
    """The connections that only the second policies permit, in `most` classes at most."""
    cluster = Cluster(before, after, tiers=tiers)
    return merged_changes(
        tuple(islice(_changes(cluster, line_of(cluster, ()), PolicyVersion.AFTER), most))
    )


def gained(cluster: Cluster, questions: Iterable[Question]) -> Iterator[Change]:
    """The connections of some questions that only the second side of a cluster permits."""
    return _changes(cluster, line_of(cluster, ()), PolicyVersion.AFTER, questions)


def implies(narrow: Policies, wide: Policies) -> Change | None:
    """A connection that the first permits and the second does not; None if there is none."""
    if narrow.namespaces == wide.namespaces:
        return None
    cluster = Cluster(narrow, wide)
    return next(_changes(cluster, line_of(cluster, ()), PolicyVersion.BEFORE), None)


def equivalent(policies: Policies, other: Policies) -> bool:
    """Whether both permit exactly the same connections."""
    return implies(policies, other) is None and implies(other, policies) is None


@frozen(kw_only=True, eq=False)
class _ChangedBox:
    """Connections that one side permits by these openings and the other closes by this isolation."""

    case: Case
    box: Box
    egress: Opener
    ingress: Opener
    closed: Closer


@frozen(kw_only=True, eq=False)
class _Sides:
    """The side that permits the connections, and how traffic is read."""

    permitting: PolicyVersion
    granted: Reading

    @property
    def closing(self) -> PolicyVersion:
        """The side that does not permit the connections."""
        return self.permitting.other

    @property
    def readings(self) -> Readings:
        """The one reading, of what permits and of what does not."""
        return Readings(sure=self.granted, possibly=self.granted)


def _changes(
    cluster: Cluster,
    line: PortLine,
    permitting: PolicyVersion,
    questions: Iterable[Question] = EVERYTHING_ASKED,
) -> Iterator[Change]:
    for question, case in changed_cases(cluster, questions, permitting):
        granted = line.numbered if case.receiver is None else line.free
        sides = _Sides(permitting=permitting, granted=granted)
        for changed in _differences(case, question, sides):
            yield _change(cluster, line, changed, sides)


def _differences(case: Case, question: Question, sides: _Sides) -> Iterator[_ChangedBox]:
    avoided = AvoidedBoxes()
    for base in case.asked(question, sides.permitting, sides.granted):
        for egress, ingress, box in _opened(case, base, sides):
            unopened = *egress.parts, *ingress.parts
            for isolation, piece in _closed(case, box, unopened, sides, avoided):
                yield _ChangedBox(
                    case=case,
                    box=piece,
                    egress=egress.opener,
                    ingress=ingress.opener,
                    closed=isolation,
                )


def _opened(case: Case, base: Box, sides: _Sides) -> Iterator[tuple[Opening, Opening, Box]]:
    """The pairs of openings on one side of which at least one is not on the other."""
    kept = {direction: _kept(case, direction, sides) for direction in _DIRECTIONS}
    new = [direction for direction in _DIRECTIONS if not kept[direction].everything]
    # If nothing is new at one end, only what is new at the other matters there.
    outs, ins = (
        _openings(case, direction, sides, kept[direction], everything=new != [direction])
        for direction in _DIRECTIONS
    )
    table = ValueIndex((opened[0].box, opened) for opened in ins)
    for egress, egress_kept in outs if new else ():
        half = meet(base, egress.box)
        if half is None:
            continue
        for ingress, ingress_kept in table.meeting(half):
            box = None if egress_kept and ingress_kept else meet(half, ingress.box)
            if box is not None:
                yield egress, ingress, box


@frozen(kw_only=True)
class _Kept:
    """The common part of both sides at one end: openness, and allows by their index."""

    openness: bool
    allows: frozenset[int]
    everything: bool
    tiers: bool = True
    """Whether the rules of tiers are the same on both sides."""


def _kept(case: Case, direction: Direction, sides: _Sides) -> _Kept:
    place = case.place(END[direction])
    mine, there = (
        (None, None)
        if place is None
        else (place.sides[sides.permitting], place.sides[sides.closing])
    )
    indexes = frozenset(range(0 if mine is None else len(mine.allows)))
    if any(p is not None and facts_changed(p) for p in (case.sender, case.receiver)):
        # Labels changed, so equal policies need not have equal effect.
        return _Kept(openness=False, allows=frozenset(), everything=False, tiers=False)
    if not _same_rules(case, direction):
        return _Kept(openness=False, allows=frozenset(), everything=False, tiers=False)
    if there is None:  # All pods are open, and fall to the Baseline tier.
        is_kept = not _baseline_denies(case, direction)
        allows = indexes if is_kept else frozenset()
        return _Kept(openness=True, allows=allows, everything=allows == indexes)
    now = frozenset() if mine is None else mine.meaning[0]
    openness = now >= there.meaning[0]
    if mine is None:
        return _Kept(openness=openness, allows=indexes, everything=openness)
    allows = mine.shared(there)
    return _Kept(openness=openness, allows=allows, everything=openness and allows == indexes)


def _openings(
    case: Case, direction: Direction, sides: _Sides, kept: _Kept, *, everything: bool
) -> list[tuple[Opening, bool]]:
    place = case.place(END[direction])
    mine = None if place is None else place.sides[sides.permitting]
    indexes = range(0 if mine is None else len(mine.allows))
    toward = _toward(case, direction, mine, indexes)
    chosen = [i for i in toward if everything or i not in kept.allows]
    same = {id(mine.allows[i]) for i in kept.allows} if mine is not None else set()
    return [
        (opening, _is_kept(opening.opener, kept, same))
        for opening in openings(case, direction, sides.permitting, sides.readings, chosen)
    ]


def _is_kept(opener: Opener, kept: _Kept, same: Container[int]) -> bool:
    match opener:
        case None:
            return kept.openness
        case TierRule(tier=Tier.BASELINE):  # It decides only where no policy isolates.
            return kept.tiers and kept.openness
        case TierRule():
            return kept.tiers
        case allow:
            return id(allow) in same


def _same_rules(case: Case, direction: Direction) -> bool:
    """Whether the rules of tiers in a direction are the same on both sides."""
    before, after = case.tiers
    own, other = _rules(before, direction), _rules(after, direction)
    return own == other and (not own or (before is not None and before.settles_like(after)))


def _baseline_denies(case: Case, direction: Direction) -> bool:
    """Whether the Baseline tier, the same on both sides, may deny anything in a direction."""
    return any(
        rule.tier is Tier.BASELINE and rule.action is Action.DENY
        for rule in _rules(case.tiers[PolicyVersion.BEFORE], direction)
    )


def _rules(reading: TierReading | None, direction: Direction) -> list[TierRule]:
    rules = () if reading is None else reading.tiers.rules
    return [rule for rule in rules if rule.direction is direction]


def _closed(
    case: Case, box: Box, unopened: tuple[FirstBoxes, ...], sides: _Sides, avoided: AvoidedBoxes
) -> Iterator[tuple[Closer, Box]]:
    """The parts of a box that some end closes on the other side, disjoint."""
    before: tuple[Box, ...] = ()
    opened = AvoidedBoxes()
    readings = replace(sides.readings, near=(box,))
    for direction in _DIRECTIONS:
        place = case.place(END[direction])
        there = None if place is None else place.sides[sides.closing]
        about = () if there is None else there.about(dict(labels_of(box, END[direction])))
        toward = _toward(case, direction, there, frozenset(about))
        if case.tiers[sides.closing] is None and _is_listed(case, direction, box, sides, toward):
            continue
        parts = [
            (part, closing, list[Box]())
            for closing in closings(case, direction, sides.closing, readings, toward)
            if (part := meet(box, closing.box)) is not None
        ]
        near = ValueIndex((part, pieces) for part, _, pieces in parts)
        for part, closing, pieces in parts:
            seen = chain.from_iterable(near.meeting(part))
            taken = chain(
                *(avoided.near(part, some) for some in unopened),
                *(opened.near(part, some) for some in closing.parts),
                opened.near(part, FirstBoxes.of(before)),
                seen,
            )
            for piece in outside(part, taken):
                if case.is_apart(piece):
                    pieces.append(piece)
                    yield closing.closer, piece
        before += tuple(piece for _, _, pieces in parts for piece in pieces)


def _is_listed(
    case: Case, direction: Direction, box: Box, sides: _Sides, among: Iterable[int]
) -> bool:
    """Whether one of some allows of the other side lists all of a box, so that no isolation closes any of it."""
    place = case.place(END[direction])
    there = None if place is None else place.sides[sides.closing]
    if there is None:
        return False
    near = there.around(dict(labels_of(box, END[direction]))).intersection(among)
    return any(
        left_of(box, listed) == {}
        for index in near
        for listed in allowed(case, there.allows[index], sides.closing, sides.granted)
    )


def _toward(
    case: Case, direction: Direction, side: PolicyIndex | None, among: Collection[int]
) -> list[int]:
    """The allows of one end that may concern the other end of the case."""
    other = case.place(OTHER_END[direction])
    if side is None:
        return []
    if other is None:
        return sorted(side.outside.intersection(among))
    return side.toward(other.names, among)


def _change(cluster: Cluster, line: PortLine, changed: _ChangedBox, sides: _Sides) -> Change:
    case, box = changed.case, changed.box
    connection = confirmed(cluster, case, box, line, permitted=True, side=sides.permitting)
    confirmed(cluster, case, box, line, permitted=False, side=sides.closing)
    return Change(
        connections=connections(case, box, line),
        witness=connection,
        egress=changed.egress,
        ingress=changed.ingress,
        closed=changed.closed,
    )
