"""`--watch`: a command run again whenever a file of the project changes.

As in an editor, only what has changed is worked out again.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

import click

from netpolc.cli.request import dated
from netpolc.cli.stderr import print_summary
from netpolc.ide.save_memory import save_memory
from netpolc.io.config import find_project
from netpolc.io.disk import DISK
from netpolc.io.edited_project import WatchedProjects
from netpolc.io.project import Request
from netpolc.io.watch import changes


def watch(
    request: Request,
    run: Callable[[Request, WatchedProjects], Iterable[Path]],
) -> int:
    """Run a command until the user interrupts it.

    Args:
        request: what the command was asked for.
        run: runs it once; returns the folders that it writes, whose changes do not count.
    """
    if "-" in (*request.sources, *request.beside):
        message = "--watch needs files: standard input can be read only once"
        raise click.UsageError(message)
    projects, written = WatchedProjects(), set[Path]()
    for number, paths in enumerate(changes(_folders(request), written)):
        projects.changed(paths)
        written.update(run(dated(request), projects))
        projects.end_run()
        if not number:
            save_memory()
        print_summary("watching for changes; Ctrl-C ends")
    return 0


def _folders(request: Request) -> list[Path]:
    """The project's folder, and those of sources that are elsewhere."""
    paths = (request.here / path for path in (*request.sources, *request.beside))
    folders = [find_project(request.here)]
    for path in (path if DISK.is_folder(path) else path.parent for path in paths):
        if not any(path.is_relative_to(known) for known in folders):
            folders.append(path)
    return folders
