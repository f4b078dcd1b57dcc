"""`netpolc diff`: what a change permits, and what it no longer permits."""

from collections.abc import Iterable
from pathlib import Path

import click

from netpolc.cli import options
from netpolc.cli.forms import PLATFORMS, TEXT, rendered
from netpolc.cli.report import print_findings, print_summary, progress
from netpolc.cli.stdout import print_output
from netpolc.diagnostics import Diagnostic, Severity
from netpolc.diagnostics.render import tally
from netpolc.review.difference import difference
from netpolc.review.model import Difference
from netpolc.review.render import markdown
from netpolc.review.render.findings import findings
from netpolc.workspace.comparing import choose, compare
from netpolc.workspace.config import find_config, folder_in_repository
from netpolc.workspace.project import Request

_DASHES = "--"
_AFTER_DASHES = "netpolc.diff.after-dashes"
_ERROR = 2


class _Command(click.Command):
    """Knows how many of the arguments stand behind a `--`; click itself forgets it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the command line."""
        if _DASHES in args:
            ctx.meta[_AFTER_DASHES] = len(args) - args.index(_DASHES) - 1
        return super().parse_args(ctx, args)


@click.command("diff", cls=_Command, epilog="Example: netpolc diff main...HEAD --fail-on opened")
@click.pass_context
@click.argument(
    "sides", nargs=-1, metavar="[OLD [NEW]]", type=click.Path(), callback=options.filled
)
@click.option(
    "--fail-on",
    type=click.Choice(["any", "opened", "risk"]),
    default="any",
    show_default=True,
    help="What to exit with 1 for.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice([TEXT, "markdown", *PLATFORMS]),
    default=TEXT,
    show_default=True,
    help="As text for people, as Markdown for a comment, or for programs and platforms.",
)
@click.option("--witness", is_flag=True, help="Show a connection for each entry.")
@options.beside
@options.namespace
def command(  # noqa: PLR0913 - one argument for each option
    context: click.Context,
    *,
    sides: tuple[str, ...],
    fail_on: str,
    form: str,
    witness: bool,
    beside: tuple[str, ...],
    namespace: str | None,
) -> int:
    """Say what a change opens and closes, between any two sources.

    OLD and NEW are folders or files of intents or manifests, IR files, -, or revisions of git: REV,
    REV:PATH, A..B, A...B. By default HEAD is compared with the working tree. Exits with 0 where both
    permit the same, 1 where they do not, 2 on errors.
    """
    here, request = options.working_folder(), Request(beside=beside, namespace=namespace)
    if [*sides, *beside].count("-") > 1:
        message = "standard input can be one thing only"
        raise click.UsageError(message)
    chosen = choose(sides, context.meta.get(_AFTER_DASHES), here)
    if len(chosen.value) == 0:
        return _failed([("", chosen.diagnostics)])
    with progress() as show:
        compared = compare(chosen.value, request, here, options.today(), show)
        if not compared.sides:
            return _failed(compared.found)
        show("comparing", 0, 1)
        found = difference(*compared.sides)
    print_output(_rendered(found, form, here, witness=witness))
    return _exit_code(found, fail_on)


def _rendered(found: Difference, form: str, here: Path, *, witness: bool) -> str:
    match form:
        case "markdown":
            return markdown.render(found)
        case "sarif" | "github" | "gitlab":
            return rendered(form, findings(found), "diff", folder_in_repository(_project(here)))
        case _:
            return f"{found} {witness}"  # until the renderers are here


def _project(here: Path) -> Path:
    """The project's folder, from which files are called."""
    config = find_config(here)
    return here if config is None else config.parent


def _failed(found: Iterable[tuple[str, tuple[Diagnostic, ...]]]) -> int:
    """Say what is wrong with which side."""
    everything: list[Diagnostic] = []
    for name, some in found:
        errors = [one for one in some if one.severity is Severity.ERROR]
        if errors and name:
            print_summary(f"in {name}:\n")
        print_findings(errors)
        everything += errors
    print_summary(f"{tally(everything)}; nothing was compared")
    return _ERROR


def _exit_code(found: Difference, fail_on: str) -> int:
    match fail_on:
        case "opened":
            return int(bool(found.opened))
        case "risk":
            return int(bool(found.risks))
        case _:
            return int(bool(found))
