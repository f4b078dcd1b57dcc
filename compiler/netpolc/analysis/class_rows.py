"""Rows about classes of pods, whatever addresses their pods have.

Where blocks match pods, search tells pods apart by their addresses. A list does not: nobody can say
which address the next pod gets. So rows of equal pods that differ in addresses alone are one row here,
with what all addresses permit as certain, and what only some permit as possible.
"""

from collections.abc import Iterable, Iterator
from dataclasses import field, replace
from functools import reduce
from operator import or_
from typing import TypeAlias

from netpolc.analysis.namespace_partition import Cluster
from netpolc.analysis.port_intersection import Carried, beyond, common
from netpolc.analysis.symbolic_case import MADE_UP, Case
from netpolc.analysis.tier_facts import version_facts
from netpolc.analysis.tiers import TierRule
from netpolc.analysis.unknown_facts import BlockMatching, UnknownFact
from netpolc.ir.model import Allow
from netpolc.kube.ports import Traffic
from netpolc.sets.boxes import Box, Boxes, cells, outside
from netpolc.values import frozen

Openers: TypeAlias = tuple[Allow | TierRule, ...] | None
"""The allows and rules that open an end; None for an end that is not isolated."""


@frozen(kw_only=True, eq=False)
class Row:
    """A class of connections as a box, what it carries, and what opens each end.

    `possible` is what more it carries for some addresses of its pods.
    """

    box: Box
    carried: Carried
    possible: Traffic = field(default_factory=Traffic)
    egress: Openers
    ingress: Openers
    overlaps: bool = False


def address_facts(cluster: Cluster) -> tuple[UnknownFact, ...]:
    """What decides about connections that only some addresses of pods permit."""
    blocks = cluster.blocks
    matching = () if blocks.pods is None else (BlockMatching(all_match=not blocks.is_uncertain),)
    facts = (fact for tiers in cluster.tiers if tiers is not None for fact in version_facts(tiers))
    return (*matching, *facts)


def whatever_the_addresses(case: Case, base: Box, rows: Iterable[Row]) -> Iterator[Row]:
    """The rows of a case; rows that differ in nothing but the addresses of pods become one.

    Args:
        case: where the ends are.
        base: the box of all connections of the case.
        rows: disjoint rows within it, or rows that overlap.
    """
    disjoint: list[Row] = []
    for row in rows:
        if row.overlaps:
            yield _as_possible(row)
        else:
            disjoint.append(row)
    if not any(_addresses(row.box) for row in disjoint):
        yield from disjoint
        return
    alike: dict[tuple[object, ...], tuple[list[Box], Row]] = {}
    classes = [_without_addresses(row.box) for row in disjoint]
    for cell, inside in cells(_without_addresses(base), classes):
        if inside and case.is_apart(cell):
            row = _one_row(case, base, cell, [disjoint[index] for index in inside])
            key = (row.carried, row.possible, *map(_identities, (row.egress, row.ingress)))
            alike.setdefault(key, ([], row))[0].append(cell)
    for boxes, row in alike.values():
        for box in Boxes(tuple(boxes)).joined().boxes:
            if case.is_apart(box):
                yield replace(row, box=box)


def _one_row(case: Case, base: Box, cell: Box, rows: list[Row]) -> Row:
    """What some rows, each for some addresses, say of a class of pods."""
    each = [row.carried.traffic for row in rows]
    certain = reduce(lambda traffic, other: common(traffic, other).traffic, each)
    if not _are_all(case, base, cell, rows):
        certain = Traffic()
    depending = dict.fromkeys(part for row in rows for part in row.carried.depending)
    return Row(
        box=cell,
        carried=Carried(certain, tuple(depending)),
        possible=beyond(reduce(or_, each), certain),
        egress=all_openers([row.egress for row in rows]),
        ingress=all_openers([row.ingress for row in rows]),
    )


def _are_all(case: Case, base: Box, cell: Box, rows: list[Row]) -> bool:
    """Whether the rows are about all addresses that the pods of a class may have."""
    left = outside(_addresses(base), [_addresses(row.box) for row in rows])
    return not any(case.is_apart({**cell, **piece}) for piece in left)


def all_openers(openers: list[Openers]) -> Openers:
    """The openers of an end in any of some classes; None if the end is open in one of the classes."""
    if any(each is None for each in openers):
        return None
    return tuple(dict.fromkeys(opener for each in openers for opener in each or ()))


def _as_possible(row: Row) -> Row:
    """A row without the addresses that it is limited to."""
    if not _addresses(row.box):
        return row
    possible = row.possible | row.carried.traffic
    carried = Carried(Traffic(), row.carried.depending)
    return replace(row, box=_without_addresses(row.box), carried=carried, possible=possible)


def _addresses(box: Box) -> Box:
    """What a box says of the addresses of pods."""
    return {variable: allowed for variable, allowed in box.items() if variable in MADE_UP}


def _without_addresses(box: Box) -> Box:
    return {variable: allowed for variable, allowed in box.items() if variable not in MADE_UP}


def _identities(openers: Openers) -> tuple[int, ...] | None:
    return None if openers is None else tuple(map(id, openers))
