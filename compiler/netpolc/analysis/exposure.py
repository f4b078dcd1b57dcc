"""The exposure of known workloads to pods and addresses that are not known today.

A list of today's connections says nothing of the pod that somebody starts tomorrow. In:
policies and a workload. Out: every class of pods that could exist and may reach it (or
that it may reach), with the traffic; each class once, and those that differ only in the
names of their namespaces together. Classes do not overlap. A class is never empty of
unknown pods: labels that nobody tests are free. Addresses are known already, and in the list.

Labels of the workload's namespace that nobody states, and those in which its pods differ, can
decide too. What is permitted whatever they are is certain; the rest is only possible.
"""

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import field, replace
from functools import reduce
from operator import or_
from typing import TypeAlias

from netpolc.analysis.case_enumeration import Chosen
from netpolc.analysis.class_rows import Openers, Row, address_facts, all_openers
from netpolc.analysis.connection_sets import PodClass, end_class
from netpolc.analysis.namespace_partition import Cluster
from netpolc.analysis.port_intersection import Carried, beyond, common
from netpolc.analysis.query import EVERY_POD, of_workload
from netpolc.analysis.reachability import AskedCase, asked_cases
from netpolc.analysis.symbolic_case import END, OTHER_END, Case
from netpolc.analysis.unknown_facts import NamespaceLabel, ReplicaLabel, UnknownFact
from netpolc.kube.inventory import Workload
from netpolc.kube.peers import Direction
from netpolc.kube.ports import Traffic
from netpolc.kube.selectors import EVERYTHING
from netpolc.sets import ValueSet
from netpolc.sets.boxes import Box, outside, union
from netpolc.values import frozen


@frozen(kw_only=True)
class Exposed:
    """A class at the other end of a workload's connections, and what is permitted with it.

    `own_namespace`: these pods are in the workload's namespace; else in another. `possible` is what
    is permitted beyond the carried traffic if the `facts` about the workload are so.
    """

    peer: PodClass
    own_namespace: bool
    carried: Carried
    possible: Traffic = field(default_factory=Traffic)
    facts: tuple[UnknownFact, ...] = ()
    egress: Openers = field(default=None, compare=False)
    ingress: Openers = field(default=None, compare=False)
    """The statements that open each end; None for an end that is not isolated."""


_Listed: TypeAlias = tuple[PodClass, Hashable, Exposed]
"""A row, with the labels of the workload and of its namespace that it is limited to.

The key is equal for rows that differ only in the names of namespaces.
"""
_ANY_LABELS = PodClass(names=ValueSet())


class Exposures:
    """The exposure of all workloads of a cluster.

    Most workloads mean nothing to the policies of most namespaces, and so have the same rows with
    them. Those are worked out once.
    """

    def __init__(self, cluster: Cluster) -> None:
        """Ask about workloads in a cluster."""
        self._cluster = cluster
        self._facts = address_facts(cluster)
        self._others = Chosen(EVERY_POD)
        self._known: dict[Hashable, tuple[_Listed, ...]] = {}

    def of(self, workload: Workload, direction: Direction) -> tuple[Exposed, ...]:
        """Every possible other end in one direction."""
        own = Chosen(of_workload(workload))
        together: dict[tuple[PodClass, Hashable], list[Exposed]] = {}
        ends = (self._others, own) if direction is Direction.INGRESS else (own, self._others)
        for asked in asked_cases(self._cluster, *ends):
            for own_labels, key, exposed in self._rows(asked, direction):
                together.setdefault((own_labels, key), []).append(exposed)
        limited = ((own_labels, _joined(rows)) for (own_labels, _), rows in together.items())
        elsewhere = ValueSet.other_than(workload.namespace)
        return tuple(
            row
            if row.own_namespace
            else replace(row, peer=replace(row.peer, names=row.peer.names & elsewhere))
            for row in whatever_the_labels(limited, workload)
        )

    def _rows(self, asked: AskedCase, direction: Direction) -> tuple[_Listed, ...]:
        likeness = asked.likeness(direction)
        listed = self._known.get(likeness)
        if listed is None:
            rows = list(asked.rows())
            listed = tuple(_listed(asked.case, row, direction, self._facts) for row in rows)
            if not any(row.overlaps for row in rows):
                self._known[likeness] = listed
        return listed


