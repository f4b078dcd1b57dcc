"""`netpolc ir`: the intermediate representation, for other programs and for the curious."""

import click

from netpolc.cli import options
from netpolc.cli.stderr import print_findings, print_summary
from netpolc.cli.stdout import print_output
from netpolc.commands.merge_policies import unite
from netpolc.commands.pipeline import run
from netpolc.commands.project import Request, open_project
from netpolc.diagnostics.render import tally
from netpolc.io.output_plan import encoded
from netpolc.ir.serialize import dump
from netpolc.passes.normalise import normalise
from netpolc.source import SourceFile


@click.command("ir", epilog="Example: netpolc ir intents/ > shop.json && netpolc compile shop.json")
@options.sources
@options.namespace
@options.strict
def command(*, sources: tuple[str, ...], namespace: str | None, strict: bool | None) -> int:
    """Print what intents or manifests mean, as JSON.

    SOURCE is as for compile, and manifests (.yaml) besides. The form is described by
    ir.schema.json; what is printed can be compiled.
    """
    request = Request(sources=sources, namespace=namespace, strict=strict)
    opened = open_project(request, options.working_folder(), options.today())
    result = run(opened.value.sources, opened.value.options, before=opened.diagnostics)
    united = unite(result.policies, result.given, SourceFile("manifests", ""))
    found = (*result.diagnostics, *united.diagnostics)
    print_findings(found)
    if result.failed or united.failed:
        print_summary(tally(found))
        return 1
    print_output(encoded(dump(normalise(united.value))))
    return 0
