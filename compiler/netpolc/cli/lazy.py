"""A group of commands whose modules are loaded when they are used.

A command imports the compiler, and the compiler a parser; `netpolc --version` and
`netpolc --help` must not wait for that. So the group knows the commands' names and
summaries without knowing the commands.
"""

from importlib import import_module

import click

from netpolc.cli.colour import color_option
from netpolc.version import __version__

COMMANDS = {
    "new": "Start a project with a first intent.",
    "compile": "Compile intents to NetworkPolicy manifests.",
    "check": "Check intents without writing anything.",
    "can": "Ask whether connections are permitted, and why.",
    "list": "List the connections that are permitted between what is known.",
    "graph": "Draw who may reach whom, or what a change opens and closes.",
    "report": "Write a report for auditors: what is permitted, and why.",
    "diff": "Show what a change opens and closes, between any two sources.",
    "owners": "List the files whose owners must approve a change.",
    "fleet": "Work on many clusters, and report equal answers once.",
    "fmt": "Write intents in their canonical form.",
    "import": "Turn manifests into intents, and prove them equal.",
    "init": "Draft intents from Deployments, Services and other manifests.",
    "learn": "Propose arrows from logs of flows, and find unused ones.",
    "ir": "Print what intents or manifests mean, as JSON.",
    "explain": "Explain findings by their codes or names.",
    "fn": "Compile the intents of a kustomize or kpt function (KRM).",
    "lsp": "Serve an editor (Language Server Protocol).",
    "completion": "Print or install the script that completes netpolc in a shell.",
}

_MODULES = {"import": "import_"}
"""The modules of commands whose names Python keeps for itself."""


class LazyGroup(click.Group):
    """Commands by name, each the `command` of the module of that name beside this one."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The names, in the order in which they are shown."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of a name; loads its module."""
        if cmd_name not in COMMANDS:
            return None
        module = _MODULES.get(cmd_name, cmd_name)
        command: click.Command = import_module(f"netpolc.cli.{module}").command
        if not any(parameter.name == "color" for parameter in command.params):
            command.params.append(color_option())
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the arguments begin with; a misspelt name is reported with the nearest one.

        `help COMMAND` and `version` are what users of other tools write for `--help` and `--version`.
        """
        if args[0] == "version":
            click.echo(f"netpolc {__version__}")
            ctx.exit()
        if args[0] == "help":
            if len(args) == 1:
                click.echo(ctx.get_help())
                ctx.exit()
            args = [args[1], "--help"]
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            suggest = import_module("netpolc.diagnostics.spelling")
            if near := suggest.nearest(args[0], COMMANDS):
                message = f"No such command {args[0]!r}. Did you mean {near!r}?"
                raise click.UsageError(message, ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands; the default would load each of them for its summary."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))
