"""`netpolc learn`: logs of flows in, proposed arrows out, compared with the intents there are."""

from pathlib import Path

import click

from netpolc.cli import options
from netpolc.cli.stderr import count, print_findings, print_summary
from netpolc.cli.stdout import print_output, print_text
from netpolc.commands.learn import Taught, intents_of, teach
from netpolc.commands.pipeline import understand
from netpolc.commands.project import SOURCES, Request, open_project
from netpolc.diagnostics.diagnostic import has_errors
from netpolc.diagnostics.render import tally as tally_of
from netpolc.flowlogs.aggregate import Tally
from netpolc.flowlogs.report import json_report, text_report
from netpolc.io.config import find_config
from netpolc.io.flow_logs import add_logs


@click.command(
    "learn", epilog="Example: hubble observe -o jsonpb | netpolc learn - --format intent"
)
@click.argument("flows", nargs=-1, required=True, metavar="FLOWS...", callback=options.filled)
@click.option(
    "--intents",
    "sources",
    multiple=True,
    metavar="SOURCE",
    type=click.Path(),
    callback=options.filled,
    help="What to compare with, as for check.  May be given several times."
    "  [default: the project's sources, if there are any]",
)
@options.beside
@options.namespace
@click.option(
    "--new",
    is_flag=True,
    help="Close namespaces that no policy speaks of, and propose their arrows.  [default: where"
    " there is nothing to compare with]",
)
@click.option("--egress", is_flag=True, help="Close the senders of these namespaces too.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "intent"]),
    default="text",
    show_default=True,
    help="A report, all of it as JSON, or the proposed intents.",
)
def command(  # noqa: PLR0913 - one argument for each option
    *,
    flows: tuple[str, ...],
    sources: tuple[str, ...],
    beside: tuple[str, ...],
    namespace: str | None,
    new: bool,
    egress: bool,
    form: str,
) -> int:
    """Propose arrows from logs of flows, and find unused ones.

    FLOWS are files (of gzip too) or - for standard input: Hubble's JSON lines, or a table of source,
    destination, port, protocol, verdict and, where they are known, count, first and last.
    """
    here = options.working_folder()
    request = Request(sources=sources, beside=beside, namespace=namespace)
    alone = not sources and not _has_project(here)
    opened = open_project(request, here, options.today(), only_beside=alone)
    project = opened.value
    known = understand(project.sources, project.options, before=opened.diagnostics)
    log = Tally(intents_of(known).keys)
    unread = () if known.failed else tuple(add_logs(flows, here, log))
    if known.failed or unread:
        found = (*known.diagnostics, *unread)
        print_findings(found)
        print_summary(f"{tally_of(found)}; nothing was learnt")
        return 1
    taught = teach(log, project.sources, project.options, known, new=new, egress=egress)
    found = (*known.diagnostics, *taught.diagnostics)
    print_findings(found)
    if has_errors(found):
        print_summary(f"{tally_of(found)}; nothing was learnt")
        return 1
    _print(taught, form)
    proposed = count(len(taught.proposals), "arrow")
    print_summary(f"{proposed} proposed" + (", proved to fit" if taught.proposals else ""))
    return 0


def _print(taught: Taught, form: str) -> None:
    if form == "intent":
        print_output(taught.text)
    elif form == "json":
        print_output(json_report(taught.lessons, taught.proposals, taught.text))
    else:
        print_text(text_report(taught.lessons, taught.proposals))


def _has_project(here: Path) -> bool:
    """Whether there is something to compare with that nobody needs to name."""
    return find_config(here) is not None or (here / SOURCES).exists()
