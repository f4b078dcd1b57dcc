"""`netpolc completion`: the script by which a shell completes the command line."""

import os
from pathlib import Path

import click
from click.shell_completion import get_completion_class

from netpolc.cli.stderr import print_summary
from netpolc.cli.stdout import print_output
from netpolc.diagnostics.render.escape import visible
from netpolc.io.install_completion import install_completion

_SHELLS = ("bash", "zsh", "fish")


@click.command("completion", epilog="Example: netpolc completion --install")
@click.argument("shell", type=click.Choice(_SHELLS), required=False)
@click.option("--install", is_flag=True, help="Install the script where the shell finds it.")
@click.pass_context
def command(context: click.Context, *, shell: str | None, install: bool) -> int:
    """Print or install the script that completes netpolc in a shell.

    Commands, options, rules, outputs, revisions, namespaces and services are completed. The default is
    the shell that $SHELL names.
    """
    chosen = shell or Path(os.environ.get("SHELL", "")).name
    complete = get_completion_class(chosen) if chosen in _SHELLS else None
    if complete is None:
        message = f"Name the shell: {', '.join(_SHELLS)}."
        raise click.UsageError(message)
    script = complete(context.find_root().command, {}, "netpolc", "_NETPOLC_COMPLETE").source()
    if not install:
        print_output(script + "\n")
        return 0
    done = install_completion(chosen, script + "\n", Path.home(), os.environ)
    if done.problem:
        print_summary(f"{visible(done.problem)}; nothing was installed")
        return 1
    for path in done.written:
        print_summary(f"wrote {visible(str(path))}")
    needs = " (bash-completion has to be installed)" if chosen == "bash" else ""
    print_summary(f"start a new {chosen} to use it{needs}" if done.written else "installed already")
    return 0
