"""Find connections that are permitted, or that are not.

A connection is permitted when both ends permit it, and an end permits it when it is
open or some allow lists it. So every permitted connection is permitted by a pair of
`Opening`s, one at each end: openness (no isolation matches) or an allow. Search goes
through the pairs that meet the question, and needs no complement of anything: what an
open pod must not match is avoided while looking for a point. A connection that is not
permitted has an end that is closed by some isolation and that no allow of it covers.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import TypeAlias

from netpolc.analysis.avoided_boxes import AvoidedBoxes, FirstBoxes
from netpolc.analysis.case_enumeration import Chosen, asked_end, cases, end_cases
from netpolc.analysis.closed_by_tiers import ClosedByTiers
from netpolc.analysis.namespace_partition import Cluster
from netpolc.analysis.permit_boxes import Closer, Opener, Opening, closings, openings
from netpolc.analysis.policy_version import PolicyVersion
from netpolc.analysis.port_encoding import Reading, Readings
from netpolc.analysis.query import Question
from netpolc.analysis.symbolic_case import Case
from netpolc.kube.peers import Direction
from netpolc.sets.boxes import Box, meet, outside
from netpolc.sets.value_index import ValueIndex
from netpolc.values import frozen


@frozen(kw_only=True, eq=False)
class Permitted:
    """Connections that are permitted, and by what at each end (None: it is open)."""

    case: Case
    box: Box
    egress: Opener
    ingress: Opener


@frozen(kw_only=True, eq=False)
class Blocked:
    """Connections that are not permitted, and what closes one end to them."""

    case: Case
    box: Box
    closer: Closer


Avoiding: TypeAlias = Callable[[Case], Iterable[Box]]


def permitted(
    cluster: Cluster,
    question: Question,
    *,
    asked: Reading,
    granted: Reading,
    refused: Reading,
    avoiding: Avoiding = lambda _: (),
) -> Iterator[Permitted]:
    """The connections of the question that are permitted, outside what is to be avoided.

    `asked` reads the question's traffic, `granted` that of what permits, `refused` that of the
    rules of tiers that are in its way. Pieces may overlap: a connection that two allows permit comes with each.
    """
    senders = Chosen(question.sender, question.receiver)
    receivers = Chosen(question.receiver, question.sender)
    closed = None
    if cluster.tiers[PolicyVersion.ONLY] is not None:
        closed = ClosedByTiers(
            cluster=cluster, question=question, asked=asked, granted=granted, refused=refused
        )
    for case in cases(cluster, question, PolicyVersion.ONLY, receivers, closed):
        bases = list(case.asked(question, PolicyVersion.ONLY, asked))
        if not bases:
            continue
        readings = Readings(sure=granted, possibly=refused, near=bases)
        out = senders.about(case, Direction.EGRESS, PolicyVersion.ONLY)
        outs = list(openings(case, Direction.EGRESS, PolicyVersion.ONLY, readings, out))
        into = receivers.about(case, Direction.INGRESS, PolicyVersion.ONLY) if outs else ()
        ins = (
            list(openings(case, Direction.INGRESS, PolicyVersion.ONLY, readings, into))
            if outs
            else []
        )
        avoided: FirstBoxes | None = None
        boxes = AvoidedBoxes()
        for base in bases:
            for i, o, box in _met(base, ins, outs):
                avoided = FirstBoxes.of(avoiding(case)) if avoided is None else avoided
                for piece in outside(box, (*i.outside, *o.outside, *boxes.near(box, avoided))):
                    if case.is_apart(piece):
                        yield Permitted(case=case, box=piece, egress=o.opener, ingress=i.opener)


def blocked(
    cluster: Cluster, question: Question, *, asked: Reading, granted: Reading
) -> Iterator[Blocked]:
    """The connections of the question that are not permitted; pieces may overlap."""
    for direction in (Direction.INGRESS, Direction.EGRESS):
        own = Chosen(asked_end(question, direction), asked_end(question, direction.other))
        for case in end_cases(cluster, question, direction, PolicyVersion.ONLY):
            bases = list(case.asked(question, PolicyVersion.ONLY, asked))
            if not bases:
                continue
            chosen = own.about(case, direction, PolicyVersion.ONLY)
            readings = Readings(sure=asked, possibly=granted, near=bases)
            boxes = AvoidedBoxes()
            for closing in closings(case, direction, PolicyVersion.ONLY, readings, chosen):
                for base in bases:
                    box = meet(base, closing.box)
                    if box is None:
                        continue
                    near = (boxes.near(box, part) for part in closing.parts)
                    for piece in outside(box, chain.from_iterable(near)):
                        if case.is_apart(piece):
                            yield Blocked(case=case, box=piece, closer=closing.closer)


def _met(
    base: Box, ins: list[Opening], outs: list[Opening]
) -> Iterator[tuple[Opening, Opening, Box]]:
    """The pairs of openings that meet, found by a label value so that few others are tried."""
    table = ValueIndex((opening.box, opening) for opening in outs)
    for i in ins:
        half = meet(base, i.box)
        if half is not None:
            for o in table.meeting(half):
                box = meet(half, o.box)
                if box is not None:
                    yield i, o, box
