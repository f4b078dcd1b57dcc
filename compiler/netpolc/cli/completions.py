"""Candidates at TAB: names of the project, of git and of the rules.

Nothing here may fail or print: whatever is wrong with the project, a shell shows no offers then.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, TypeAlias

import click

from netpolc.cli.request import new_request, working_folder

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from netpolc.analysis.named_ends import NamedEnd

Completer: TypeAlias = Callable[[click.Context, click.Parameter, str], list[str]]


def _completer(names: Callable[[click.Context], Iterable[str]]) -> Completer:
    """Return the completer that offers those of the names that begin with what is typed."""

    def complete(context: click.Context, _parameter: click.Parameter, typed: str) -> list[str]:
        with suppress(Exception):
            return sorted({name for name in names(context) if name.startswith(typed)})
        return []

    return complete


def _outputs(_context: click.Context) -> Iterable[str]:
    from netpolc.io.project_settings import output_names  # noqa: PLC0415

    return output_names(working_folder())


def _codes(_context: click.Context) -> Iterable[str]:
    from netpolc.diagnostics.all_rules import all_rules  # noqa: PLC0415 - loads all rules

    return [word for rule in all_rules() for word in (rule.code, rule.name)]


def _revisions(_context: click.Context) -> Iterable[str]:
    from netpolc.io.git import repository  # noqa: PLC0415

    known = repository(working_folder()).value
    return () if known is None else ("HEAD", *known.branches())


def _namespaces(context: click.Context) -> Iterable[str]:
    return (name for end in _known(context) for name in end.namespaces())


def _services(context: click.Context) -> Iterable[str]:
    return (name for end in _known(context) for name in end.names() if not set(name) & set("{[*"))


def _known(context: click.Context) -> Iterator["NamedEnd"]:
    """Yield what the sources on the command line name."""
    from netpolc.analysis.named_ends import known_ends  # noqa: PLC0415 - as below
    from netpolc.commands.pipeline import understand  # noqa: PLC0415 - loads the compiler
    from netpolc.io.project import open_project, requests_of_outputs  # noqa: PLC0415

    given = {key: tuple(context.params.get(key) or ()) for key in ("sources", "beside")}
    with context:
        wanted = new_request(**given)
    for request in requests_of_outputs(wanted):
        project = open_project(request).value
        known = understand(project.sources, project.options)
        yield from known_ends(known.program, known.whole, known.inventory)


def sides(context: click.Context, parameter: click.Parameter, typed: str) -> "list[CompletionItem]":
    """Offer revisions, those after the dots of a range too, and paths."""
    from click.shell_completion import CompletionItem  # noqa: PLC0415 - only a shell asks

    start, dots, end = typed.rpartition("..")
    dots += "." * (end.startswith("."))
    names = revisions(context, parameter, end.lstrip("."))
    offers = [CompletionItem(f"{start}{dots}{name}") for name in names]
    # In bash, paths take the place of what is offered before them, so they come first.
    return offers if dots else [CompletionItem(typed, type="file"), *offers]


outputs = _completer(_outputs)
codes = _completer(_codes)
revisions = _completer(_revisions)
namespaces = _completer(_namespaces)
services = _completer(_services)
