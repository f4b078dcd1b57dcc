"""Everything that is permitted, class by class.

Pods that no policy tells apart are one class. For two places, the classes at both ends
are found together, so that a sender is only told from another by what the receiver at
hand asks of it: there are about as many rows as distinct allows, not their product.
Rows of one question never overlap, and together they are all that is permitted.

Pods with any of k distinct keys make 2^k classes, and of k allows of which each is about nearly all pods,
each class has nearly all. Where there are far more classes than allows, or classes in far too many allows, rows are those of each pair of openings instead: all of it is permitted, but they overlap.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import field
from functools import reduce
from itertools import chain, product
from operator import or_

from netpolc.analysis.avoided_boxes import AvoidedBoxes
from netpolc.analysis.carried_traffic import carried_traffic
from netpolc.analysis.case_enumeration import Chosen, cases
from netpolc.analysis.class_rows import Openers, Row, most_classes, whatever_the_addresses
from netpolc.analysis.connection_sets import EndClass, end_class
from netpolc.analysis.isolated_cases import isolated_cases
from netpolc.analysis.namespace_partition import Cluster
from netpolc.analysis.permit_boxes import Opening, allowed, openings
from netpolc.analysis.policy_version import PolicyVersion
from netpolc.analysis.port_encoding import NAME, TRAFFIC, PortLine, Readings, with_numbers
from netpolc.analysis.port_intersection import Carried, common, limited
from netpolc.analysis.query import EVERY_ADDRESS, EVERY_POD, Question, container_ports
from netpolc.analysis.symbolic_case import END, OTHER_END, RECEIVER, SENDER, Case, names_of
from netpolc.analysis.three_valued import line_of, reading_for
from netpolc.analysis.tier_order import matching_rules
from netpolc.analysis.tiers import TierRule
from netpolc.ir.model import Allow
from netpolc.kube.name_rules import METADATA_NAME
from netpolc.kube.peers import Direction
from netpolc.kube.ports import EVERY_PORT, Traffic
from netpolc.sets import ValueSet
from netpolc.sets.boxes import ANYTHING, Box, Boxes, Variable, cells, left_of, meet, outside
from netpolc.sets.value_index import ValueIndex
from netpolc.values import frozen


@frozen(kw_only=True)
class Reached:
    """The traffic that one class may send to another, and the openers of each end; None if the end is open."""

    sender: EndClass
    receiver: EndClass
    same_namespace: bool
    carried: Carried
    possible: Traffic = field(default_factory=Traffic)
    """What more it may send if the addresses of some pods are so, where blocks may match them."""
    egress: Openers
    ingress: Openers
    overlaps: bool = False
    """Whether other rows may say some of the same, because there are too many classes."""


_MEMBERS = 16
"""So many allows and isolations may a class be in on average, if there are as many classes as are told apart."""
EVERYTHING_ASKED = (
    Question(sender=EVERY_POD, receiver=EVERY_POD),
    Question(sender=EVERY_ADDRESS, receiver=EVERY_POD),
    Question(sender=EVERY_POD, receiver=EVERY_ADDRESS),
)


def reach(
    cluster: Cluster,
    questions: tuple[Question, ...] = EVERYTHING_ASKED,
    side: PolicyVersion = PolicyVersion.ONLY,
    *,
    between_open: bool = True,
) -> Iterator[Reached]:
    """The permitted connections of some questions, by classes of senders and receivers.

    Without `between_open`, connections that need no allow at either end may be left out.
    """
    for question in questions:
        sender, receiver = Chosen(question.sender), Chosen(question.receiver)
        for asked in asked_cases(
            cluster, sender, receiver, question.traffic, side, between_open=between_open
        ):
            for row in asked.rows():
                yield Reached(
                    sender=end_class(asked.case, row.box, SENDER),
                    receiver=end_class(asked.case, row.box, RECEIVER),
                    same_namespace=asked.case.same,
                    carried=row.carried,
                    possible=row.possible,
                    egress=row.egress,
                    ingress=row.ingress,
                    overlaps=row.overlaps,
                )


def asked_cases(
    cluster: Cluster,
    sender: Chosen,
    receiver: Chosen,
    traffic: Traffic = EVERY_PORT,
    side: PolicyVersion = PolicyVersion.ONLY,
    *,
    between_open: bool = True,
) -> Iterator["AskedCase"]:
    """The cases of a question about two ends in which some connection could exist."""
    question = Question(sender=sender.end, receiver=receiver.end, traffic=traffic)
    line = line_of(cluster, (traffic,))
    chosen = {Direction.EGRESS: sender, Direction.INGRESS: receiver}
    if between_open or cluster.tiers[side] is not None:
        possible = cases(cluster, question, side, receiver)
    else:
        possible = isolated_cases(cluster, question, side)
    for case in possible:
        base = next(case.asked(question, side, _any_port), None)
        if base is not None:
            yield AskedCase(case, base, chosen, question, side, line)


class AskedCase:
    """A case of a question: the box of its connections, and the members that cut it into classes."""

    __slots__ = ("_chosen", "_ends", "_line", "_question", "_rules", "_side", "base", "case")

    def __init__(
        self,
        case: Case,
        base: Box,
        chosen: Mapping[Direction, Chosen],
        question: Question,
        side: PolicyVersion,
        line: PortLine,
    ) -> None:
        self.case = case
        self.base = base
        self._question = question
        self._line = line
        self._side = side
        self._chosen = {
            direction: own.about(case, direction, side, self._names(OTHER_END[direction]))
            for direction, own in chosen.items()
        }
        self._ends = tuple(
            _End(case, own.closing(case, direction, side), direction, self._chosen[direction], side)
            for direction, own in chosen.items()
        )
        self._rules = tuple(matching_rules(case, direction, side) for direction in chosen)

    def _names(self, end: str) -> ValueSet | None:
        """The names that the namespace of an end can have; None for addresses."""
        if self.case.place(end) is None:
            return None
        return names_of(self.base, self.case.slot(end))

    def likeness(self, direction: Direction) -> Hashable:
        """Return a key that is equal for cases with equal rows, but for the end of `direction`.

        That end is a known workload. Its namespace's name is left out of the key where it does not
        matter; what closes pods of the other end is decided by their place.
        """
        own, far = END[direction], self.case.place(OTHER_END[direction])
        names, others = self._names(own), self._names(OTHER_END[direction])
        base = dict(self.base)
        is_named = others is not None and names is not None and not others.isdisjoint(names)
        if not self.case.same and not is_named:
            del base[self.case.slot(own), METADATA_NAME]
        near, opened = self._ends if direction is Direction.EGRESS else self._ends[::-1]
        workload = self.case.receiver_workload
        return (
            (direction, far, self.case.same, frozenset(base.items())),
            () if workload is None else workload.ports,
            near.closing_key(self.base),
            near.allows_key(self.base),
            opened.allows_key(self.base),
            tuple(
                (id(rule), *(tuple(_key(self.base, box) for box in some) for some in boxes))
                for rules in self._rules
                for rule, *boxes in rules
            ),
        )

    def rows(self) -> Iterator[Row]:
        """The classes of permitted connections; pods are not told apart by their addresses."""
        rows = self._rows()
        if self.case.parts is None:
            return rows
        return whatever_the_addresses(self.case, self.base, rows)

    def _rows(self) -> Iterator[Row]:
        if self.case.tiers[self._side] is not None:
            yield from self._rows_by_tiers()
            return
        if not self._carried(*(end.at_most for end in self._ends)):
            return
        members = [box for end in self._ends for box in end.members]
        cells_by_allows: dict[tuple[tuple[int, ...] | None, ...], list[Box]] = {}
        most = most_classes(len(members))
        listed = 0
        out, into = self._ends
        for number, (cell, inside) in enumerate(cells(self.base, members)):
            listed += len(inside)
            if number == most or listed > _MEMBERS * most:
                yield from self._overlapping()
                return
            if self.case.is_apart(cell):
                egress = out.allows(inside, 0)
                ingress = into.allows(inside, len(out.members))
                cells_by_allows.setdefault((egress, ingress), []).append(cell)
        for (egress, ingress), boxes in cells_by_allows.items():
            carried = self._carried(out.traffic(egress), into.traffic(ingress))
            if carried:
                yield from self._joined(boxes, carried, out.named(egress), into.named(ingress))

    def _joined(
        self, boxes: list[Box], carried: Carried, egress: Openers, ingress: Openers
    ) -> Iterator[Row]:
        """The rows of cells that are alike, in few boxes."""
        for box in Boxes(tuple(boxes)).joined().boxes:
            if self.case.is_apart(box):
                yield Row(box=box, carried=carried, egress=egress, ingress=ingress)

    def _openings(self, readings: Readings) -> tuple[list[Opening], ...]:
        """The openers of the sender's end and of the receiver's end."""
        return tuple(
            list(openings(self.case, direction, self._side, readings, some))
            for direction, some in self._chosen.items()
        )

    def _overlapping(self) -> Iterator[Row]:
        """A row for what each way to leave the sender and each way into the receiver permit together."""
        outs, ins = self._openings(Readings(sure=_any_port, possibly=_any_port))
        for out, into in product(outs, ins):
            box = meet(self.base, out.box, into.box)
            carried = self._carried(_opened(out), _opened(into))
            pieces = () if box is None else outside(box, (*out.outside, *into.outside))
            for piece in pieces if carried else ():
                if self.case.is_apart(piece):
                    yield Row(
                        box=piece,
                        carried=carried,
                        egress=None if out.opener is None else (out.opener,),
                        ingress=None if into.opener is None else (into.opener,),
                        overlaps=True,
                    )

    def _carried(self, egress: Traffic, ingress: Traffic) -> Carried:
        if self.case.receiver is None:
            egress, ingress = with_numbers(egress, {}), with_numbers(ingress, {})
        if self.case.receiver_workload is not None:
            ports = container_ports(self.case.receiver_workload)
            egress, ingress = with_numbers(egress, ports), with_numbers(ingress, ports)
        return limited(common(egress, ingress), self._question.traffic)

    def _rows_by_tiers(self) -> Iterator[Row]:
        """The rows of a case where tiers decide: class by class, the traffic is searched for."""
        members = [
            box
            for end, rules in zip(self._ends, self._rules, strict=True)
            for box in (*end.members, *(part for _, *some in rules for part in chain(*some)))
        ]
        reading = reading_for(self._line, self._question) or self._line.free
        outs, ins = self._openings(Readings(sure=reading, possibly=reading))
        openers = _OpenersOfCells(outs, ins)
        rows: dict[tuple[object, ...], tuple[list[Box], Carried, Openers, Openers]] = {}
        for cell, _ in cells(self.base, members):
            if not self.case.is_apart(cell):
                continue
            traffic, egress, ingress = openers.search(cell, reading(self._question.traffic))
            if carried := carried_traffic(traffic, self._line):
                key = (
                    carried,
                    *(None if some is None else tuple(map(id, some)) for some in (egress, ingress)),
                )
                rows.setdefault(key, ([], carried, egress, ingress))[0].append(cell)
        for boxes, carried, egress, ingress in rows.values():
            yield from self._joined(boxes, carried, egress, ingress)


def _opened(opening: Opening) -> Traffic:
    return opening.opener.traffic if isinstance(opening.opener, Allow) else EVERY_PORT


class _End:
    """One end of a case: the boxes of what closes it and of what its allows list."""

    __slots__ = ("_allows", "_closing", "members")

    def __init__(
        self,
        case: Case,
        closing: tuple[Box, ...],
        direction: Direction,
        chosen: Iterable[int],
        side: PolicyVersion,
    ) -> None:
        place = case.place(END[direction])
        here = None if place is None else place.sides[side]
        members = list(closing)
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

    @property
    def at_most(self) -> Traffic:
        """The traffic that no pod of the end permits more than."""
        if ANYTHING not in self.members[: self._closing]:
            return EVERY_PORT
        return reduce(or_, (allow.traffic for allow in self._allows), Traffic())

    def closing_key(self, base: Box) -> Hashable:
        """A key that is equal if the same pods within a box are closed."""
        return tuple(_key(base, box) for box in self.members[: self._closing])

    def allows_key(self, base: Box) -> Hashable:
        """A key that is equal if the same allows list the same within a box."""
        boxes = self.members[self._closing :]
        return tuple(
            (id(allow), _key(base, box)) for allow, box in zip(self._allows, boxes, strict=True)
        )

    def traffic(self, chosen: tuple[int, ...] | None) -> Traffic:
        """The traffic of some of the allows; all of it if the end is open."""
        if chosen is None:
            return EVERY_PORT
        return reduce(or_, (self._allows[i].traffic for i in chosen), Traffic())

    def named(self, chosen: tuple[int, ...] | None) -> tuple[Allow, ...] | None:
        """The allows themselves."""
        return None if chosen is None else tuple(self._allows[i] for i in chosen)


def _key(base: Box, member: Box) -> Hashable | None:
    rest = left_of(base, member)
    return None if rest is None else frozenset(rest.items())


def _any_port(traffic: Traffic) -> tuple[Box, ...]:
    """Leave traffic out of the boxes: it is added up for each class."""
    return ({},) if traffic else ()


class _OpenersOfCells:
    """The openings of both ends of a case, found again by the labels that they require."""

    def __init__(self, outs: list[Opening], ins: list[Opening]) -> None:
        self._outs = ValueIndex((opening.box, opening) for opening in outs)
        self._ins = ValueIndex((opening.box, opening) for opening in ins)
        self._avoided = AvoidedBoxes()

    def search(self, cell: Box, asked: tuple[Box, ...]) -> tuple[list[Box], Openers, Openers]:
        """The traffic that is permitted in a cell, as boxes, and what opens each end to some of it."""
        traffic: list[Box] = []
        used: tuple[dict[int, Allow | TierRule], dict[int, Allow | TierRule]] = ({}, {})
        for base in ({**cell, **some} for some in asked):
            for opening, other, box in self._met(base):
                avoided = (self._avoided.near(box, some) for some in (*opening.parts, *other.parts))
                for piece in outside(box, chain.from_iterable(avoided)):
                    traffic.append({v: a for v, a in piece.items() if v == TRAFFIC or _is_name(v)})
                    for end, opener in zip(used, (opening.opener, other.opener), strict=True):
                        if opener is not None:
                            end[id(opener)] = opener
        egress, ingress = (tuple(end.values()) or None for end in used)
        return traffic, egress, ingress

    def _met(self, base: Box) -> Iterator[tuple[Opening, Opening, Box]]:
        """The pairs of openings that meet in a box."""
        for opening in self._outs.meeting(base):
            half = meet(base, opening.box)
            for other in self._ins.meeting(half) if half is not None else ():
                box = meet(half or base, other.box)
                if box is not None:
                    yield opening, other, box


def _is_name(variable: Variable) -> bool:
    return isinstance(variable, tuple) and variable[0] == NAME
