"""Findings as one line each: `intents/db.intent:4:7: warning[NP604] …`, for editors and grep."""

from collections import Counter
from collections.abc import Iterable

from netpolc.diagnostics import Diagnostic
from netpolc.diagnostics.render import in_order
from netpolc.diagnostics.render.escape import visible
from netpolc.diagnostics.render.platform_text import seen_from


def render(diagnostics: Iterable[Diagnostic], *, here: str = "") -> str:
    """Return a line for each finding, by place, each once.

    `here` is the path of the working folder from the project's folder, from which paths are shown.
    """
    return "".join(_line(finding, here) + "\n" for finding in in_order(diagnostics))


def _line(finding: Diagnostic, here: str) -> str:
    span = finding.label.span
    place = f"{seen_from(here, span.path)}:{span.line}:{span.column}"
    return visible(f"{place}: {finding.severity.value}[{finding.rule.code}] {finding.message}")


def statistics(diagnostics: Iterable[Diagnostic]) -> str:
    """Return a line for each rule with the number of its findings, most first."""
    counts = Counter(finding.rule for finding in in_order(diagnostics))
    rows = sorted(counts.items(), key=lambda row: (-row[1], row[0].code))
    width = max((len(f"{number:,}") for _, number in rows), default=0)
    return "".join(f"{number:>{width},}  {rule.code}  {rule.name}\n" for rule, number in rows)
