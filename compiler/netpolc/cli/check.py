"""`netpolc check`: everything that a compile does, but nothing written."""

from collections.abc import Callable, Iterable, Mapping

import click

from netpolc.cli import options
from netpolc.cli.report import count, print_findings, print_summary, progress
from netpolc.cli.stdout import print_output
from netpolc.diagnostics import Diagnostic
from netpolc.diagnostics.render import github, gitlab, in_order, json, sarif, tally
from netpolc.workspace.pipeline import run
from netpolc.workspace.project import Request, open_project

RENDERERS: Mapping[str, Callable[[Iterable[Diagnostic]], str]] = {
    "json": json.render,
    "sarif": sarif.render,
    "github": github.render,
    "gitlab": gitlab.render,
}


@click.command("check", epilog="Example: netpolc check intents/ --format json")
@options.sources
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", *RENDERERS]),
    default="text",
    show_default=True,
    help="Findings as text for people, or on standard output for programs and platforms.",
)
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
        result = run(project.sources, project.options, before=opened.diagnostics, progress=show)
    found = result.diagnostics
    if form in RENDERERS:
        print_output(RENDERERS[form](in_order(found)))
        return int(result.failed)
    print_findings(found)
    if result.failed:
        print_summary(tally(found))
        return 1
    namespaces = {*result.policies.namespaces, *result.given.namespaces}
    checked = count(len(namespaces), "namespace")
    print_summary(f"checked {checked}: {tally(found) or 'nothing to report'}")
    return 0
