"""`netpolc check`: everything that a compile proves, and nothing written."""

from collections.abc import Sequence
from dataclasses import replace

from netpolc.commands.pipeline import Compilation, run
from netpolc.commands.pipeline_run import Progress, silent
from netpolc.commands.shared_findings import (
    OutputFindings,
    SharedFinding,
    diagnostics_of,
    shared_findings,
)
from netpolc.diagnostics import Diagnostic
from netpolc.io.baseline import Baseline, read_baseline, write_baseline
from netpolc.io.edited_project import ONCE, OpenedProjects
from netpolc.io.processes import processes
from netpolc.io.project import Project, Request, requests_of_outputs
from netpolc.io.sources import nothing_came
from netpolc.values import frozen


@frozen
class CheckedOutput:
    """The check of one output; `name` is empty unless it was one of several or chosen."""

    name: str
    project: Project
    result: Compilation


@frozen(kw_only=True)
class Checked:
    """The result of a check; `known` counts the findings that the baseline leaves out.

    `outputs` has an entry for each output, and `shared` the findings with the names of their outputs.
    """

    request: Request
    outputs: tuple[CheckedOutput, ...]
    shared: tuple[SharedFinding, ...]
    known: int = 0

    @property
    def project(self) -> Project:
        """The project, with the sources of the first output."""
        return self.outputs[0].project

    @property
    def findings(self) -> tuple[Diagnostic, ...]:
        """All findings, each once."""
        return diagnostics_of(self.shared)

    def findings_of(self, output: CheckedOutput) -> tuple[Diagnostic, ...]:
        """Return the findings of one output, those about no output among them."""
        return tuple(
            shared_finding.diagnostic
            for shared_finding in self.shared
            if not shared_finding.outputs or output.name in shared_finding.outputs
        )


def check(
    requests: Sequence[Request],
    progress: Progress = silent,
    *,
    baseline: str | None = None,
    projects: OpenedProjects = ONCE,
    jobs: int = 1,
) -> Checked:
    """Check intents or manifests; `checking` is set in each request, of which there is one an output.

    `baseline` is the path of a file with known findings, which are left out. It is about all outputs,
    so all of them are checked for it where one is chosen. `projects` remember their last state where
    they are watched. `jobs` is how many processes may work on it.
    """
    if baseline is not None and (every := _every_output(requests)):
        checked = check(every, progress, baseline=baseline, projects=projects, jobs=jobs)
        return _only(checked, requests[0])
    lenient = baseline is not None
    outputs = [_checked(request, progress, projects, jobs, lenient=lenient) for request in requests]
    runs = [
        OutputFindings(
            output.name,
            output.project.sources,
            output.result.diagnostics,
            output.result.unused_ignores,
        )
        for output in outputs
    ]
    shared, known = shared_findings(runs), 0
    if baseline is not None:
        # What the baseline knows must not stop the proof, so warnings become errors only afterwards.
        strict = any(output.project.options.strict for output in outputs)
        judged = all(output.result.judged for output in outputs)
        read = read_baseline(requests[0].here / baseline, baseline)
        left, known = _without_known(read.value, shared, judged=judged)
        findings = (*left, *(SharedFinding(finding, frozenset()) for finding in read.diagnostics))
        shared = tuple(
            SharedFinding(replace(d, raised=d.raised or strict), shared_finding.outputs)
            for shared_finding in findings
            for d in (shared_finding.diagnostic,)
        )
    return Checked(request=requests[0], outputs=tuple(outputs), shared=shared, known=known)


def _every_output(requests: Sequence[Request]) -> tuple[Request, ...]:
    """Return a request for each output where one of several is chosen; none where all are meant."""
    chosen = requests[0].environment
    if len(requests) > 1 or chosen is None:
        return ()
    every = requests_of_outputs(replace(requests[0], environment=None))
    return every if len(every) > 1 and chosen in {request.environment for request in every} else ()


def _only(checked: Checked, request: Request) -> Checked:
    """Return what was checked for one output, with the findings that are about no output."""
    return replace(
        checked,
        request=request,
        outputs=tuple(output for output in checked.outputs if output.name == request.environment),
        shared=tuple(
            shared_finding
            for shared_finding in checked.shared
            if not shared_finding.outputs or request.environment in shared_finding.outputs
        ),
    )


def _checked(
    request: Request,
    progress: Progress,
    projects: OpenedProjects,
    jobs: int,
    *,
    lenient: bool,
) -> CheckedOutput:
    opened = projects.read(request)
    project, options = opened.value, opened.value.options
    before = (*opened.diagnostics, *nothing_came(project.sources))
    if lenient:
        options = replace(options, strict=False)
    memory = projects.memory(request)
    result = run(
        project.sources,
        options,
        before=before,
        progress=progress,
        memory=memory,
        processes=processes(jobs, len(project.sources.files)),
    )
    return CheckedOutput(request.environment or "", project, result)


def _without_known(
    baseline: Baseline | None, shared: Sequence[SharedFinding], *, judged: bool
) -> tuple[list[SharedFinding], int]:
    """Return the findings that are not in a baseline, what it has too many, and how many it knows."""
    if baseline is None:
        return [*shared], 0
    new, known = baseline.split(shared_finding.diagnostic for shared_finding in shared)
    outputs = {id(shared_finding.diagnostic): shared_finding.outputs for shared_finding in shared}
    findings = [SharedFinding(finding, outputs[id(finding)]) for finding in new]
    gone = baseline.gone() if judged else ()
    return [*findings, *(SharedFinding(finding, frozenset()) for finding in gone)], len(known)


def check_for_baseline(
    requests: Sequence[Request], progress: Progress = silent, *, jobs: int = 1
) -> Checked:
    """Check all outputs, the others as well where one is chosen: a baseline is about all of them."""
    return check(_every_output(requests) or requests, progress, jobs=jobs)


def record_baseline(checked: Checked, path: str) -> int | str:
    """Write the warnings and notes to a file; return their number, or why it could not be written."""
    return write_baseline(checked.request.here / path, checked.findings)
