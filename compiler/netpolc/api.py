"""The compiler as functions, for programs: the same as the commands, without printing.

import netpolc
result = netpolc.compile("intents")
result.files["shop/db-ingress.yaml"]
"""

import os
from pathlib import Path
from typing import TypeAlias

from netpolc.changes.model import Difference
from netpolc.commands.diff import diff as compare
from netpolc.commands.diff import findings_of
from netpolc.commands.pipeline import Compilation, run
from netpolc.diagnostics import Outcome
from netpolc.io.project import Request, open_project, today_of

StrPath: TypeAlias = str | os.PathLike[str]


def compile(*sources: StrPath, namespace: str | None = None) -> Compilation:  # noqa: A001
    """Compile intents to manifests in memory; nothing is written.

    Args:
        sources: folders and files; by default what netpolc.toml says, else `intents`.
        namespace: that of statements before any section header.

    Returns:
        The program, its policies, the files of the output, and all findings. Where there
        is an error (`failed`), there are no files.
    """
    return _run(sources, namespace, checking=False)


def check(*sources: StrPath, namespace: str | None = None) -> Compilation:
    """The same as `compile`, but assertions are proved too, and expired arrows are errors."""
    return _run(sources, namespace, checking=True)


def diff(*sides: StrPath) -> Outcome[Difference | None]:
    """The connections that a change opens and closes, exactly.

    Args:
        sides: none to two, as `netpolc diff` takes them: folders, files, revisions of git.

    Returns:
        What differs from the first to the second; None, with the findings that say why,
        where a side cannot be understood.
    """
    request = Request(here=Path.cwd(), today=today_of(os.environ))
    compared = compare([os.fspath(side) for side in sides], request)
    return Outcome(compared.difference, findings_of(compared))


def _run(sources: tuple[StrPath, ...], namespace: str | None, *, checking: bool) -> Compilation:
    request = Request(
        here=Path.cwd(),
        today=today_of(os.environ),
        sources=tuple(os.fspath(source) for source in sources),
        namespace=namespace,
        checking=checking,
    )
    opened = open_project(request)
    return run(opened.value.sources, opened.value.options, before=opened.diagnostics)
