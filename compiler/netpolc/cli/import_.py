"""`netpolc import`: NetworkPolicy manifests in, intents out, with the proof that they are equal."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from netpolc.cli import options
from netpolc.cli.request import new_request
from netpolc.cli.stderr import count, print_findings, print_summary, progress
from netpolc.cli.stdout import print_output
from netpolc.commands.import_ import Imported, import_project
from netpolc.diagnostics import Diagnostic
from netpolc.diagnostics.render import tally
from netpolc.diagnostics.render.escape import visible
from netpolc.io.write_new_files import new_folder, plan_new, write_new
from netpolc.passes.decompile import By

_STDOUT = "-"


@click.command("import", epilog="Example: netpolc import k8s/ -o intents/")
@options.manifests
@click.option(
    "-o",
    "--output",
    metavar="FOLDER",
    default="intents",
    show_default=True,
    type=click.Path(),
    callback=options.output_path,
    help="Folder to write to, or - for standard output.",
)
@click.option(
    "--by",
    type=click.Choice([by.value for by in By]),
    default=By.SERVICE.value,
    show_default=True,
    help="A file for each service, or one for each namespace.",
)
@click.option(
    "--dry-run", is_flag=True, help="Prove, and show what would be written; write nothing."
)
@click.option("--force", is_flag=True, help="Replace files, and write next to other intents.")
@click.option(
    "--keep-unliftable",
    "kept",
    metavar="FOLDER",
    type=click.Path(),
    callback=options.output_path,
    help="Copy policies that intents cannot express to this folder.",
)
@options.manifest_namespace
def command(  # noqa: PLR0913 - one argument for each option
    *,
    manifests: tuple[str, ...],
    output: str,
    by: str,
    dry_run: bool,
    force: bool,
    kept: str | None,
    namespace: str | None,
) -> int:
    """Turn manifests into intents, and prove them equal.

    MANIFESTS are folders, files or - for standard input: policies, and the workloads and
    Namespaces with them, which give names and facts. The intents are compiled and compared with the
    manifests first, over every pod that could exist; only equal ones are written.
    """
    request = new_request(sources=manifests, namespace=namespace)
    with progress() as show:
        result = import_project(request, by=By(by), keeping=bool(kept), progress=show)
    if result.failed:
        return _failed(result.diagnostics)
    print_findings(result.diagnostics)
    if output == _STDOUT:
        print_output(_stream(result.files).encode("utf-8"))
    if output == _STDOUT or dry_run:
        return _done(result, "", manifests)
    changes = _write(result, request.here, output, kept, force=force)
    return 1 if changes is None else _done(result, changes, manifests)


def _write(
    result: Imported, here: Path, output: str, kept: str | None, *, force: bool
) -> str | None:
    """Write the intents and what is kept, both or neither; what was done, None if it was refused."""
    folders = [(new_folder(here, output), result.files)]
    if kept and result.kept:
        folders.append((new_folder(here, kept), result.kept))
    refused = [
        d for folder, files in folders for d in plan_new(folder, files, force=force).diagnostics
    ]
    if refused:
        _failed(tuple(refused))
        return None
    written = 0
    for folder, files in folders:
        outcome = write_new(folder, files, force=force)
        if outcome.failed:
            _failed(outcome.diagnostics)
            return None
        written += outcome.value
    changes = f"{count(written, 'file')} written to {visible(folders[0][0].name)}"
    return changes if written else f"{visible(folders[0][0].name)} is up to date"


def _done(result: Imported, changes: str, given: Sequence[str]) -> int:
    lines = f"{count(result.manifest_lines, 'line')} of YAML, {result.intent_lines} of intent"
    print_summary("; ".join(part for part in (changes, lines) if part))
    if result.kept:
        print_summary(f"{count(len(result.kept), 'policy', 'policies')} kept as manifests")
    if doubtful := tally(result.doubtful):
        print_summary(
            f"{doubtful} about the manifests: `netpolc check {' '.join(map(visible, given))}`"
        )
    policies = count(result.policies, "policy", "policies")
    classes = count(result.classes, "connection class", "connection classes")
    print_summary(f"equivalent: {policies}, {classes}")
    return 0


def _failed(findings: tuple[Diagnostic, ...]) -> int:
    print_findings(findings)
    print_summary(f"{tally(findings)}; nothing was written")
    return 1


def _stream(files: Mapping[str, str]) -> str:
    """All files as one: each begins with a header of its own, so together they are a program."""
    return "\n".join(files.values())
