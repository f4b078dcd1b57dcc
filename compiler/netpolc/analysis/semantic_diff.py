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

from collections.abc import Collection, Container, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice

from netpolc.analysis.case_enumeration import sameness
from netpolc.analysis.concrete_evaluator import Connection, End
from netpolc.analysis.connection_sets import Connections, EndClass, PodClass, connections
from netpolc.analysis.namespace_partition import Cluster, NamespaceClass
from netpolc.analysis.permit_boxes import Closer, Opener, Opening, closings, openings
from netpolc.analysis.policy_index import PolicyIndex
from netpolc.analysis.policy_version import PolicyVersion
from netpolc.analysis.port_encoding import PortLine, Reading, Readings
from netpolc.analysis.query import PodEnd, Question
from netpolc.analysis.reachability import EVERYTHING_ASKED
from netpolc.analysis.symbolic_case import END, OTHER_END, Case, labels_of
from netpolc.analysis.three_valued import line_of
from netpolc.analysis.tiers import TierReading, TierRule
from netpolc.analysis.witness import confirmed
from netpolc.ir.model import Allow, Policies
from netpolc.kube.peers import Direction
from netpolc.kube.selectors import EVERYTHING, Selector
from netpolc.manifest.tier_model import Action, Tier
from netpolc.sets import ValueSet
from netpolc.sets.boxes import Box, meet, outside
from netpolc.sets.value_index import ValueIndex
from netpolc.values import frozen

_DIRECTIONS = (Direction.EGRESS, Direction.INGRESS)
_FEW = 8
"""So many boxes are looked at one by one, which takes less time than an index."""


@frozen(kw_only=True)
class Change:
    """Connections that one side permits, and the other does not.

    `egress` and `ingress` are the allows that permit them where they are permitted, None
    for an open end; `closed` is the isolation that closes one end where they are not.
    The witness is one of them, with namespace labels as they are where it is permitted.
    """

    connections: Connections
    witness: Connection
    egress: Opener
    ingress: Opener
    closed: Closer

    def allow(self, direction: Direction) -> Allow | None:
        """The allow that permits them in a direction; None for an open end or a rule of a tier."""
        opener = self.ingress if direction is Direction.INGRESS else self.egress
        return opener if isinstance(opener, Allow) else None

    def home(self, direction: Direction) -> str | None:
        """The namespace of the end of a direction; None for addresses and several namespaces."""
        end = self._class(direction)
        return end.names.single if isinstance(end, PodClass) else None

    def pods(self, direction: Direction) -> Selector:
        """The pods at the end of a direction; everything where addresses are."""
        end = self._class(direction)
        return end.pods if isinstance(end, PodClass) else Selector()

    def witness_end(self, direction: Direction) -> End:
        """The end of the witness that a direction is about."""
        ingress = direction is Direction.INGRESS
        return self.witness.receiver if ingress else self.witness.sender

    def _class(self, direction: Direction) -> EndClass:
        ingress = direction is Direction.INGRESS
        return self.connections.receiver if ingress else self.connections.sender


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
    """Everything that changes from the first policies to the second.

    Args:
        before: the first policies.
        after: the second.
        most: how many classes of connections to look for on each side; None for all.
        tiers: the cluster-wide policies of each side.
    """
    if before.namespaces == after.namespaces and not _changed_rules(tiers):
        return Comparison((), ())
    cluster = Cluster(before, after, tiers=tiers)
    line = line_of(cluster, ())
    one_more = None if most is None else most + 1
    gained = tuple(islice(_changes(cluster, line, PolicyVersion.AFTER), one_more))
    lost = tuple(islice(_changes(cluster, line, PolicyVersion.BEFORE), one_more))
    whole = most is None or max(len(gained), len(lost)) <= most
    return Comparison(_merged(gained[:most]), _merged(lost[:most]), whole)


def newly_permitted(
    before: Policies,
    after: Policies,
    *,
    most: int,
    tiers: tuple[TierReading | None, TierReading | None],
) -> tuple[Change, ...]:
    """Compare the sides, with at most so many classes of connections in the answer."""
    cluster = Cluster(before, after, tiers=tiers)
    return _merged(
        tuple(islice(_changes(cluster, line_of(cluster, ()), PolicyVersion.AFTER), most))
    )


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
class _Found:
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


def _changes(cluster: Cluster, line: PortLine, permitting: PolicyVersion) -> Iterator[Change]:
    moved = _moved(cluster)
    for question in EVERYTHING_ASKED:
        for case in _cases(cluster, question, moved):
            granted = line.numbered if case.receiver is None else line.free
            sides = _Sides(permitting=permitting, granted=granted)
            for found in _differences(case, question, sides):
                yield _change(cluster, line, found, sides)