def _listed(case: Case, row: Row, direction: Direction, facts: tuple[UnknownFact, ...]) -> _Listed:
    peer = end_class(case, row.box, OTHER_END[direction])
    assert isinstance(peer, PodClass)
    exposed = Exposed(
        peer=peer,
        own_namespace=case.same,
        carried=row.carried,
        possible=row.possible,
        facts=facts if row.possible else (),
        egress=row.egress,
        ingress=row.ingress,
    )
    own = end_class(case, row.box, END[direction])
    assert isinstance(own, PodClass)
    # In one namespace, the class at the other end has the labels of the namespace already.
    own_labels = PodClass(
        names=ValueSet(), namespaces=EVERYTHING if case.same else own.namespaces, pods=own.pods
    )
    return (
        own_labels,
        (replace(peer, names=ValueSet()), case.same, row.carried, row.possible),
        exposed,
    )


def whatever_the_labels(
    rows: Iterable[tuple[PodClass, Exposed]], workload: Workload
) -> Iterator[Exposed]:
    """The rows, those about one class that are limited to labels of the workload as one."""
    limited: dict[tuple[PodClass, bool], list[tuple[PodClass, Exposed]]] = {}
    for own_labels, row in rows:
        if own_labels == _ANY_LABELS:
            yield row
        else:
            limited.setdefault((row.peer, row.own_namespace), []).append((own_labels, row))
    for some in limited.values():
        yield _undecided(some, workload)


def _undecided(rows: list[tuple[PodClass, Exposed]], workload: Workload) -> Exposed:
    """Rows about one class, each for some labels of the workload, as one with what is certain."""
    parts = [_own_box(own_labels) for own_labels, _ in rows]
    each = [row.carried.traffic for _, row in rows]
    covers_all = next(outside({}, parts), None) is None
    certain = reduce(lambda traffic, other: common(traffic, other).traffic, each)
    certain = certain if covers_all else Traffic()
    possible = beyond(reduce(or_, (*each, *(row.possible for _, row in rows))), certain)
    depending = dict.fromkeys(part for _, row in rows for part in row.carried.depending)
    on_labels = (fact for own_labels, _ in rows for fact in _facts(own_labels, workload))
    facts = dict.fromkeys((*on_labels, *(fact for _, row in rows for fact in row.facts)))
    return replace(
        rows[0][1],
        carried=Carried(certain, tuple(depending)),
        possible=possible,
        facts=() if covers_all and not possible and not depending else tuple(facts),
        egress=all_openers([row.egress for _, row in rows]),
        ingress=all_openers([row.ingress for _, row in rows]),
    )


def _own_box(own_labels: PodClass) -> Box:
    return {
        **{("namespace", key): allowed for key, allowed in own_labels.namespaces.requirements},
        **{("pod", key): allowed for key, allowed in own_labels.pods.requirements},
    }


def _facts(own_labels: PodClass, workload: Workload) -> Iterator[UnknownFact]:
    """The labels of a workload and of its namespace that a row is limited to."""
    for key, _ in own_labels.namespaces.requirements:
        yield NamespaceLabel(workload.namespace, key)
    for key, _ in own_labels.pods.requirements:
        yield ReplicaLabel(str(workload), key)


def _joined(rows: list[Exposed]) -> Exposed:
    """Rows that differ only in the names of their namespaces as one row."""
    *_, last = rows
    if len(rows) == 1:
        return last
    names = union([row.peer.names for row in rows])
    return replace(
        last,
        peer=replace(last.peer, names=names),
        egress=all_openers([row.egress for row in rows]),
        ingress=all_openers([row.ingress for row in rows]),
    )
