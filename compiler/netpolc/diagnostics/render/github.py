"""Findings as GitHub workflow commands, which become annotations in a pull request.

A runner reads `::error file=…,line=…::message` from the output of a step and obeys it.
Whatever comes from a user's file must therefore not be able to end the command or begin
another: `%`, line ends, and in properties `:` and `,` are written as the runner's own
escapes (GitHub documentation, "Workflow commands for GitHub Actions").

Of each step the runner makes ten annotations of each severity and drops the others
without a word, so a notice says how many there are. It comes first, since the notices are
ten at most too.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from netpolc.diagnostics.diagnostic import Diagnostic
from netpolc.diagnostics.render.escape import visible
from netpolc.diagnostics.render.platform_text import LONGEST, parts, placed
from netpolc.diagnostics.rule import Severity

SHOWN = 10
"""Annotations of one severity that GitHub shows of a step."""

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render(diagnostics: Iterable[Diagnostic], *, folder: str = "") -> str:
    """One command a line for each finding, in the order given.

    Args:
        diagnostics: the findings.
        folder: the path of the project's folder in its repository; annotations need paths
            from the repository's root.
    """
    findings = list(diagnostics)
    counts = Counter(_COMMANDS[finding.severity] for finding in findings)
    lines = [_left_out(counts)] if max(counts.values(), default=0) > SHOWN else []
    return "".join(
        f"{line}\n" for line in (*lines, *(_command(finding, folder) for finding in findings))
    )


def _left_out(counts: Mapping[str, int]) -> str:
    """A notice of what GitHub will not show."""
    # The notice takes the place of one.
    shown = {name: SHOWN - (name == "notice") for name in counts}
    most = ", ".join(
        f"{shown[name]} of {counts[name]} {name}s"
        for name in _COMMANDS.values()
        if name in counts and counts[name] > shown[name]
    )
    text = f"GitHub shows only {most} of this step as annotations; all of them are in its log"
    return f"::notice title=netpolc::{_data(text)}"


def _command(finding: Diagnostic, folder: str) -> str:
    span = finding.label.span
    line, column = span.file.position(span.start)
    last_line, last_column = span.file.position(max(span.start, span.end))
    place = {
        "file": placed(span.path, folder),
        "line": str(line),
        "endLine": str(last_line),
        "title": f"{finding.rule.code} {finding.rule.name}",
    }
    if last_line == line:  # the runner takes columns on one line only
        place |= {"col": str(column), "endColumn": str(max(column, last_column - 1))}
    properties = ",".join(f"{key}={_property(value)}" for key, value in place.items())
    return f"::{_COMMANDS[finding.severity]} {properties}::{_data(chr(10).join(parts(finding)))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(visible(text, LONGEST)).replace(":", "%3A").replace(",", "%2C")