def _differences(case: Case, question: Question, sides: _Sides) -> Iterator[_Found]:
    avoided = _Avoided()
    for base in case.asked(question, sides.permitting, sides.granted):
        for egress, ingress, box in _opened(case, base, sides):
            unopened = egress.outside, ingress.outside
            for isolation, piece in _closed(case, box, unopened, sides, avoided):
                yield _Found(
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
    if any(p is not None and _facts_changed(p) for p in (case.sender, case.receiver)):
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
    case: Case, box: Box, unopened: tuple[tuple[Box, ...], ...], sides: _Sides, avoided: "_Avoided"
) -> Iterator[tuple[Closer, Box]]:
    """The parts of a box that some end closes on the other side, disjoint."""
    before: tuple[Box, ...] = ()
    opened = _Avoided()
    readings = replace(sides.readings, near=(box,))
    for direction in _DIRECTIONS:
        place = case.place(END[direction])
        there = None if place is None else place.sides[sides.closing]
        about = () if there is None else there.about(dict(labels_of(box, END[direction])))
        toward = _toward(case, direction, there, frozenset(about))
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
                *(opened.near(part, some) for some in (closing.outside, before)),
                seen,
            )
            for piece in outside(part, taken):
                if case.is_apart(piece):
                    pieces.append(piece)
                    yield closing.closer, piece
        before += tuple(piece for _, _, pieces in parts for piece in pieces)


class _Avoided:
    """Boxes to stay outside of, to be asked which of them may meet another box.

    Those that are asked twice, as the same tuple, are indexed.
    """

    __slots__ = ("_indexes",)

    def __init__(self) -> None:
        self._indexes: dict[int, tuple[tuple[Box, ...], ValueIndex[Box] | None]] = {}

    def near(self, box: Box, avoided: tuple[Box, ...]) -> Iterable[Box]:
        """The avoided boxes that may meet a box, in their order."""
        if len(avoided) <= _FEW:
            return avoided
        if id(avoided) not in self._indexes:
            self._indexes[id(avoided)] = avoided, None
            return avoided
        _, index = self._indexes[id(avoided)]
        if index is None:
            index = ValueIndex((avoided_box, avoided_box) for avoided_box in avoided)
            self._indexes[id(avoided)] = avoided, index
        return index.meeting(box)


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


def _cases(
    cluster: Cluster, question: Question, moved: Container[NamespaceClass | None]
) -> Iterator[Case]:
    """The cases in which anything differs between the two sides."""
    pods_send = isinstance(question.sender, PodEnd)
    senders: tuple[NamespaceClass | None, ...] = cluster.senders.all if pods_send else (None,)
    pods_receive = isinstance(question.receiver, PodEnd)
    receivers: tuple[NamespaceClass | None, ...] = (
        cluster.receivers.all if pods_receive else (None,)
    )
    moving = tuple(here for here in senders if here in moved)
    for there in receivers:
        for here in senders if there in moved else moving:
            for same in sameness(here, there):
                yield Case(sender=here, receiver=there, same=same, tiers=cluster.tiers)


def _moved(cluster: Cluster) -> frozenset[NamespaceClass]:
    """The places that are not the same on both sides, or that a changed rule is about."""
    namespace_classes = {
        p for p in (*cluster.senders.all, *cluster.receivers.all) if _has_changed(p)
    }
    for rule in _changed_rules(cluster.tiers):
        places = cluster.senders if rule.direction is Direction.EGRESS else cluster.receivers
        for side in PolicyVersion:
            namespace_classes.update(places.near(rule.subject.namespaces or EVERYTHING, side))
    return frozenset(namespace_classes)


def _changed_rules(tiers: Sequence[TierReading | None]) -> frozenset[TierRule]:
    """The rules of tiers that only one side has, or that the sides read in different ways."""
    tier_reading, other = tiers
    before, after = (
        frozenset(() if reading is None else reading.tiers.rules)
        for reading in (tier_reading, other)
    )
    is_read_alike = tier_reading is None or other is None or tier_reading.settles_like(other)
    return before ^ after if is_read_alike else before | after


def _has_changed(place: NamespaceClass) -> bool:
    before, after = place.sides
    if before is None or after is None:
        return before is not after or _facts_changed(place)
    return not before.means(after) or _facts_changed(place)


def _facts_changed(place: NamespaceClass) -> bool:
    before, after = place.facts
    return before != after


def _change(cluster: Cluster, line: PortLine, found: _Found, sides: _Sides) -> Change:
    case, box = found.case, found.box
    connection = confirmed(cluster, case, box, line, permitted=True, side=sides.permitting)
    confirmed(cluster, case, box, line, permitted=False, side=sides.closing)
    return Change(
        connections=connections(case, box, line),
        witness=connection,
        egress=found.egress,
        ingress=found.ingress,
        closed=found.closed,
    )


def _merged(changes: tuple[Change, ...]) -> tuple[Change, ...]:
    """Changes that differ in the names of namespaces at one end only, made one."""
    for end in ("sender", "receiver"):
        together: dict[object, Change] = {}
        for change in changes:
            key = (
                _without_names(change.connections, end),
                *map(id, (change.egress, change.ingress, change.closed)),
            )
            first = together.get(key)
            together[key] = change if first is None else _with_names_of(first, change, end)
        changes = tuple(together.values())
    return changes


def _without_names(ends: Connections, end: str) -> Connections:
    here = ends.sender if end == "sender" else ends.receiver
    return _with(ends, end, replace(here, names=ValueSet())) if isinstance(here, PodClass) else ends


def _with_names_of(first: Change, second: Change, end: str) -> Change:
    ends = (
        (c.sender if end == "sender" else c.receiver)
        for c in (first.connections, second.connections)
    )
    here, there = ends
    if not isinstance(here, PodClass) or not isinstance(there, PodClass):
        return first
    names = replace(here, names=here.names | there.names)
    return replace(first, connections=_with(first.connections, end, names))


def _with(ends: Connections, end: str, pods: PodClass) -> Connections:
    return replace(ends, sender=pods) if end == "sender" else replace(ends, receiver=pods)
