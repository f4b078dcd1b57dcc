"""`netpolc list`: every permitted connection, as a table, CSV or JSON."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from textwrap import wrap

import click

from netpolc.analysis.named_ends import ConnectionFilter
from netpolc.cli import options
from netpolc.cli.colour import BOLD, YELLOW, painted
from netpolc.cli.connection_filter import connection_filter, print_unknown_names
from netpolc.cli.request import new_request
from netpolc.cli.stderr import count, not_shown, print_findings, print_summary
from netpolc.cli.stdout import colours, print_json_pieces, print_text, terminal_width
from netpolc.cli.table import table_lines
from netpolc.commands.group_rows import GroupBy, group_rows
from netpolc.commands.list_ import list_connections
from netpolc.commands.listed import Listed
from netpolc.diagnostics.render import tally
from netpolc.diagnostics.render.escape import visible
from netpolc.indented_json import json_pieces
from netpolc.io.project import Request, requests_of_outputs
from netpolc.kube.inventory import Workload

_HEADINGS = ("FROM", "TO", "PORTS")
_FAILED, _USAGE = 1, 2
_UNKNOWN_PODS = "[unknown pods]"
"""The mark that tells other pods apart from a workload such as `shop/db[Deployment]`."""
_NO_GROUPS = "none"
_MOST_ROWS = 100
"""Rows above which a terminal gets groups of them."""
_LEAST_GROUPS = 5
"""Pairs of namespaces below which they say too little about so many rows."""


@click.command("list", epilog="Example: netpolc list manifests/ --to shop/db --format csv")
@options.sources
@options.environment
@connection_filter
@options.beside
@options.closed_world
@options.assume_no_other_policies
@click.option(
    "--group",
    type=click.Choice([_NO_GROUPS, *(by.value for by in GroupBy)]),
    help="One row for all connections from one namespace or service to another."
    f"  [default: none; on a terminal groups of more than {_MOST_ROWS} rows]",
)
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
    namespaces: tuple[str, ...],
    beside: tuple[str, ...],
    closed_world: bool,
    assume_no_other_policies: bool,
    sender: str,
    receiver: str,
    group: str | None,
    form: str,
    exposure: bool,
) -> int:
    """List the connections that are permitted between what is known.

    With workloads among the sources the rows are about them, both ends of each connection
    considered; otherwise about the services and classes of pods that the intents name. X is what
    has this name: a service (`db`, `shop/db`), a namespace (`shop`), an address or a block. On a
    terminal, wide columns are folded and cut; --format csv has all of them. SOURCE is as for check.
    """
    request = new_request(
        sources=sources,
        beside=beside,
        closed_world=closed_world,
        assume_no_other_policies=assume_no_other_policies,
    )
    wanted = ConnectionFilter(sender=sender, receiver=receiver, namespaces=namespaces)
    requests = requests_of_outputs(request) if form == "table" else (request,)
    codes, told = list[int](), set[object]()
    for asked in requests:
        if len(requests) > 1:
            print_text(_bold(f"{visible(asked.environment or '')}:") + "\n")
        codes.append(_list(asked, wanted, group, form, told, exposure=exposure))
    return max(codes)


def _list(
    request: Request,
    wanted: ConnectionFilter,
    group: str | None,
    form: str,
    told: set[object],
    *,
    exposure: bool,
) -> int:
    """Print one list, and the findings that were not told before; the exit code."""
    outcome = list_connections(request, exposure=exposure)
    print_findings(not_shown(outcome.diagnostics, told))
    if outcome.failed:
        print_summary(tally(outcome.diagnostics))
        return _FAILED
    listing = outcome.value
    if unknown := list(listing.unknown(wanted)):
        print_unknown_names(unknown, "list")
        return _USAGE
    rows = listing.wanted(wanted)
    if exposure and not listing.has_workloads:
        print_summary(
            "--exposure adds nothing: it is about workloads, and none are given; add their manifests with --with"
        )
    shown, by = _grouped(rows, group, on_terminal=form == "table" and terminal_width() is not None)
    if form == "table":
        print_text(_table(shown))
        print_summary(_totals(shown, len(rows), len(listing.rows)))
        if by is not None and group is None:
            print_summary(
                f"grouped by {by.value}; --group none lists every row, and -n, --from and --to"
                " choose some"
            )
    elif form == "csv":
        print_text(_csv(shown))
    else:
        print_json_pieces(json_pieces(map(_entry, shown)))
    return 0


def _grouped(
    rows: tuple[Listed, ...], group: str | None, *, on_terminal: bool
) -> tuple[tuple[Listed, ...], GroupBy | None]:
    """Return the rows, grouped as asked or on a terminal as it is needed, and how."""
    if group is not None and group != _NO_GROUPS:
        return group_rows(rows, GroupBy(group)), GroupBy(group)
    if group == _NO_GROUPS or not on_terminal or len(rows) <= _MOST_ROWS:
        return rows, None
    services = group_rows(rows, GroupBy.SERVICE)
    namespaces = group_rows(rows, GroupBy.NAMESPACE)
    if len(services) > _MOST_ROWS and len(namespaces) >= _LEAST_GROUPS:
        return namespaces, GroupBy.NAMESPACE
    return (services, GroupBy.SERVICE) if len(services) < len(rows) else (rows, None)


def _totals(shown: Sequence[Listed], rows: int, all_rows: int) -> str:
    """`12 of 367 rows, from 3 senders to 5 receivers`."""
    number = f"{rows:,} of {all_rows:,} rows" if rows < all_rows else count(rows, "row")
    grouped = f" in {count(len(shown), 'group')}" if len(shown) < rows else ""
    senders = count(len({row.sender for row in shown}), "sender")
    receivers = count(len({row.receiver for row in shown}), "receiver")
    return f"{number}{grouped}, from {senders} to {receivers}"


def _table(rows: Sequence[Listed]) -> str:
    cells = [_HEADINGS, *(tuple(map(visible, _cells(row))) for row in rows)]
    width = terminal_width()
    heading, *lines = table_lines(cells, width)
    text = "".join(f"{_bold(line)}\n" for line in heading)
    text += "".join(f"{_marked(line)}\n" for row in lines for line in row)
    facts = dict.fromkeys(fact for row in rows for fact in row.undecided)
    return text + "".join(
        f"{_marked(line)}\n"
        for fact in facts
        for line in _note(f"? depends on {visible(fact)}", width)
    )


def _cells(row: Listed) -> tuple[str, str, str]:
    """The ends and the ports; of a row about exposure, pods that are not known are marked."""
    sender, receiver = (
        f"{named.text}{_UNKNOWN_PODS if row.exposure and not isinstance(named.end, Workload) else ''}"
        for named in row.named_ends
    )
    return sender, receiver, row.ports


def _note(text: str, width: int | None) -> list[str]:
    return [text] if width is None else wrap(text, width, subsequent_indent="  ")


def _bold(text: str) -> str:
    return painted(text, BOLD, coloured=colours())


def _marked(line: str) -> str:
    """Colour what is wide open and what is not certain."""
    if not colours():
        return line
    return re.sub(
        r"\beverything\b|\?", lambda match: painted(match.group(), YELLOW, coloured=True), line
    )


def _csv(rows: Iterable[Listed]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("from", "to", "ports"))
    writer.writerows(map(_cells, rows))
    return text.getvalue()


def _entry(row: Listed) -> dict[str, object]:
    """A row as JSON says it."""
    return (
        {"src": row.sender, "dst": row.receiver, "protocols": row.protocols}
        | ({"named_ports": row.named_ports} if row.named_ports else {})
        | ({"exposure": True} if row.exposure else {})
        | ({"rows": row.count} if row.count > 1 else {})
        | _undecided(row)
        | ({"unknown": list(row.unknown)} if row.unknown else {})
    )


def _undecided(row: Listed) -> dict[str, object]:
    """The facts that a row depends on, and the traffic that they decide."""
    if not row.undecided:
        return {}
    possible = {"possible": row.possible_protocols} if row.possible else {}
    named = row.possible_named_ports
    names = {"possible_named_ports": named} if named else {}
    return {**possible, **names, "undecided": list(row.undecided)}
