"""One question: may these talk to those, on this traffic? And why, or why not.

In: policies and a question. Out: yes (all of it is permitted), no (none of it), partly,
or unknown where it depends on numbers behind named ports; with what opens each end,
what closes it, and for what is closed the allows that come nearest to opening it and
how each misses. The classes that make up the permitted part are worked out only when
asked for (`part`).
"""

from collections.abc import Iterator
from enum import Enum
from itertools import islice

from netpolc.analysis.case_enumeration import end_cases, exists
from netpolc.analysis.concrete_evaluator import Connection
from netpolc.analysis.namespace_partition import Cluster
from netpolc.analysis.port_encoding import PortLine
from netpolc.analysis.query import Question
from netpolc.analysis.reachability import Reached, reach
from netpolc.analysis.search import Blocked, blocked, permitted
from netpolc.analysis.symbolic_case import Case
from netpolc.analysis.three_valued import (
    Contradiction,
    find_blocked,
    find_permitted,
    line_of,
    names_behind,
    reading_for,
    workloads_in,
)
from netpolc.analysis.witness import confirmed
from netpolc.frozen import frozen
from netpolc.ir.model import Allow, Isolation
from netpolc.kube.inventory import Inventory, Workload
from netpolc.kube.peers import Direction
from netpolc.kube.ports import NamedPort
from netpolc.sets.boxes import meet

_ENOUGH = 1000
"""Pieces of an answer that are looked through for reasons; a question has few."""


class Answer(Enum):
    """What becomes of a question."""

    YES = "yes"
    NO = "no"
    PARTLY = "partly"
    UNKNOWN = "unknown"
    NOTHING = "nothing"
    """No connection that could exist is asked about."""


@frozen(kw_only=True)
class Miss:
    """An allow that does not permit what is asked, and which parts of it do not match."""

    allow: Allow
    subject: bool
    peer: bool
    traffic: bool

    def count(self) -> int:
        """How many parts miss."""
        return self.subject + self.peer + self.traffic


@frozen(kw_only=True)
class Reasons:
    """What opens an end to (some of) what is asked, and what closes it to some.

    `open` says that some of it needs no allow there, because nothing closes the end.
    """

    open: bool
    allows: tuple[Allow, ...]
    isolations: tuple[Isolation, ...]
    nearest: tuple[Miss, ...]


@frozen(kw_only=True)
class Reply:
    """The answer to a question, with one connection of each kind that there is."""

    question: Question
    answer: Answer
    permitted: Connection | None
    blocked: Connection | None
    egress: Reasons
    ingress: Reasons
    names: tuple[NamedPort, ...] = ()
    hosts: tuple[Workload, ...] = ()


def can(cluster: Cluster, question: Question, inventory: Inventory | None = None) -> Reply:
    """Answer a question. `hosts` are known workloads asked about that use the host's network."""
    known = Inventory() if inventory is None else inventory
    line = line_of(cluster, (question.traffic,))
    yes = find_permitted(cluster, line, question, inventory=known)
    no = find_blocked(cluster, line, question, inventory=known)
    names = [
        n for found in (yes, no) if found and not found.sure for n in names_behind(found, line)
    ]
    reading = reading_for(line, question) or line.free
    answer = _answer(yes, no) if exists(cluster, question, reading) else Answer.NOTHING
    hosts = Inventory(workloads=tuple(w for w in known.workloads if w.host_network))
    return Reply(
        question=question,
        answer=answer,
        permitted=_witness(cluster, line, yes),
        blocked=_witness(cluster, line, no),
        egress=_reasons(cluster, line, question, Direction.EGRESS),
        ingress=_reasons(cluster, line, question, Direction.INGRESS),
        names=tuple(dict.fromkeys(names)),
        hosts=tuple(
            w
            for end in (question.sender, question.receiver)
            for w in workloads_in(end, cluster, hosts)
        ),
    )


def part(cluster: Cluster, question: Question) -> Iterator[Reached]:
    """The part of a question that is permitted, class by class."""
    return reach(cluster, (question,))


def _answer(yes: Contradiction | None, no: Contradiction | None) -> Answer:
    if yes is None:
        return Answer.NO
    if no is None:
        return Answer.YES
    return Answer.PARTLY if yes.sure and no.sure else Answer.UNKNOWN


def _witness(cluster: Cluster, line: PortLine, found: Contradiction | None) -> Connection | None:
    if found is None:
        return None
    piece = found.found
    return confirmed(cluster, piece.case, piece.box, line, permitted=not isinstance(piece, Blocked))


def _reasons(cluster: Cluster, line: PortLine, question: Question, direction: Direction) -> Reasons:
    reading = reading_for(line, question) or line.free
    pieces = islice(permitted(cluster, question, asked=reading, granted=reading), _ENOUGH)
    opened = [p.ingress if direction is Direction.INGRESS else p.egress for p in pieces]
    shut = (
        piece.isolation
        for piece in islice(blocked(cluster, question, asked=reading, granted=reading), _ENOUGH)
        if piece.isolation.direction is direction
    )
    isolations = {id(isolation): isolation for isolation in shut}
    return Reasons(
        open=None in opened,
        allows=tuple({id(allow): allow for allow in opened if allow is not None}.values()),
        isolations=tuple(isolations.values()),
        nearest=_nearest(cluster, line, question, direction) if isolations else (),
    )


def _nearest(
    cluster: Cluster, line: PortLine, question: Question, direction: Direction
) -> tuple[Miss, ...]:
    """The allows of the end that miss in the fewest parts, in all cases of the question."""
    found: dict[int, Miss] = {}
    for case in end_cases(cluster, question, direction, 0):
        place = case.sender if direction is Direction.EGRESS else case.receiver
        side = None if place is None else place.sides[0]
        for allow in () if side is None else side.allows:
            miss = _miss(case, allow, line, question)
            first = found.get(id(allow))
            if miss is not None and (first is None or miss.count() < first.count()):
                found[id(allow)] = miss
    missing = [miss for miss in found.values() if miss.count()]
    least = min((miss.count() for miss in missing), default=0)
    return tuple(miss for miss in missing if miss.count() == least)


def _miss(case: Case, allow: Allow, line: PortLine, question: Question) -> Miss | None:
    reading = reading_for(line, question) or line.free
    bases = list(case.asked(question, 0, reading))
    if not bases:
        return None
    subject = case.subject(allow.direction, allow.subject)
    peer = case.peer(allow.direction, allow.peer, 0)
    return Miss(
        allow=allow,
        subject=subject is None or all(meet(base, subject) is None for base in bases),
        peer=peer is None or all(meet(base, peer) is None for base in bases),
        traffic=not any(
            meet(base, box) is not None for base in bases for box in reading(allow.traffic)
        ),
    )
