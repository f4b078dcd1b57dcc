"""Findings for programs: a JSON list, whose keys only ever grow in number.

    [{"code": "NP201", "name": "unknown-name", "severity": "error", "message": "…",
      "path": "intents/db.intent", "line": 4, "column": 7, "end_line": 4, "end_column": 13,
      "label": "not declared", "labels": [{"path": …, "line": …, …, "text": "…"}],
      "help": "…", "fixes": [{"path": …, "line": …, …, "replacement": "…", "safe": true}]}]

Lines and columns count from 1, columns in code points, and the end is not included. A
finding about a file as a whole is at 1:1 to 1:1.
"""

from collections.abc import Iterable

from netpolc.diagnostics import Diagnostic
from netpolc.diagnostics.render import in_order
from netpolc.diagnostics.render.platform_text import placed
from netpolc.indented_json import indented_json
from netpolc.source import Span


def render(diagnostics: Iterable[Diagnostic], *, folder: str = "") -> str:
    """Return the findings by place, each once, as JSON in ASCII with a line end.

    `folder` is the path of the project's folder in its repository, from whose root paths are given.
    """
    objects = [_diagnostic(diagnostic, folder) for diagnostic in in_order(diagnostics)]
    return indented_json(objects)


def _diagnostic(finding: Diagnostic, folder: str) -> dict[str, object]:
    return {
        "code": finding.rule.code,
        "name": finding.rule.name,
        "severity": finding.severity.value,
        "message": finding.message,
        **_place(finding.label.span, folder),
        "label": finding.label.text,
        "labels": [{**_place(label.span, folder), "text": label.text} for label in finding.others],
        "help": finding.help,
        "fixes": [
            {**_place(fix.span, folder), "replacement": fix.replacement, "safe": fix.safe}
            for fix in finding.fixes
        ],
    }


def _place(span: Span, folder: str) -> dict[str, object]:
    end_line, end_column = span.file.position(span.end)
    return {
        "path": placed(span.path, folder),
        "line": span.line,
        "column": span.column,
        "end_line": end_line,
        "end_column": end_column,
    }
