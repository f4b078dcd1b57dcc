"""Findings as a GitLab Code Quality report.

GitLab reads a JSON list in the Code Climate form and shows the difference between two
branches (GitLab documentation, "Code Quality report format"). It matches findings by
their fingerprints, which must be unique in a report.
"""

from collections.abc import Iterable

from netpolc.diagnostics.diagnostic import Diagnostic
from netpolc.diagnostics.render.escape import visible
from netpolc.diagnostics.render.fingerprint import fingerprints
from netpolc.diagnostics.render.platform_text import LONGEST, parts, placed
from netpolc.diagnostics.rule import Severity
from netpolc.indented_json import indented_json

_SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "minor", Severity.NOTE: "info"}


def render(diagnostics: Iterable[Diagnostic], *, folder: str = "") -> str:
    """The report as JSON text, one entry a finding, in the order given.

    Args:
        diagnostics: the findings.
        folder: the path of the project's folder in its repository; GitLab needs paths from
            the repository's root.
    """
    entries = [
        _entry(finding, fingerprint, folder) for finding, fingerprint in fingerprints(diagnostics)
    ]
    return indented_json(entries)


def _entry(finding: Diagnostic, fingerprint: str, folder: str) -> dict[str, object]:
    span = finding.label.span
    first, _ = span.file.position(span.start)
    last, _ = span.file.position(max(span.start, span.end))
    return {
        "description": "; ".join(parts(finding)),
        "check_name": f"{finding.rule.code}-{finding.rule.name}",
        "fingerprint": fingerprint,
        "severity": _SEVERITIES[finding.severity],
        "location": {
            "path": visible(placed(span.path, folder), LONGEST),
            "lines": {"begin": first, "end": last},
        },
    }
