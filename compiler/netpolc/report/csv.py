"""The connections of a report as CSV, a row for each, for spreadsheets and evidence folders."""

import csv
import io
from collections.abc import Iterable

from netpolc.diagnostics.render.escape import visible
from netpolc.graph.words import full_name
from netpolc.report.model import Connection, Report, Statement

_HEADINGS = (
    "from",
    "to",
    "ports",
    "state",
    "sender opened by",
    "receiver opened by",
    "because",
    "until",
    "since",
    "author",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""Characters that begin a formula in a spreadsheet (OWASP, "CSV Injection")."""


def csv_text(report: Report) -> str:
    """The rows, the first with headings; several statements of a row are on lines of their own."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_HEADINGS)
    writer.writerows(
        [_inert(cell) for cell in _cells(connection)] for connection in report.connections
    )
    return text.getvalue()


def _cells(connection: Connection) -> Iterable[str]:
    statements = connection.statements
    state = "undecided" if connection.is_undecided else "permitted"
    return (
        _shown(full_name(connection.sender)),
        _shown(full_name(connection.receiver)),
        _shown(connection.ports),
        f"{state} (unknown pods)" if connection.exposure else state,
        "" if connection.sender.is_addresses else _opened(connection.sender_opened),
        "" if connection.receiver.is_addresses else _opened(connection.receiver_opened),
        _lines(statement.because for statement in statements),
        _lines(statement.until.isoformat() for statement in statements if statement.until),
        _lines(statement.change.day.isoformat() for statement in statements if statement.change),
        _lines(statement.change.author for statement in statements if statement.change),
    )


def _opened(statements: Iterable[Statement] | None) -> str:
    if statements is None:
        return "not isolated"
    return _lines(f"{statement.text} ({statement.place})" for statement in statements)


def _lines(texts: Iterable[str]) -> str:
    return "\n".join(dict.fromkeys(_shown(text) for text in texts if text))


def _shown(text: str) -> str:
    """A text on one visible line, whole: readers take a bare carriage return for the end of a row."""
    return visible(text, len(text))


def _inert(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
