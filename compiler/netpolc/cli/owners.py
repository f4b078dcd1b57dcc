"""`netpolc owners`: whose agreement a change needs."""

import click

from netpolc.changes.render.owners import OwnersReport
from netpolc.cli import options
from netpolc.cli.diff_arguments import (
    ERROR,
    SidesCommand,
    after_dashes,
    one_standard_input,
    print_notes,
    print_side_errors,
    two_sides,
)
from netpolc.cli.request import new_request
from netpolc.cli.stderr import print_findings, print_summary, progress
from netpolc.cli.stdout import print_json, print_text
from netpolc.commands.owners import owners
from netpolc.diagnostics.render import tally


@click.command("owners", cls=SidesCommand, epilog="Example: netpolc owners main...HEAD")
@click.pass_context
@two_sides
@click.option(
    "--codeowners",
    metavar="FILE",
    type=click.Path(),
    help="Who owns which file.  [default: .github/CODEOWNERS, CODEOWNERS or docs/CODEOWNERS]",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="The form of CODEOWNERS, or JSON for programs.",
)
@options.environment
@options.beside
@options.namespace
def command(
    context: click.Context,
    *,
    sides: tuple[str, ...],
    codeowners: str | None,
    form: str,
    beside: tuple[str, ...],
    namespace: str | None,
) -> int:
    """List the files whose owners must approve a change.

    OLD and NEW are as for diff. The files follow from the connections that change: an arrow across
    namespaces needs the owners of both. Exits with 2 on errors, otherwise with 0.
    """
    one_standard_input(sides, beside)
    request = new_request(beside=beside, namespace=namespace)
    with progress() as show:
        owned = owners(sides, request, codeowners, paths=after_dashes(context), progress=show)
    if owned.compared.difference is None:
        print_side_errors(owned.compared)
        return ERROR
    print_notes(owned.compared)
    if owned.diagnostics:
        print_findings(owned.diagnostics)
        print_summary(f"{tally(owned.diagnostics)}; no owners are named")
        return ERROR
    if owned.agreement is None:
        print_summary("too many changes to name every owner who must agree: split the change")
        return ERROR
    for line in owned.rules.skipped if owned.rules else ():
        print_summary(f"{owned.name}:{line}: invalid line, skipped as GitHub does")
    report = OwnersReport(owned.rules, owned.folder)
    if form == "json":
        print_json(report.as_json(owned.agreement))
        return 0
    print_text("".join(f"{line}\n" for line in report.as_text(owned.agreement)))
    print_summary(report.summary(owned.agreement))
    return 0
