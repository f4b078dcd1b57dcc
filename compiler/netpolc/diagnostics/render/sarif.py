"""Findings as SARIF 2.1.0, the format in which code scanners exchange results.

One run of one tool; each kind that occurs is a rule with its explanation as help, each
finding a result with its place, related places, and fingerprints that survive moved lines
(OASIS, Static Analysis Results Interchange Format Version 2.1.0). Columns are counted in
code points, which the run says (`columnKind`).
"""

import json
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from netpolc.diagnostics.kind import Kind, Severity
from netpolc.diagnostics.model import Diagnostic, Fix, Label
from netpolc.diagnostics.render.fingerprint import fingerprints
from netpolc.source import Span
from netpolc.version import __version__

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}


def render(diagnostics: Iterable[Diagnostic]) -> str:
    """The log as JSON text."""
    found = list(diagnostics)
    rules = sorted({diagnostic.kind for diagnostic in found}, key=lambda kind: kind.code)
    index = {kind.code: number for number, kind in enumerate(rules)}
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "netpolc",
                        "version": __version__,
                        "rules": [_rule(kind) for kind in rules],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [
                    _result(diagnostic, fingerprint, index)
                    for diagnostic, fingerprint in fingerprints(found)
                ],
            }
        ],
    }
    return json.dumps(log, indent=2) + "\n"


def _rule(kind: Kind) -> dict[str, object]:
    first = kind.explanation.strip().split("\n\n", maxsplit=1)[0].replace("\n", " ")
    return {
        "id": kind.code,
        "name": kind.name,
        "shortDescription": {"text": kind.name.replace("-", " ")},
        "fullDescription": {"text": first},
        "help": {"text": kind.explanation, "markdown": kind.explanation},
        "defaultConfiguration": {"level": _LEVELS[kind.severity]},
    }


def _result(found: Diagnostic, fingerprint: str, index: dict[str, int]) -> dict[str, object]:
    parts = [found.message]
    if found.label.text:
        parts.append(found.label.text)
    if found.help:
        parts.append(f"help: {found.help}")
    result: dict[str, object] = {
        "ruleId": found.kind.code,
        "ruleIndex": index[found.kind.code],
        "level": _LEVELS[found.severity],
        "message": {"text": "; ".join(parts)},
        "locations": [{"physicalLocation": _location(found.label.span)}],
        "partialFingerprints": {"netpolc/v1": fingerprint},
    }
    if found.others:
        result["relatedLocations"] = _related(found.others)
    if found.fixes:
        result["fixes"] = [_fix(fix) for fix in found.fixes]
    return result


def _related(labels: Sequence[Label]) -> list[dict[str, object]]:
    return [
        {
            "id": number,
            "physicalLocation": _location(label.span),
            "message": {"text": label.text or "here"},
        }
        for number, label in enumerate(labels, 1)
    ]


def _location(span: Span) -> dict[str, object]:
    return {"artifactLocation": {"uri": _uri(span.path)}, "region": _region(span)}


def _region(span: Span) -> dict[str, object]:
    line, column = span.file.position(span.start)
    last_line, last_column = span.file.position(max(span.start, span.end))
    return {
        "startLine": line,
        "startColumn": column,
        "endLine": last_line,
        "endColumn": last_column,
    }


def _fix(fix: Fix) -> dict[str, object]:
    replacement = {
        "deletedRegion": _region(fix.span),
        "insertedContent": {"text": fix.replacement},
    }
    change = {
        "artifactLocation": {"uri": _uri(fix.span.path)},
        "replacements": [replacement],
    }
    return {"description": {"text": f"write `{fix.replacement}`"}, "artifactChanges": [change]}


def _uri(path: str) -> str:
    """A relative reference (RFC 3986); backslashes never stand for folders here."""
    return quote(path.encode("utf-8", "surrogateescape"))
