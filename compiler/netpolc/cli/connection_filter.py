"""The options that choose connections, the same in every command that has them."""

from collections.abc import Callable, Iterable
from typing import TypeVar

import click

from netpolc.cli import completions, options
from netpolc.cli.stderr import print_summary
from netpolc.diagnostics.render.escape import visible

Command = TypeVar("Command", bound=Callable[..., object])


def connection_filter(command: Command) -> Command:
    """Add the option `-n`, `--from` and `--to` to a command."""
    for name, parameter in (("to", "receiver"), ("from", "sender")):
        command = click.option(
            f"--{name}",
            parameter,
            metavar="X",
            default="",
            shell_complete=completions.services,
            help=f"Only connections {name} X.",
        )(command)
    return click.option(
        "-n",
        "--namespace",
        "namespaces",
        metavar="NAME",
        multiple=True,
        callback=options.valid_namespaces,
        shell_complete=completions.namespaces,
        help="Only connections from or to this namespace. May be given several times.",
    )(command)


def print_unknown_names(unknown: Iterable[tuple[str, str]], where: str) -> None:
    """Print the names that nothing has, each with the nearest one."""
    for name, near in unknown:
        guess = f" Did you mean {visible(near)!r}?" if near else ""
        print_summary(f"Error: Nothing in the {where} has the name {visible(name)!r}.{guess}")
