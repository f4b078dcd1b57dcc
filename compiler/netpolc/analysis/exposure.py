"""The exposure of known workloads to pods and addresses that are not known today.

A list of today's connections says nothing of the pod that somebody starts tomorrow. In:
policies and a workload. Out: every class of pods that could exist and may reach it (or
that it may reach), with the traffic; each class once, and those that differ only in the
names of their namespaces together. Classes do not overlap, unless there are too many. A class is never empty of
unknown pods: labels that nobody tests are free. Addresses are known already, and in the list.

Labels of the workload's namespace that nobody states, and those in which its pods differ, can
decide too. What is permitted whatever they are is certain; the rest is only possible.
"""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import field, replace
from typing import TypeAlias

from netpolc.analysis.case_enumeration import Chosen
from netpolc.analysis.class_rows import (
    Openers,
    Row,
    address_facts,
    all_openers,
    without_variables,
)
from netpolc.analysis.connection_sets import PodClass, end_class
from netpolc.analysis.namespace_partition import Cluster
from netpolc.analysis.port_intersection import Carried
from netpolc.analysis.query import EVERY_POD, of_workload
from netpolc.analysis.reachability import AskedCase, asked_cases
from netpolc.analysis.symbolic_case import END, MADE_UP, OTHER_END, Case
from netpolc.analysis.unknown_facts import NamespaceLabel, ReplicaLabel, UnknownFact
from netpolc.kube.inventory import Workload
from netpolc.kube.name_rules import METADATA_NAME
from netpolc.kube.peers import Direction
from netpolc.kube.ports import Traffic
from netpolc.sets import ValueSet
from netpolc.sets.boxes import Variable, union
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
    overlaps: bool = False
    """Whether other rows may say some of the same, because there are too many classes."""


_Listed: TypeAlias = tuple[Hashable, Exposed, tuple[Variable, ...]]
"""A key that is equal for rows that differ only in the names of namespaces, a row, and what decides about it."""


class Exposures:
    """The exposure of all workloads of a cluster.

    Most workloads mean nothing to the policies of most namespaces, and so have the same rows with
    them. Those are worked out once.
    """

    def __init__(self, cluster: Cluster) -> None:
        """Ask about workloads in a cluster."""
        self._cluster = cluster
        self._address_facts = address_facts(cluster)
        self._others = Chosen(EVERY_POD)
        self._known: dict[Hashable, tuple[_Listed, ...]] = {}

    def of(self, workload: Workload, direction: Direction) -> tuple[Exposed, ...]:
        """Every possible other end in one direction."""
        own = Chosen(of_workload(workload))
        together: dict[Hashable, list[Exposed]] = {}
        ends = (self._others, own) if direction is Direction.INGRESS else (own, self._others)
        for asked in asked_cases(self._cluster, *ends):
            for key, exposed, deciding in self._rows(asked, direction):
                facts = tuple(dict.fromkeys(self._facts(workload, deciding)))
                together.setdefault(key, []).append(replace(exposed, facts=facts))
        elsewhere = ValueSet.other_than(workload.namespace)
        return tuple(
            row
            if row.own_namespace
            else replace(row, peer=replace(row.peer, names=row.peer.names & elsewhere))
            for row in map(_joined, together.values())
        )

    def _rows(self, asked: AskedCase, direction: Direction) -> tuple[_Listed, ...]:
        likeness = asked.likeness(direction)
        listed = self._known.get(likeness)
        if listed is None:
            rows = list(
                without_variables(
                    asked.case, asked.base, asked.rows(), _is_label_of(asked.case, END[direction])
                )
            )
            listed = tuple(_listed(asked.case, row, direction) for row in rows)
            if not any(row.overlaps for row in rows):
                self._known[likeness] = listed
        return listed

    def _facts(self, workload: Workload, deciding: tuple[Variable, ...]) -> Iterator[UnknownFact]:
        """The unknown facts about a workload that decide."""
        for variable in deciding:
            assert isinstance(variable, tuple)
            slot, key = variable
            if variable in MADE_UP:
                yield from self._address_facts
            elif slot in END.values():
                yield ReplicaLabel(str(workload), key)
            else:
                yield NamespaceLabel(workload.namespace, key)


def _is_label_of(case: Case, end: str) -> Callable[[Variable], bool]:
    """Whether a variable is a label of an end's pods or of their namespace, but for its name."""
    slots = end, case.slot(end)

    def is_label(variable: Variable) -> bool:
        assert isinstance(variable, tuple)
        return variable[0] in slots and variable[1] != METADATA_NAME

    return is_label


def _listed(case: Case, row: Row, direction: Direction) -> _Listed:
    peer = end_class(case, row.box, OTHER_END[direction])
    assert isinstance(peer, PodClass)
    exposed = Exposed(
        peer=peer,
        own_namespace=case.same,
        carried=row.carried,
        possible=row.possible,
        egress=row.egress,
        ingress=row.ingress,
        overlaps=row.overlaps,
    )
    anywhere = replace(peer, names=ValueSet())
    key = anywhere, case.same, row.carried, row.possible, row.deciding, row.overlaps
    return key, exposed, row.deciding


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
