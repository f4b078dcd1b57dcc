"""`netpolc explain`: what a finding means, why it matters, and what to write instead."""

from collections.abc import Iterable
from importlib import import_module
from pkgutil import walk_packages

import click

import netpolc
from netpolc.cli.stdout import print_output
from netpolc.diagnostics import Rule, rules
from netpolc.diagnostics.spelling import nearest

_WITHOUT_KINDS = ("netpolc.__main__", "netpolc.cli", "netpolc.grammar")


@click.command("explain", epilog="Example: netpolc explain NP711")
@click.argument("code", required=False, metavar="[CODE]")
def command(*, code: str | None) -> None:
    """Explain a finding by its code or name.

    CODE is what stands in brackets after `error`, or the finding's name. Without it all are
    listed.
    """
    known = all_kinds()
    if code is None:
        for kind in known:
            print_output(f"{kind.code}  {kind.severity.value:<7}  {kind.name}\n")
        return
    kind = _find(known, code)
    print_output(
        f"{kind.code} {kind.name} ({kind.severity.value})\n\n{kind.explanation.rstrip()}\n"
    )


def all_kinds() -> tuple[Rule, ...]:
    """Every kind of finding. Each is declared beside its pass, so the passes are loaded."""
    for module in walk_packages(netpolc.__path__, "netpolc."):
        if not module.name.startswith(_WITHOUT_KINDS):
            import_module(module.name)
    return rules()


def _find(known: Iterable[Rule], code: str) -> Rule:
    by_word = {kind.code.lower(): kind for kind in known} | {kind.name: kind for kind in known}
    found = by_word.get(code.lower())
    if found is not None:
        return found
    near = nearest(code.lower(), by_word)
    guess = (
        f" Did you mean {by_word[near].code} ({by_word[near].name})?"
        if near
        else " `netpolc explain` lists them."
    )
    message = f"No finding has the code or name {code!r}.{guess}"
    raise click.UsageError(message)
