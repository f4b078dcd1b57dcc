"""The exposure of known workloads to pods and addresses that are not known today.

A list of today's connections says nothing of the pod that somebody starts tomorrow. In:
policies and a workload. Out: every class of pods that could exist and may reach it (or
that it may reach), with the traffic; each class once, and those that differ only in the
names of their namespaces together. Classes do not overlap. A class is never empty of
unknown pods: labels that nobody tests are free. Addresses are known already, and in the list.
"""

from collections.abc import Hashable
from dataclasses import field, replace
from typing import TypeAlias

from netpolc.analysis.case_enumeration import Chosen
from netpolc.analysis.connection_sets import PodClass, end_class
from netpolc.analysis.namespace_partition import Cluster
from netpolc.analysis.port_intersection import Carried
from netpolc.analysis.query import EVERY_POD, of_workload
from netpolc.analysis.reachability import AskedCase, Openers, Row, asked_cases
from netpolc.analysis.symbolic_case import OTHER_END, Case
from netpolc.kube.inventory import Workload
from netpolc.kube.peers import Direction
from netpolc.sets import ValueSet
from netpolc.sets.boxes import union
from netpolc.values import frozen


@frozen(kw_only=True)
class Exposed:
    """A class at the other end of a workload's connections, and what is permitted with it.

    `own_namespace`: these pods are in the workload's namespace; else in another.
    """

    peer: PodClass
    own_namespace: bool
    carried: Carried
    egress: Openers = field(default=None, compare=False)
    ingress: Openers = field(default=None, compare=False)
    """The statements that open each end; None for an end that is not isolated."""


_Listed: TypeAlias = tuple[Hashable, Exposed]
"""A row, with a key that is equal for rows that differ only in the names of namespaces."""


class Exposures:
    """The exposure of all workloads of a cluster.

    Most workloads mean nothing to the policies of most namespaces, and so have the same rows with
    them. Those are worked out once.
    """

    def __init__(self, cluster: Cluster) -> None:
        """Ask about workloads in a cluster."""
        self._cluster = cluster
        self._others = Chosen(EVERY_POD)
        self._known: dict[Hashable, tuple[_Listed, ...]] = {}

    def of(self, workload: Workload, direction: Direction) -> tuple[Exposed, ...]:
        """Every possible other end in one direction."""
        own = Chosen(of_workload(workload))
        together: dict[Hashable, list[Exposed]] = {}
        ends = (self._others, own) if direction is Direction.INGRESS else (own, self._others)
        for asked in asked_cases(self._cluster, *ends):
            for key, exposed in self._rows(asked, direction):
                together.setdefault(key, []).append(exposed)
        return tuple(map(_joined, together.values()))

    def _rows(self, asked: AskedCase, direction: Direction) -> tuple[_Listed, ...]:
        likeness = asked.likeness(direction)
        found = self._known.get(likeness)
        if found is None:
            rows = list(asked.rows())
            found = tuple(_listed(asked.case, row, direction) for row in rows)
            if not any(row.overlaps for row in rows):
                self._known[likeness] = found
        return found


def _listed(case: Case, row: Row, direction: Direction) -> _Listed:
    peer = end_class(case, row.box, OTHER_END[direction])
    assert isinstance(peer, PodClass)
    exposed = Exposed(
        peer=peer,
        own_namespace=case.same,
        carried=row.carried,
        egress=row.egress,
        ingress=row.ingress,
    )
    return (replace(peer, names=ValueSet()), case.same, row.carried), exposed


def _joined(rows: list[Exposed]) -> Exposed:
    """Rows that differ only in the names of their namespaces as one row."""
    *_, last = rows
    if len(rows) == 1:
        return last
    names = union([row.peer.names for row in rows])
    return replace(
        last,
        peer=replace(last.peer, names=names),
        egress=_all([row.egress for row in rows]),
        ingress=_all([row.ingress for row in rows]),
    )


def _all(openers: list[Openers]) -> Openers:
    """The allows that open an end in any of some classes; None if one of the classes is open."""
    if any(each is None for each in openers):
        return None
    return tuple(dict.fromkeys(one for each in openers for one in each or ()))
