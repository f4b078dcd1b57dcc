"""What opens an end of a case, and what closes it.

An end permits a connection when it is open, that is, no isolation matches its pod, or
when some allow whose subject matches it lists the connection. Each of these ways is an
`Opening`: a box, and boxes that a point of it must not be in. An end does not permit a
connection when an isolation matches and no allow lists it: a `Closing`.
"""

from collections.abc import Iterable, Iterator

from netpolc.analysis.port_encoding import Reading
from netpolc.analysis.symbolic_case import END, Case, boxes
from netpolc.ir.model import Allow, Subject
from netpolc.kube.peers import Direction
from netpolc.sets.boxes import Box
from netpolc.values import frozen


@frozen(kw_only=True, eq=False)
class Opening:
    """What may permit at one end: an allow, or openness (None) outside some boxes."""

    allow: Allow | None
    box: Box
    outside: tuple[Box, ...] = ()


@frozen(kw_only=True, eq=False)
class Closing:
    """An isolation of one end, the pods it closes, and what allows keep open."""

    isolation: Subject
    box: Box
    outside: tuple[Box, ...]


_OPEN = Opening(allow=None, box={})


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
        closed = boxes(case.subject(direction, one.selector) for one in here.subjects)
        if all(closed):
            yield Opening(allow=None, box={}, outside=tuple(closed))
    for index in chosen:
        allow = here.allows[index]
        for box in allowed(case, allow, side, granted):
            yield Opening(allow=allow, box=box)


def closings(
    case: Case, direction: Direction, side: int, granted: Reading, chosen: Iterable[int]
) -> Iterator[Closing]:
    """What may close the end that the direction is about."""
    place = case.place(END[direction])
    here = None if place is None else place.sides[side]
    if here is None:
        return
    opened = tuple(box for i in chosen for box in allowed(case, here.allows[i], side, granted))
    for isolation in (here.always_closed,) if here.always_closed else here.subjects:
        box = case.subject(direction, isolation.selector)
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
