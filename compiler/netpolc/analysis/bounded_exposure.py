"""The exposure of a workload where two readings of policies bound what is unknown.

Each reading has disjoint classes of pods, and the two cut the pods in different places. In: the rows
of a workload in the reading that permits least and in the one that permits most. Out: disjoint rows
with what is certain, and what more the other reading permits as possible.
"""

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import replace
from typing import TypeAlias

from netpolc.analysis.class_rows import Openers
from netpolc.analysis.connection_sets import PodClass
from netpolc.analysis.exposure import Exposed
from netpolc.analysis.port_intersection import Carried, beyond
from netpolc.analysis.unknown_facts import UnknownFact
from netpolc.kube.ports import NO_TRAFFIC
from netpolc.kube.selectors import Selector
from netpolc.sets import ValueSet
from netpolc.sets.boxes import Box, Boxes, meet, outside
from netpolc.sets.value_set import ABSENT, EVERY, PRESENT

_OWN_NAMESPACE, _NAME = "pods of the workload's namespace", "the namespace's name"
_Rows: TypeAlias = dict[tuple[PodClass, bool], Exposed]
"""The row of each class, which is in the workload's namespace or not."""


def bounded_exposure(
    least: Iterable[Exposed], most: Iterable[Exposed], facts: tuple[UnknownFact, ...]
) -> Iterator[Exposed]:
    """Disjoint rows with what is certain and what is possible; rows that overlap as they are.

    Args:
        least: the rows of the reading that permits least.
        most: those of the reading that permits most.
        facts: the unknown facts by which the readings differ.
    """
    least, most = tuple(least), tuple(most)
    if any(row.overlaps for row in (*least, *most)):
        yield from (replace(row, overlaps=True) for row in least)
        yield from (replace(_added(row, facts), overlaps=True) for row in most)
        return
    narrow, wide = ({(row.peer, row.own_namespace): row for row in rows} for rows in (least, most))
    alike: dict[Hashable, tuple[list[Box], Exposed]] = {}
    for box, row in _cells(narrow, wide, facts):
        answer = row.own_namespace, row.carried, row.possible, row.facts
        key = (*answer, _identities(row.egress), _identities(row.ingress))
        alike.setdefault(key, ([], row))[0].append(box)
    for boxes, row in alike.values():
        for box in Boxes(tuple(boxes)).joined().boxes:
            yield replace(row, peer=_class(box))


def _cells(
    narrow: _Rows, wide: _Rows, facts: tuple[UnknownFact, ...]
) -> Iterator[tuple[Box, Exposed]]:
    """The classes of both readings, divided where they overlap. A class that both have overlaps no other class."""
    yield from (
        (_box(row), _both(row, wide[key], facts)) for key, row in narrow.items() if key in wide
    )
    certain = [(_box(row), row) for key, row in narrow.items() if key not in wide]
    possible = [(_box(row), row) for key, row in wide.items() if key not in narrow]
    for box, row in certain:
        near = []
        for each, more in possible:
            shared = meet(box, each)
            if shared is not None:
                near.append(each)
                yield shared, _both(row, more, facts)
        yield from ((piece, row) for piece in outside(box, near))
    for box, more in possible:
        near = [each for each, _ in certain if meet(box, each) is not None]
        if pieces := tuple(outside(box, near)):
            added = _added(more, facts)
            yield from ((piece, added) for piece in pieces)


def _both(row: Exposed, wide: Exposed, facts: tuple[UnknownFact, ...]) -> Exposed:
    """A row of the reading that permits least, with what the other row adds."""
    permitted = row.carried.traffic | row.possible
    more = beyond(wide.carried.traffic | wide.possible, permitted)
    depending = dict.fromkeys((*row.carried.depending, *wide.carried.depending))
    if not more and len(depending) == len(row.carried.depending):
        return row
    return replace(
        row,
        carried=Carried(row.carried.traffic, tuple(depending)),
        possible=row.possible | more,
        facts=tuple(dict.fromkeys((*row.facts, *facts, *wide.facts))),
        egress=_together(row.egress, wide.egress),
        ingress=_together(row.ingress, wide.ingress),
    )


def _added(wide: Exposed, facts: tuple[UnknownFact, ...]) -> Exposed:
    """A row that only the reading that permits most has."""
    return replace(
        wide,
        carried=Carried(NO_TRAFFIC, wide.carried.depending),
        possible=wide.carried.traffic | wide.possible,
        facts=tuple(dict.fromkeys((*facts, *wide.facts))),
    )


def _together(openers: Openers, wider: Openers) -> Openers:
    """The openers of an end in both readings; what opens it in the narrower one if it is open in the other."""
    if openers is None or wider is None:
        return openers
    return tuple(dict.fromkeys((*openers, *wider)))


def _identities(openers: Openers) -> Hashable:
    return None if openers is None else tuple(map(id, openers))


def _box(row: Exposed) -> Box:
    limits = [
        (_OWN_NAMESPACE, PRESENT if row.own_namespace else ABSENT),
        (_NAME, row.peer.names),
        *((("namespace", key), allowed) for key, allowed in row.peer.namespaces.requirements),
        *((("pod", key), allowed) for key, allowed in row.peer.pods.requirements),
    ]
    return {variable: allowed for variable, allowed in limits if allowed != EVERY}


def _class(box: Box) -> PodClass:
    labels: dict[str, list[tuple[str, ValueSet]]] = {"namespace": [], "pod": []}
    for variable, allowed in box.items():
        if isinstance(variable, tuple):
            assert isinstance(allowed, ValueSet)
            labels[variable[0]].append((variable[1], allowed))
    names = box.get(_NAME, EVERY)
    assert isinstance(names, ValueSet)
    return PodClass(
        names=names,
        namespaces=Selector.of(labels["namespace"]),
        pods=Selector.of(labels["pod"]),
    )
