"""Everything that is permitted, class by class.

Pods that no policy tells apart are one class. For two places, the classes at both ends
are found together, so that a sender is only told from another by what the receiver at
hand asks of it: there are about as many rows as distinct allows, not their product.
Rows of one question never overlap, and together they are all that is permitted.

Pods with any of k distinct keys make 2^k classes. Where there are far more classes than allows,
rows are those of each pair of openings instead: all of it is permitted, but they overlap.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from itertools import product
from operator import or_
from typing import TypeAlias

from netpolc.analysis.carried_traffic import carried_traffic
from netpolc.analysis.case_enumeration import Chosen, cases
from netpolc.analysis.connection_sets import EndClass, end_class
from netpolc.analysis.namespace_partition import Cluster
from netpolc.analysis.permit_boxes import Opening, allowed, openings
from netpolc.analysis.policy_version import PolicyVersion
from netpolc.analysis.port_encoding import NAME, TRAFFIC, PortLine, Readings, with_numbers
from netpolc.analysis.port_intersection import Carried, common, limited
from netpolc.analysis.query import EVERY_ADDRESS, EVERY_POD, PodEnd, Question, container_ports
from netpolc.analysis.symbolic_case import END, RECEIVER, SENDER, Case
from netpolc.analysis.three_valued import line_of, reading_for
from netpolc.analysis.tier_order import rule_boxes
from netpolc.analysis.tiers import TierRule
from netpolc.ir.model import Allow
from netpolc.kube.peers import Direction
from netpolc.kube.ports import EVERY_PORT, Traffic
from netpolc.sets.boxes import Box, Boxes, Variable, cells, meet, outside
from netpolc.values import frozen

Openers: TypeAlias = tuple[Allow | TierRule, ...] | None
"""What opens an end; None where nothing closes it."""


@frozen(kw_only=True)
class Reached:
    """What one class may send to another, and what opens each end; None: nothing closes that end."""

    sender: EndClass
    receiver: EndClass
    same_namespace: bool
    carried: Carried
    egress: Openers
    ingress: Openers
    overlaps: bool = False
    """Whether other rows may say some of the same, because there are too many classes."""


_CLASSES, _FOR_EACH = 256, 16
"""So many classes, and so many more for each allow or isolation of a case, are told apart."""
EVERYTHING_ASKED = (
    Question(sender=EVERY_POD, receiver=EVERY_POD),
    Question(sender=EVERY_ADDRESS, receiver=EVERY_POD),
    Question(sender=EVERY_POD, receiver=EVERY_ADDRESS),
)


def reach(
    cluster: Cluster,
    questions: tuple[Question, ...] = EVERYTHING_ASKED,
    side: PolicyVersion = PolicyVersion.ONLY,
) -> Iterator[Reached]:
    """The permitted connections of some questions, by classes of senders and receivers."""
    for question in questions:
        chosen = {
            Direction.EGRESS: Chosen(question.sender),
            Direction.INGRESS: Chosen(question.receiver),
        }
        line = line_of(cluster, (question.traffic,))
        for case in cases(cluster, question, side, chosen[Direction.INGRESS]):
            if case.tiers[side] is None:
                yield from _rows(case, question, chosen, side)
            else:
                yield from _rows_by_tiers(case, question, chosen, side, line)


def _rows(
    case: Case, question: Question, chosen: Mapping[Direction, Chosen], side: PolicyVersion
) -> Iterator[Reached]:
    base = next(case.asked(question, side, _any_port), None)
    if base is None:
        return
    ends = [
        _End(case, direction, own.about(case, direction, side), side)
        for direction, own in chosen.items()
    ]
    members = [box for end in ends for box in end.members]
    found: dict[tuple[tuple[int, ...] | None, ...], list[Box]] = {}
    most = _CLASSES + _FOR_EACH * len(members)
    for number, (cell, inside) in enumerate(cells(base, members)):
        if number == most:
            yield from _overlapping(case, question, chosen, side, base)
            return
        if case.is_apart(cell):
            egress = ends[0].allows(inside, 0)
            ingress = ends[1].allows(inside, len(ends[0].members))
            found.setdefault((egress, ingress), []).append(cell)
    for (egress, ingress), boxes in found.items():
        yield from _row(case, question, ends, (egress, ingress), boxes)


def _overlapping(
    case: Case,
    question: Question,
    chosen: Mapping[Direction, Chosen],
    side: PolicyVersion,
    base: Box,
) -> Iterator[Reached]:
    """A row for what each way to leave the sender and each way into the receiver permit together."""
    readings = Readings(sure=_any_port, possibly=_any_port)
    outs, ins = (
        list(openings(case, direction, side, readings, own.about(case, direction, side)))
        for direction, own in chosen.items()
    )
    for out, into in product(outs, ins):
        box = meet(base, out.box, into.box)
        carried = _carried(case, question, _opened(out), _opened(into))
        pieces = () if box is None else outside(box, (*out.outside, *into.outside))
        for piece in pieces if carried else ():
            if case.is_apart(piece):
                yield Reached(
                    sender=end_class(case, piece, SENDER),
                    receiver=end_class(case, piece, RECEIVER),
                    same_namespace=case.same,
                    carried=carried,
                    egress=None if out.opener is None else (out.opener,),
                    ingress=None if into.opener is None else (into.opener,),
                    overlaps=True,
                )


def _opened(opening: Opening) -> Traffic:
    return opening.opener.traffic if isinstance(opening.opener, Allow) else EVERY_PORT


def _row(
    case: Case,
    question: Question,
    ends: "list[_End]",
    chosen: tuple[tuple[int, ...] | None, tuple[int, ...] | None],
    boxes: list[Box],
) -> Iterator[Reached]:
    carried = _carried(
        case, question, *(end.traffic(c) for end, c in zip(ends, chosen, strict=True))
    )
    if not carried:
        return
    egress, ingress = (end.named(c) for end, c in zip(ends, chosen, strict=True))
    for box in Boxes(tuple(boxes)).joined().boxes:
        if case.is_apart(box):
            yield Reached(
                sender=end_class(case, box, "sender"),
                receiver=end_class(case, box, RECEIVER),
                same_namespace=case.same,
                carried=carried,
                egress=egress,
                ingress=ingress,
            )


def _carried(case: Case, question: Question, egress: Traffic, ingress: Traffic) -> Carried:
    if case.receiver is None:
        egress, ingress = with_numbers(egress, {}), with_numbers(ingress, {})
    workload = question.receiver.workload if isinstance(question.receiver, PodEnd) else None
    if workload is not None:
        ports = container_ports(workload)
        egress, ingress = with_numbers(egress, ports), with_numbers(ingress, ports)
    return limited(common(egress, ingress), question.traffic)


class _End:
    """One end of a case: the boxes of what closes it and of what its allows list."""

    __slots__ = ("_allows", "_closing", "members")

    def __init__(
        self, case: Case, direction: Direction, chosen: Iterable[int], side: PolicyVersion
    ) -> None:
        place = case.place(END[direction])
        here = None if place is None else place.sides[side]
        isolations = () if here is None else here.subjects
        if here is not None and here.always_closed is not None:
            isolations = (here.always_closed,)
        closing = [case.subject(direction, i.selector) for i in isolations]
        members = [box for box in closing if box is not None]
        self._closing = len(members)
        self._allows: list[Allow] = []
        for allow in () if here is None else map(here.allows.__getitem__, chosen):
            for box in allowed(case, allow, side, _any_port):
                members.append(box)
                self._allows.append(allow)
        self.members = members

    def allows(self, inside: tuple[int, ...], offset: int) -> tuple[int, ...] | None:
        """The allows, by index, among the members that a cell is in; None if nothing closes it."""
        mine = [i - offset for i in inside if 0 <= i - offset < len(self.members)]
        if not any(i < self._closing for i in mine):
            return None
        return tuple(i - self._closing for i in mine if i >= self._closing)

    def traffic(self, chosen: tuple[int, ...] | None) -> Traffic:
        """The traffic of some of the allows; all of it if the end is open."""
        if chosen is None:
            return EVERY_PORT
        return reduce(or_, (self._allows[i].traffic for i in chosen), Traffic())

    def named(self, chosen: tuple[int, ...] | None) -> tuple[Allow, ...] | None:
        """The allows themselves."""
        return None if chosen is None else tuple(self._allows[i] for i in chosen)


def _any_port(traffic: Traffic) -> tuple[Box, ...]:
    """Leave traffic out of the boxes: it is added up for each class."""
    return ({},) if traffic else ()


def _rows_by_tiers(
    case: Case,
    question: Question,
    chosen: Mapping[Direction, Chosen],
    side: PolicyVersion,
    line: PortLine,
) -> Iterator[Reached]:
    """The rows of a case where tiers decide: class by class, the traffic is searched for."""
    base = next(case.asked(question, side, _any_port), None)
    if base is None:
        return
    about = {direction: own.about(case, direction, side) for direction, own in chosen.items()}
    members = [
        box
        for direction, some in about.items()
        for box in (
            *_End(case, direction, some, side).members,
            *rule_boxes(case, direction, side),
        )
    ]
    reading = reading_for(line, question) or line.free
    readings = Readings(sure=reading, possibly=reading)
    outs, ins = (
        list(openings(case, direction, side, readings, some)) for direction, some in about.items()
    )
    found: dict[tuple[object, ...], tuple[list[Box], Carried, Openers, Openers]] = {}
    for cell, _ in cells(base, members):
        if not case.is_apart(cell):
            continue
        traffic, egress, ingress = _searched(cell, reading(question.traffic), outs, ins)
        if carried := carried_traffic(traffic, line):
            key = (
                carried,
                *(None if some is None else tuple(map(id, some)) for some in (egress, ingress)),
            )
            found.setdefault(key, ([], carried, egress, ingress))[0].append(cell)
    for boxes, carried, egress, ingress in found.values():
        for box in Boxes(tuple(boxes)).joined().boxes:
            if case.is_apart(box):
                yield Reached(
                    sender=end_class(case, box, SENDER),
                    receiver=end_class(case, box, RECEIVER),
                    same_namespace=case.same,
                    carried=carried,
                    egress=egress,
                    ingress=ingress,
                )


def _searched(
    cell: Box, asked: tuple[Box, ...], outs: list[Opening], ins: list[Opening]
) -> tuple[list[Box], Openers, Openers]:
    """The traffic that is permitted in a cell, as boxes, and what opens each end to some of it."""
    traffic: list[Box] = []
    used: tuple[dict[int, Allow | TierRule], dict[int, Allow | TierRule]] = ({}, {})
    for base in ({**cell, **some} for some in asked):
        for one in outs:
            half = meet(base, one.box)
            for other in ins if half is not None else ():
                box = meet(half or base, other.box)
                pieces = () if box is None else outside(box, (*one.outside, *other.outside))
                for piece in pieces:
                    traffic.append({v: a for v, a in piece.items() if v == TRAFFIC or _is_name(v)})
                    for end, opener in zip(used, (one.opener, other.opener), strict=True):
                        if opener is not None:
                            end[id(opener)] = opener
    egress, ingress = (tuple(end.values()) or None for end in used)
    return traffic, egress, ingress


def _is_name(variable: Variable) -> bool:
    return isinstance(variable, tuple) and variable[0] == NAME
