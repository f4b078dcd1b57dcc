"""`netpolc check`: everything that a compile does, but nothing written."""

import click

from netpolc.cli import options
from netpolc.cli.output_formats import findings_format, is_for_programs, print_form
from netpolc.cli.stderr import count, print_findings, print_summary, progress
from netpolc.commands.check import check
from netpolc.diagnostics.render import tally


@click.command("check", epilog="Example: netpolc check intents/ --format json")
@options.sources
@findings_format
@options.beside
@options.closed_world
@options.assume_no_other_policies
@options.namespace
@options.strict
def command(  # noqa: PLR0913 - one argument for each option
    *,
    sources: tuple[str, ...],
    form: str,
    beside: tuple[str, ...],
    closed_world: bool,
    assume_no_other_policies: bool,
    namespace: str | None,
    strict: bool | None,
) -> int:
    """Check intents without writing anything.

    SOURCE is as for compile, and manifests (.yaml) besides. Fails on errors and on arrows whose
    `until` has passed.
    """
    request = options.request(
        sources=sources,
        beside=beside,
        namespace=namespace,
        strict=strict,
        checking=True,
        closed_world=closed_world,
        assume_no_other_policies=assume_no_other_policies,
    )
    with progress() as show:
        compiled = check(request, show)
    result = compiled.result
    found = result.diagnostics
    if is_for_programs(form):
        print_form(form, found, "check", compiled.project)
        return int(result.failed)
    print_findings(found)
    if result.failed:
        skipped = "" if result.judged else "; assertions and lints were not run"
        print_summary(f"{tally(found)}{skipped}")
        return 1
    namespaces = {*result.policies.namespaces, *result.given.namespaces}
    checked = f"checked {count(len(namespaces), 'namespace')}"
    if result.proved:
        checked += f", {count(result.proved, 'assertion')} proved"
    print_summary(f"{checked}: {tally(found) or 'nothing to report'}")
    return 0
