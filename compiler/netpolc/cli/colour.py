"""Whether a stream is coloured, and the few colours that commands use (ECMA-48).

`--color` decides; without it the environment does: NO_COLOR (no-color.org) against FORCE_COLOR
(force-color.org) and CLICOLOR_FORCE, by which users colour a log that is not a terminal; and
otherwise whether the stream is a terminal that can show colours.
"""

import os
from typing import TextIO

import click

RED, GREEN, YELLOW, CYAN, BOLD = "31", "32", "33", "36", "1"
_CHOICE = "netpolc.color"


def is_coloured(stream: TextIO | None) -> bool:
    """Return whether text for this stream is coloured."""
    choice = _choice()
    if choice != "auto":
        return choice == "always"
    environment = os.environ
    if environment.get("NO_COLOR"):
        return False
    if any(
        environment.get(name, "0") not in {"", "0"} for name in ("FORCE_COLOR", "CLICOLOR_FORCE")
    ):
        return True
    return stream is not None and stream.isatty() and environment.get("TERM") != "dumb"


def painted(text: str, colour: str, *, coloured: bool) -> str:
    """Return the text in a colour, or as it is."""
    return f"\x1b[{colour}m{text}\x1b[0m" if coloured and text else text


def color_option() -> click.Option:
    """Return `--color`, which every command has."""
    return click.Option(
        ["--color"],
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        expose_value=False,
        callback=_choose,
        help="When to colour the output.  [default: auto]",
    )


def _choose(context: click.Context, _parameter: click.Parameter, value: str) -> None:
    context.find_root().meta[_CHOICE] = value


def _choice() -> str:
    context = click.get_current_context(silent=True)
    chosen: str = "auto" if context is None else context.find_root().meta.get(_CHOICE, "auto")
    return chosen
