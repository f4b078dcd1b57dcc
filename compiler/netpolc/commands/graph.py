"""`netpolc graph`: what is permitted, or what a change opens and closes, as a graph.

The edges are the rows of `netpolc list`, or the entries of `netpolc diff`, so a picture says no
more and no less than they do.
"""

from collections.abc import Sequence
from dataclasses import replace

from netpolc.changes.difference_graph import difference_graph
from netpolc.commands.diff import Compared, diff
from netpolc.commands.list_ import listed
from netpolc.commands.list_nodes import ListNodes
from netpolc.commands.pipeline import Compilation, Progress, silent, understand
from netpolc.diagnostics import Outcome
from netpolc.graph.model import Graph, graph_of
from netpolc.io.diff_sides import read_side, revision_of
from netpolc.io.project import Options, Request, open_project
from netpolc.io.sources import Sources, nothing_came


def graph(request: Request, *, whole: bool = False) -> Outcome[Graph]:
    """The unfolded graph of a project or of a revision, empty where there is an error.

    Unless it is to be `whole`, unknown pods are left out where known workloads are alike.
    """
    opened = _opened(request)
    sources, options = opened.value
    before = (*opened.diagnostics, *nothing_came(sources))
    known = understand(sources, options, before=before)
    return Outcome(Graph() if known.failed else permitted(known, whole=whole), known.diagnostics)


def _opened(request: Request) -> Outcome[tuple[Sources, Options]]:
    """Read the sources, which may be those of a revision of git."""
    if len(request.sources) == 1:
        revision = revision_of(request.sources[0], request.here)
        if revision is not None:
            return read_side(revision, replace(request, sources=()))
    opened = open_project(request)
    return Outcome((opened.value.sources, opened.value.options), opened.diagnostics)


def graph_of_change(
    arguments: Sequence[str], request: Request, progress: Progress = silent
) -> tuple[Graph, Compared]:
    """The unfolded graph of the difference between two sides, empty where there is an error."""
    compared = diff(arguments, request, progress=progress)
    found = compared.difference
    return (Graph() if found is None else difference_graph(found)), compared


def permitted(known: Compilation, *, whole: bool = False) -> Graph:
    """The graph of everything permitted, with what unknown pods and known workloads may do."""
    nodes = ListNodes(known)
    edges = (
        nodes.edge(row)
        for row in listed(known, exposure=True)
        if not row.exposure or not any(nodes.is_drawn(end, whole=whole) for end in row.ends)
    )
    return graph_of(edges, (nodes.workload(one) for one in known.inventory.workloads))
