"""`netpolc check`: everything that a compile proves, and nothing written."""

from netpolc.commands.compile import Compiled
from netpolc.commands.pipeline import Progress, run, silent
from netpolc.io.project import Request, open_project
from netpolc.io.sources import nothing_came


def check(request: Request, progress: Progress = silent) -> Compiled:
    """Check intents or manifests; `request.checking` is set."""
    opened = open_project(request)
    before = (*opened.diagnostics, *nothing_came(opened.value.sources))
    result = run(opened.value.sources, opened.value.options, before=before, progress=progress)
    return Compiled(opened.value, result)
