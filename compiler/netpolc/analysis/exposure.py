"""What a known workload is open to, beyond the workloads known today.

A list of today's connections says nothing of the pod that somebody starts tomorrow. In:
policies and a workload. Out: every class of pods that could exist, and the addresses,
that may reach it (or that it may reach), with the traffic; each class once, and those
that differ only in the names of their namespaces together. Classes do not overlap. A
class is never empty of unknown pods: labels that nobody tests are free.
"""

from collections.abc import Iterator
from dataclasses import field, replace

from netpolc.analysis.connection_sets import EndClass, PodClass
from netpolc.analysis.namespace_partition import Cluster
from netpolc.analysis.port_intersection import Carried
from netpolc.analysis.query import EVERY_ADDRESS, EVERY_POD, Question, of_workload
from netpolc.analysis.reachability import Openers, Reached, reach
from netpolc.kube.inventory import Workload
from netpolc.kube.peers import Direction
from netpolc.sets import ValueSet
from netpolc.values import frozen


@frozen(kw_only=True)
class Exposed:
    """A class at the other end of a workload's connections, and what is permitted with it.

    `own_namespace`: these pods are in the workload's namespace; else in another.
    """

    peer: EndClass
    own_namespace: bool
    carried: Carried
    egress: Openers = field(default=None, compare=False)
    ingress: Openers = field(default=None, compare=False)
    """What opens each end; None where nothing closes it."""


def exposure(cluster: Cluster, workload: Workload, direction: Direction) -> tuple[Exposed, ...]:
    """All that may be at the other end, in one direction."""
    together: dict[object, Exposed] = {}
    for row in reach(cluster, tuple(_questions(workload, direction))):
        exposed = _exposed(row, direction)
        peer = exposed.peer
        if not isinstance(peer, PodClass):
            together[peer, exposed.carried] = exposed
            continue
        key = (replace(peer, names=ValueSet()), exposed.own_namespace, exposed.carried)
        first = together.get(key)
        if first is not None and isinstance(first.peer, PodClass):
            names = first.peer.names | peer.names
            exposed = replace(
                exposed,
                peer=replace(peer, names=names),
                egress=_both(first.egress, exposed.egress),
                ingress=_both(first.ingress, exposed.ingress),
            )
        together[key] = exposed
    return tuple(together.values())


def _questions(workload: Workload, direction: Direction) -> Iterator[Question]:
    own = of_workload(workload)
    for other in (EVERY_POD, EVERY_ADDRESS):
        if direction is Direction.INGRESS:
            yield Question(sender=other, receiver=own)
        else:
            yield Question(sender=own, receiver=other)


def _exposed(row: Reached, direction: Direction) -> Exposed:
    peer = row.sender if direction is Direction.INGRESS else row.receiver
    return Exposed(
        peer=peer,
        own_namespace=row.same_namespace,
        carried=row.carried,
        egress=row.egress,
        ingress=row.ingress,
    )


def _both(one: Openers, other: Openers) -> Openers:
    """What opens an end in either of two classes."""
    return None if one is None or other is None else tuple(dict.fromkeys((*one, *other)))
