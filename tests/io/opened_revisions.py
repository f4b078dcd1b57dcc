"""What is read of a revision, and the findings about it."""

from datetime import date
from pathlib import Path

from netpolc.diagnostics import Outcome
from netpolc.io.git import Repository, repository
from netpolc.io.project import Options, Request
from netpolc.io.revisions import Revision, read_revision, revisions
from netpolc.io.sources import Sources

TODAY = date(2026, 1, 1)
A, B = "db <- api:5432\n", "db <- web:5432\n"


def asked(here: Path | None = None) -> Request:
    return Request(here=here or Path(), today=TODAY)


def known(folder: Path) -> Repository:
    found = repository(folder).value
    assert found is not None
    return found


def named(folder: Path, text: str) -> tuple[Revision, ...]:
    outcome = revisions(known(folder), text)
    assert not outcome.diagnostics, outcome.diagnostics
    return outcome.value


def refused(folder: Path, text: str) -> tuple[str, str]:
    """Code and text of the one finding."""
    outcome = revisions(known(folder), text)
    assert outcome.value == ()
    (found,) = outcome.diagnostics
    return found.rule.code, f"{found.message} {found.label.text} {found.help}"


def opened(folder: Path, text: str) -> Outcome[tuple[Sources, Options]]:
    (revision,) = named(folder, text)
    return read_revision(revision, asked())


def texts(folder: Path, text: str) -> dict[str, str]:
    """The intents of a revision by their names."""
    outcome = opened(folder, text)
    assert not outcome.diagnostics, outcome.diagnostics
    return {file.path: file.text for file in outcome.value[0].intents}


def problems(folder: Path, text: str) -> list[tuple[str, str]]:
    return [(found.rule.code, found.message) for found in opened(folder, text).diagnostics]
