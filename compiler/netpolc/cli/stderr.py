"""Output for people on stderr: findings, progress, and one line at the end.

All of it goes to standard error, so that standard output holds nothing but what was
asked for (`cli.stdout`).
"""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

import click

from netpolc.cli.colour import is_coloured
from netpolc.commands.pipeline_run import Progress, silent
from netpolc.diagnostics import Diagnostic, Severity
from netpolc.diagnostics.render import identity, in_order
from netpolc.diagnostics.render.text import render
from netpolc.diagnostics.render.workflow_commands import inert
from netpolc.io.config import working_folder_in_project

_PATIENCE, _PACE = 1.0, 0.1
_SERIOUSNESS = [*Severity]
_MOST_FINDINGS = 100
"""Findings that people are shown; each has several lines."""


def print_findings(diagnostics: Iterable[Diagnostic]) -> None:
    """Print findings, coloured on a terminal."""
    print_again(findings_text(diagnostics))


def not_shown(diagnostics: Iterable[Diagnostic], shown: set[object]) -> list[Diagnostic]:
    """Return the findings that are not among those shown, and count them to these.

    Outputs share most of their sources, and so most of their findings.
    """
    new = [finding for finding in in_order(diagnostics) if identity(finding) not in shown]
    shown.update(map(identity, new))
    return new


def findings_text(diagnostics: Iterable[Diagnostic]) -> str:
    """Return what is printed for findings."""
    here = working_folder_in_project(Path.cwd())
    findings = in_order(diagnostics)
    # The most serious ones come first where not all can be shown.
    shown = sorted(findings, key=lambda finding: _SERIOUSNESS.index(finding.severity))[
        :_MOST_FINDINGS
    ]
    text = render(shown, colour=is_coloured(sys.stderr), here=here)
    if (more := len(findings) - len(shown)) > 0:
        text += f"and {more:,} more; `netpolc check --format concise` has a line for each\n"
    return text


def print_again(text: str) -> None:
    """Print whole lines that may be coloured already."""
    click.echo(inert(text, os.environ), err=True, nl=False, color=is_coloured(sys.stderr))


def print_lines(text: str) -> None:
    """Print whole lines."""
    click.echo(inert(text, os.environ), err=True, nl=False)


def print_summary(line: str) -> None:
    """Print the last line."""
    click.echo(inert(line, os.environ), err=True)


def count(number: int, what: str, many: str = "") -> str:
    """A number and its noun, in the plural where it must be: `1 policy`, `2 policies`."""
    return f"{number:,} {what if number == 1 else many or what + 's'}"


@contextmanager
def progress() -> Iterator[Progress]:
    """A line on a terminal that says what a long run is doing; it is gone when the run is over."""
    if not _on_terminal():
        yield silent
        return
    line = _Line()
    try:
        yield line.show
    finally:
        line.clear()


class _Line:
    """The line on the terminal, shown only after some time and not too often."""

    def __init__(self) -> None:
        self._next = monotonic() + _PATIENCE
        self._shown = ""

    def show(self, what: str, done: int, total: int) -> None:
        """Show a step: a new one at once after the first wait, because it may be a long one."""
        now = monotonic()
        if now < self._next and self._shown in {"", what}:
            return
        self._next = now + _PACE
        self._shown = what
        share = f" {done:,}/{total:,}" if total > 1 else ""
        click.echo(f"\r\x1b[K{what}{share} …", err=True, nl=False, color=True)

    def clear(self) -> None:
        """Take the line away."""
        if self._shown:
            click.echo("\r\x1b[K", err=True, nl=False, color=True)


def _on_terminal() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()
