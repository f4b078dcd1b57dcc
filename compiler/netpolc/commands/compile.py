"""`netpolc compile`: sources compiled, and the output folder written or compared."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from netpolc.commands.pipeline import Compilation, run
from netpolc.commands.pipeline_run import Progress, silent
from netpolc.commands.shared_findings import (
    OutputFindings,
    diagnostics_of,
    shared_by_identity,
    shared_findings,
)
from netpolc.commands.translation_validation import meaning, verify
from netpolc.diagnostics import Diagnostic, Outcome
from netpolc.diagnostics.diagnostic import has_errors
from netpolc.diagnostics.render import identity
from netpolc.io.edited_project import ONCE, OpenedProjects
from netpolc.io.left_over_outputs import removal
from netpolc.io.output_folder import OutputFolder
from netpolc.io.output_plan import Plan
from netpolc.io.output_writer import Written, inspect_tree, write_tree
from netpolc.io.processes import processes
from netpolc.io.project import Project, Request
from netpolc.io.sources import nothing_came, nothing_to_compile
from netpolc.values import frozen


@frozen
class Compiled:
    """A project and the result of its run; `name` is that of its output, if it is one of several."""

    project: Project
    result: Compilation
    name: str = ""


def compile_intents(
    request: Request,
    progress: Progress = silent,
    projects: OpenedProjects = ONCE,
    jobs: int = 1,
    *,
    lenient: bool = False,
) -> Compiled:
    """The result of a compile, of which nothing is written yet.

    Args:
        request: what to compile.
        progress: shows the steps.
        projects: remember their last state where they are watched.
        jobs: how many processes may work on it. The result has the texts of all
            manifests, and the manifests only with a single process.
        lenient: whether warnings stay warnings, whatever the project says.
    """
    opened = projects.read(request)
    sources = opened.value.sources
    before = (*opened.diagnostics, *nothing_to_compile(sources), *nothing_came(sources))
    memory, options = projects.memory(request), opened.value.options
    if lenient:
        options = replace(options, strict=False)
    result = run(
        sources,
        options,
        before=before,
        progress=progress,
        memory=memory,
        processes=processes(jobs, len(sources.files)),
    )
    return Compiled(opened.value, result, request.environment or "")


def compile_outputs(
    requests: Sequence[Request],
    progress: Progress = silent,
    projects: OpenedProjects = ONCE,
    jobs: int = 1,
    *,
    baseline: str | None = None,
) -> list[Compiled]:
    """Compile several outputs in memory, as `compile_intents` does each.

    The findings that the file `baseline` knows are left out, as in `check`, which also says what of the
    file is gone.
    """
    lenient = baseline is not None
    compiled = [
        compile_intents(request, progress, projects, jobs, lenient=lenient) for request in requests
    ]
    if baseline is None:
        return compiled
    from netpolc.io.baseline import read_baseline  # noqa: PLC0415 - loads JSON and digests

    read = read_baseline(requests[0].here / baseline, baseline)
    runs = [_findings(output, output.result.diagnostics) for output in compiled]
    shared = shared_by_identity(runs)
    known: set[int] = set()
    if read.value is not None:
        _, in_baseline = read.value.split(finding.diagnostic for finding in shared.values())
        known = set(map(id, in_baseline))
    for number, output in enumerate(compiled):
        strict = output.project.options.strict
        left = (
            *(
                finding
                for finding in output.result.diagnostics
                if id(shared[identity(finding)].diagnostic) not in known
            ),
            *(read.diagnostics if number == 0 else ()),
        )
        raised = tuple(replace(finding, raised=finding.raised or strict) for finding in left)
        compiled[number] = replace(output, result=replace(output.result, diagnostics=raised))
    return compiled


def _findings(output: Compiled, diagnostics: tuple[Diagnostic, ...]) -> OutputFindings:
    unused = output.result.unused_ignores
    return OutputFindings(output.name, output.project.sources, diagnostics, unused)


def findings_of_outputs(
    compiled: Sequence[Compiled], *, reread: bool | None = None
) -> tuple[Diagnostic, ...]:
    """Return the findings of all outputs, each once.

    Unless `reread` is None, those about the output folders are among them (`output_findings`).
    """
    return diagnostics_of(
        shared_findings(
            [
                _findings(
                    output,
                    output.result.diagnostics
                    if reread is None
                    else output_findings(output, reread=reread),
                )
                for output in compiled
            ]
        )
    )


def findings_of_gone_outputs(gone: Iterable[OutputFolder]) -> Iterator[Diagnostic]:
    """Yield a finding for each file of outputs that netpolc.toml no longer describes."""
    from netpolc.commands.output_diff import differences  # noqa: PLC0415 - for `--check`
    from netpolc.commands.stale_output import stale_output  # noqa: PLC0415

    for output in gone:
        planned = removal(output)
        yield from planned.diagnostics
        if not planned.failed:
            yield from stale_output(planned.value, differences(planned.value), output)


def write_output(compiled: Compiled, *, reread: bool = False) -> Outcome[Written | None]:
    """Write the output folder, and where `reread` is set, prove the files once more.

    Returns:
        What was done; None, with the findings that say why, where it was refused.
    """
    output, result = compiled.project.output, compiled.result
    written = write_tree(output, result.files, result.other)
    if written.value is None or not reread:
        return written
    return Outcome(written.value, (*written.diagnostics, *_reread(compiled)))


def inspect_output(compiled: Compiled, *, reread: bool = False) -> Outcome[Plan]:
    """Return what `write_output` would do; files that are as they should be are proved on request."""
    from netpolc.commands.output_diff import differences  # noqa: PLC0415 - for `--check`

    output, result = compiled.project.output, compiled.result
    inspected = inspect_tree(output, result.files, result.other)
    if inspected.failed or not reread or any(differences(inspected.value)):
        return inspected
    return Outcome(inspected.value, (*inspected.diagnostics, *_reread(compiled)))


def output_findings(compiled: Compiled, *, reread: bool = False) -> tuple[Diagnostic, ...]:
    """Return all findings of a compile, with one for each file of the output that is not right."""
    from netpolc.commands.output_diff import differences  # noqa: PLC0415 - for `--check`
    from netpolc.commands.stale_output import stale_output  # noqa: PLC0415

    output, result = compiled.project.output, compiled.result
    if result.failed:
        return result.diagnostics
    inspected = inspect_tree(output, result.files, result.other)
    findings = [*result.diagnostics, *inspected.diagnostics]
    if not inspected.failed:
        findings += stale_output(inspected.value, differences(inspected.value), output)
    if reread and not has_errors(findings):
        findings += _reread(compiled)
    return tuple(findings)


def _reread(compiled: Compiled) -> tuple[Diagnostic, ...]:
    """Compare the files with what they should mean: of a stage, with what its own policies mean."""
    from netpolc.analysis.lift_tiers import lift_tiers  # noqa: PLC0415 - for `--verify`

    result = compiled.result
    meant = result.policies if result.stage is None else meaning(result.manifests)
    tiers = lift_tiers(result.cluster_policies)
    return verify(compiled.project.output, result.files, meant, tiers)
