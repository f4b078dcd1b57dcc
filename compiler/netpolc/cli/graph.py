"""`netpolc graph`: a picture of who may reach whom."""

import click

from netpolc.analysis.named_ends import ConnectionFilter
from netpolc.cli import completions, options
from netpolc.cli.connection_filter import connection_filter, print_unknown_names
from netpolc.cli.diff_arguments import print_notes, print_side_errors
from netpolc.cli.request import new_request
from netpolc.cli.stderr import print_findings, print_summary, progress
from netpolc.cli.stdout import print_form
from netpolc.commands.graph import GraphPart, graph, graph_of_change
from netpolc.diagnostics.render import tally
from netpolc.graph.dot import dot_text
from netpolc.graph.folding import folded
from netpolc.graph.html import html_page
from netpolc.graph.json import json_text
from netpolc.graph.mermaid import mermaid_text
from netpolc.graph.model import Graph
from netpolc.graph.svg import svg_text

_FAILED, _ERROR = 1, 2


@click.command("graph", epilog="Example: netpolc graph manifests/ --format svg > graph.svg")
@options.sources
@options.environment
@options.beside
@click.option(
    "--diff",
    "old",
    metavar="OLD",
    shell_complete=completions.sides,
    help="Show what a change opens and closes from OLD to SOURCE, as diff does.",
)
@connection_filter
@click.option(
    "--hops",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="How many connections in a row to follow from or to X.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["dot", "mermaid", "svg", "html", "json"]),
    default="dot",
    show_default=True,
    help="dot and mermaid are text, svg and html pictures, and json is for programs.",
)
def command(  # noqa: PLR0913 - one argument for each option
    *,
    sources: tuple[str, ...],
    beside: tuple[str, ...],
    old: str | None,
    namespaces: tuple[str, ...],
    sender: str,
    receiver: str,
    hops: int,
    form: str,
) -> int:
    """Draw who may reach whom, or what a change opens and closes.

    Services with equal connections are one node, and above 60 nodes a namespace is one node,
    those of --namespace last; json has every node. X is what has this name, as for list: a service
    (`db`, `shop/db`), a namespace (`shop`), an address or a block. SOURCE is as for check, or one
    revision of git; with --diff it is one side as for diff.
    """
    wanted = ConnectionFilter(sender=sender, receiver=receiver, namespaces=namespaces)
    if old is not None:
        part = _of_change((old, *sources), beside, wanted, hops)
    else:
        part = _of_project(sources, beside, wanted, hops, whole=form == "json")
    if part is None:
        return _ERROR if old is not None else _FAILED
    if part.unknown:
        print_unknown_names(part.unknown, "graph" if old is None else "change")
        return _ERROR
    print_form(form, _rendered(part.graph, form, namespaces, title=_title(old)))
    return 0


def _of_project(
    sources: tuple[str, ...],
    beside: tuple[str, ...],
    wanted: ConnectionFilter,
    hops: int,
    *,
    whole: bool,
) -> GraphPart | None:
    """The graph of everything permitted; None where there is an error, which is printed."""
    request = new_request(sources=sources, beside=beside)
    outcome = graph(request, wanted, hops, whole=whole)
    print_findings(outcome.diagnostics)
    if outcome.failed:
        print_summary(tally(outcome.diagnostics))
        return None
    return outcome.value


def _of_change(
    sides: tuple[str, ...], beside: tuple[str, ...], wanted: ConnectionFilter, hops: int
) -> GraphPart | None:
    """The graph of a change; None where there is an error, which is printed."""
    if len(sides) > 2:  # noqa: PLR2004
        message = "--diff compares OLD with one SOURCE"
        raise click.UsageError(message)
    with progress() as show:
        part, compared = graph_of_change(sides, new_request(beside=beside), wanted, hops, show)
    if compared.difference is None:
        print_side_errors(compared)
        return None
    print_notes(compared)
    return part


def _title(old: str | None) -> str:
    return "Permitted connections" if old is None else f"Connections changed since {old}"


def _rendered(whole: Graph, form: str, kept: tuple[str, ...], *, title: str) -> str:
    if form == "json":
        return json_text(whole)
    shown = folded(whole, kept)
    match form:
        case "dot":
            return dot_text(shown)
        case "mermaid":
            return mermaid_text(shown)
        case "svg":
            return svg_text(shown)
        case _:
            return html_page(shown, title)
