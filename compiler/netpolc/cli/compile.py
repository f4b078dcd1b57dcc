"""`netpolc compile`: intents in, an output folder out."""

import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from netpolc.cli import options
from netpolc.cli.colour import is_coloured
from netpolc.cli.left_over_outputs import remove_left_over, show_left_over
from netpolc.cli.output_formats import findings_format, is_for_programs, print_form
from netpolc.cli.request import new_request
from netpolc.cli.stderr import (
    count,
    findings_text,
    print_again,
    print_findings,
    print_summary,
    progress,
)
from netpolc.cli.stdout import print_output, print_text
from netpolc.commands.compile import (
    Compiled,
    compile_outputs,
    findings_of_gone_outputs,
    findings_of_outputs,
    inspect_output,
    write_output,
)
from netpolc.commands.pipeline import Compilation
from netpolc.diagnostics import Diagnostic, Outcome
from netpolc.diagnostics.diagnostic import has_errors
from netpolc.diagnostics.render import tally
from netpolc.diagnostics.render.escape import visible
from netpolc.io.config import FILE_NAME
from netpolc.io.edited_project import ReadProjects
from netpolc.io.left_over_outputs import left_over_outputs, removal
from netpolc.io.output_folder import OutputFolder
from netpolc.io.output_plan import Plan, encoded
from netpolc.io.output_writer import Written
from netpolc.io.project import Project, Request, requests_of_outputs
from netpolc.io.project_settings import output_names
from netpolc.manifest.output_layout import Layout, stream
from netpolc.manifest.rollout_stages import Stage, effects

if TYPE_CHECKING:
    from netpolc.commands.output_diff import Difference
    from netpolc.io.compile_record import CompileRecord
    from netpolc.io.edited_project import OpenedProjects

_STDOUT = "-"
_REMOVED = 20
"""Removed files that are named."""
_GONE = f"{FILE_NAME} has no such output"
_WORTH_A_RECORD = 500
"""So many sources make a record worthwhile; fewer are compiled in the time of a look at it."""


@click.command(
    "compile", epilog="Example: netpolc compile intents/ env/prod.intent -o out/prod --strict"
)
@options.sources
@click.option(
    "-o",
    "--output",
    metavar="OUT",
    type=click.Path(),
    callback=options.output_path,
    help="Output folder, or - for one stream on standard output.  [default: out]",
)
@click.option(
    "--check",
    "compare",
    is_flag=True,
    help="Write nothing; show how the output folder differs, and fail if it does.",
)
@findings_format
@click.option(
    "--layout",
    type=click.Choice([layout.value for layout in Layout]),
    help="A file for each policy, a file for each namespace, or the folders and files of the intents."
    "  [default: policy]",
)
@click.option(
    "--stage",
    type=click.Choice([stage.value for stage in Stage]),
    help="Write one half of a staged roll-out: `allow` (policies with rules), then `deny` (the rest).",
)
@options.watching
@options.environment
@options.beside
@options.namespace
@options.strict
@options.silencing
@options.baseline
@click.option(
    "--verify", "reread", is_flag=True, help="Read the written files back and verify them."
)
@click.option(
    "--kustomization/--no-kustomization",
    default=None,
    help="Write a kustomization.yaml into each folder.",
)
@options.jobs
def command(  # noqa: PLR0913
    *,
    sources: tuple[str, ...],
    output: str | None,
    compare: bool,
    form: str,
    layout: str | None,
    stage: str | None,
    beside: tuple[str, ...],
    namespace: str | None,
    strict: bool | None,
    ignore: frozenset[str],
    select: frozenset[str],
    baseline: str | None,
    reread: bool,
    kustomization: bool | None,
    jobs: int,
    watched: bool,
) -> int:
    """Compile intents to NetworkPolicy manifests.

    SOURCE is a folder (every .intent file below it), a file (.intent, or .json as printed by
    `netpolc ir`), or - for standard input; by default what netpolc.toml says, else the folder
    intents. All outputs of netpolc.toml are compiled, or the one of -e. In the output folder
    netpolc changes only the manifests of this output, which its .netpolc-output names. Without -e it
    also removes those of outputs that netpolc.toml no longer describes.
    """
    _refuse_contradictions(output, form, compare=compare, reread=reread)
    request = new_request(
        sources=sources,
        beside=beside,
        output=None if output == _STDOUT else output,
        layout=Layout(layout) if layout else None,
        kustomization=kustomization,
        stage=Stage(stage) if stage else None,
        strict=strict,
        ignore=ignore,
        select=select,
        namespace=namespace,
    )
    _refuse_sources_of_no_output(request)
    if watched:
        if output == _STDOUT or compare:
            message = "--watch needs an output folder, and does not go with --check"
            raise click.UsageError(message)
        from netpolc.cli.watch import watch  # noqa: PLC0415 - loads what an editor needs

        return watch(request, partial(_compile_again, reread=reread, baseline=baseline))
    if output == _STDOUT:
        return _compile_to_stdout(request, baseline)
    requests, gone = _outputs(request)
    if not (compare or reread or baseline):
        return _compile_or_repeat(requests, jobs, gone)
    return _finish(_compile(requests, jobs, baseline), form, gone, compare=compare, reread=reread)


