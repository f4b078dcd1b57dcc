"""`netpolc check`: everything that a compile does, but nothing written."""

import click

from netpolc.cli import options
from netpolc.cli.output_formats import findings_format, is_for_programs, print_form
from netpolc.cli.stderr import count, print_findings, print_summary, progress
from netpolc.commands.pipeline import run
from netpolc.commands.project import Request, open_project
from netpolc.diagnostics.render import tally
from netpolc.io.sources import nothing_came


@click.command("check", epilog="Example: netpolc check intents/ --format json")
@options.sources
@findings_format
@options.beside
@options.namespace
@options.strict
def command(
    *,
    sources: tuple[str, ...],
    form: str,
    beside: tuple[str, ...],
    namespace: str | None,
    strict: bool | None,
) -> int:
    """Check intents without writing anything.

    SOURCE is as for compile, and manifests (.yaml) besides. Fails on errors and on arrows whose
    `until` has passed.
    """
    request = Request(
        sources=sources, beside=beside, namespace=namespace, strict=strict, checking=True
    )
    opened = open_project(request, options.working_folder(), options.today())
    project = opened.value
    with progress() as show:
        before = (*opened.diagnostics, *nothing_came(project.sources))
        result = run(project.sources, project.options, before=before, progress=show)
    found = result.diagnostics
    if is_for_programs(form):
        print_form(form, found, "check", project)
        return int(result.failed)
    print_findings(found)
    if result.failed:
        print_summary(tally(found))
        return 1
    namespaces = {*result.policies.namespaces, *result.given.namespaces}
    checked = count(len(namespaces), "namespace")
    print_summary(f"checked {checked}: {tally(found) or 'nothing to report'}")
    return 0
