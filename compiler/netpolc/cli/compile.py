"""`netpolc compile`: intents in, an output folder out."""

import click

from netpolc.cli import options
from netpolc.cli.output_formats import findings_format, is_for_programs, print_form
from netpolc.cli.stderr import count, print_findings, print_summary, progress
from netpolc.cli.stdout import print_output, print_text
from netpolc.commands.compile import (
    Compiled,
    compile_intents,
    inspect_output,
    output_findings,
    write_output,
)
from netpolc.commands.output_diff import Difference, difference_text, differences
from netpolc.commands.pipeline import Compilation
from netpolc.diagnostics import Diagnostic
from netpolc.diagnostics.diagnostic import has_errors
from netpolc.diagnostics.render import tally
from netpolc.diagnostics.render.escape import visible
from netpolc.io.output_folder import OutputFolder
from netpolc.io.output_plan import Plan, encoded
from netpolc.io.output_writer import Written
from netpolc.manifest.output_layout import Layout, stream
from netpolc.manifest.rollout_stages import Stage, effects

_STDOUT = "-"
_REMOVED = 20
"""Removed files that are named."""


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
    help="Write one half of a staged roll-out: `allow` (policies with rules), then `deny` (the rest).",
)
@options.beside
@options.namespace
@options.strict
@options.silencing
@click.option(
    "--verify", "reread", is_flag=True, help="Read the written files back and verify them."
)
@click.option(
    "--kustomization/--no-kustomization",
    default=None,
    help="Write a kustomization.yaml into each folder.",
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
    ignore: frozenset[str],
    select: frozenset[str],
    reread: bool,
    kustomization: bool | None,
) -> int:
    """Compile intents to NetworkPolicy manifests.

    SOURCE is a folder (every .intent file below it), a file (.intent, or .json as printed by
    `netpolc ir`), or - for standard input; by default the folder intents. In the output folder
    netpolc changes only the manifests of this output, which its .netpolc-output names.
    """
    if output == _STDOUT and (compare or reread):
        message = "--check and --verify need an output folder"
        raise click.UsageError(message)
    if is_for_programs(form) and not compare:
        message = "--format is for --check"
        raise click.UsageError(message)
    request = options.request(
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
    with progress() as show:
        compiled = compile_intents(request, show)
    result = compiled.result
    if is_for_programs(form):
        found = output_findings(compiled, reread=reread)
        print_form(form, found, "compile", compiled.project)
        return int(has_errors(found))
    if result.failed:
        return _failed(result.diagnostics)
    if output == _STDOUT:
        print_output(encoded(stream(result.manifests)))
        return _done(result, "")
    return _compare(compiled, reread=reread) if compare else _write(compiled, reread=reread)


def _write(compiled: Compiled, *, reread: bool) -> int:
    outcome = write_output(compiled, reread=reread)
    if outcome.value is None or outcome.failed:
        return _failed((*compiled.result.diagnostics, *outcome.diagnostics))
    output = visible(compiled.project.output.name)
    for path in outcome.value.removed[:_REMOVED]:
        print_summary(f"removed {output}/{visible(path)}")
    if (more := len(outcome.value.removed) - _REMOVED) > 0:
        print_summary(f"removed {more:,} more")
    return _done(compiled.result, ": " + _changes(outcome.value))


def _changes(written: Written) -> str:
    parts = (
        (written.written, "written"),
        (len(written.removed), "removed"),
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


def _compare(compiled: Compiled, *, reread: bool) -> int:
    result, output = compiled.result, compiled.project.output
    inspected = inspect_output(compiled, reread=reread)
    found = (*result.diagnostics, *inspected.diagnostics)
    if inspected.failed:
        return _failed(found)
    print_findings(found)
    differing = list(differences(inspected.value))
    if differing:
        return _differ(inspected.value, differing, output)
    print_summary(f"{visible(output.name)} is up to date: {_size(result)}")
    return 0


def _differ(todo: Plan, differing: list[tuple[str, Difference]], output: OutputFolder) -> int:
    for path, difference in differing:
        print_text(difference_text(todo, path, difference, output.name))
    kinds = [difference for _, difference in differing]
    counts = ", ".join(f"{kinds.count(kind)} {kind.value}" for kind in Difference if kind in kinds)
    print_summary(
        f"{visible(output.name)} is not up to date: {counts}; run the same command without `--check`"
    )
    return 1