def _refuse_contradictions(output: str | None, form: str, *, compare: bool, reread: bool) -> None:
    if output == _STDOUT and (compare or reread):
        message = "--check and --verify need an output folder"
        raise click.UsageError(message)
    if is_for_programs(form) and not compare:
        message = (
            "--format goes with --check; netpolc check --format prints the findings of intents"
        )
        raise click.UsageError(message)


def _outputs(request: Request) -> tuple[tuple[Request, ...], tuple[OutputFolder, ...]]:
    """A request for each output, and the folders of those that are gone where all are compiled."""
    requests = (request,) if request.output else requests_of_outputs(request)
    is_about_all = not (request.output or request.environment or request.sources)
    return requests, left_over_outputs(request.here) if is_about_all else ()


def _compile(requests: Sequence[Request], jobs: int, baseline: str | None) -> list[Compiled]:
    with progress() as show:
        return compile_outputs(requests, show, jobs=jobs, baseline=baseline)


def _finish(
    compiled: Sequence[Compiled],
    form: str,
    gone: Sequence[OutputFolder],
    *,
    compare: bool,
    reread: bool,
) -> int:
    """Compare the manifests, or write and verify them."""
    if is_for_programs(form):
        findings = findings_of_outputs(compiled, reread=reread)
        if not has_errors(findings):
            findings = (*findings, *findings_of_gone_outputs(gone))
        print_form(form, findings, "compile", compiled[0].project)
        return int(has_errors(findings))
    work = _compare_all if compare else _write_all
    return work(compiled, gone, reread=reread)


def _compile_or_repeat(requests: Sequence[Request], jobs: int, gone: Sequence[OutputFolder]) -> int:
    """Compile and write, or print again what the last compile of equal inputs would print now."""
    projects = ReadProjects()
    record = _record(requests, [projects.read(request) for request in requests])
    printed = None if record is None or gone else record.printed()
    if printed is not None:
        print_again(printed)
        return 0
    with progress() as show:
        compiled = compile_outputs(requests, show, projects, jobs)
    code = _write_all(compiled, gone, reread=False)
    if record is not None and code == 0:
        record.write(_unchanged_text(compiled), [output.result.files for output in compiled])
    return code


def _record(
    requests: Sequence[Request], opened: Sequence[Outcome[Project]]
) -> "CompileRecord | None":
    """Return the record of a large compile, None where there cannot be one."""
    if sum(len(outcome.value.sources.files) for outcome in opened) < _WORTH_A_RECORD:
        return None
    from netpolc.io.compile_record import CompileRecord  # noqa: PLC0415 - loads digests and JSON

    return CompileRecord.of(opened, os.environ, (requests, is_coloured(sys.stderr), Path.cwd()))


def _unchanged_text(compiled: Sequence[Compiled]) -> str:
    """Return what a compile prints that finds everything written."""
    lines = (
        _done_line(output, f": {_changes(Written(written=0, unchanged=len(output.result.files)))}")
        for output in compiled
    )
    return findings_text(findings_of_outputs(compiled)) + "".join(f"{line}\n" for line in lines)


def _compile_again(
    request: Request, projects: "OpenedProjects", *, reread: bool, baseline: str | None
) -> list[Path]:
    requests, gone = _outputs(request)
    with progress() as show:
        compiled = compile_outputs(requests, show, projects, baseline=baseline)
    _write_all(compiled, gone, reread=reread)
    return [output.project.output.path for output in compiled]


def _refuse_sources_of_no_output(request: Request) -> None:
    """Refuse sources on the command line where nothing says which folder is theirs."""
    is_placed = request.output is not None or request.environment is not None
    if request.sources and not is_placed and output_names(request.here):
        message = (
            "sources on the command line belong to no output of netpolc.toml:"
            " give their folder with -o, or the output with -e"
        )
        raise click.UsageError(message)


def _compile_to_stdout(request: Request, baseline: str | None) -> int:
    """Compile, and print the manifests as one stream."""
    with progress() as show:
        (compiled,) = compile_outputs((request,), show, baseline=baseline)
    findings = compiled.result.diagnostics
    if not compiled.result.failed:
        print_output(
            encoded(stream(compiled.result.manifests, cluster=compiled.result.cluster_policies))
        )
    print_findings(findings)
    return _nothing_written(findings) if compiled.result.failed else _done(compiled, "")


