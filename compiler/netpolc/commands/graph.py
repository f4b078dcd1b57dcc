"""`netpolc graph`: what is permitted, or what a change opens and closes, as a graph.

The edges are the rows of `netpolc list`, or the entries of `netpolc diff`, so a picture says no
more and no less than they do.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from netpolc.analysis.named_ends import ConnectionFilter, NamedEnd, known_ends
from netpolc.changes.difference_graph import difference_graph
from netpolc.commands.diff import Compared, diff
from netpolc.commands.list_ import listed
from netpolc.commands.list_nodes import ListNodes
from netpolc.commands.pipeline import Compilation, understand
from netpolc.commands.pipeline_run import Progress, silent
from netpolc.diagnostics import Outcome
from netpolc.graph.folding import within
from netpolc.graph.model import Graph, graph_of
from netpolc.io.diff_sides import may_be_revision, read_side, revision_of
from netpolc.io.project import Options, Request, open_project
from netpolc.io.sources import Sources, nothing_came
from netpolc.values import frozen


@frozen(kw_only=True)
class GraphPart:
    """The part of a graph that is wanted, and the names of the filter that nothing has.

    Each of these comes with the nearest name that something has, or an empty text.
    """

    graph: Graph = Graph()
    unknown: tuple[tuple[str, str], ...] = ()


def graph(
    request: Request, wanted: ConnectionFilter, hops: int = 1, *, whole: bool = False
) -> Outcome[GraphPart]:
    """The unfolded graph of a project or of a revision, as far as it is wanted.

    It is empty where there is an error. Unless it is to be `whole`, unknown pods are left out where
    known workloads are alike.
    """
    opened = _opened(request)
    sources, options = opened.value
    before = (*opened.diagnostics, *nothing_came(sources))
    known = understand(sources, options, before=before)
    if known.failed:
        return Outcome(GraphPart(), known.diagnostics)
    ends = known_ends(known.program, known.whole, known.inventory)
    part = _part(permitted(known, whole=whole), wanted, hops, ends)
    return Outcome(part, known.diagnostics)


def _opened(request: Request) -> Outcome[tuple[Sources, Options]]:
    """Read the sources, which may be those of a revision of git."""
    if len(request.sources) == 1:
        revision = revision_of(request.sources[0], request.here)
        if revision is not None:
            return read_side(revision, replace(request, sources=()))
    opened = open_project(request)
    findings = opened.diagnostics
    if len(request.sources) == 1:
        findings = tuple(may_be_revision(findings, request.sources[0], request.here))
    return Outcome((opened.value.sources, opened.value.options), findings)


def graph_of_change(
    arguments: Sequence[str],
    request: Request,
    wanted: ConnectionFilter,
    hops: int = 1,
    progress: Progress = silent,
) -> tuple[GraphPart, Compared]:
    """The unfolded graph of the difference between two sides, as `graph` returns it."""
    compared = diff(arguments, request, progress=progress)
    if compared.difference is None:
        return GraphPart(), compared
    ends = (
        end
        for side in compared.sides
        for end in known_ends(side.program, side.policies, side.inventory)
    )
    return _part(difference_graph(compared.difference), wanted, hops, ends), compared


def _part(
    whole: Graph, wanted: ConnectionFilter, hops: int, known: Iterable[NamedEnd]
) -> GraphPart:
    if not wanted:
        return GraphPart(graph=whole)
    ends = (node.end for node in whole.nodes if node.end is not None)
    return GraphPart(
        graph=within(whole, wanted, hops), unknown=tuple(wanted.unknown((*known, *ends)))
    )


def permitted(known: Compilation, *, whole: bool = False) -> Graph:
    """The graph of everything permitted, with what unknown pods and known workloads may do."""
    nodes = ListNodes(known)
    edges = (
        nodes.edge(row)
        for row in listed(known, exposure=True)
        if not row.exposure or not any(nodes.is_drawn(end, whole=whole) for end in row.ends)
    )
    return graph_of(edges, (nodes.workload(workload) for workload in known.inventory.workloads))
