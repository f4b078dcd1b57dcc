"""`netpolc completion`: the script by which a shell completes the command line."""

import click
from click.shell_completion import get_completion_class

from netpolc.cli.stdout import print_output

_SHELLS = ("bash", "zsh", "fish")


@click.command("completion", epilog='Example: eval "$(netpolc completion bash)" in your ~/.bashrc')
@click.argument("shell", type=click.Choice(_SHELLS))
@click.pass_context
def command(context: click.Context, *, shell: str) -> None:
    """Print the script that completes netpolc in a shell."""
    complete = get_completion_class(shell)
    if complete is not None:
        group = context.find_root().command
        print_output(complete(group, {}, "netpolc", "_NETPOLC_COMPLETE").source() + "\n")
