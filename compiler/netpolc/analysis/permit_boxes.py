"""The boxes in which an end of a case is open, and in which it is closed.

An end permits a connection when it is open, that is, no isolation matches its pod, or
when some allow whose subject matches it lists the connection. Each of these ways is an
`Opening`: a box, and boxes that a point of it must not be in. An end does not permit a
connection when an isolation matches and no allow lists it: a `Closing`.

Tiers come around that: an Admin rule opens or closes whatever the rest says where it
decides, and the rest counts where none does. A Baseline rule closes pods that no isolation matches.
"""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TypeAlias

from netpolc.analysis.avoided_boxes import FirstBoxes
from netpolc.analysis.policy_index import PolicyIndex
from netpolc.analysis.policy_version import PolicyVersion
from netpolc.analysis.port_encoding import Reading, Readings
from netpolc.analysis.symbolic_case import END, Case, boxes, labels_of
from netpolc.analysis.tier_order import Region, tier_order
from netpolc.analysis.tiers import TierRule
from netpolc.ir.model import Allow, Subject
from netpolc.kube.peers import Direction
from netpolc.manifest.tier_model import Action, Tier
from netpolc.sets.boxes import Box, meet
from netpolc.values import frozen

Opener: TypeAlias = Allow | TierRule | None
"""The opener of an end: an allow, a rule of a tier, or None for an end that is not isolated."""
Closer: TypeAlias = Subject | TierRule
"""The policy or rule that closes an end."""


@frozen(kw_only=True, eq=False)
class Opening:
    """An allow or tier rule at one end, inside a box and outside some others."""

    opener: Opener
    box: Box
    parts: tuple[FirstBoxes, ...] = ()

    @property
    def outside(self) -> Iterator[Box]:
        """The boxes that it is outside of."""
        return chain.from_iterable(self.parts)


@frozen(kw_only=True, eq=False)
class Closing:
    """An isolation of one end, the connections it closes, and the boxes that are open nevertheless."""

    closer: Closer
    box: Box
    parts: tuple[FirstBoxes, ...]


_OPEN = Opening(opener=None, box={})


def openings(
    case: Case, direction: Direction, side: PolicyVersion, readings: Readings, chosen: Iterable[int]
) -> Iterator[Opening]:
    """The openings of the end that the direction is about; `chosen` are allows by index."""
    by_policies = _policy_openings(case, direction, side, readings, chosen)
    if case.tiers[side] is None:
        yield from by_policies
        return
    baseline = tier_order(case, direction, Tier.BASELINE, side, readings)
    inner = [
        part
        for opening in by_policies
        for part in (
            (opening,)
            if opening.opener is not None
            else (
                *_inside(opening, baseline.decided(Action.ACCEPT)),
                *_inside(opening, baseline.passed(Action.DENY), passing=True),
            )
        )
    ]
    admin = tier_order(case, direction, Tier.ADMIN, side, readings)
    for region in admin.decided(Action.ACCEPT):
        yield Opening(opener=region.rule, box=region.box, parts=(region.outside,))
    for region in admin.passed(Action.DENY):
        for opening in inner:
            yield from _inside(opening, (region,), passing=True)


def _inside(
    opening: Opening, regions: Iterable[Region], *, passing: bool = False
) -> Iterator[Opening]:
    """An opening where it lies in regions of a tier; those that decide open it in its place."""
    for region in regions:
        box = meet(opening.box, region.box)
        if box is not None:
            opener = opening.opener if passing else region.rule
            yield Opening(opener=opener, box=box, parts=(*opening.parts, region.outside))


def _policy_openings(
    case: Case, direction: Direction, side: PolicyVersion, readings: Readings, chosen: Iterable[int]
) -> Iterator[Opening]:
    """The openings of NetworkPolicies."""
    place = case.place(END[direction])
    here = None if place is None else place.sides[side]
    if here is None:
        yield _OPEN
        return
    if here.always_closed is None:
        closed = _isolated(case, direction, here, readings)
        if all(closed):
            yield Opening(opener=None, box={}, parts=(FirstBoxes.of(closed),))
    for index in chosen:
        allow = here.allows[index]
        for box in allowed(case, allow, side, readings.sure):
            yield Opening(opener=allow, box=box)


def closings(
    case: Case, direction: Direction, side: PolicyVersion, readings: Readings, chosen: Iterable[int]
) -> Iterator[Closing]:
    """The closings of the end that the direction is about."""
    by_policies = _policy_closings(case, direction, side, readings, chosen)
    if case.tiers[side] is None:
        yield from by_policies
        return
    inner = list(by_policies)
    baseline = tier_order(case, direction, Tier.BASELINE, side, readings)
    place = case.place(END[direction])
    here = None if place is None else place.sides[side]
    isolated = () if here is None else _isolated(case, direction, here)
    closed = FirstBoxes.of(isolated)
    for region in baseline.decided(Action.DENY) if all(isolated) else ():
        assert region.rule is not None
        parts: tuple[FirstBoxes, ...] = (region.outside, closed)
        inner.append(Closing(closer=region.rule, box=region.box, parts=parts))
    admin = tier_order(case, direction, Tier.ADMIN, side, readings)
    for region in admin.decided(Action.DENY):
        assert region.rule is not None
        yield Closing(closer=region.rule, box=region.box, parts=(region.outside,))
    for region in admin.passed(Action.ACCEPT):
        for closing in inner:
            box = meet(closing.box, region.box)
            if box is not None:
                parts = (*closing.parts, region.outside)
                yield Closing(closer=closing.closer, box=box, parts=parts)


def _policy_closings(
    case: Case, direction: Direction, side: PolicyVersion, readings: Readings, chosen: Iterable[int]
) -> Iterator[Closing]:
    """The closings of isolations, without the openings of allows."""
    place = case.place(END[direction])
    here = None if place is None else place.sides[side]
    if here is None:
        return
    possibly = readings.possibly
    opened = FirstBoxes.of(
        box for i in chosen for box in allowed(case, here.allows[i], side, possibly)
    )
    near = (here.always_closed,) if here.always_closed else _near(here, direction, readings)
    for isolation in near:
        box = case.subject(direction, isolation.selector)
        if box is not None:
            yield Closing(closer=isolation, box=box, parts=(opened,))


def _near(here: PolicyIndex, direction: Direction, readings: Readings) -> tuple[Subject, ...]:
    """The widest subjects that may match a pod in question; all of the widest if the pods are not known."""
    if readings.near is None:
        return here.widest
    return here.closing(dict(labels_of(box, END[direction])) for box in readings.near)


def _isolated(
    case: Case, direction: Direction, here: PolicyIndex, readings: Readings | None = None
) -> tuple[Box, ...]:
    """The boxes of the pods that isolations close; an empty box where they close all."""
    if readings is None or readings.near is None:
        return tuple(boxes(case.subject(direction, pods) for pods in here.isolated))
    near = _near(here, direction, readings)
    return tuple(boxes(case.subject(direction, subject.selector) for subject in near))


def allowed(case: Case, allow: Allow, side: PolicyVersion, granted: Reading) -> Iterator[Box]:
    """The boxes of what an allow lists."""
    peer = case.peer(allow.direction, allow.peer, side)
    subject = None if peer is None else case.subject(allow.direction, allow.subject)
    if peer is None or subject is None:
        return
    for traffic in granted(allow.traffic):
        yield {**subject, **peer, **traffic}
