"""The arguments that several commands have."""

from collections.abc import Callable
from typing import TypeVar

import click

from netpolc.cli import completions
from netpolc.cli.request import choose_environment
from netpolc.kube.name_rules import namespace_problem

Command = TypeVar("Command", bound=Callable[..., object])


def environment(command: Command) -> Command:
    """`--environment`, which every request takes into account."""
    return click.option(
        "-e",
        "--environment",
        metavar="NAME",
        expose_value=False,
        callback=choose_environment,
        shell_complete=completions.outputs,
        help="Only this output of netpolc.toml, `[outputs.NAME]`.",
    )(command)


def watching(command: Command) -> Command:
    """Add the option `--watch` to a command."""
    return click.option(
        "--watch", "watched", is_flag=True, help="Run again whenever a file changes, until Ctrl-C."
    )(command)


def jobs(command: Command) -> Command:
    """Add the option `--jobs N` to a command."""
    return click.option(
        "--jobs",
        type=click.IntRange(min=1),
        metavar="N",
        default=1,
        show_default=True,
        help="The number of processes that work on thousands of files, at most 4.",
    )(command)


def sources(command: Command) -> Command:
    """Add the arguments `[SOURCE]...` to a command."""
    return click.argument(
        "sources", nargs=-1, metavar="[SOURCE]...", type=click.Path(), callback=filled
    )(command)


def manifests(command: Command) -> Command:
    """`MANIFESTS...`, at least one."""
    return click.argument(
        "manifests",
        nargs=-1,
        required=True,
        metavar="MANIFESTS...",
        type=click.Path(),
        callback=filled,
    )(command)


platform = click.option(
    "--platform",
    is_flag=True,
    help="Include the namespaces of the platform, such as kube-system.",
)


def namespace(command: Command) -> Command:
    """Add the option `--namespace` to a command."""
    return _namespace_of("statements above the first section header")(command)


def manifest_namespace(command: Command) -> Command:
    """`--namespace` of a command that reads manifests alone."""
    return _namespace_of("objects whose metadata names none")(command)


def _namespace_of(what: str) -> Callable[[Command], Command]:
    return click.option(
        "--namespace",
        metavar="NAME",
        callback=valid_namespace,
        help=f"Namespace of {what}.  [default: default]",
    )


def strict(command: Command) -> Command:
    """Add the option `--strict` to a command."""
    return click.option("--strict/--no-strict", default=None, help="Treat warnings as errors.")(
        command
    )


def beside(command: Command) -> Command:
    """Add the option `--with` to a command."""
    return click.option(
        "--with",
        "beside",
        multiple=True,
        metavar="MANIFESTS",
        type=click.Path(),
        callback=filled,
        help="Manifests that are already in the cluster (policies, workloads, namespaces): a folder, a file or -."
        " May be given several times.",
    )(command)


def closed_world(command: Command) -> Command:
    """Add the option `--closed-world` to a command."""
    return click.option(
        "--closed-world",
        is_flag=True,
        help="Treat whatever is not stated as absent: other labels of namespaces, other pods, blocks that"
        " match pods, and the host's network.",
    )(command)


def assume_no_other_policies(command: Command) -> Command:
    """Add the option `--assume-no-other-policies` to a command."""
    return click.option(
        "--assume-no-other-policies",
        is_flag=True,
        help="Answer as if policies of kinds that are not read (Cilium, Calico, Istio and others) were"
        " not there.",
    )(command)


def silencing(command: Command) -> Command:
    """Add the option `--ignore` and `--select` to a command."""
    for name, what in (("ignore", "Leave out"), ("select", "Show only")):
        command = click.option(
            f"--{name}",
            multiple=True,
            metavar="RULES",
            callback=_rules,
            help=f"{what} the warnings and notes of these rules: codes or names, separated by commas.",
        )(command)
    return command


def _rules(
    _context: click.Context, parameter: click.Parameter, value: tuple[str, ...]
) -> frozenset[str]:
    words = frozenset(word.strip() for text in value for word in text.split(",") if word.strip())
    if words:
        from netpolc.diagnostics.rule_word_problem import (  # noqa: PLC0415 - loads all rules
            rule_word_problem,
        )

        for word in sorted(words):
            if problem := rule_word_problem(word, is_selected=parameter.name == "select"):
                raise click.BadParameter(problem)
    return words


def output_path(
    _context: click.Context, _parameter: click.Parameter, value: str | None
) -> str | None:
    """The value of `--output`, which must not be empty."""
    if value == "":
        message = "an empty path"
        raise click.BadParameter(message)
    return value


def filled(
    _context: click.Context, _parameter: click.Parameter, value: tuple[str, ...]
) -> tuple[str, ...]:
    """The values of paths, which must not be empty."""
    if "" in value:
        message = "an empty path (a variable without a value?)"
        raise click.BadParameter(message)
    return value


def valid_namespaces(
    context: click.Context, parameter: click.Parameter, value: tuple[str, ...]
) -> tuple[str, ...]:
    """The values of an option with namespaces, which must be valid names."""
    for name in value:
        valid_namespace(context, parameter, name)
    return value


def valid_namespace(
    _context: click.Context, _parameter: click.Parameter, value: str | None
) -> str | None:
    """The value of `--namespace`, which must be one that could exist."""
    if value is not None and (problem := namespace_problem(value)):
        message = f"{value!r} {problem}"
        raise click.BadParameter(message)
    return value


def baseline(command: Command) -> Command:
    """Add the option `--baseline` to a command."""
    return click.option(
        "--baseline",
        metavar="FILE",
        type=click.Path(),
        callback=output_path,
        help="Leave out the warnings and notes in this file, written by `check --write-baseline`.",
    )(command)
