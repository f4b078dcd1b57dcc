"""The CODEOWNERS file of a repository."""

from pathlib import Path

from netpolc.changes.codeowners import PLACES
from netpolc.diagnostics import Outcome
from netpolc.diagnostics.render.escape import visible
from netpolc.io.config import repository_root
from netpolc.io.disk import DISK
from netpolc.io.read_file import read_file
from netpolc.source import SourceFile


def read_codeowners(given: str | None, here: Path) -> Outcome[SourceFile | None]:
    """Read the file given, or the first one in a usual place; None without one."""
    if given is not None:
        return read_file(here / given, visible(given))
    root = repository_root(here)
    for place in PLACES:
        if DISK.exists(root / place) and not DISK.is_folder(root / place):
            return read_file(root / place, place)
    return Outcome(None)
