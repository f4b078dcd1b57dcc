"""The two sides of a diff: which files or revisions the arguments mean, and reading them.

An argument may be a path or a revision of git, or a range of two. Where it could be either, that
is an error: a comparison with the wrong thing looks like a result.
"""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from netpolc.diagnostics import Diagnostic, Label, Outcome, Rule, Severity
from netpolc.diagnostics.render.escape import visible
from netpolc.io.config import Config
from netpolc.io.git import NO_REPOSITORY, GitFailedError, repository
from netpolc.io.project import Options, Request, open_project, unknown_output
from netpolc.io.project_settings import fleet_settings, output_folders, output_names
from netpolc.io.revisions import (
    HEAD,
    Revision,
    fleet_settings_of,
    has_no_intents,
    is_revision,
    output_names_of,
    read_revision,
    revisions,
)
from netpolc.io.sources import DID_YOU_MEAN, KINDS, NO_SUCH_SOURCE, STDIN, Sources
from netpolc.source import SourceFile
from netpolc.values import frozen

AMBIGUOUS_SIDE = Rule(code="NP787", name="ambiguous-side", severity=Severity.ERROR)
SIDES = Rule(code="NP788", name="wrong-number-of-sides", severity=Severity.ERROR)
GIT_FAILED = Rule(code="NP789", name="git-failed", severity=Severity.ERROR)
NO_EARLIER_INTENTS = Rule(code="NP755", name="no-earlier-intents", severity=Severity.NOTE)
WORKING_TREE = "the working tree"
_SIDES = 2
_ONLY_A_PATH = re.compile(r"[^:]*/$|/|([^:]*/)?\.\.?(/|$)")
"""Characters that a revision's name cannot contain (git-check-ref-format(1))."""


@frozen
class Files:
    """A side on disk; no path means the sources of netpolc.toml, else `intents`."""

    name: str
    path: str | None = None


Chosen: TypeAlias = Files | Revision


def choose(arguments: Sequence[str], paths: int | None, here: Path) -> Outcome[tuple[Chosen, ...]]:
    """Which two sides are meant.

    Args:
        arguments: what the user gave, none to two.
        paths: how many of them come after a `--`, so that those are paths and the others
            revisions; None where there is no `--`.
        here: the working folder, absolute.

    Returns:
        The two sides; none, with findings, where that is not clear.
    """
    if len(arguments) > _SIDES:
        return Outcome((), (_too_many(arguments),))
    told: list[bool | None] = [None] * len(arguments)
    if paths is not None:
        told = [number >= len(arguments) - paths for number in range(len(arguments))]
    chosen: list[Chosen] = []
    for text, is_path in zip(arguments or (HEAD,), told or (False,), strict=True):
        side = _side(text, here, is_path=is_path)
        if side.diagnostics:
            return Outcome((), side.diagnostics)
        chosen += side.value
    if len(chosen) == 1:
        bare = _bare(chosen[0])
        if bare:
            return Outcome((), bare)
        chosen.append(Files(WORKING_TREE))
    if len(chosen) > _SIDES:
        return Outcome((), (_too_many(arguments),))
    return Outcome(tuple(chosen))


def revision_of(text: str, here: Path) -> Revision | None:
    """Return the revision of git that a text means, unless it is a path that exists, or a range."""
    if _ONLY_A_PATH.match(text) or text == STDIN or _exists(here / text):
        return None
    sides = _side(text, here, is_path=None).value
    side = sides[0] if len(sides) == 1 else None
    return side if isinstance(side, Revision) else None


def may_be_revision(
    findings: Iterable[Diagnostic], path: str | None, here: Path
) -> Iterator[Diagnostic]:
    """Yield findings. One about a path with nothing there says if it cannot be a revision, for lack of a git repository."""
    for finding in findings:
        is_missing = finding.rule is NO_SUCH_SOURCE and not finding.help.startswith(DID_YOU_MEAN)
        without: tuple[Diagnostic, ...] = ()
        if is_missing and finding.label.span.path == path and Path(path).suffix not in KINDS:
            without = repository(here).diagnostics
        for reason in without:
            message = f"{finding.message}, and {reason.message}"
            yield replace(reason, message=message, label=finding.label)
        if not without:
            yield finding


