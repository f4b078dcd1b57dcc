"""`netpolc learn`: logs of flows in, proposed arrows out, compared with the intents there are."""

import click

from netpolc.cli import options
from netpolc.cli.request import new_request
from netpolc.cli.stderr import count, print_findings, print_summary
from netpolc.cli.stdout import print_json_pieces, print_output, print_text
from netpolc.commands.learn import LearnResult, learn_flows
from netpolc.diagnostics.render import tally
from netpolc.diagnostics.render.escape import visible
from netpolc.flowlogs.report import json_report, text_report
from netpolc.io.flow_logs import streams


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
    help="What to compare with, as for check. May be given several times."
    "  [default: the project's sources, if there are any]",
)
@options.environment
@options.beside
@options.namespace
@click.option(
    "--new",
    is_flag=True,
    help="Close namespaces without policies, and propose their arrows.  [default: where"
    " there is nothing to compare with]",
)
@options.platform
@click.option(
    "--egress",
    is_flag=True,
    help="Also propose egress arrows, which isolate the senders in these namespaces.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "intent"]),
    default="text",
    show_default=True,
    help="A report, the same as JSON, or the proposed intents.",
)
def command(  # noqa: PLR0913 - one argument for each option
    *,
    flows: tuple[str, ...],
    sources: tuple[str, ...],
    beside: tuple[str, ...],
    namespace: str | None,
    new: bool,
    platform: bool,
    egress: bool,
    form: str,
) -> int:
    """Propose arrows from logs of flows, and find unused ones.

    FLOWS are files (gzipped or not) or - for standard input, which is read to its end: Hubble's JSON lines, or a table of source,
    destination, port, protocol, verdict and, where they are known, count, first and last.
    """
    request = new_request(sources=sources, beside=beside, namespace=namespace)
    if waiting := streams(flows, request.here):
        names = ", ".join(f"`{visible(name)}`" for name in waiting)
        print_summary(f"reading {names} to the end; the proposals come after that")
    outcome = learn_flows(flows, request, new=new, egress=egress, platform=platform)
    print_findings(outcome.diagnostics)
    result = outcome.value
    if result is None or outcome.failed:
        print_summary(f"{tally(outcome.diagnostics)}; no arrows proposed")
        return 1
    _print(result, form)
    proposed = count(len(result.proposals), "arrow")
    unread = len(result.log.unread)
    not_counted = f", {count(unread, 'policy', 'policies')} not counted" if unread else ""
    verified = " and verified" if result.proposals else ""
    print_summary(f"{proposed} proposed{verified}{not_counted}")
    return 0


def _print(result: LearnResult, form: str) -> None:
    if form == "intent":
        print_output(result.text)
    elif form == "json":
        print_json_pieces(json_report(result.log, result.proposals, result.text))
    else:
        print_text(text_report(result.log, result.proposals))
