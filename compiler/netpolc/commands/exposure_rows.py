"""The rows of `netpolc list --exposure`: what workloads are open to beyond the given ones.

Where blocks match pods, they match unknown pods too: such a pod may have any address that pods have. Where nobody
states which addresses these are, nor what blocks match, pods that a block may match have a row by their addresses.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache

from netpolc.analysis.bounded_exposure import bounded_exposure
from netpolc.analysis.connection_openers import opened_by
from netpolc.analysis.exposure import Exposed, Exposures
from netpolc.analysis.named_ends import ConnectionEnd
from netpolc.analysis.pods_in_blocks import pods_in_blocks
from netpolc.analysis.unknown_facts import HostNetwork, UnknownFact
from netpolc.commands.end_names import EndNames
from netpolc.commands.host_clusters import host_clusters
from netpolc.commands.list_clusters import ListClusters, exposure_clusters, list_clusters
from netpolc.commands.listed import Listed, listed_row, unknown_ports
from netpolc.commands.pipeline import Compilation
from netpolc.kube.inventory import Workload
from netpolc.kube.peers import Direction


def exposure_rows(known: Compilation) -> Iterator[Listed]:
    """What each workload is open to beyond the workloads given, by disjoint classes of unknown pods."""
    yield from _class_rows(known)
    for row in pods_in_blocks(known.whole, known.inventory, known.program.addresses):
        yield replace(listed_row(row), exposure=True)


def _class_rows(known: Compilation) -> Iterator[Listed]:
    """The rows of classes by labels."""
    text = cache(EndNames(known.program, known.whole.namespaces).of)
    clusters = list_clusters(known)

    @cache
    def of_pods(direction: Direction) -> _BoundedExposures:
        return _BoundedExposures(exposure_clusters(known, clusters, direction))

    @cache
    def of_hosts(direction: Direction) -> _BoundedExposures:
        return _BoundedExposures(host_clusters(known, direction))

    for workload in known.inventory.workloads:
        for direction in Direction:
            if workload.host_network:
                facts = (HostNetwork(str(workload)),)
                exposed = of_hosts(direction).of(workload, direction, facts)
            else:
                exposed = of_pods(direction).of(workload, direction)
            for row in exposed:
                pairs: list[tuple[str, ConnectionEnd]] = [
                    (text(row.peer), row.peer),
                    (str(workload), workload),
                ]
                (sender, first), (receiver, second) = (
                    pairs if direction is Direction.INGRESS else pairs[::-1]
                )
                yield Listed(
                    sender=sender,
                    receiver=receiver,
                    ends=(first, second),
                    traffic=row.carried.traffic,
                    possible=row.possible,
                    unknown=unknown_ports(row.carried),
                    facts=row.facts,
                    exposure=True,
                    overlaps=row.overlaps,
                    opened_by=opened_by(row),
                )


class _BoundedExposures:
    """The exposure of workloads in readings of policies of which the first permits least."""

    def __init__(self, clusters: ListClusters) -> None:
        self._least = Exposures(clusters.certain)
        self._wider = [(Exposures(each.cluster), each.facts) for each in clusters.wider]

    def of(
        self, workload: Workload, direction: Direction, facts: tuple[UnknownFact, ...] = ()
    ) -> Iterable[Exposed]:
        """The rows of a workload in one direction; `facts` are unknown as well."""
        rows: Iterable[Exposed] = self._least.of(workload, direction)
        for exposures, deciding in self._wider:
            rows = bounded_exposure(rows, exposures.of(workload, direction), (*facts, *deciding))
        return rows
