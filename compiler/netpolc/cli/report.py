"""`netpolc report`: a page for the auditor."""

from pathlib import PurePath

import click

from netpolc.cli import options
from netpolc.cli.request import new_request, today, working_folder
from netpolc.cli.stderr import print_findings, print_summary, progress
from netpolc.cli.stdout import print_form
from netpolc.commands.report import report
from netpolc.diagnostics.render import tally
from netpolc.io.write_file import write_file
from netpolc.report.csv import csv_text
from netpolc.report.html import html_page
from netpolc.report.json import json_text
from netpolc.report.markdown import markdown_text
from netpolc.report.model import Report

_ENDINGS = {".html": "html", ".htm": "html", ".md": "markdown", ".csv": "csv", ".json": "json"}


@click.command("report", epilog="Example: netpolc report -o report.html")
@options.sources
@options.environment
@options.namespace
@options.beside
@options.closed_world
@options.assume_no_other_policies
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    callback=options.output_path,
    help="Write the report to FILE.  [default: standard output]",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["html", "markdown", "csv", "json"]),
    help="The form of the report.  [default: as FILE ends, else html]",
)
@click.option(
    "--git/--no-git",
    "history",
    default=True,
    help="Show who wrote each statement, and when.  [default: git]",
)
@click.option(
    "--date",
    "dated",
    is_flag=True,
    help="Print today's date, and group temporary connections by it.",
)
def command(  # noqa: PLR0913 - one argument for each option
    *,
    sources: tuple[str, ...],
    namespace: str | None,
    beside: tuple[str, ...],
    closed_world: bool,
    assume_no_other_policies: bool,
    output: str | None,
    form: str | None,
    history: bool,
    dated: bool,
) -> int:
    """Write a report for auditors: what is permitted, and why.

    It has numbers and coverage, what is exposed, a graph, a matrix of namespaces, each connection with
    the statements that open it, assertions, temporary connections, what is undecided, and findings.
    The page is one file that loads nothing else, and equal sources give equal bytes.
    SOURCE is as for check. The exit code is 1 if there are errors, which are in the report as well.
    """
    form = form or _form(output)
    request = new_request(
        sources=sources,
        beside=beside,
        namespace=namespace,
        closed_world=closed_world,
        assume_no_other_policies=assume_no_other_policies,
    )
    day = today() if dated else None
    with progress() as show:
        outcome = report(request, history=history, day=day, progress=show)
    print_findings(outcome.diagnostics)
    if outcome.value is not None:
        _write(outcome.value, form, output)
    if outcome.failed:
        print_summary(tally(outcome.diagnostics))
    return 1 if outcome.failed else 0


def _form(output: str | None) -> str:
    """The form that the name of a file asks for; a name with an ending of another form is refused."""
    ending = PurePath(output or "").suffix.lower()
    if ending not in {"", *_ENDINGS}:
        forms = ", ".join(_ENDINGS)
        message = (
            f"a report has one of the forms {forms}, not {ending}; for another name give --format"
        )
        raise click.UsageError(message)
    return _ENDINGS.get(ending, "html")


def _write(document: Report, form: str, output: str | None) -> None:
    text = _RENDERERS[form](document)
    if output is None or output == "-":
        print_form(form, text)
        return
    if failed := write_file(working_folder() / output, text):
        message = f"{output} cannot be written: {failed}"
        raise click.ClickException(message)
    print_summary(f"wrote {output}")


_RENDERERS = {
    "html": html_page,
    "markdown": markdown_text,
    "csv": csv_text,
    "json": json_text,
}