def outputs_of(sides: Sequence[Chosen], request: Request) -> Outcome[tuple[str, ...]]:
    """Return the names of the outputs that either side describes, or the chosen one."""
    names: dict[str, None] = {}
    for side in reversed(sides):
        try:
            names |= dict.fromkeys(_outputs_of(side, request))
        except GitFailedError:
            continue  # Reading the side reports it.
    if request.environment is None:
        return Outcome(_output_of_folder(sides, request) or tuple(names))
    names |= dict.fromkeys(_names_now(request))
    if request.environment not in names:
        return Outcome((), (unknown_output(request, names),))
    return Outcome((request.environment,))


def _output_of_folder(sides: Sequence[Chosen], request: Request) -> tuple[str, ...]:
    """Return the output whose folder, or a part of it, is one of the sides, if one is."""
    paths = [_absolute(side.path, request) for side in sides if isinstance(side, Files)]
    folders = {} if request.fleet else output_folders(request.here)
    return tuple(
        name
        for name, folder in folders.items()
        if any(path is not None and path.is_relative_to(folder) for path in paths)
    )


def _absolute(path: str | None, request: Request) -> Path | None:
    if path is None or path == "-":
        return None
    return Path(os.path.abspath(request.here / path))  # noqa: PTH100 - `resolve` would follow links


def _outputs_of(side: Chosen, request: Request) -> tuple[str, ...]:
    if side.path is not None:
        return ()
    if isinstance(side, Files):
        return _names_now(request)
    return output_names_of(side, fleet=request.fleet is not None)


def _names_now(request: Request) -> tuple[str, ...]:
    return tuple(request.fleet.outputs) if request.fleet else output_names(request.here)


def fleet_of(side: Chosen, here: Path) -> Outcome[Config | None]:
    """Return the settings of a side with its clusters as outputs, and what is wrong with them."""
    try:
        outcome = fleet_settings(here) if isinstance(side, Files) else fleet_settings_of(side)
    except GitFailedError as error:
        return Outcome(None, (_git_failed(side, error),))
    return Outcome(outcome.value, outcome.diagnostics)


def read_side(
    side: Chosen, request: Request, *, is_old: bool = False
) -> Outcome[tuple[Sources, Options]]:
    """Read a side.

    Args:
        side: which.
        request: what else was asked for; what is `beside` is counted on both sides.
        is_old: whether it may be from before the first intents, so that it is not an error to have none.

    Returns:
        The sources and how to compile them, and a finding for each thing that cannot be read.
    """
    request = replace(request, as_side=True)
    try:
        described = _outputs_of(side, request)
        if request.environment is not None and described and request.environment not in described:
            return _nothing(side, request, f"the output `{visible(request.environment)}`")
        if (
            is_old
            and isinstance(side, Revision)
            and has_no_intents(side, fleet=request.fleet is not None)
        ):
            return _nothing(side, request, "intents")
        return _read(side, request)
    except GitFailedError as error:
        empty = Sources(), Options(today=request.today)
        return Outcome(empty, (_git_failed(side, error),))


def _nothing(side: Chosen, request: Request, what: str) -> Outcome[tuple[Sources, Options]]:
    """Return a side without sources, because it does not have what the other side has."""
    note = Diagnostic(
        rule=NO_EARLIER_INTENTS,
        message=f"there are no {what} yet" if what == "intents" else f"{what} is not there",
        label=Label(SourceFile(side.name, "").whole()),
        help="the other side is compared with nothing: no policy, and so everything permitted",
    )
    alone = replace(request, sources=(), environment=None)
    given = open_project(alone, only_beside=True)
    sources = replace(Sources(), manifests=given.value.sources.manifests)
    return Outcome((sources, given.value.options), (note, *given.diagnostics))


