"""Standard output: what was asked for, and nothing else.

Its reader may go away in the middle (`netpolc ir | head`), which click would report as an error
in the input.
"""

import os
import sys
from collections.abc import Iterable
from itertools import islice

import click

from netpolc.cli.colour import is_coloured
from netpolc.diagnostics.render.workflow_commands import inert

_PIECES = 10_000
"""Pieces of JSON that are printed at once. A piece does not begin or end inside a string."""
_JSON_FORMS = frozenset({"json", "sarif", "gitlab"})


class NoReaderError(Exception):
    """Nobody reads standard output any more."""


class UnwritableError(click.ClickException):
    """Standard output cannot be written, on a full disk for example. Half of an answer would mislead."""

    def __init__(self, why: str) -> None:
        super().__init__(f"Standard output cannot be written: {why}.")


def print_text(text: str) -> None:
    """Print a text for people, in which a machine that reads its log finds no command."""
    print_output(inert(text, os.environ))


def print_json(text: str) -> None:
    """Print JSON without `##`, which a machine that reads its log could take for a command.

    `##` is found only inside strings, where an escape says the same.
    """
    print_output(text.replace("##", "#\\u0023"))


def print_json_pieces(pieces: Iterable[str]) -> None:
    """Print JSON that is made piece by piece, so that no more of it is in memory than a part."""
    rest = iter(pieces)
    while part := "".join(islice(rest, _PIECES)):
        print_json(part)


def print_form(form: str, text: str) -> None:
    """Print a text in a form of `--format`: commands are left to GitHub's, whose runner reads them."""
    if form == "github":
        print_output(text)
    elif form in _JSON_FORMS:
        print_json(text)
    else:
        print_text(text)


def print_output(text: str | bytes) -> None:
    """Print a text as it is; NoReaderError where nobody reads it."""
    try:
        click.echo(text, nl=False, color=colours())
    except BrokenPipeError:
        # The interpreter would write what is left once more while it ends, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise NoReaderError from None
    except OSError as error:
        raise UnwritableError((error.strerror or str(error)).lower()) from None


def terminal_width() -> int | None:
    """Return how many characters fit on a line of the terminal; None if there is no terminal."""
    if sys.stdout is None or not sys.stdout.isatty():
        return None
    from shutil import get_terminal_size  # noqa: PLC0415 - loads what packs archives, for a table

    return get_terminal_size().columns


def colours() -> bool:
    """Whether standard output is coloured."""
    return is_coloured(sys.stdout)
