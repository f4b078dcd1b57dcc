"""`netpolc fn`: the compiler as a step of kustomize or kpt."""

import sys

import click

from netpolc.cli.request import new_request
from netpolc.cli.stderr import print_findings
from netpolc.cli.stdout import print_output
from netpolc.commands.fn import function
from netpolc.io.output_plan import encoded


@click.command("fn", epilog="Example: netpolc fn < resource-list.yaml")
def command() -> int:
    """Compile the intents of a kustomize or kpt function (KRM).

    Reads a ResourceList from standard input, compiles the intents of its functionConfig (a
    NetworkIntents of netpolc/v1alpha1) and prints the list with the policies added. Findings go
    to its results and to standard error; an error makes the command fail.
    """
    data = sys.stdin.buffer.read() if sys.stdin is not None else b""
    answer = function(data, new_request())
    print_findings(answer.diagnostics)
    print_output(encoded(answer.text))
    return int(answer.failed)
