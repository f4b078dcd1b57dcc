"""The two sides that `diff` and `owners` compare: arguments, reading, and what is wrong with them."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

import click

from netpolc.changes.diff import difference
from netpolc.changes.model import Difference, Side
from netpolc.cli import options
from netpolc.cli.stderr import print_findings, print_summary, progress
from netpolc.commands.diff import choose, compare
from netpolc.commands.project import Request
from netpolc.diagnostics import Diagnostic, Severity
from netpolc.diagnostics.render import tally
from netpolc.io.config import find_config, folder_in_repository

Command = TypeVar("Command", bound=Callable[..., object])

ERROR = 2
"""The exit code where the sides could not be compared."""

_DASHES = "--"
_AFTER_DASHES = "netpolc.sides.after-dashes"


class SidesCommand(click.Command):
    """Knows how many of the arguments stand behind a `--`; click itself forgets it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the command line."""
        if _DASHES in args:
            ctx.meta[_AFTER_DASHES] = len(args) - args.index(_DASHES) - 1
        return super().parse_args(ctx, args)


def two_sides(command: Command) -> Command:
    """`[OLD [NEW]]`."""
    return click.argument(
        "sides", nargs=-1, metavar="[OLD [NEW]]", type=click.Path(), callback=options.filled
    )(command)


def differing(
    context: click.Context, sides: tuple[str, ...], request: Request
) -> tuple[Difference, Side, Side] | None:
    """What differs between the sides that are meant; None, when errors have been printed."""
    here = options.working_folder()
    if [*sides, *request.beside].count("-") > 1:
        message = "standard input can be one thing only"
        raise click.UsageError(message)
    chosen = choose(sides, context.meta.get(_AFTER_DASHES), here)
    if len(chosen.value) == 0:
        _print_errors([("", chosen.diagnostics)])
        return None
    with progress() as show:
        compared = compare(chosen.value, request, here, options.today(), show)
        if compared.sides:
            show("comparing", 0, 1)
            before, after = compared.sides
            return difference(before, after), before, after
    _print_errors(compared.found)
    return None


def folder_of_project() -> str:
    """The path of the project's folder in its repository."""
    here = options.working_folder()
    config = find_config(here)
    return folder_in_repository(here if config is None else config.parent)


def repository_root() -> Path:
    """The root of the checkout; without one, the project's folder."""
    here = options.working_folder()
    for folder in (here, *here.parents):
        if (folder / ".git").exists():
            return folder
    config = find_config(here)
    return here if config is None else config.parent


def _print_errors(found: Iterable[tuple[str, tuple[Diagnostic, ...]]]) -> None:
    """Say what is wrong with which side."""
    everything: list[Diagnostic] = []
    for name, some in found:
        errors = [one for one in some if one.severity is Severity.ERROR]
        if errors and name:
            print_summary(f"in {name}:\n")
        print_findings(errors)
        everything += errors
    print_summary(f"{tally(everything)}; nothing was compared")
