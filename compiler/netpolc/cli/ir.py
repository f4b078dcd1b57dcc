"""`netpolc ir`: the intermediate representation, for other programs and for the curious."""

import click

from netpolc.cli import options
from netpolc.cli.request import new_request
from netpolc.cli.stderr import print_findings, print_summary
from netpolc.cli.stdout import print_json
from netpolc.commands.ir import ir
from netpolc.diagnostics.render import tally


@click.command("ir", epilog="Example: netpolc ir intents/ > shop.json && netpolc compile shop.json")
@options.sources
@options.environment
@options.namespace
@options.strict
def command(*, sources: tuple[str, ...], namespace: str | None, strict: bool | None) -> int:
    """Print what intents or manifests mean, as JSON.

    SOURCE is as for compile, and also manifests (.yaml). ir.schema.json describes the JSON;
    `netpolc compile` accepts it. Its member `left_out` names what is not in it: assertions, cluster-wide
    policies, stated addresses and the last days of arrows.
    """
    outcome = ir(new_request(sources=sources, namespace=namespace, strict=strict))
    print_findings(outcome.diagnostics)
    if outcome.failed:
        print_summary(tally(outcome.diagnostics))
        return 1
    print_json(outcome.value)
    return 0
