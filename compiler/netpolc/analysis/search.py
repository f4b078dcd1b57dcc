"""Find connections that are permitted, or that are not.

A connection is permitted when both ends permit it, and an end permits it when it is
open or some allow lists it. So every permitted connection is permitted by a pair of
`Opening`s, one at each end: openness (no isolation matches) or an allow. Search goes
through the pairs that meet the question, and needs no complement of anything: what an
open pod must not match is avoided while looking for a point. A connection that is not
permitted has an end that is closed by some isolation and that no allow of it covers.

Pairs are found from the receiver: its allows, chosen by subject, say which namespaces
can be at the other end, and only those are looked at.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import TypeAlias

from netpolc.analysis.case import END, OTHER_END, RECEIVER, Case, boxes
from netpolc.analysis.cluster import Cluster, Place, Places
from netpolc.analysis.portline import Reading
from netpolc.analysis.question import AddressEnd, EndOfQuestion, PodEnd, Question
from netpolc.analysis.side import Side
from netpolc.ir.model import Allow, Isolation
from netpolc.kube.peers import Direction
from netpolc.kube.workloads import Workload
from netpolc.sets import ValueSet
from netpolc.sets.boxes import Box, meet, outside


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Opening:
    """What may permit at one end: an allow, or openness (None) outside some boxes."""

    allow: Allow | None
    box: Box
    outside: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Permitted:
    """Connections that are permitted, and by what at each end (None: it is open)."""

    case: Case
    box: Box
    egress: Allow | None
    ingress: Allow | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Blocked:
    """Connections that are not permitted, and the isolation that closes one end to them."""

    case: Case
    box: Box
    isolation: Isolation


Avoiding: TypeAlias = Callable[[Case], Iterable[Box]]
_OPEN = Opening(allow=None, box={})


def permitted(
    cluster: Cluster,
    question: Question,
    *,
    asked: Reading,
    granted: Reading,
    avoiding: Avoiding = lambda _: (),
    side: int = 0,
) -> Iterator[Permitted]:
    """The connections of the question that are permitted, outside what is to be avoided.

    `asked` reads the question's traffic, `granted` that of the policies. Pieces may
    overlap: a connection that two allows permit comes with each.
    """
    senders, receivers = Chosen(question.sender), Chosen(question.receiver)
    for case in cases(cluster, question, side, receivers):
        out = senders.about(case, Direction.EGRESS, side)
        outs = list(openings(case, Direction.EGRESS, side, granted, out))
        into = receivers.about(case, Direction.INGRESS, side) if outs else ()
        ins = list(openings(case, Direction.INGRESS, side, granted, into)) if outs else []
        bases = list(case.asked(question, side, asked)) if ins else []
        avoided: tuple[Box, ...] | None = None
        for base in bases:
            for i, o, box in _met(base, ins, outs):
                avoided = tuple(avoiding(case)) if avoided is None else avoided
                for piece in outside(box, (*i.outside, *o.outside, *avoided)):
                    if case.is_apart(piece):
                        yield Permitted(case=case, box=piece, egress=o.allow, ingress=i.allow)


def blocked(
    cluster: Cluster, question: Question, *, asked: Reading, granted: Reading, side: int = 0
) -> Iterator[Blocked]:
    """The connections of the question that are not permitted; pieces may overlap."""
    for direction in (Direction.INGRESS, Direction.EGRESS):
        own = Chosen(_asked_end(question, direction))
        for case in end_cases(cluster, question, direction, side):
            bases = list(case.asked(question, side, asked))
            if not bases:
                continue
            chosen = own.about(case, direction, side)
            for closing in closings(case, direction, side, granted, chosen):
                for base in bases:
                    box = meet(base, closing.box)
                    for piece in () if box is None else outside(box, closing.outside):
                        if case.is_apart(piece):
                            yield Blocked(case=case, box=piece, isolation=closing.isolation)


def exists(cluster: Cluster, question: Question, asked: Reading, side: int = 0) -> bool:
    """Whether any connection that could exist is asked about."""
    return any(
        next(case.asked(question, side, asked), None) is not None
        for here in _near(cluster.anywhere, question.sender, side)
        for there in _near(cluster.anywhere, question.receiver, side)
        for same in sameness(here, there)
        for case in (_case(question, here, there, same=same),)
    )


def openings(
    case: Case, direction: Direction, side: int, granted: Reading, chosen: Iterable[int]
) -> Iterator[Opening]:
    """What may permit at the end that the direction is about; `chosen` are allows by index."""
    place = case.place(END[direction])
    here = None if place is None else place.sides[side]
    if here is None:
        yield _OPEN
        return
    if here.always_closed is None:
        closed = boxes(case.subject(direction, i.subject) for i in here.isolations)
        if all(closed):
            yield Opening(allow=None, box={}, outside=tuple(closed))
    for index in chosen:
        allow = here.allows[index]
        for box in allowed(case, allow, side, granted):
            yield Opening(allow=allow, box=box)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Closing:
    """An isolation of one end, the pods it closes, and what allows keep open."""

    isolation: Isolation
    box: Box
    outside: tuple[Box, ...]


def closings(
    case: Case, direction: Direction, side: int, granted: Reading, chosen: Iterable[int]
) -> Iterator[Closing]:
    """What may close the end that the direction is about."""
    place = case.place(END[direction])
    here = None if place is None else place.sides[side]
    if here is None:
        return
    opened = tuple(box for i in chosen for box in allowed(case, here.allows[i], side, granted))
    for isolation in (here.always_closed,) if here.always_closed else here.isolations:
        box = case.subject(direction, isolation.subject)
        if box is not None:
            yield Closing(isolation=isolation, box=box, outside=opened)


def allowed(case: Case, allow: Allow, side: int, granted: Reading) -> Iterator[Box]:
    """The boxes of what an allow lists."""
    peer = case.peer(allow.direction, allow.peer, side)
    subject = None if peer is None else case.subject(allow.direction, allow.subject)
    if peer is None or subject is None:
        return
    for traffic in granted(allow.traffic):
        yield {**subject, **peer, **traffic}


def _met(
    base: Box, ins: list[Opening], outs: list[Opening]
) -> Iterator[tuple[Opening, Opening, Box]]:
    """The pairs of openings that meet, found by a label value so that few others are tried."""
    table = _ByValue(outs)
    for i in ins:
        half = meet(base, i.box)
        if half is not None:
            for o in table.near(half):
                box = meet(half, o.box)
                if box is not None:
                    yield i, o, box


class _ByValue:
    """Openings by the values that they require of one variable, the one that most limit."""

    __slots__ = ("_all", "_others", "_table", "_variable")

    def __init__(self, found: list[Opening]) -> None:
        self._all = found
        limited = Counter(
            v for o in found for v, a in o.box.items() if isinstance(a, ValueSet) and _is_finite(a)
        )
        self._variable = max(limited, key=limited.__getitem__) if limited else None
        self._others: list[Opening] = []
        self._table: dict[str, list[Opening]] = {}
        for opening in found:
            allowed = opening.box.get(self._variable)
            if isinstance(allowed, ValueSet) and _is_finite(allowed):
                for value in allowed.values:
                    self._table.setdefault(value, []).append(opening)
            else:
                self._others.append(opening)

    def near(self, box: Box) -> Iterable[Opening]:
        """Those that the box may meet."""
        allowed = box.get(self._variable)
        if not isinstance(allowed, ValueSet) or not _is_finite(allowed):
            return self._all
        named = (self._table.get(value, ()) for value in sorted(allowed.values))
        return (*self._others, *dict.fromkeys(chain.from_iterable(named)))


def _is_finite(allowed: ValueSet) -> bool:
    return not allowed.complement and not allowed.absent


def cases(
    cluster: Cluster, question: Question, side: int, receivers: "Chosen | None" = None
) -> Iterator[Case]:
    """The cases of a question in which the receiver's end may permit something."""
    sender, receiver = question.sender, question.receiver
    near = _near(cluster.senders, sender, side)
    if isinstance(receiver, AddressEnd):
        for place in near if isinstance(sender, PodEnd) else ():
            yield _case(question, place, None)
        return
    chosen = Chosen(receiver) if receivers is None else receivers
    for there in cluster.receivers.near(receiver.namespaces, side):
        for here in _senders(cluster.senders, near, there.sides[side], chosen):
            for same in sameness(here, there):
                yield _case(question, here, there, same=same)


