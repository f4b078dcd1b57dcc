"""Findings as a GitLab Code Quality report.

GitLab reads a JSON list in the Code Climate form and shows the difference between two
branches (GitLab documentation, "Code Quality report format"). It matches findings by
their fingerprints, which must be unique in a report.
"""

import json
from collections.abc import Iterable

from netpolc.diagnostics.kind import Severity
from netpolc.diagnostics.model import Diagnostic
from netpolc.diagnostics.render.fingerprint import fingerprints

_SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "minor", Severity.NOTE: "info"}


def render(diagnostics: Iterable[Diagnostic]) -> str:
    """The report as JSON text, one entry a finding, in the order given."""
    entries = [_entry(found, fingerprint) for found, fingerprint in fingerprints(diagnostics)]
    return json.dumps(entries, indent=2) + "\n"


def _entry(found: Diagnostic, fingerprint: str) -> dict[str, object]:
    span = found.label.span
    first, _ = span.file.position(span.start)
    last, _ = span.file.position(max(span.start, span.end))
    description = f"{found.message} ({found.help})" if found.help else found.message
    return {
        "description": description,
        "check_name": f"{found.kind.code}-{found.kind.name}",
        "fingerprint": fingerprint,
        "severity": _SEVERITIES[found.severity],
        "location": {"path": span.path, "lines": {"begin": first, "end": last}},
    }
