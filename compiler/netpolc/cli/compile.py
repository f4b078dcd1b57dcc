"""`netpolc compile`: intents in, an output folder out."""

import click

from netpolc.cli import options
from netpolc.cli.output_formats import findings_format, is_for_programs, print_form
from netpolc.cli.stderr import count, print_findings, print_summary, progress
from netpolc.cli.stdout import print_output, print_text
from netpolc.commands.output_diff import Difference, difference_text, differences
from netpolc.commands.output_layout import Layout, stream
from netpolc.commands.pipeline import Compilation, run
from netpolc.commands.project import Project, Request, open_project
from netpolc.commands.rollout_stages import Stage, effects
from netpolc.commands.stale_output import stale_output
from netpolc.commands.translation_validation import meaning, verify
from netpolc.diagnostics import Diagnostic
from netpolc.diagnostics.diagnostic import has_errors
from netpolc.diagnostics.render import tally
from netpolc.diagnostics.render.escape import visible
from netpolc.io.output_plan import OutputFolder, Plan, encoded
from netpolc.io.output_writer import Written, inspect_tree, write_tree
from netpolc.io.sources import nothing_came, nothing_to_compile
from netpolc.ir.model import Policies

_STDOUT = "-"


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
    help="A file for each policy, one for each namespace, or beside the intents' structure."
    "  [default: policy]",
)
@click.option(
    "--stage",
    type=click.Choice([stage.value for stage in Stage]),
    help="One half, for a first roll-out: what opens something (and closes its own subject), or"
    " after it what only closes.",
)
@options.beside
@options.namespace
@options.strict
@click.option("--verify", "reread", is_flag=True, help="Read the written files back and compare.")
@click.option(
    "--kustomization/--no-kustomization",
    default=None,
    help="Put a kustomization.yaml into each folder.",
)
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
    reread: bool,
    kustomization: bool | None,
) -> int:
    """Compile intents to NetworkPolicy manifests.

    SOURCE is a folder (every .intent file below it), a file (.intent, or .json as printed by
    `netpolc ir`), or - for standard input; by default the folder intents. Of the output folder
    netpolc changes only the files that it made.
    """
    if output == _STDOUT and (compare or reread):
        message = "--check and --verify need an output folder"
        raise click.UsageError(message)
    if is_for_programs(form) and not compare:
        message = "--format is for --check"
        raise click.UsageError(message)
    request = Request(
        sources=sources,
        beside=beside,
        output=None if output == _STDOUT else output,
        layout=Layout(layout) if layout else None,
        kustomization=kustomization,
        stage=Stage(stage) if stage else None,
        strict=strict,
        namespace=namespace,
    )
    opened = open_project(request, options.working_folder(), options.today())
    project = opened.value
    with progress() as show:
        nothing = (*nothing_to_compile(project.sources), *nothing_came(project.sources))
        before = (*opened.diagnostics, *nothing)
        result = run(project.sources, project.options, before=before, progress=show)
    if is_for_programs(form):
        return _report(form, result, project, reread=reread)
    if result.failed:
        return _failed(result.diagnostics)
    if output == _STDOUT:
        print_output(encoded(stream(result.manifests)))
        return _done(result, "")
    if compare:
        return _compare(result, project.output, reread=reread)
    return _write(result, project.output, reread=reread)


def _write(result: Compilation, output: OutputFolder, *, reread: bool) -> int:
    outcome = write_tree(output, result.files, result.spared)
    found = (*result.diagnostics, *outcome.diagnostics)
    if outcome.value is None:
        return _failed(found)
    wrong = verify(output, result.files, _meant(result)) if reread else ()
    if has_errors(wrong):
        return _failed((*found, *wrong))
    return _done(result, ": " + _changes(outcome.value))


def _changes(written: Written) -> str:
    parts = (
        (written.written, "written"),
        (written.removed, "removed"),
        (written.unchanged, "unchanged"),
        (written.spared, "of the other stage left alone"),
    )
    return ", ".join(f"{number} {what}" for number, what in parts if number) or "nothing to write"


def _done(result: Compilation, changes: str) -> int:
    print_findings(result.diagnostics)
    warned = tally(result.diagnostics)
    for line in effects(result.manifests, result.rest, result.stage):
        print_summary(line)
    print_summary(f"compiled {_size(result)}{changes}" + (f" ({warned})" if warned else ""))
    return 0


def _failed(found: tuple[Diagnostic, ...]) -> int:
    print_findings(found)
    print_summary(f"{tally(found)}; nothing was written")
    return 1


def _size(result: Compilation) -> str:
    namespaces = len({policy.namespace for policy in result.manifests})
    return f"{count(namespaces, 'namespace')}, {count(len(result.manifests), 'policy', 'policies')}"


def _meant(result: Compilation) -> Policies:
    """What the files should mean: of a stage, what its own policies mean."""
    return result.policies if result.stage is None else meaning(result.manifests)


def _compare(result: Compilation, output: OutputFolder, *, reread: bool) -> int:
    inspected = inspect_tree(output, result.files, result.spared)
    found = (*result.diagnostics, *inspected.diagnostics)
    if inspected.failed:
        return _failed(found)
    differing = list(differences(inspected.value))
    if differing:
        print_findings(found)
        return _differ(inspected.value, differing, output)
    wrong = verify(output, result.files, _meant(result)) if reread else ()
    if has_errors(wrong):
        return _failed((*found, *wrong))
    print_findings(found)
    print_summary(f"{visible(output.name)} is up to date: {_size(result)}")
    return 0


def _differ(todo: Plan, differing: list[tuple[str, Difference]], output: OutputFolder) -> int:
    for path, difference in differing:
        print_text(difference_text(todo, path, difference, output.name))
    kinds = [difference for _, difference in differing]
    counts = ", ".join(f"{kinds.count(kind)} {kind.value}" for kind in Difference if kind in kinds)
    print_summary(f"{visible(output.name)} is not up to date: {counts}; run `netpolc compile`")
    return 1


def _report(form: str, result: Compilation, project: Project, *, reread: bool) -> int:
    """What `_compare` says, as findings in the form of a platform."""
    found = list(result.diagnostics)
    if not result.failed:
        inspected = inspect_tree(project.output, result.files, result.spared)
        found += inspected.diagnostics
        if not inspected.failed:
            todo = inspected.value
            found += stale_output(todo, differences(todo), project.output)
    if reread and not has_errors(found):
        found += verify(project.output, result.files, _meant(result))
    print_form(form, found, "compile", project)
    return int(has_errors(found))
