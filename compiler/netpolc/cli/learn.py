"""`netpolc learn`: observed connections against what the intents permit."""

import json

import click

from netpolc.adoption.learning import Learned, Line, intents, lines_of
from netpolc.cli import options
from netpolc.cli.report import print_findings, print_summary
from netpolc.cli.stdout import print_output
from netpolc.diagnostics.model import has_errors
from netpolc.diagnostics.render import tally
from netpolc.diagnostics.render.visible import visible
from netpolc.workspace.config import find_config
from netpolc.workspace.flow_logs import compare, read_logs
from netpolc.workspace.pipeline import Options, understand
from netpolc.workspace.project import SOURCES, Request, open_project
from netpolc.workspace.sources import Sources


@click.command(
    "learn", epilog="Example: hubble observe -o jsonpb | netpolc learn - --format intent"
)
@click.argument("flows", nargs=-1, required=True, metavar="FLOWS...", type=click.Path())
@click.option(
    "--intents",
    "sources",
    multiple=True,
    metavar="SOURCE",
    type=click.Path(),
    help="Intents or manifests to compare with.  [default: as for check]",
)
@options.beside
@options.namespace
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "intent"]),
    default="text",
    show_default=True,
    help="How to print the comparison; intent is a file of the proposed arrows.",
)
def command(
    *,
    flows: tuple[str, ...],
    sources: tuple[str, ...],
    beside: tuple[str, ...],
    namespace: str | None,
    form: str,
) -> int:
    """Compare intents with observed connections, and propose arrows.

    FLOWS are flow logs, files or - for standard input: Hubble's JSON lines or CSV (source,
    destination, port, protocol, verdict). What was dropped is shown and never proposed.
    """
    here = options.working_folder()
    request = Request(sources=sources, beside=beside, namespace=namespace)
    if sources or find_config(here) is not None or (here / SOURCES).exists():
        opened = open_project(request, here, options.today())
        known = understand(opened.value.sources, opened.value.options, before=opened.diagnostics)
    else:
        # Nobody has intents before the first are proposed.
        known = understand(Sources(), Options(today=options.today()))
    logs = read_logs(flows, here)
    found = (*known.diagnostics, *logs.diagnostics)
    print_findings(found)
    if has_errors(found):
        print_summary(tally(found))
        return 1
    learned = compare(logs.value, known)
    skipped = dict(sorted(logs.value.skipped.items()))
    if form == "json":
        print_output(json.dumps(_json(learned, logs.value.lines, skipped), indent=2) + "\n")
    elif form == "intent":
        print_output(intents(learned))
    else:
        print_output("".join(f"{visible(line)}\n" for line in lines_of(learned)))
    left = "".join(f", {number} left out ({why})" for why, number in skipped.items())
    print_summary(f"{logs.value.lines} lines{left}")
    return 0


def _json(learned: Learned, lines: int, skipped: dict[str, int]) -> dict[str, object]:
    return {
        "lines": lines,
        "skipped": skipped,
        "proposed": [_line(line) for line in learned.proposed],
        "not_proposed": [_line(line) for line in learned.noted],
        "dropped": [_line(line) for line in learned.dropped],
        "permitted": learned.permitted,
        "never_seen": [
            {"path": o.path, "line": o.line, "statement": o.statement} for o in learned.unused
        ],
    }


def _line(line: Line) -> dict[str, object]:
    flow = line.flow
    return {
        "connection": line.text,
        "count": flow.count,
        "first": flow.first,
        "last": flow.last,
        "arrows": [{"namespace": ns, "arrow": arrow} for ns, arrow in line.arrows],
        "note": line.note,
    }