def _write_all(compiled: Sequence[Compiled], gone: Sequence[OutputFolder], *, reread: bool) -> int:
    """Write all outputs, and remove the manifests of outputs that are gone; do nothing where one has an error."""
    findings = findings_of_outputs(compiled)
    if len(compiled) + len(gone) > 1 and not has_errors(findings):
        findings = (
            *findings,
            *(d for output in compiled for d in inspect_output(output).diagnostics),
            *(d for folder in gone for d in removal(folder).diagnostics),
        )
    print_findings(findings)
    if has_errors(findings):
        return _nothing_written(findings)
    if code := max([_write(output, reread=reread) for output in compiled]):
        return code
    return int(sum(remove_left_over(folder, _GONE) for folder in gone) < len(gone))


def _compare_all(
    compiled: Sequence[Compiled], gone: Sequence[OutputFolder], *, reread: bool
) -> int:
    findings = findings_of_outputs(compiled)
    print_findings(findings)
    if has_errors(findings):
        return _nothing_written(findings)
    code = max([_compare(output, reread=reread) for output in compiled])
    for folder in gone:
        show_left_over(folder, _GONE, files=True)
    return int(bool(code or gone))


def _nothing_written(findings: Sequence[Diagnostic], name: str = "") -> int:
    print_summary(f"{name}{tally(findings)}; nothing was written")
    return 1


def _write(compiled: Compiled, *, reread: bool) -> int:
    outcome = write_output(compiled, reread=reread)
    if outcome.value is None or outcome.failed:
        return _failed(compiled, outcome.diagnostics)
    output = visible(compiled.project.output.name)
    for path in outcome.value.removed[:_REMOVED]:
        print_summary(f"removed {output}/{visible(path)}")
    if (more := len(outcome.value.removed) - _REMOVED) > 0:
        print_summary(f"removed {more:,} more")
    return _done(compiled, ": " + _changes(outcome.value))


def _changes(written: Written) -> str:
    parts = (
        (written.written, "written"),
        (len(written.removed), "removed"),
        (written.unchanged, "unchanged"),
        (written.spared, "of the other stage left alone"),
    )
    return ", ".join(f"{number} {what}" for number, what in parts if number) or "nothing to write"


def _done(compiled: Compiled, changes: str) -> int:
    result = compiled.result
    for line in effects(result.manifests, result.rest, result.stage):
        print_summary(f"{_name(compiled)}{line}")
    print_summary(_done_line(compiled, changes))
    return 0


def _done_line(compiled: Compiled, changes: str) -> str:
    warned = tally(compiled.result.diagnostics)
    warnings = f" ({warned})" if warned else ""
    return f"{_name(compiled)}compiled {_size(compiled.result)}{changes}{warnings}"


def _failed(compiled: Compiled, findings: tuple[Diagnostic, ...]) -> int:
    print_findings(findings)
    return _nothing_written(findings, _name(compiled))


def _name(compiled: Compiled) -> str:
    return f"{visible(compiled.name)}: " if compiled.name else ""


def _size(result: Compilation) -> str:
    namespaces = len(result.policy_counts)
    cluster = len(result.cluster_policies)
    wide = f", {count(cluster, 'cluster-wide policy', 'cluster-wide policies')}" if cluster else ""
    policies = count(sum(result.policy_counts.values()), "policy", "policies")
    return f"{count(namespaces, 'namespace')}, {policies}{wide}"


def _compare(compiled: Compiled, *, reread: bool) -> int:
    from netpolc.commands.output_diff import differences  # noqa: PLC0415 - for `--check`

    result, output = compiled.result, compiled.project.output
    inspected = inspect_output(compiled, reread=reread)
    if inspected.failed:
        return _failed(compiled, inspected.diagnostics)
    print_findings(inspected.diagnostics)
    differing = list(differences(inspected.value))
    if differing:
        return _differ(inspected.value, differing, output)
    print_summary(f"{visible(output.name)} is up to date: {_size(result)}")
    return 0


def _differ(todo: Plan, differing: list[tuple[str, "Difference"]], output: OutputFolder) -> int:
    from netpolc.cli.text_diff import coloured_diff  # noqa: PLC0415 - only where files differ
    from netpolc.commands.output_diff import Difference, difference_text  # noqa: PLC0415

    for path, difference in differing:
        print_text(coloured_diff(difference_text(todo, path, difference, output.name)))
    kinds = [difference for _, difference in differing]
    counts = ", ".join(f"{kinds.count(kind)} {kind.value}" for kind in Difference if kind in kinds)
    print_summary(
        f"{visible(output.name)} is not up to date: {counts}; run the same command without `--check`"
    )
    return 1
