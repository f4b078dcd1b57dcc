"""`netpolc diff`: what a change permits, and what it no longer permits."""

from collections.abc import Mapping

import click

from netpolc.changes.model import Difference
from netpolc.changes.render import json, markdown, text
from netpolc.changes.render.diagnostics import findings
from netpolc.cli import options
from netpolc.cli.colour import BOLD, painted
from netpolc.cli.diff_arguments import (
    ERROR,
    SidesCommand,
    after_dashes,
    failing,
    one_standard_input,
    print_notes,
    print_side_errors,
    two_sides,
)
from netpolc.cli.output_formats import PLATFORMS, TEXT, rendered
from netpolc.cli.request import new_request
from netpolc.cli.stderr import print_summary, progress
from netpolc.cli.stdout import colours, print_form, print_json, print_text
from netpolc.commands.diff import Compared, diff, diff_outputs, fails
from netpolc.diagnostics.render.escape import visible
from netpolc.io.config import project_in_repository
from netpolc.io.project_settings import configured_fail_on

_HEADING, _LEAST_ROOM = 200, 8_000
"""Bytes for the heading of an output in Markdown, and the minimum for its text."""


@click.command(
    "diff", cls=SidesCommand, epilog="Example: netpolc diff main...HEAD --fail-on opened"
)
@click.pass_context
@two_sides
@failing
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
@options.closed_world
@options.assume_no_other_policies
@options.namespace
def command(  # noqa: PLR0913 - one argument for each option
    context: click.Context,
    *,
    sides: tuple[str, ...],
    fail_on: str | None,
    form: str,
    witness: bool,
    beside: tuple[str, ...],
    closed_world: bool,
    assume_no_other_policies: bool,
    namespace: str | None,
) -> int:
    """Show what a change opens and closes, between any two sources.

    OLD and NEW are folders or files of intents or manifests, IR files, -, or revisions of git: REV,
    REV:PATH, A..B, A...B. The default compares HEAD with the working tree. All outputs of netpolc.toml
    are compared, or the one of -e; formats for programs need one. Exits with 0 if nothing
    changes in what is permitted, with 1 if something does, with 2 on errors.
    """
    one_standard_input(sides, beside)
    request = new_request(
        beside=beside,
        namespace=namespace,
        closed_world=closed_world,
        assume_no_other_policies=assume_no_other_policies,
    )
    given = after_dashes(context)
    with progress() as show:
        if form in {TEXT, "markdown"}:
            compared = diff_outputs(sides, request, paths=given, progress=show)
        else:
            compared = {"": diff(sides, request, paths=given, progress=show)}
    differences = _differences(compared)
    if differences is None:
        return ERROR
    if form == TEXT:
        print_text(_text(differences, witness=witness))
    elif form == "json":
        print_json(json.render(differences[""]))
    else:
        print_form(form, _rendered(differences, form, project_in_repository(request.here)))
    chosen = fail_on or configured_fail_on(request.here)
    return int(any(fails(difference, chosen) for difference in differences.values()))


def _differences(compared: Mapping[str, Compared]) -> dict[str, Difference] | None:
    """The difference of each output; None if there is an error, which is printed."""
    differences: dict[str, Difference] = {}
    for name, sides in compared.items():
        if sides.difference is None:
            if name:
                print_summary(f"output {visible(name)}:\n")
            print_side_errors(sides)
        else:
            differences[name] = sides.difference
    print_notes(*(sides for sides in compared.values() if sides.difference is not None))
    return differences if len(differences) == len(compared) else None


def _text(differences: Mapping[str, Difference], *, witness: bool) -> str:
    """The difference of each output for people, below its name if there are several."""
    texts = []
    for name, difference in differences.items():
        heading = painted(f"{visible(name)}:", BOLD, coloured=colours()) + "\n" if name else ""
        texts.append(heading + text.render(difference, witness=witness, colour=colours()))
    return "\n".join(texts)


def _markdown(differences: Mapping[str, Difference]) -> str:
    """One comment about all outputs."""
    if len(differences) == 1:
        return markdown.render(*differences.values())
    room = max(markdown.GITHUB_LIMIT // len(differences) - _HEADING, _LEAST_ROOM)
    parts = [markdown.MARKER]
    for name, difference in differences.items():
        page = markdown.render(difference, limit=room).removeprefix(markdown.MARKER + "\n")
        parts.append(f"## {name}\n\n{page}")
    return "\n".join(parts)


def _rendered(differences: Mapping[str, Difference], form: str, folder: str) -> str:
    """A difference for programs and platforms."""
    if form == "markdown":
        return _markdown(differences)
    return rendered(form, findings(differences[""]), "diff", folder)
