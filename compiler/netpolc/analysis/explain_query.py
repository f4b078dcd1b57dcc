"""One question: may these talk to those, on this traffic? And why, or why not.

In: policies and a question. Out: yes (all of it is permitted), no (none of it), partly,
or unknown where it depends on facts that nobody states; with what opens each end,
what closes it, and for what is closed the allows that come nearest to opening it and
how each misses.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from enum import Enum
from itertools import islice
from typing import TypeAlias

from netpolc.analysis.bounds import Bounds
from netpolc.analysis.case_enumeration import end_cases, exists
from netpolc.analysis.concrete_evaluator import Connection
from netpolc.analysis.host_bounds import host_questions, is_host, without_hosts
from netpolc.analysis.namespace_partition import Cluster
from netpolc.analysis.permit_boxes import Closer
from netpolc.analysis.policy_version import PolicyVersion
from netpolc.analysis.port_encoding import PortLine
from netpolc.analysis.query import Question
from netpolc.analysis.search import Blocked, Permitted, blocked, permitted
from netpolc.analysis.symbolic_case import RECEIVER, SENDER, Case, labels_of, names_of
from netpolc.analysis.three_valued import (
    Contradiction,
    find_blocked,
    find_permitted,
    line_of,
    names_behind,
    reading_for,
)
from netpolc.analysis.tiers import TierRule
from netpolc.analysis.unknown_facts import NamespaceLabel, PortNumber, UnknownFact
from netpolc.analysis.witness import confirmed
from netpolc.ir.model import Allow
from netpolc.kube.inventory import Inventory
from netpolc.kube.name_rules import METADATA_NAME
from netpolc.kube.peers import Direction, Outside, Pods
from netpolc.kube.selectors import EVERYTHING
from netpolc.provenance import Origins
from netpolc.sets.boxes import Possibilities, meet
from netpolc.values import frozen

_ENOUGH = 1000
"""Pieces of an answer that are looked through for reasons; a question has few."""


class Answer(Enum):
    """The answer to a question."""

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
        """The number of missing parts."""
        return self.subject + self.peer + self.traffic


@frozen(kw_only=True)
class Reasons:
    """The allows that open an end to some of a question, and the isolations that close it to some.

    `open` says that some of it needs no allow there, because nothing closes the end.
    """

    open: bool
    allows: tuple[Allow | TierRule, ...]
    isolations: tuple[Closer, ...]
    nearest: tuple[Miss, ...]


@frozen(kw_only=True)
class Reply:
    """The answer to a question, with one connection of each kind that there is.

    `about_pods`: it is about the pods whose addresses the question has (`pods_of_block`).
    """

    question: Question
    answer: Answer
    permitted: Connection | None
    blocked: Connection | None
    egress: Reasons
    ingress: Reasons
    facts: tuple[UnknownFact, ...] = ()
    about_pods: bool = False


def can(bounds: Bounds, question: Question, inventory: Inventory | None = None) -> Reply:
    """The answer to a question, its reasons, and the unknown facts that it depends on."""
    known = Inventory() if inventory is None else inventory
    cluster = bounds.least
    line = line_of(cluster, (question.traffic,))
    reading = reading_for(line, question) or line.free
    parts = tuple(_parts(bounds, question, known))
    ordinary = without_hosts(known)
    evidence = [_Evidence.of(part, line, asked, ordinary) for part, asked, _ in parts]
    facts: list[UnknownFact] = []
    for some, (part, asked, _) in zip(evidence, parts, strict=True):
        unknown = tuple(some.facts(part, line))
        if not (unknown or some.no is None or some.yes is None):
            unknown = unknown_labels(part, line, asked)
        facts += unknown
    if all(some.yes is None for some in evidence):
        # A pod's own node always reaches it, whatever policies say.
        facts += (fact for part, _, is_from_host in parts if is_from_host for fact in part.hosts)
    facts += bounds.unread_about((question.sender, question.receiver))
    yes = next((each.yes for each in evidence if each.yes is not None), None)
    no = next((each.no for each in evidence if each.no is not None), None)
    answer = _answer(yes, no, facts) if exists(cluster, question, reading) else Answer.NOTHING
    egress, ingress = (
        _all_reasons(_reasons(part.least, line, asked, direction) for part, asked, _ in parts)
        for direction in (Direction.EGRESS, Direction.INGRESS)
    )
    return Reply(
        question=question,
        answer=answer,
        permitted=_witness(yes, line),
        blocked=_witness(no, line),
        egress=egress,
        ingress=ingress,
        facts=() if answer is Answer.NOTHING else tuple(dict.fromkeys(facts)),
    )


def _parts(
    bounds: Bounds, question: Question, inventory: Inventory
) -> Iterator[tuple[Bounds, Question, bool]]:
    """What is asked about pods with a network of their own, and about known ones on the host's network.

    Each part is marked if it is about connections from a host to pods.
    """
    if not (is_host(question.sender) or is_host(question.receiver)):
        yield bounds, question, False
    for of_hosts in host_questions(bounds, question, inventory):
        yield of_hosts.bounds, of_hosts.question, of_hosts.is_from_host


_Reading: TypeAlias = tuple[Cluster, Contradiction]


@frozen(kw_only=True, eq=False)
class _Evidence:
    """Connections of a question that are permitted and that are not, and where they are so.

    `yes` and `no` are under some reading of what is unknown; the `sure` ones under every one.
    """

    yes: _Reading | None
    no: _Reading | None
    sure_yes: bool
    sure_no: bool

    @classmethod
    def of(
        cls, bounds: Bounds, line: PortLine, question: Question, inventory: Inventory
    ) -> "_Evidence":
        """Search for connections of both kinds, first under the reading that decides."""
        results: list[tuple[_Reading | None, bool]] = []
        searches = (
            (find_permitted, bounds.least, bounds.most),
            (find_blocked, bounds.most, bounds.least),
        )
        for search, strong, weak in searches:
            contradiction = search(strong, line, question, inventory=inventory)
            if contradiction is not None:
                results.append(((strong, contradiction), contradiction.sure))
                continue
            if weak is not strong:
                contradiction = search(weak, line, question, inventory=inventory)
            results.append((None if contradiction is None else (weak, contradiction), False))
        (yes, sure_yes), (no, sure_no) = results
        return cls(yes=yes, no=no, sure_yes=sure_yes, sure_no=sure_no)

    def facts(self, bounds: Bounds, line: PortLine) -> Iterator[UnknownFact]:
        """The unknown facts that decide between yes, no and partly."""
        if self.yes is None or self.no is None or (self.sure_yes and self.sure_no):
            return
        for reading, sure in ((self.yes, self.sure_yes), (self.no, self.sure_no)):
            if not reading[1].sure:
                yield from map(PortNumber, names_behind(reading[1], line))
            elif not sure:
                yield from bounds.facts(_confirmed(reading, line))


def _answer(yes: _Reading | None, no: _Reading | None, facts: Collection[UnknownFact]) -> Answer:
    """The answer, when these facts are unknown."""
    if facts:
        return Answer.UNKNOWN
    if yes is None:
        return Answer.NO
    return Answer.YES if no is None else Answer.PARTLY


def unknown_labels(
    bounds: Bounds, line: PortLine, question: Question
) -> tuple[NamespaceLabel, ...]:
    """The unknown labels of single namespaces by which a question is answered yes or no.

    A question about pods of many namespaces is answered partly; one about a namespace that
    exists has one answer, and only who looks at its labels can tell which.
    """
    reading = reading_for(line, question) or line.free
    yes = permitted(bounds.least, question, asked=reading, granted=reading, refused=reading)
    no = blocked(bounds.most, question, asked=reading, granted=reading)
    opened = [_labels(piece) for piece in islice(yes, _ENOUGH)]
    closed = [_labels(piece) for piece in islice(no, _ENOUGH)]
    if max(len(opened), len(closed)) == _ENOUGH:
        return ()
    if any(_meet(opening, closing) for opening in opened for closing in closed):
        return ()
    return tuple(dict.fromkeys(label for box in (*opened, *closed) for label in box))


def _labels(piece: Permitted | Blocked) -> dict[NamespaceLabel, Possibilities]:
    """The conditions of a piece of an answer on the unknown labels of namespaces with one name."""
    stated: dict[NamespaceLabel, Possibilities] = {}
    for end in (SENDER, RECEIVER):
        if piece.case.place(end) is None:
            continue
        slot = piece.case.slot(end)
        name = names_of(piece.box, slot).single
        if name is not None:
            labels = labels_of(piece.box, slot)
            stated |= {
                NamespaceLabel(name, key): allowed
                for key, allowed in labels
                if key != METADATA_NAME
            }
    return stated


def _meet(
    first: Mapping[NamespaceLabel, Possibilities], second: Mapping[NamespaceLabel, Possibilities]
) -> bool:
    return all(allowed & second[label] for label, allowed in first.items() if label in second)


def _witness(reading: _Reading | None, line: PortLine) -> Connection | None:
    return None if reading is None else _confirmed(reading, line)


def _confirmed(reading: _Reading, line: PortLine) -> Connection:
    cluster, piece = reading[0], reading[1].found
    return confirmed(cluster, piece.case, piece.box, line, permitted=not isinstance(piece, Blocked))


def _reasons(cluster: Cluster, line: PortLine, question: Question, direction: Direction) -> Reasons:
    reading = reading_for(line, question) or line.free
    pieces = islice(
        permitted(cluster, question, asked=reading, granted=reading, refused=reading), _ENOUGH
    )
    opened = [p.ingress if direction is Direction.INGRESS else p.egress for p in pieces]
    shut = (
        piece.closer
        for piece in islice(blocked(cluster, question, asked=reading, granted=reading), _ENOUGH)
        if piece.closer.direction is direction
    )
    isolations = {id(isolation): isolation for isolation in shut}
    return Reasons(
        open=None in opened,
        allows=tuple({id(allow): allow for allow in opened if allow is not None}.values()),
        isolations=tuple(isolations.values()),
        # Where rules of tiers alone close it, no arrow comes near to opening it.
        nearest=()
        if all(isinstance(closing, TierRule) for closing in isolations.values())
        else _nearest(cluster, line, question, direction),
    )


def _all_reasons(each: Iterable[Reasons]) -> Reasons:
    """The reasons of all parts of a question."""
    first, *rest = each
    return Reasons(
        open=any(reasons.open for reasons in (first, *rest)),
        allows=tuple(allow for reasons in (first, *rest) for allow in reasons.allows),
        isolations=tuple(closer for reasons in (first, *rest) for closer in reasons.isolations),
        nearest=first.nearest,
    )


def _nearest(
    cluster: Cluster, line: PortLine, question: Question, direction: Direction
) -> tuple[Miss, ...]:
    """The allows of the end that miss in the fewest parts, in all cases of the question."""
    misses: dict[int, Miss] = {}
    written = _blocks_as_written(cluster)
    for case in end_cases(cluster, question, direction, PolicyVersion.ONLY):
        place = case.sender if direction is Direction.EGRESS else case.receiver
        side = None if place is None else place.sides[PolicyVersion.ONLY]
        for allow in () if side is None else side.allows:
            miss = _miss(case, allow, line, question)
            listed = written.get((allow, allow.origins), allow)
            first = misses.get(id(listed))
            if miss is not None and (first is None or miss.count() < first.count()):
                misses[id(listed)] = replace(miss, allow=listed)
    missing = [miss for miss in misses.values() if miss.count()]
    least = min((miss.count() for miss in missing), default=0)
    return tuple(miss for miss in missing if miss.count() == least)


def _blocks_as_written(cluster: Cluster) -> Mapping[tuple[Allow, Origins], Allow]:
    """The allows of blocks, by those of the pods that the blocks match."""
    if cluster.parts is None:
        return {}
    return {
        (replace(allow, peer=Pods(EVERYTHING, pods)), allow.origins): allow
        for policies in cluster.policies[PolicyVersion.ONLY].namespaces.values()
        for allow in policies.allows
        if isinstance(allow.peer, Outside)
        for pods in cluster.parts.selectors(allow.peer.addresses)
    }


def _miss(case: Case, allow: Allow, line: PortLine, question: Question) -> Miss | None:
    reading = reading_for(line, question) or line.free
    bases = list(case.asked(question, PolicyVersion.ONLY, reading))
    if not bases:
        return None
    subject = case.subject(allow.direction, allow.subject)
    peer = case.peer(allow.direction, allow.peer, PolicyVersion.ONLY)
    return Miss(
        allow=allow,
        subject=subject is None or all(meet(base, subject) is None for base in bases),
        peer=peer is None or all(meet(base, peer) is None for base in bases),
        traffic=not any(
            meet(base, box) is not None for base in bases for box in reading(allow.traffic)
        ),
    )