def _senders(
    senders: Places, near: tuple[Place | None, ...], side: Side | None, chosen: "Chosen"
) -> Iterable[Place | None]:
    """The senders' places that some opening of the receiver may admit."""
    if side is None or side.always_closed is None or near == (None,):
        return near
    names: dict[str, None] = {}
    for index in chosen.of(side):
        found = side.names[index]
        if found is None:
            return near
        names.update(dict.fromkeys(sorted(found)))
    asked = set(near)
    return [p for p in dict.fromkeys(map(senders.named, names)) if p in asked]


class Chosen:
    """The allows that concern one end of a question; worked out once for each side."""

    __slots__ = ("_end", "_found")

    def __init__(self, end: EndOfQuestion) -> None:
        self._end = end
        self._found: dict[Side, dict[int, None]] = {}

    def of(self, side: Side) -> Mapping[int, None]:
        """The allows whose subject may be among the pods asked about, by index."""
        found = self._found.get(side)
        if found is None:
            found = self._found[side] = dict.fromkeys(_chosen(side, self._end))
        return found

    def about(self, case: Case, direction: Direction, side: int) -> Iterable[int]:
        """Those of them that may concern the other end of a case as well."""
        place, other = case.place(END[direction]), case.place(OTHER_END[direction])
        here = None if place is None else place.sides[side]
        if here is None:
            return ()
        mine = self.of(here)
        toward = here.outside if other is None else here.toward(other.names)
        return sorted(index for index in toward if index in mine)


