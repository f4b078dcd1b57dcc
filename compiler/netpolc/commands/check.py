"""`netpolc check`: everything that a compile proves, and nothing written."""

from dataclasses import replace

from netpolc.commands.pipeline import Compilation, Progress, run, silent
from netpolc.diagnostics import Diagnostic, Outcome
from netpolc.io.baseline import Baseline, read_baseline, write_baseline
from netpolc.io.project import Project, Request, open_project
from netpolc.io.sources import nothing_came
from netpolc.values import frozen


@frozen(kw_only=True)
class Checked:
    """What was checked, with its findings; `known` counts those left out for the baseline."""

    request: Request
    project: Project
    result: Compilation
    findings: tuple[Diagnostic, ...]
    known: int = 0


def check(request: Request, progress: Progress = silent, *, baseline: str | None = None) -> Checked:
    """Check intents or manifests; `request.checking` is set.

    `baseline` is the path of a file with known findings, which are left out.
    """
    opened = open_project(request)
    project, options = opened.value, opened.value.options
    before = (*opened.diagnostics, *nothing_came(project.sources))
    if baseline is None:
        result = run(project.sources, options, before=before, progress=progress)
        return Checked(request=request, project=project, result=result, findings=result.diagnostics)
    # What the baseline knows must not stop the proof, so warnings become errors only afterwards.
    lenient = replace(options, strict=False)
    result = run(project.sources, lenient, before=before, progress=progress)
    new, known = _split(read_baseline(request.here / baseline, baseline), result)
    raised = (replace(each, raised=each.raised or options.strict) for each in new)
    return Checked(
        request=request, project=project, result=result, findings=tuple(raised), known=known
    )


def _split(read: Outcome[Baseline | None], result: Compilation) -> tuple[list[Diagnostic], int]:
    """Return the findings that are not in the baseline, and how many are."""
    if read.value is None:
        return [*result.diagnostics, *read.diagnostics], 0
    new, known = read.value.split(result.diagnostics)
    gone = read.value.gone() if result.judged else ()
    return [*new, *gone], len(known)


def record_baseline(checked: Checked, path: str) -> int | str:
    """Write the warnings and notes to a file; return their number, or why it could not be written."""
    return write_baseline(checked.request.here / path, checked.findings)