def _side(text: str, here: Path, *, is_path: bool | None) -> Outcome[tuple[Chosen, ...]]:
    """The side that an argument means, or the two of a range; `is_path` where that was said."""
    on_disk = Files(STDIN if text == "-" else visible(text), text)
    if text == "-" or is_path or (is_path is None and _ONLY_A_PATH.match(text)):
        return Outcome((on_disk,))
    exists = is_path is None and _exists(here / text)
    known = repository(here)
    if known.value is None:
        # Without a repository it was meant for a path; reading it will say that it is none.
        return Outcome((on_disk,)) if is_path is None else Outcome((), known.diagnostics)
    try:
        if exists:
            if not is_revision(known.value, text):
                return Outcome((on_disk,))
            if not known.value.is_bare():  # Beside it were git's own files, which nobody compares.
                return Outcome((), (_ambiguous(text),))
        outcome = revisions(known.value, text)
        return Outcome(tuple(outcome.value), outcome.diagnostics)
    except GitFailedError as error:
        return Outcome((), (_git_failed(on_disk, error),))


def _bare(side: Chosen) -> tuple[Diagnostic, ...]:
    """The finding that there is no working tree for a revision to be compared with."""
    try:
        if isinstance(side, Files) or not side.tree.repository.is_bare():
            return ()
    except GitFailedError as error:
        return (_git_failed(side, error),)
    return (
        Diagnostic(
            rule=NO_REPOSITORY,
            message="this repository is bare: it has no working tree",
            label=Label(SourceFile(side.name, "").whole()),
            help="name two revisions, `netpolc diff main~1 main`",
        ),
    )


def _exists(path: Path) -> bool:
    try:
        return os.path.lexists(path)
    except ValueError:
        return False


def _read(side: Chosen, request: Request) -> Outcome[tuple[Sources, Options]]:
    if isinstance(side, Files):
        wanted = replace(request, sources=_sources_of(side, request))
        # Policies that are compared are not counted on both sides because netpolc.toml counts them.
        opened = open_project(wanted, with_configured=side.path is None)
        findings = tuple(may_be_revision(opened.diagnostics, side.path, request.here))
        return Outcome((opened.value.sources, opened.value.options), findings)
    read = read_revision(side, request)
    if not request.beside:
        return read
    # What else is in the cluster is on disk, whatever is compared.
    given = open_project(replace(request, sources=()), only_beside=True)
    sources, options = read.value
    manifests = (*sources.manifests, *given.value.sources.manifests)
    beside = given.value.sources.beside
    both = (replace(sources, manifests=manifests, beside=beside), options)
    return Outcome(both, (*read.diagnostics, *given.diagnostics))


def _sources_of(side: Files, request: Request) -> tuple[str, ...]:
    """Return what is read of a path: of a folder that holds those of outputs, only that of the chosen one."""
    if side.path is None:
        return ()
    path, chosen = _absolute(side.path, request), request.environment
    if path is not None and chosen is not None and not request.fleet:
        own = output_folders(request.here).get(chosen)
        if own is not None and path == own.parent:
            return (str(own),)
    return (side.path,)


def _ambiguous(text: str) -> Diagnostic:
    shown = visible(text)
    return Diagnostic(
        rule=AMBIGUOUS_SIDE,
        message=f"`{shown}` is a revision and a path",
        label=Label(SourceFile(shown, "").whole()),
        help=f"write `netpolc diff {shown} --` for the revision, `./{shown}` for the path",
    )


def _too_many(arguments: Sequence[str]) -> Diagnostic:
    return Diagnostic(
        rule=SIDES,
        message="more than two sides",
        label=Label(SourceFile(visible(" ".join(arguments)), "").whole()),
        help="give two sources, or one range such as `main...HEAD`",
    )


def _git_failed(side: Chosen, error: GitFailedError) -> Diagnostic:
    return Diagnostic(
        rule=GIT_FAILED,
        message=f"git cannot read it: {error}",
        label=Label(SourceFile(side.name, "").whole()),
        help="in a clone made with `--filter`, `git fetch --refetch --no-filter` gets what is missing",
    )
