"""The request of a command: its arguments, the working folder, the chosen output and today's date."""

import os
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import click

from netpolc.io.project import Request, today_of

_ENVIRONMENT = "netpolc.environment"


def new_request(**wanted: Any) -> Request:
    """Return a request for these things, made today in the working folder."""
    chosen = click.get_current_context().meta.get(_ENVIRONMENT)
    return Request(here=working_folder(), today=today(), environment=chosen, **wanted)


def dated(request: Request) -> Request:
    """Return a request for the same things, made today."""
    return replace(request, today=today())


def choose_environment(
    context: click.Context, _parameter: click.Parameter, value: str | None
) -> None:
    """Keep the value of `--environment` for the request of the command."""
    context.meta[_ENVIRONMENT] = value


def working_folder() -> Path:
    """The working folder; it may have been removed."""
    try:
        return Path.cwd()
    except OSError:
        message = "the working folder does not exist any more"
        raise click.UsageError(message) from None


def today() -> date:
    """The day by which arrows expire."""
    try:
        return today_of(os.environ)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
