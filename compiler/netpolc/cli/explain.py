"""`netpolc explain`: what a finding means, why it matters, and what to write instead."""

import click

from netpolc.cli.stdout import print_output
from netpolc.commands.explain import find_rule
from netpolc.diagnostics.all_rules import all_rules


@click.command("explain", epilog="Example: netpolc explain NP711")
@click.argument("code", required=False, metavar="[CODE]")
def command(*, code: str | None) -> None:
    """Explain a finding by its code or name.

    CODE is the text in brackets after `error`, or the name of the rule. Without CODE, all rules
    are listed.
    """
    known = all_rules()
    if code is None:
        for rule in known:
            print_output(f"{rule.code}  {rule.severity.value:<7}  {rule.name}\n")
        return
    found, near = find_rule(known, code)
    if found is None:
        guess = (
            f" Did you mean {near.code} ({near.name})?"
            if near
            else " `netpolc explain` lists them."
        )
        message = f"No finding has the code or name {code!r}.{guess}"
        raise click.UsageError(message)
    print_output(
        f"{found.code} {found.name} ({found.severity.value})\n\n{found.explanation.rstrip()}\n"
    )
