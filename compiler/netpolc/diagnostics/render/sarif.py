"""Findings as SARIF 2.1.0, the format in which code scanners exchange results.

One run of one tool; each kind that occurs is a rule with its explanation as help, each
finding a result with its place, related places, and fingerprints that survive moved lines
(OASIS, Static Analysis Results Interchange Format Version 2.1.0). Columns are counted in
code points, which the run says (`columnKind`). Places are relative to the root of the
checkout, `%SRCROOT%` by custom, of which nothing more is said: where it lay is nobody's
business, and GitHub would not look at it.

Braces in messages stay single where no reader could take them for a placeholder, although
3.11.5 asks for `{{`: viewers that do not know of placeholders would show every selector
with its braces doubled.
"""

import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from netpolc.diagnostics.diagnostic import Diagnostic, Fix, Label
from netpolc.diagnostics.render.escape import visible
from netpolc.diagnostics.render.fingerprint import fingerprints
from netpolc.diagnostics.render.platform_text import LONGEST, parts, placed, unmarked
from netpolc.diagnostics.rule import Rule, Severity
from netpolc.diagnostics.rule_pages import rule_page_address
from netpolc.indented_json import indented_json
from netpolc.source import Span
from netpolc.version import __version__

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}
_ROOT = "%SRCROOT%"
_PLACEHOLDER = re.compile(r"\{[0-9]+\}")


def render(
    diagnostics: Iterable[Diagnostic], *, folder: str = "", command: str = "", pages: str = ""
) -> str:
    """The log as JSON text.

    Args:
        diagnostics: the findings, in the order of the result.
        folder: the path of the project's folder in its repository.
        command: what was run; platforms keep the findings of different commands apart by it.
        pages: the address of the folder with the rules' web pages; empty where there is none.
    """
    findings = list(diagnostics)
    rules = sorted({diagnostic.rule for diagnostic in findings}, key=lambda kind: kind.code)
    index = {kind.code: number for number, kind in enumerate(rules)}
    run: dict[str, object] = {
        "tool": {
            "driver": {
                "name": "netpolc",
                "version": __version__,
                "rules": [_rule(kind, pages) for kind in rules],
            }
        },
        "invocations": [{"executionSuccessful": True}],
        "originalUriBaseIds": {
            _ROOT: {"description": {"text": "The root of the checkout that was looked at."}}
        },
        "columnKind": "unicodeCodePoints",
        "results": [
            _result(diagnostic, fingerprint, index, folder)
            for diagnostic, fingerprint in fingerprints(findings)
        ],
    }
    if command:
        run["automationDetails"] = {"id": f"netpolc/{command}/"}
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    }
    return indented_json(log)


def _rule(kind: Rule, pages: str) -> dict[str, object]:
    address = {"helpUri": rule_page_address(kind.code, pages)} if pages else {}
    first = kind.explanation.strip().split("\n\n", maxsplit=1)[0].replace("\n", " ")
    return {
        "id": kind.code,
        "name": kind.name,
        "shortDescription": {"text": kind.name.replace("-", " ")},
        "fullDescription": {"text": unmarked(first)},
        "help": {"text": unmarked(kind.explanation), "markdown": kind.explanation},
        **address,
        "defaultConfiguration": {"level": _LEVELS[kind.severity]},
    }


def _result(
    finding: Diagnostic, fingerprint: str, index: dict[str, int], folder: str
) -> dict[str, object]:
    result: dict[str, object] = {
        "ruleId": finding.rule.code,
        "ruleIndex": index[finding.rule.code],
        "level": _LEVELS[finding.severity],
        "message": {"text": _text("; ".join(parts(finding)))},
        "locations": [{"physicalLocation": _location(finding.label.span, folder)}],
        "partialFingerprints": {"netpolc/v1": fingerprint},
    }
    if finding.others:
        result["relatedLocations"] = _related(finding.others, folder)
    if finding.fixes:
        result["fixes"] = [_fix(fix, folder) for fix in finding.fixes]
    return result


def _related(labels: Sequence[Label], folder: str) -> list[dict[str, object]]:
    return [
        {
            "id": number,
            "physicalLocation": _location(label.span, folder),
            "message": {"text": _text(visible(label.text, LONGEST) or "here")},
        }
        for number, label in enumerate(labels, 1)
    ]


def _location(span: Span, folder: str) -> dict[str, object]:
    return {"artifactLocation": _artifact(span, folder), "region": _region(span)}


def _artifact(span: Span, folder: str) -> dict[str, object]:
    """A relative reference (RFC 3986); backslashes never mean folders here."""
    path = placed(span.path, folder).encode("utf-8", "surrogatepass")
    return {"uri": quote(path), "uriBaseId": _ROOT}


def _region(span: Span) -> dict[str, object]:
    line, column = span.file.position(span.start)
    last_line, last_column = span.file.position(max(span.start, span.end))
    if span.start == span.end == 0:  # The file as a whole; GitHub wants a line all the same.
        return {"startLine": line}
    return {
        "startLine": line,
        "startColumn": column,
        "endLine": last_line,
        "endColumn": last_column,
    }


def _fix(fix: Fix, folder: str) -> dict[str, object]:
    replacement = {
        "deletedRegion": _region(fix.span)
        if fix.span.end
        # The beginning of a file, where something is put in.
        else {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1},
        "insertedContent": {"text": fix.replacement},
    }
    change = {
        "artifactLocation": _artifact(fix.span, folder),
        "replacements": [replacement],
    }
    text = visible(fix.replacement, LONGEST)
    words = f"write `{text}`" if text else "leave this out"
    return {"description": {"text": _text(words)}, "artifactChanges": [change]}


def _text(text: str) -> str:
    """A plain text message in which nothing is a placeholder or a link (3.11.5, 3.11.6)."""
    if "](" in text:
        text = re.sub(r"([\\\[\]])", r"\\\1", text)
    if _PLACEHOLDER.search(text):
        text = text.replace("{", "{{").replace("}", "}}")
    return text
