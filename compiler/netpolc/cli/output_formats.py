"""Findings in the form that was asked for: text for people, or a platform's on standard output."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

import click

from netpolc.cli import stdout
from netpolc.diagnostics import Diagnostic
from netpolc.diagnostics.render import in_order
from netpolc.io.config import folder_in_repository, working_folder_in_project
from netpolc.io.project import Project
from netpolc.io.project_settings import configured_rule_pages

Command = TypeVar("Command", bound=Callable[..., object])

TEXT = "text"
PLATFORMS = ("concise", "json", "sarif", "github", "gitlab")


def findings_format(command: Command) -> Command:
    """Add the option `--format` to a command."""
    return click.option(
        "--format",
        "form",
        type=click.Choice([TEXT, *PLATFORMS]),
        default=TEXT,
        show_default=True,
        help="Findings as text for people, or on standard output: a line each (concise), or in the form"
        " of a program or platform.",
    )(command)


def is_for_programs(form: str) -> bool:
    """Whether a form is one of those on standard output."""
    return form in PLATFORMS


def print_form(form: str, findings: Iterable[Diagnostic], command: str, project: Project) -> None:
    """Print findings in a platform's form, by place, each once; `command` found them."""
    stdout.print_form(
        form, rendered(form, findings, command, folder_in_repository(project.output.project))
    )


def rendered(form: str, diagnostics: Iterable[Diagnostic], command: str, folder: str) -> str:
    """Findings in a platform's form.

    Args:
        form: one of `PLATFORMS`.
        diagnostics: the findings.
        command: what found them.
        folder: the path of the project's folder in its repository.
    """
    from netpolc.diagnostics.render import (  # noqa: PLC0415 - most runs are for people
        concise,
        github,
        gitlab,
        json,
        sarif,
    )

    findings = in_order(diagnostics)
    match form:
        case "sarif":
            pages = configured_rule_pages(Path.cwd())
            return sarif.render(findings, folder=folder, command=command, pages=pages)
        case "github":
            return github.render(findings, folder=folder)
        case "concise":
            return concise.render(findings, here=working_folder_in_project(Path.cwd()))
        case "gitlab":
            return gitlab.render(findings, folder=folder)
        case _:
            return json.render(findings, folder=folder)
