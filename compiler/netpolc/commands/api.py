"""The compiler as functions, for programs: the same as the commands, without printing.

import netpolc
result = netpolc.compile("intents")
result.files["shop/db-ingress.yaml"]
"""

import os
from pathlib import Path
from typing import TypeAlias

from netpolc.changes.diff import difference
from netpolc.changes.model import Difference
from netpolc.commands.diff import choose, compare
from netpolc.commands.pipeline import Compilation, run
from netpolc.commands.project import Request, open_project, today_of
from netpolc.diagnostics import Outcome

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
    """Like `compile`, but expired arrows are errors and assertions are looked at too."""
    return _run(sources, namespace, checking=True)


def diff(*sides: StrPath) -> Outcome[Difference | None]:
    """What a change opens and closes, exactly.

    Args:
        sides: none to two, as `netpolc diff` takes them: folders, files, revisions of git.

    Returns:
        What differs from the first to the second; None, with the findings that say why,
        where a side cannot be understood.
    """
    here, today = Path.cwd(), today_of(os.environ)
    chosen = choose([os.fspath(side) for side in sides], None, here)
    if not chosen.value:
        return Outcome(None, chosen.diagnostics)
    compared = compare(chosen.value, Request(), here, today)
    found = tuple(one for _, some in compared.found for one in some)
    if not compared.sides:
        return Outcome(None, found)
    return Outcome(difference(*compared.sides), found)


def _run(sources: tuple[StrPath, ...], namespace: str | None, *, checking: bool) -> Compilation:
    request = Request(
        sources=tuple(os.fspath(source) for source in sources),
        namespace=namespace,
        checking=checking,
    )
    opened = open_project(request, Path.cwd(), today_of(os.environ))
    project = opened.value
    return run(project.sources, project.options, before=opened.diagnostics)
