"""Entries: what is opened and closed, as few arrows as say it exactly.

Comparison gives classes, cut wherever some policy makes a difference. A reviewer thinks
in arrows. So the classes that the same statements open (or close) for one namespace are
put into one frame; where all that an arrow means changes, the arrow itself is shown, and
what is left is joined where that is exact. Nothing is rounded: each peer of an entry
carries the boxes that it means, and these lie inside what changes.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from netpolc.analysis.connection_sets import PodClass
from netpolc.analysis.permission_change import Change
from netpolc.analysis.port_encoding import TRAFFIC
from netpolc.analysis.semantic_diff import Comparison
from netpolc.analysis.symbolic_case import ADDRESS
from netpolc.changes.attribution import Attribution, Causes, Part
from netpolc.changes.compared_sides import Arrow
from netpolc.changes.entry_witness import entry_witness
from netpolc.changes.local_names import LocalNames, names_of_sides
from netpolc.changes.model import Effect, Entry, Side
from netpolc.changes.peer_text import ArrowBox, far_ends, peers_text, sayable, subject_text
from netpolc.changes.risks import reach_of, risks_of
from netpolc.changes.statement_diff import cause_key
from netpolc.changes.subject_view import HOME, SUBJECT, Frame, KnownLabels, numbers_of
from netpolc.kube.cidr import Addresses
from netpolc.kube.peers import Direction, Outside
from netpolc.provenance import Origins, merged
from netpolc.sets.boxes import Box, Boxes, Possibilities, Variable, outside
from netpolc.sets.value_index import ValueIndex

_ARROW = {Direction.INGRESS: "<-", Direction.EGRESS: "->"}
_LONG = 50
"""Characters up to which an arrow needs no shorter form."""
_Frames: TypeAlias = dict[tuple[Effect, Frame], list[Box]]


@dataclass(slots=True)
class _Group:
    """The changes of the same statements in one frame."""

    effect: Effect
    frame: Frame
    causes: Causes
    boxes: list[Box] = field(default_factory=list)
    permitting: list[Origins] = field(default_factory=list)
    closing: list[Origins] = field(default_factory=list)
    arrows: dict[Arrow, None] = field(default_factory=dict)


def entries(
    comparison: Comparison, sides: tuple[Side, Side], attribution: Attribution, known: KnownLabels
) -> Iterator[Entry]:
    """The entries of everything that a comparison found."""
    pool: _Frames = {}
    groups: dict[object, _Group] = {}
    for effect, changes in ((Effect.OPENED, comparison.gained), (Effect.CLOSED, comparison.lost)):
        for change in changes:
            _pooled(change, effect, pool)
            for part in attribution.parts(change, effect):
                _add(part, groups)
    both = names_of_sides(sides)
    changed = {key: ValueIndex((box, box) for box in boxes) for key, boxes in pool.items()}
    for group in groups.values():
        arrow_boxes = _arrow_boxes(group, changed[group.effect, group.frame], known)
        side = group.effect.permitting
        local = both[side]
        if not local.knows(group.frame.namespace) and both[side.other].knows(group.frame.namespace):
            local = both[side.other]
        origins = merged(*group.permitting), merged(*group.closing)
        for some in _by_subject(arrow_boxes):
            yield _entry(group, origins, some, sides, local, known)


def _pooled(change: Change, effect: Effect, pool: _Frames) -> None:
    """Keep a change in the frames of both its ends, to know all that changes there."""
    connections = change.connections
    for direction, end in (
        (Direction.INGRESS, connections.receiver),
        (Direction.EGRESS, connections.sender),
    ):
        name = end.names.single if isinstance(end, PodClass) else None
        if name is not None:
            frame = Frame(name, direction)
            pool.setdefault((effect, frame), []).extend(frame.boxes(connections))


def _add(part: Part, groups: dict[object, _Group]) -> None:
    key = part.effect, part.frame, part.causes
    subjects = frozenset(subject for subject, _, _ in part.arrows)
    group = groups.setdefault((*key, subjects), _Group(*key))
    group.boxes.append(part.box)
    group.permitting.append(part.permitting)
    group.closing.append(part.closing)
    group.arrows.update(dict.fromkeys(part.arrows))


def _arrow_boxes(group: _Group, changed: ValueIndex[Box], known: KnownLabels) -> list[ArrowBox]:
    """The boxes of a group as few as say them: whole arrows first, then what is left."""
    side = group.effect.permitting
    left = group.boxes
    arrow_boxes: list[ArrowBox] = []
    for arrow in group.arrows:
        for box in group.frame.arrow(*arrow):
            for wanted in _limited(box, _alike(box, left)):
                exactly = Boxes(tuple(known.settled(wanted, side)))
                inside = {
                    id(left_box) for left_box in _alike(box, left) if Boxes((left_box,)) <= exactly
                }
                rest = [left_box for left_box in left if id(left_box) not in inside]
                if inside and all(_is_within(left_box, changed) for left_box in exactly.boxes):
                    arrow_boxes.append(ArrowBox(wanted, exactly.boxes))
                    left = rest
                    break
    return [*arrow_boxes, *(ArrowBox(box, (box,)) for box in _joined(left))]


def _is_within(box: Box, changed: ValueIndex[Box]) -> bool:
    """Whether all of a box is among what changes."""
    return next(outside(box, _alike(box, changed.meeting(box))), None) is None


def _alike(box: Box, others: Iterable[Box]) -> list[Box]:
    """The others that are about pods at the far end, or about addresses, as the box is."""
    return [other for other in others if (ADDRESS in other) == (ADDRESS in box)]


def _limited(box: Box, left: Iterable[Box]) -> Iterator[Box]:
    """The box of an arrow: whole, and only on the ports that are left."""
    yield box
    mine, intervals = numbers_of(box), numbers_of(box) - numbers_of(box)
    for left_box in left:
        intervals |= numbers_of(left_box) & mine
    if intervals and intervals != mine:
        yield {**box, TRAFFIC: intervals}


def _joined(boxes: list[Box]) -> Iterator[Box]:
    """Boxes joined where that is exact, in parts that the language can say."""
    for is_address in (False, True):
        some = tuple(box for box in boxes if (ADDRESS in box) == is_address)
        for box in Boxes(some).joined().boxes:
            yield from sayable(box)


def _by_subject(arrow_boxes: Iterable[ArrowBox]) -> Iterable[list[ArrowBox]]:
    by_subject: dict[frozenset[tuple[Variable, Possibilities]], list[ArrowBox]] = {}
    for arrow_box in arrow_boxes:
        subject = frozenset(
            (v, a)
            for v, a in arrow_box.box.items()
            if isinstance(v, tuple) and v[0] in {SUBJECT, HOME}
        )
        by_subject.setdefault(subject, []).append(arrow_box)
    return by_subject.values()


def _entry(
    group: _Group,
    origins: tuple[Origins, Origins],
    arrow_boxes: list[ArrowBox],
    sides: tuple[Side, Side],
    local: LocalNames,
    known: KnownLabels,
) -> Entry:
    frame, opened = group.frame, group.effect is Effect.OPENED
    side = group.effect.permitting
    far = far_ends(arrow_boxes, frame, local, tuple(_written(group.arrows)))
    subject, is_sayable = subject_text(arrow_boxes[0].box, frame, local)
    causes = sorted(group.causes, key=cause_key)
    arrow = f"{subject} {_ARROW[frame.direction]} {peers_text(end.text for end in far)}"
    return Entry(
        effect=group.effect,
        namespace=frame.namespace,
        subject=subject,
        direction=frame.direction,
        arrow=arrow,
        far=far,
        permitting=origins[0],
        closing=origins[1],
        witness=entry_witness(arrow_boxes[0].exactly[0], frame, known, sides, side),
        reach=reach_of(far, frame, sides[side].inventory),
        risks=risks_of(far, frame.direction) if opened else (),
        causes=tuple(causes),
        sayable=is_sayable and all(end.sayable for end in far),
        part_of=_shorter(arrow, group, local),
    )


def _shorter(arrow: str, group: _Group, local: LocalNames) -> str:
    """The arrow that the statements make, where it is shorter than what changes of it."""
    subjects = {subject for subject, _, _ in group.arrows}
    if len(subjects) != 1 or len(arrow) <= _LONG:
        return ""
    boxes = [box for arrow in group.arrows for box in group.frame.arrow(*arrow)]
    arrow_boxes = (ArrowBox(box, ()) for box in boxes)
    far = far_ends(arrow_boxes, group.frame, local, tuple(_written(group.arrows)))
    peers = peers_text(end.text for end in far)
    subject = local.pods(subjects.pop(), group.frame.namespace)
    whole = f"{subject} {_ARROW[group.frame.direction]} {peers}"
    return whole if len(whole) < len(arrow) else ""


def _written(arrows: Iterable[Arrow]) -> Iterator[Addresses]:
    """The addresses that the arrows name, in their own blocks."""
    for _, peer, _ in arrows:
        if isinstance(peer, Outside):
            yield peer.addresses
