"""`netpolc diff`: what a change permits, and what it no longer permits."""

import click

from netpolc.changes.model import Difference, Effect
from netpolc.changes.render import json, markdown, text
from netpolc.changes.render.diagnostics import findings
from netpolc.cli import options
from netpolc.cli.diff_arguments import (
    ERROR,
    SidesCommand,
    after_dashes,
    one_standard_input,
    print_side_errors,
    two_sides,
)
from netpolc.cli.output_formats import PLATFORMS, TEXT, rendered
from netpolc.cli.stderr import progress
from netpolc.cli.stdout import colours, print_json, print_output, print_text
from netpolc.commands.diff import diff
from netpolc.io.config import project_in_repository
from netpolc.io.config_values import FAIL_ON
from netpolc.io.project import configured_fail_on


@click.command(
    "diff", cls=SidesCommand, epilog="Example: netpolc diff main...HEAD --fail-on opened"
)
@click.pass_context
@two_sides
@click.option(
    "--fail-on",
    type=click.Choice(FAIL_ON),
    help="Which changes make the command fail.  [default: any]",
)
@click.option(
    "--format",
    "form",
    type=click.Choice([TEXT, "markdown", *PLATFORMS]),
    default=TEXT,
    show_default=True,
    help="Text for people, Markdown for a comment, or a format for programs and platforms.",
)
@click.option(
    "--witness",
    is_flag=True,
    help="Show an example connection for each entry; JSON always has one.",
)
@options.environment
@options.beside
@options.namespace
def command(  # noqa: PLR0913 - one argument for each option
    context: click.Context,
    *,
    sides: tuple[str, ...],
    fail_on: str | None,
    form: str,
    witness: bool,
    beside: tuple[str, ...],
    namespace: str | None,
) -> int:
    """Show what a change opens and closes, between any two sources.

    OLD and NEW are folders or files of intents or manifests, IR files, -, or revisions of git: REV,
    REV:PATH, A..B, A...B. The default compares HEAD with the working tree. Exits with 0 if nothing
    changes in what is permitted, with 1 if something does, with 2 on errors.
    """
    one_standard_input(sides, beside)
    request = options.request(beside=beside, namespace=namespace)
    with progress() as show:
        compared = diff(sides, request, paths=after_dashes(context), progress=show)
    found = compared.difference
    if found is None:
        print_side_errors(compared)
        return ERROR
    if form == TEXT:
        print_text(text.render(found, witness=witness, colour=colours()))
    elif form == "json":
        print_json(json.render(found))
    else:
        print_output(_rendered(found, form, project_in_repository(request.here)))
    return _exit_code(found, fail_on or configured_fail_on(request.here))


def _rendered(found: Difference, form: str, folder: str) -> str:
    """A difference for programs and platforms."""
    match form:
        case "markdown":
            return markdown.render(found)
        case _:
            return rendered(form, findings(found), "diff", folder)


def _exit_code(found: Difference, fail_on: str) -> int:
    match fail_on:
        case "opened":
            return int(bool(found.count(Effect.OPENED)) or not found.whole)
        case "risk":
            return int(bool(found.risks) or not found.whole)
        case _:
            return int(bool(found))
