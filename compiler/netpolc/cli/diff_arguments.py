"""The two sides that `diff` and `owners` compare: their arguments, and what is wrong with them."""

from collections.abc import Callable
from typing import TypeVar

import click

from netpolc.cli import completions, options
from netpolc.cli.stderr import not_shown, print_findings, print_summary
from netpolc.commands.diff import Compared, ignored_in, notes_of
from netpolc.diagnostics import Diagnostic, Severity
from netpolc.diagnostics.render import tally
from netpolc.diagnostics.render.escape import visible
from netpolc.io.config_values import FAIL_ON

Command = TypeVar("Command", bound=Callable[..., object])

ERROR = 2
"""The exit code where the sides could not be compared."""

_DASHES = "--"
_AFTER_DASHES = "netpolc.sides.after-dashes"


class SidesCommand(click.Command):
    """Counts the arguments after `--`, which click discards."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the command line."""
        if _DASHES in args:
            ctx.meta[_AFTER_DASHES] = len(args) - args.index(_DASHES) - 1
        return super().parse_args(ctx, args)


def failing(command: Command) -> Command:
    """Add the option `--fail-on` to a command."""
    return click.option(
        "--fail-on",
        type=click.Choice(FAIL_ON),
        help="Which changes make the command fail.  [default: any]",
    )(command)


def two_sides(command: Command) -> Command:
    """Add the arguments `[OLD [NEW]]` to a command."""
    return click.argument(
        "sides",
        nargs=-1,
        metavar="[OLD [NEW]]",
        type=click.Path(),
        callback=options.filled,
        shell_complete=completions.sides,
    )(command)


def after_dashes(context: click.Context) -> int | None:
    """Return how many of the sides come after a `--`; None where there is no `--`."""
    number: int | None = context.meta.get(_AFTER_DASHES)
    return number


def one_standard_input(sides: tuple[str, ...], beside: tuple[str, ...]) -> None:
    """Refuse a second `-`."""
    if [*sides, *beside].count("-") > 1:
        message = "standard input can be one thing only"
        raise click.UsageError(message)


def print_notes(*compared: Compared) -> None:
    """Print that a side does not have what the other one has, or has files that are ignored.

    All of it is printed once for all outputs.
    """
    notes = (note for sides in compared for note in notes_of(sides))
    for name, message in dict.fromkeys(
        (finding.label.span.path, finding.message) for finding in notes
    ):
        print_summary(f"in {visible(name)}, {message}: the other side is compared with nothing")
    ignored = (finding for sides in compared for finding in ignored_in(sides))
    print_findings(not_shown(ignored, set()))


def print_side_errors(compared: Compared) -> None:
    """Print the errors of each side."""
    everything: list[Diagnostic] = []
    for name, findings in compared.findings:
        errors = [finding for finding in findings if finding.severity is Severity.ERROR]
        if errors and name:
            print_summary(f"in {name}:\n")
        print_findings(errors)
        everything += errors
    print_summary(f"{tally(everything)}; nothing was compared")
