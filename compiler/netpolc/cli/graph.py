"""`netpolc graph`: a picture of who may reach whom."""

import click

from netpolc.cli import completions, options
from netpolc.cli.diff_arguments import print_notes, print_side_errors
from netpolc.cli.stderr import print_findings, print_summary, progress
from netpolc.cli.stdout import print_form
from netpolc.commands.graph import graph, graph_of_change
from netpolc.diagnostics.render import tally
from netpolc.graph.dot import dot_text
from netpolc.graph.folding import folded, within
from netpolc.graph.html import html_page
from netpolc.graph.json import json_text
from netpolc.graph.mermaid import mermaid_text
from netpolc.graph.model import Graph
from netpolc.graph.svg import svg_text

_ERROR = 2


@click.command("graph", epilog="Example: netpolc graph manifests/ --format svg > graph.svg")
@options.sources
@options.namespace
@options.environment
@options.beside
@click.option(
    "--diff",
    "old",
    metavar="OLD",
    shell_complete=completions.sides,
    help="Show what a change opens and closes from OLD to SOURCE, as diff does.",
)
@click.option(
    "--in",
    "namespaces",
    metavar="NAMESPACE",
    multiple=True,
    shell_complete=completions.namespaces,
    help="Only connections of this namespace. May be given several times.",
)
@click.option(
    "--from",
    "sender",
    metavar="X",
    default="",
    shell_complete=completions.services,
    help="Only connections from X.",
)
@click.option(
    "--to",
    "receiver",
    metavar="X",
    default="",
    shell_complete=completions.services,
    help="Only connections to X.",
)
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
    namespace: str | None,
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
    those of --in last; json has every node. X is part of a name that `netpolc list` prints: `db`, `shop/db`, `shop/`.
    SOURCE is as for check, or one revision of git; with --diff it is one side as for diff.
    """
    found = _found(sources, namespace, beside, old, whole=form == "json")
    if found is None:
        return _ERROR if old is not None else 1
    shown = within(found, namespaces=namespaces, sender=sender, receiver=receiver, hops=hops)
    print_form(form, _rendered(shown, form, namespaces, title=_title(old)))
    return 0


def _found(
    sources: tuple[str, ...],
    namespace: str | None,
    beside: tuple[str, ...],
    old: str | None,
    *,
    whole: bool,
) -> Graph | None:
    """The unfolded graph; None where there is an error, which is printed."""
    if old is None:
        request = options.request(sources=sources, beside=beside, namespace=namespace)
        outcome = graph(request, whole=whole)
        print_findings(outcome.diagnostics)
        if outcome.failed:
            print_summary(tally(outcome.diagnostics))
            return None
        return outcome.value
    if len(sources) > 1:
        message = "--diff compares OLD with one SOURCE"
        raise click.UsageError(message)
    request = options.request(beside=beside, namespace=namespace)
    with progress() as show:
        found, compared = graph_of_change((old, *sources), request, show)
    if compared.difference is None:
        print_side_errors(compared)
        return None
    print_notes(compared)
    return found


def _title(old: str | None) -> str:
    return "Permitted connections" if old is None else f"Connections changed since {old}"


def _rendered(found: Graph, form: str, kept: tuple[str, ...], *, title: str) -> str:
    if form == "json":
        return json_text(found)
    shown = folded(found, kept)
    match form:
        case "dot":
            return dot_text(shown)
        case "mermaid":
            return mermaid_text(shown)
        case "svg":
            return svg_text(shown)
        case _:
            return html_page(shown, title)
