"""Findings as GitHub workflow commands, which become annotations in a pull request.

A runner reads `::error file=…,line=…::message` from the output of a step and obeys it.
Whatever comes from a user's file must therefore not be able to end the command or begin
another: `%`, line ends, and in properties `:` and `,` are written as the runner's own
escapes (GitHub documentation, "Workflow commands for GitHub Actions").
"""

from collections.abc import Iterable

from netpolc.diagnostics.kind import Severity
from netpolc.diagnostics.model import Diagnostic

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render(diagnostics: Iterable[Diagnostic]) -> str:
    """One command a line for each finding, in the order given."""
    return "".join(f"{_command(found)}\n" for found in diagnostics)


def _command(found: Diagnostic) -> str:
    span = found.label.span
    line, column = span.file.position(span.start)
    last_line, last_column = span.file.position(max(span.start, span.end))
    place = {
        "file": span.path,
        "line": str(line),
        "endLine": str(last_line),
        "title": f"{found.kind.code} {found.kind.name}",
    }
    if last_line == line:  # the runner takes columns on one line only
        place |= {"col": str(column), "endColumn": str(max(column, last_column - 1))}
    properties = ",".join(f"{key}={_property(value)}" for key, value in place.items())
    return f"::{_COMMANDS[found.severity]} {properties}::{_data(_message(found))}"


def _message(found: Diagnostic) -> str:
    parts = [found.message]
    if found.label.text:
        parts.append(found.label.text)
    if found.help:
        parts.append(f"help: {found.help}")
    return "\n".join(parts)


def _data(text: str) -> str:
    return _visible(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _visible(text: str) -> str:
    """The text with control characters other than line ends made visible."""
    return "".join(
        char if char.isprintable() or char in "\r\n" else f"\\u{ord(char):04x}" for char in text
    )
