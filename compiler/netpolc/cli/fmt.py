"""`netpolc fmt`: one way to write each thing."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import click

from netpolc.cli import options
from netpolc.cli.output_formats import findings_format, is_for_programs, print_form
from netpolc.cli.request import new_request
from netpolc.cli.stderr import count, print_findings, print_summary, progress
from netpolc.cli.stdout import print_output, print_text
from netpolc.cli.text_diff import text_diff
from netpolc.commands.fmt import Formatted, format_intents, not_formatted
from netpolc.diagnostics import Diagnostic
from netpolc.diagnostics.diagnostic import has_errors
from netpolc.diagnostics.render import tally
from netpolc.diagnostics.render.escape import visible
from netpolc.io.atomic_replace import rewrite
from netpolc.io.gather_sources import PASSED_OVER
from netpolc.io.project import open_project, with_sources_of_all_outputs
from netpolc.io.sources import STDIN, Sources, nothing_to_format
from netpolc.source import SourceFile


@click.command("fmt", epilog="Example: netpolc fmt --check intents/")
@options.sources
@click.option(
    "--check",
    "compare",
    is_flag=True,
    help="Write nothing; list the files that would change, and fail.",
)
@click.option("--diff", "show", is_flag=True, help="Write nothing; show what would change.")
@findings_format
@options.environment
@options.namespace
def command(
    *, sources: tuple[str, ...], compare: bool, show: bool, form: str, namespace: str | None
) -> int:
    """Write intents in their canonical form.

    SOURCE is a folder, a file, or - for standard input, whose canonical form goes to standard
    output; by default the folder intents. Comments stay. A file is written only
    if its meaning is proved unchanged; a file with errors is left as it is.
    """
    if is_for_programs(form) and (show or not compare):
        message = "--format is for --check, and not for --diff"
        raise click.UsageError(message)
    request = new_request(sources=sources, namespace=namespace)
    opened = open_project(with_sources_of_all_outputs(request))
    files = _intents(opened.value.sources)
    # Policies beside intents are not formatted anyway.
    findings = [finding for finding in opened.diagnostics if finding.rule is not PASSED_OVER]
    named = {str(request.here / source) for source in sources}
    findings += nothing_to_format(replace(opened.value.sources, intents=tuple(files)), named)
    with progress() as tell:
        outcome = format_intents(files, opened.value.options.namespace, tell)
    findings += outcome.diagnostics
    changing = [formatted for formatted in outcome.value if formatted.changes]
    if is_for_programs(form):
        print_form(form, (*findings, *not_formatted(changing)), "fmt", opened.value)
        return int(bool(changing) or has_errors(findings))
    for formatted in changing:
        if show:
            print_text(text_diff(formatted.source, formatted.text))
        elif compare:
            print_text(visible(formatted.source.path) + "\n")
    only_shown = compare or show
    if not only_shown:
        findings += _written(outcome.value, opened.value.sources)
    print_findings(findings)
    if [file.path for file in files] != [STDIN] or compare or has_errors(findings):
        same = len(outcome.value) - len(changing)
        print_summary(_summary(len(changing), same, findings, only_shown=only_shown))
    return int(has_errors(findings) or (compare and bool(changing)))


def _intents(sources: Sources) -> list[SourceFile]:
    """The files to format. Whatever standard input looks like, it is meant for intents."""
    others = (*sources.policies, *sources.manifests)
    return [*sources.intents, *(file for file in others if file.path == STDIN)]


def _written(formatted: Iterable[Formatted], sources: Sources) -> Iterator[Diagnostic]:
    """Write the canonical texts to their files; return findings about files that cannot be written."""
    for file in formatted:
        path = sources.places.get(file.source)
        if path is None:
            print_output(file.text.encode())
        elif file.changes and (refused := rewrite(Path(path), file.source, file.text)):
            yield refused


def _summary(changed: int, same: int, findings: list[Diagnostic], *, only_shown: bool) -> str:
    if has_errors(findings):
        return f"{tally(findings)}; files with errors were left as they are"
    done = "would be reformatted" if only_shown else "reformatted"
    parts = ((changed, done), (same, "already formatted"))
    counts = [f"{count(number, 'file')} {what}" for number, what in parts if number]
    return ", ".join(counts) or "no files to format"
