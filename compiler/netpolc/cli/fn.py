"""`netpolc fn`: the compiler as a step of kustomize or kpt."""

import sys

import click

from netpolc.cli import options
from netpolc.cli.stderr import print_findings
from netpolc.cli.stdout import print_output
from netpolc.commands.fn import function
from netpolc.io.output_plan import encoded


@click.command("fn", epilog="Example: netpolc fn < resource-list.yaml")
def command() -> int:
    """Add policies to the objects of kustomize or kpt (KRM).

    Reads a ResourceList from standard input and prints it with the policies that the intents of
    its functionConfig (a NetworkIntents of netpolc/v1alpha1) make. Findings are in its results and
    on standard error; fails where one of them is an error.
    """
    data = sys.stdin.buffer.read() if sys.stdin is not None else b""
    answer = function(data, options.request())
    print_findings(answer.diagnostics)
    print_output(encoded(answer.text))
    return int(answer.failed)
