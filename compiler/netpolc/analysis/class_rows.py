"""Rows about classes of pods, whatever addresses their pods have.

Where blocks match pods, search tells pods apart by their addresses. A list does not: nobody can say
which address the next pod gets. So rows of equal pods that differ in addresses alone are one row here,
with what all addresses permit as certain, and what only some permit as possible. Labels that
nobody states are left out of rows in the same way.
"""

from collections.abc import Callable, Iterable, Iterator
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
from netpolc.sets.boxes import Box, Boxes, Variable, cells, outside
from netpolc.values import frozen

Openers: TypeAlias = tuple[Allow | TierRule, ...] | None
"""The allows and rules that open an end; None for an end that is not isolated."""


@frozen(kw_only=True, eq=False)
class Row:
    """A class of connections as a box, what it carries, and what opens each end.

    `possible` is what more it carries for some values of the `deciding` variables, which the box
    leaves out.
    """

    box: Box
    carried: Carried
    possible: Traffic = field(default_factory=Traffic)
    deciding: tuple[Variable, ...] = ()
    egress: Openers
    ingress: Openers
    overlaps: bool = False


def most_classes(members: int) -> int:
    """The number of classes that are told apart, where so many allows, isolations or rows cut them."""
    return 256 + 16 * members


def address_facts(cluster: Cluster) -> tuple[UnknownFact, ...]:
    """What decides about connections that only some addresses of pods permit."""
    blocks = cluster.blocks
    matching = () if blocks.pods is None else (BlockMatching(all_match=not blocks.is_uncertain),)
    facts = (fact for tiers in cluster.tiers if tiers is not None for fact in version_facts(tiers))
    return (*matching, *facts)


def whatever_the_addresses(case: Case, base: Box, rows: Iterable[Row]) -> Iterator[Row]:
    """The rows of a case; rows that differ only in the addresses of pods become one."""
    return without_variables(case, base, rows, MADE_UP.__contains__)


def without_variables(
    case: Case, base: Box, rows: Iterable[Row], left_out: Callable[[Variable], bool]
) -> Iterator[Row]:
    """The rows of a case; rows that differ only in the variables that are left out become one.

    Args:
        case: where the ends are.
        base: the box of all connections of the case.
        rows: disjoint rows within it, or rows that overlap.
        left_out: whether a variable is left out. What it decides is only possible.
    """
    disjoint: list[Row] = []
    parts = _Parts(left_out, base)
    for row in rows:
        if row.overlaps:
            yield _as_possible(row, parts)
        else:
            disjoint.append(row)
    if not any(parts.deciding(row.box) for row in disjoint):
        yield from disjoint
        return
    alike: dict[tuple[object, ...], tuple[list[Box], Row]] = {}
    classes = [parts.shown(row.box) for row in disjoint]
    most = most_classes(len(classes))
    for number, (cell, inside) in enumerate(cells(parts.shown(base), classes)):
        if number == most:
            yield from (_as_possible(replace(row, overlaps=True), parts) for row in disjoint)
            return
        if inside and case.is_apart(cell):
            row = _one_row(case, base, cell, [disjoint[index] for index in inside], parts)
            openers = map(_identities, (row.egress, row.ingress))
            key = (row.carried, row.possible, row.deciding, *openers)
            alike.setdefault(key, ([], row))[0].append(cell)
    for boxes, row in alike.values():
        for box in Boxes(tuple(boxes)).joined().boxes:
            if case.is_apart(box):
                yield replace(row, box=box)


@frozen
class _Parts:
    """The two parts of a box: the variables that are left out of it, and those that are shown."""

    left_out: Callable[[Variable], bool]
    base: Box

    def hidden(self, box: Box) -> Box:
        return {variable: allowed for variable, allowed in box.items() if self.left_out(variable)}

    def deciding(self, box: Box) -> tuple[Variable, ...]:
        """The variables left out whose values are fewer than in all connections of the case."""
        return tuple(
            variable
            for variable, allowed in self.hidden(box).items()
            if self.base.get(variable) != allowed
        )

    def shown(self, box: Box) -> Box:
        return {
            variable: allowed for variable, allowed in box.items() if not self.left_out(variable)
        }


def _one_row(case: Case, base: Box, cell: Box, rows: list[Row], parts: _Parts) -> Row:
    """The row of a class of pods, from rows that differ in the values of the variables left out."""
    each = [row.carried.traffic for row in rows]
    certain = reduce(lambda traffic, other: common(traffic, other).traffic, each)
    if not _are_all(case, base, cell, rows, parts):
        certain = Traffic()
    possible = beyond(reduce(or_, (*each, *(row.possible for row in rows))), certain)
    depending = dict.fromkeys(part for row in rows for part in row.carried.depending)
    deciding = [variable for row in rows for variable in row.deciding]
    if possible or depending:
        deciding += [variable for row in rows for variable in parts.deciding(row.box)]
    return Row(
        box=cell,
        carried=Carried(certain, tuple(depending)),
        possible=possible,
        deciding=tuple(dict.fromkeys(deciding)),
        egress=all_openers([row.egress for row in rows]),
        ingress=all_openers([row.ingress for row in rows]),
    )


def _are_all(case: Case, base: Box, cell: Box, rows: list[Row], parts: _Parts) -> bool:
    """Whether the rows have all values of the variables left out that pods of a class may have."""
    left = outside(parts.hidden(base), [parts.hidden(row.box) for row in rows])
    return not any(case.is_apart({**cell, **piece}) for piece in left)


def all_openers(openers: list[Openers]) -> Openers:
    """The openers of an end in any of some classes; None if the end is open in one of the classes."""
    if any(each is None for each in openers):
        return None
    return tuple(dict.fromkeys(opener for each in openers for opener in each or ()))


def _as_possible(row: Row, parts: _Parts) -> Row:
    """A row that overlaps others without the variables that are left out."""
    deciding = parts.deciding(row.box)
    if not deciding:
        return row
    return replace(
        row,
        box=parts.shown(row.box),
        carried=Carried(Traffic(), row.carried.depending),
        possible=row.possible | row.carried.traffic,
        deciding=tuple(dict.fromkeys((*row.deciding, *deciding))),
    )


def _identities(openers: Openers) -> tuple[int, ...] | None:
    return None if openers is None else tuple(map(id, openers))