def end_cases(
    cluster: Cluster, question: Question, direction: Direction, side: int
) -> Iterator[Case]:
    """The cases for one end alone: the other end's policies do not matter, only its facts."""
    own = _asked_end(question, direction)
    other = question.sender if direction is Direction.INGRESS else question.receiver
    if isinstance(own, AddressEnd):
        return
    places = cluster.receivers if direction is Direction.INGRESS else cluster.senders
    far = _near(cluster.anywhere, other, side)
    for here in places.near(own.namespaces, side):
        for there in far if here.sides[side] is not None else ():
            ends = (there, here) if direction is Direction.INGRESS else (here, there)
            for same in sameness(there, here):
                yield _case(question, *ends, same=same)


def _near(places: Places, end: EndOfQuestion, side: int) -> tuple[Place | None, ...]:
    """The places that an end can be in; None stands for addresses."""
    return places.near(end.namespaces, side) if isinstance(end, PodEnd) else (None,)


def _case(
    question: Question, sender: Place | None, receiver: Place | None, *, same: bool = False
) -> Case:
    return Case(
        sender=sender,
        receiver=receiver,
        same=same,
        sender_workload=_workload(question.sender),
        receiver_workload=_workload(question.receiver),
    )


def _workload(end: EndOfQuestion) -> Workload | None:
    return end.workload if isinstance(end, PodEnd) else None


def sameness(one: Place | None, other: Place | None) -> tuple[bool, ...]:
    """Whether pods of two places can be in the same namespace, and in different ones."""
    if one is None or other is None:
        return (False,)
    meets = not one.names.isdisjoint(other.names)
    differs = one.only_name is None or one.only_name != other.only_name
    return (True, False) if meets and differs else (meets,)


def _chosen(side: Side, end: EndOfQuestion) -> Iterable[int]:
    if isinstance(end, AddressEnd):
        return range(len(side.allows))
    if end.workload is not None:
        return side.about_pod(end.workload.labels)
    return side.about(dict(end.pods.requirements))


def _asked_end(question: Question, direction: Direction) -> EndOfQuestion:
    return question.receiver if END[direction] == RECEIVER else question.sender
