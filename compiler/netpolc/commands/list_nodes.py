"""The nodes of the ends of a list's rows, for pictures and reports."""

from netpolc.analysis.connection_list import AddressRange
from netpolc.analysis.connection_sets import EndClass, PodClass
from netpolc.analysis.named_ends import ConnectionEnd, NamedEnd
from netpolc.analysis.open_pods import closed_pods, open_pods
from netpolc.commands.listed import Listed
from netpolc.commands.pipeline import Compilation
from netpolc.graph.class_node import addresses_node, class_kind, class_label
from netpolc.graph.model import ELSEWHERE, Edge, EdgeState, Node, NodeKind
from netpolc.kube.cidr import Addresses
from netpolc.kube.inventory import Workload
from netpolc.kube.peers import Direction
from netpolc.kube.selector_index import SelectorIndex
from netpolc.kube.selectors import Selector
from netpolc.sets import IntervalSet


class ListNodes:
    """The nodes of the ends of rows."""

    def __init__(self, known: Compilation) -> None:
        self._known = known
        self._closed: dict[str, SelectorIndex[Selector]] = {}
        self._open: dict[tuple[str, Selector], bool] = {}

    def edge(self, row: Listed) -> Edge:
        """The edge of a row."""
        sender, receiver = row.ends
        is_undecided = row.unknown or row.possible or row.undecided
        return Edge(
            sender=self.node(sender, row.sender, exposure=row.exposure),
            receiver=self.node(receiver, row.receiver, exposure=row.exposure),
            ports=(row.ports or "every port",),
            state=EdgeState.UNDECIDED if is_undecided else EdgeState.PERMITTED,
            exposure=row.exposure,
        )

    def is_drawn(self, end: ConnectionEnd, *, whole: bool) -> bool:
        """Whether other rows show the end of a row of exposure: addresses, and known pods."""
        if isinstance(end, Addresses | AddressRange) or whole:
            return isinstance(end, Addresses | AddressRange)
        return isinstance(end, PodClass) and any(
            end.pods.matches(workload.labels)
            for workload in self._known.inventory.workloads
            if workload.namespace == end.names.single
        )

    def workload(self, workload: Workload) -> Node:
        """The node of a workload."""
        return Node(
            namespace=workload.namespace,
            names=(str(workload).removeprefix(f"{workload.namespace}/"),),
            unprotected=self._is_open(workload.namespace, Selector.labels(workload.labels)),
            end=NamedEnd(workload, str(workload)),
        )

    def node(self, end: ConnectionEnd, text: str, *, exposure: bool) -> Node:
        """Return the node of an end, whose name in lists is given."""
        match end:
            case Workload():
                return self.workload(end)
            case AddressRange(first, last, version):
                numbers = IntervalSet(((first, last),))
                is_v4 = version == 4  # noqa: PLR2004
                addresses = Addresses(v4=numbers) if is_v4 else Addresses(v6=numbers)
                return addresses_node(addresses, text)
            case _:
                return self._class(end, text, exposure=exposure)

    def _class(self, end: EndClass, text: str, *, exposure: bool) -> Node:
        if isinstance(end, Addresses):
            return addresses_node(end, text)
        namespace = end.names.single
        if namespace is None or not end.namespaces.is_everything:
            return Node(
                namespace=ELSEWHERE,
                names=(text,),
                kind=class_kind(end),
                labels=(class_label(end),),
                end=NamedEnd(end, text),
            )
        return Node(
            namespace=namespace,
            names=(text.removeprefix(f"{namespace}/"),),
            kind=NodeKind.UNKNOWN_PODS if exposure else NodeKind.PODS,
            unprotected=self._is_open(namespace, end.pods) and not exposure,
            end=NamedEnd(end, text),
        )

    def _is_open(self, namespace: str, pods: Selector) -> bool:
        """Whether no policy isolates the ingress of some of these pods."""
        key = namespace, pods
        if key not in self._open:
            known = self._known.whole.namespaces.get(namespace)
            if known is not None and namespace not in self._closed:
                self._closed[namespace] = closed_pods(known, Direction.INGRESS)
            self._open[key] = known is None or bool(open_pods(self._closed[namespace], pods))
        return self._open[key]
