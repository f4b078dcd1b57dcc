"""`netpolc owners`: whose agreement a change needs."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from netpolc.changes.codeowners import PLACES, CodeOwners, parse_codeowners, written_path
from netpolc.changes.model import Effect
from netpolc.changes.owners import Agreement, Concern, Part, Reason, agreement
from netpolc.cli import options
from netpolc.cli.diff_arguments import (
    ERROR,
    SidesCommand,
    differing,
    folder_of_project,
    repository_root,
    two_sides,
)
from netpolc.cli.stderr import print_findings, print_summary
from netpolc.cli.stdout import print_output, print_text
from netpolc.commands.project import Request
from netpolc.diagnostics import Outcome
from netpolc.diagnostics.render import tally
from netpolc.diagnostics.render.escape import visible
from netpolc.diagnostics.render.platform_text import placed
from netpolc.io.read_file import read_file

_MANY = 5
"""Reasons told for a file in the text; JSON has all."""
_LONGEST = 120
"""Characters of a change that are told in the text."""
_SIGNS = {Effect.OPENED: "+", Effect.CLOSED: "-"}


@click.command("owners", cls=SidesCommand, epilog="Example: netpolc owners main...HEAD")
@click.pass_context
@two_sides
@click.option(
    "--codeowners",
    metavar="FILE",
    type=click.Path(),
    help="Who owns which file.  [default: .github/CODEOWNERS, CODEOWNERS or docs/CODEOWNERS]",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="In the form of CODEOWNERS, or for programs.",
)
@options.beside
@options.namespace
def command(
    context: click.Context,
    *,
    sides: tuple[str, ...],
    codeowners: str | None,
    form: str,
    beside: tuple[str, ...],
    namespace: str | None,
) -> int:
    """Name the files whose owners must agree to a change.

    OLD and NEW are as for diff. The files are found from the connections that change: an arrow
    across namespaces names those of both sides. Exits with 2 on errors, else with 0.
    """
    compared = differing(context, sides, Request(beside=beside, namespace=namespace))
    if compared is None:
        return ERROR
    if not compared[0].whole:
        print_summary("so much changes that not everybody who must agree can be named: split it")
        return ERROR
    found = agreement(*compared)
    read = _codeowners(codeowners)
    if read.failed:
        print_findings(read.diagnostics)
        print_summary(f"{tally(read.diagnostics)}; nobody is named")
        return ERROR
    told = _Told(read.value, folder_of_project())
    if form == "json":
        print_output(told.as_json(found))
        return 0
    print_text("".join(f"{line}\n" for line in told.as_text(found)))
    print_summary(told.summary(found))
    return 0


def _codeowners(given: str | None) -> Outcome[CodeOwners | None]:
    """The rules of the file given, or of the first one in a usual place; None without one."""
    if given is not None:
        return _read(options.working_folder() / given, visible(given))
    root = repository_root()
    for place in PLACES:
        if (root / place).is_file():
            return _read(root / place, place)
    return Outcome(None)


def _read(path: Path, name: str) -> Outcome[CodeOwners | None]:
    read = read_file(path, name)
    if read.value is None:
        return Outcome(None, read.diagnostics)
    rules = parse_codeowners(read.value.text)
    for line in rules.skipped:
        print_summary(f"{name}:{line}: not understood, and skipped as GitHub does")
    return Outcome(rules)


class _Told:
    """Says whose agreement is needed, with paths from the root of the repository."""

    def __init__(self, rules: CodeOwners | None, folder: str) -> None:
        self._rules = rules
        self._folder = folder

    def as_text(self, found: Agreement) -> Iterator[str]:
        """Lines that could stand in a CODEOWNERS file, each below its reasons."""
        if found.everybody:
            # First, because the last pattern that matches decides.
            yield from _reasons(found.everybody)
            everything = self._owners_of_everything()
            known = everything or self._rules is None
            wide = " ".join(("*", *map(visible, everything)))
            yield wide if known else "# no rule of CODEOWNERS says who owns every path"
            yield ""
        for concern in found.concerns:
            yield from _reasons(concern.reasons)
            path = visible(written_path(self._path(concern)))
            yield " ".join((path, *map(visible, self._owners(concern))))
            yield ""
        for name in found.unspoken:
            yield f"# no file speaks for namespace {visible(name)}"

    def summary(self, found: Agreement) -> str:
        """One line for the end."""
        if not found.concerns:
            return "no connection is opened or closed, so nobody is asked"
        files = f"{len(found.concerns)} file{'' if len(found.concerns) == 1 else 's'}"
        if found.everybody and self._owners_of_everything():
            files += " and of everything"
        if self._rules is None:
            return f"the owners of {files} must agree; there is no CODEOWNERS to say who they are"
        owners = ", ".join(map(visible, self._everybody(found))) or "nobody"
        without = sum(not self._owners(concern) for concern in found.concerns)
        rest = f"; {without} of them without an owner" if without else ""
        return f"the owners of {files} must agree: {owners}{rest}"

    def as_json(self, found: Agreement) -> str:
        """The same for programs; `owners` is null where there is no CODEOWNERS."""
        known = self._rules is not None
        document: Mapping[str, object] = {
            "owners": self._everybody(found) if known else None,
            "files": [
                {
                    "path": self._path(concern),
                    "owners": list(self._owners(concern)) if known else None,
                    "why": [_fields(reason) for reason in concern.reasons],
                }
                for concern in found.concerns
            ],
            "everybody": {
                "owners": list(self._owners_of_everything()) if known else None,
                "why": [_fields(reason) for reason in found.everybody],
            },
            "unspoken": list(found.unspoken),
        }
        return json.dumps(document, indent=2) + "\n"

    def _path(self, concern: Concern) -> str:
        return placed(concern.path, self._folder)

    def _owners(self, concern: Concern) -> tuple[str, ...]:
        return () if self._rules is None else self._rules.owners_of(self._path(concern))

    def _owners_of_everything(self) -> tuple[str, ...]:
        return () if self._rules is None else self._rules.owners_of_everything() or ()

    def _everybody(self, found: Agreement) -> list[str]:
        wide = self._owners_of_everything() if found.everybody else ()
        owners = (owner for concern in found.concerns for owner in self._owners(concern))
        return sorted({*owners, *wide})


def _reasons(reasons: tuple[Reason, ...]) -> Iterator[str]:
    """The first reasons as comments, and how many more there are."""
    for reason in reasons[:_MANY]:
        yield f"# {visible(_because(reason))}"
    if len(reasons) > _MANY:
        yield f"# and {len(reasons) - _MANY} more"


def _because(reason: Reason) -> str:
    change = visible(reason.change, _LONGEST)
    what = f"{_SIGNS[reason.effect]} {change} (namespace {reason.subject_namespace})"
    match reason.part:
        case Part.CHANGED:
            return f"changed here: {what}"
        case Part.SUBJECT:
            return f"speaks for the subject: {what}"
        case Part.EVERYBODY:
            return f"every namespace may be at the other end: {what}"
        case _:
            return f"speaks for namespace {reason.namespace} at the other end: {what}"


def _fields(reason: Reason) -> dict[str, str]:
    return {
        "part": reason.part.value,
        "namespace": reason.namespace,
        "effect": reason.effect.value,
        "change": reason.change,
        "changed_namespace": reason.subject_namespace,
    }
