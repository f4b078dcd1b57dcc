"""`netpolc graph`: what is permitted, or what a change opens and closes, as a graph.

The edges are the rows of `netpolc list`, or the entries of `netpolc diff`, so a picture says no
more and no less than they do.
"""

from collections.abc import Sequence

from netpolc.analysis.connection_list import AddressRange
from netpolc.analysis.connection_sets import EndClass, PodClass
from netpolc.analysis.open_pods import closed_pods, open_pods
from netpolc.changes.difference_graph import difference_graph
from netpolc.commands.diff import Compared, diff
from netpolc.commands.list_ import Listed, ListedEnd, listed
from netpolc.commands.pipeline import Compilation, Progress, silent, understand
from netpolc.diagnostics import Outcome
from netpolc.graph.model import ELSEWHERE, Edge, EdgeState, Graph, Node, NodeKind, graph_of
from netpolc.io.project import Request, open_project
from netpolc.io.sources import nothing_came
from netpolc.kube.cidr import Addresses
from netpolc.kube.display import pods_text, selector_text
from netpolc.kube.inventory import Workload
from netpolc.kube.peers import Direction
from netpolc.kube.public_addresses import internet
from netpolc.kube.selectors import Selector
from netpolc.sets import IntervalSet

_PUBLIC = internet()
_EVERY_V4 = IntervalSet(((0, (1 << 32) - 1),))
_FEW = 2


def graph(request: Request, *, whole: bool = False) -> Outcome[Graph]:
    """The unfolded graph of a project, empty where there is an error.

    Unless it is to be `whole`, unknown pods are left out where known workloads are alike.
    """
    opened = open_project(request)
    project = opened.value
    before = (*opened.diagnostics, *nothing_came(project.sources))
    known = understand(project.sources, project.options, before=before)
    return Outcome(Graph() if known.failed else permitted(known, whole=whole), known.diagnostics)


def graph_of_change(
    arguments: Sequence[str], request: Request, progress: Progress = silent
) -> tuple[Graph, Compared]:
    """The unfolded graph of the difference between two sides, empty where there is an error."""
    compared = diff(arguments, request, progress=progress)
    found = compared.difference
    return (Graph() if found is None else difference_graph(found)), compared


def permitted(known: Compilation, *, whole: bool = False) -> Graph:
    """The graph of everything permitted, with what unknown pods and known workloads may do."""
    nodes = _Nodes(known)
    edges = (
        nodes.edge(row)
        for row in listed(known, exposure=True)
        if not row.exposure or not any(nodes.is_drawn(end, whole=whole) for end in row.ends)
    )
    return graph_of(edges, (nodes.workload(one) for one in known.inventory.workloads))


class _Nodes:
    """The nodes of the ends of rows."""

    def __init__(self, known: Compilation) -> None:
        self._known = known
        self._open: dict[tuple[str, Selector], bool] = {}

    def edge(self, row: Listed) -> Edge:
        """The edge of a row."""
        sender, receiver = row.ends
        is_undecided = row.unknown or row.possible or row.undecided
        return Edge(
            sender=self._node(sender, row.sender, exposure=row.exposure),
            receiver=self._node(receiver, row.receiver, exposure=row.exposure),
            ports=(row.ports or "every port",),
            state=EdgeState.UNDECIDED if is_undecided else EdgeState.PERMITTED,
            exposure=row.exposure,
        )

    def is_drawn(self, end: ListedEnd, *, whole: bool) -> bool:
        """Whether other rows show the end of a row of exposure: addresses, and known pods."""
        if isinstance(end, Addresses) or whole:
            return isinstance(end, Addresses)
        return isinstance(end, PodClass) and any(
            end.pods.matches(one.labels)
            for one in self._known.inventory.workloads
            if one.namespace == end.names.single
        )

    def workload(self, one: Workload) -> Node:
        """The node of a workload."""
        return Node(
            namespace=one.namespace,
            names=(str(one).removeprefix(f"{one.namespace}/"),),
            unprotected=self._is_open(one.namespace, Selector.labels(one.labels)),
        )

    def _node(self, end: ListedEnd, text: str, *, exposure: bool) -> Node:
        match end:
            case Workload():
                return self.workload(end)
            case AddressRange(first, last):
                return _addresses(Addresses(IntervalSet(((first, last),)), IntervalSet()), text)
            case _:
                return self._class(end, text, exposure=exposure)

    def _class(self, end: EndClass, text: str, *, exposure: bool) -> Node:
        if isinstance(end, Addresses):
            return _addresses(end, text)
        namespace = end.names.single
        if namespace is None or not end.namespaces.is_everything:
            wide = end.names.complement and end.namespaces.is_everything
            kind = NodeKind.EVERY_NAMESPACE if wide else NodeKind.UNKNOWN_PODS
            return Node(namespace=ELSEWHERE, names=(text,), kind=kind, labels=(_label(end),))
        return Node(
            namespace=namespace,
            names=(text.removeprefix(f"{namespace}/"),),
            kind=NodeKind.UNKNOWN_PODS if exposure else NodeKind.PODS,
            unprotected=self._is_open(namespace, end.pods) and not exposure,
        )

    def _is_open(self, namespace: str, pods: Selector) -> bool:
        """Whether no policy isolates the ingress of some of these pods."""
        key = namespace, pods
        if key not in self._open:
            known = self._known.whole.namespaces.get(namespace)
            self._open[key] = known is None or bool(
                open_pods(closed_pods(known, Direction.INGRESS), pods)
            )
        return self._open[key]


def _addresses(addresses: Addresses, text: str) -> Node:
    """The node of addresses; of the internet where they are as many as the public ones."""
    wide = _PUBLIC.v4 <= addresses.v4 or _PUBLIC.v6 <= addresses.v6
    kind = NodeKind.INTERNET if wide else NodeKind.BLOCK
    label = "every address" if addresses.v4 == _EVERY_V4 else text
    return Node(namespace=ELSEWHERE, names=(text,), kind=kind, labels=(label,))


def _label(end: PodClass) -> str:
    """A short name for pods of several namespaces."""
    names = sorted(end.names.values)
    few = ", ".join(names) if len(names) <= _FEW else ""
    if end.names.complement:
        where = f"every namespace but {few or len(names)}" if names else "every namespace"
    else:
        where = few or f"{len(names)} namespaces"
    asked = "" if end.namespaces.is_everything else f" {selector_text(end.namespaces)}"
    return (
        f"{where}{asked}" if end.pods.is_everything else f"{pods_text(end.pods)} in {where}{asked}"
    )
