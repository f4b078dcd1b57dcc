"""`netpolc list`: every permitted connection, as a table, CSV or JSON."""

import csv
import io
import json
from collections.abc import Iterable, Sequence

import click

from netpolc.cli import options
from netpolc.cli.stderr import print_findings, print_summary
from netpolc.cli.stdout import print_form
from netpolc.commands.list_ import Listed, list_connections
from netpolc.diagnostics.render import tally
from netpolc.diagnostics.render.escape import visible

_HEADINGS = ("FROM", "TO", "PORTS")


@click.command("list", epilog="Example: netpolc list manifests/ --to shop/db --format csv")
@options.sources
@options.namespace
@options.environment
@options.beside
@options.closed_world
@options.assume_no_other_policies
@click.option("--from", "sender", metavar="X", default="", help="Only connections from X.")
@click.option("--to", "receiver", metavar="X", default="", help="Only connections to X.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "json"]),
    default="table",
    show_default=True,
    help="How to print the rows.",
)
@click.option(
    "--exposure", is_flag=True, help="Add the connections of pods that are not among the workloads."
)
def command(  # noqa: PLR0913 - one argument for each option
    *,
    sources: tuple[str, ...],
    namespace: str | None,
    beside: tuple[str, ...],
    closed_world: bool,
    assume_no_other_policies: bool,
    sender: str,
    receiver: str,
    form: str,
    exposure: bool,
) -> int:
    """List the connections that are permitted between what is known.

    With workloads among the sources the rows are about them, both ends of each connection
    considered; otherwise about the services and classes of pods that the intents name. X is part of
    what is printed in the column: `db`, `shop/db`, `shop/`. SOURCE is as for check.
    """
    request = options.request(
        sources=sources,
        beside=beside,
        namespace=namespace,
        closed_world=closed_world,
        assume_no_other_policies=assume_no_other_policies,
    )
    outcome = list_connections(request, exposure=exposure)
    print_findings(outcome.diagnostics)
    if outcome.failed:
        print_summary(tally(outcome.diagnostics))
        return 1
    rows = [row for row in outcome.value if sender in row.sender and receiver in row.receiver]
    printed = _PRINTERS[form](rows)
    print_form(form, printed)
    return 0


def _table(rows: Sequence[Listed]) -> str:
    cells = [_HEADINGS, *((visible(r.sender), visible(r.receiver), r.ports) for r in rows)]
    wide = [max(len(row[column]) for row in cells) for column in (0, 1)]
    table = "".join(
        f"{row[0]:<{wide[0]}}  {row[1]:<{wide[1]}}  {row[2]}".rstrip() + "\n" for row in cells
    )
    facts = dict.fromkeys(fact for row in rows for fact in row.undecided)
    return table + "".join(f"? depends on {visible(fact)}\n" for fact in facts)


def _csv(rows: Iterable[Listed]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("from", "to", "ports"))
    writer.writerows((row.sender, row.receiver, row.ports) for row in rows)
    return text.getvalue()


def _json(rows: Iterable[Listed]) -> str:
    entries = [
        {"src": row.sender, "dst": row.receiver, "protocols": row.protocols}
        | ({"exposure": True} if row.exposure else {})
        | _undecided(row)
        | ({"unknown": list(row.unknown)} if row.unknown else {})
        for row in rows
    ]
    return json.dumps(entries, indent=2) + "\n"


def _undecided(row: Listed) -> dict[str, object]:
    """The facts that a row depends on, and the traffic that they decide."""
    if not row.undecided:
        return {}
    possible = {"possible": row.possible_protocols} if row.possible else {}
    return {**possible, "undecided": list(row.undecided)}


_PRINTERS = {"table": _table, "csv": _csv, "json": _json}
