"""The CODEOWNERS file of a repository."""

from pathlib import Path

from netpolc.changes.codeowners import PLACES
from netpolc.diagnostics import Outcome
from netpolc.diagnostics.render.escape import visible
from netpolc.io.config import repository_root
from netpolc.io.read_file import read_file
from netpolc.source import SourceFile


def read_codeowners(given: str | None, here: Path) -> Outcome[SourceFile | None]:
    """Read the file given, or the first one in a usual place; None without one."""
    if given is not None:
        return read_file(here / given, visible(given))
    root = repository_root(here)
    for place in PLACES:
        if (root / place).is_file():
            return read_file(root / place, place)
    return Outcome(None)
