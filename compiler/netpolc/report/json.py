"""A report as JSON, for programs and evidence folders."""

import json
from collections.abc import Iterable
from typing import Any

from netpolc.graph.words import full_name
from netpolc.report.model import (
    CheckedAssertion,
    Connection,
    Coverage,
    Finding,
    Report,
    Statement,
)

VERSION = 1
Json = dict[str, Any]


def json_text(report: Report) -> str:
    """The report as a JSON document with a line end; keys only ever grow in number."""
    numbers = _numbers(report)
    making = report.making
    document = {
        "version": VERSION,
        "made": {
            "netpolc": making.version,
            "inputs": {"files": making.files, "sha256": making.digest},
            "assumptions": list(making.assumptions),
            "history": making.history,
        }
        | ({"date": making.day.isoformat()} if making.day else {}),
        "totals": {
            "connections": len(report.listed),
            "services": report.total("services"),
            "isolated_ingress": report.total("ingress"),
            "isolated_egress": report.total("egress"),
        },
        "coverage": [_coverage(one) for one in report.coverage],
        "open_ingress": [full_name(node) for node in report.open_ingress],
        "open_egress": [full_name(node) for node in report.open_egress],
        "exposure": [
            {
                "kind": one.kind.name.lower(),
                "connections": [_ends(connection) for connection in one.connections],
            }
            for one in report.exposures
        ],
        "statements": [_statement(one) for one in numbers],
        "connections": [_connection(one, numbers) for one in report.connections],
        "assertions": [_assertion(one) for one in report.assertions],
        "findings": [_finding(one) for one in report.findings],
        "temporary": [_statement(one) for one in report.temporary],
        "unknown": [
            {"fact": one.text, "remedy": one.remedy, "connections": one.connections}
            for one in report.unknown
        ],
    }
    return json.dumps(document, indent=1) + "\n"


def _numbers(report: Report) -> dict[Statement, int]:
    """The statements that open connections, each with its index."""
    statements = (one for connection in report.connections for one in connection.statements)
    return {one: number for number, one in enumerate(dict.fromkeys(statements))}


def _coverage(one: Coverage) -> Json:
    return {
        "namespace": one.namespace,
        "services": one.services,
        "isolated_ingress": one.ingress,
        "isolated_egress": one.egress,
        "every_pod_isolated_ingress": one.every_ingress,
        "every_pod_isolated_egress": one.every_egress,
    }


def _ends(one: Connection) -> Json:
    return {"src": full_name(one.sender), "dst": full_name(one.receiver), "ports": one.ports}


def _connection(one: Connection, numbers: dict[Statement, int]) -> Json:
    """A connection; an end that nothing closes has null for the statements that open it."""
    found = _ends(one) | {
        "sender_opened_by": _indexes(one.sender_opened, numbers),
        "receiver_opened_by": _indexes(one.receiver_opened, numbers),
    }
    if one.is_undecided or one.facts:
        found["undecided"] = [fact.text for fact in one.facts]
    return found | ({"exposure": True} if one.exposure else {})


def _indexes(
    statements: Iterable[Statement] | None, numbers: dict[Statement, int]
) -> list[int] | None:
    return None if statements is None else [numbers[one] for one in statements]


def _statement(one: Statement) -> Json:
    found: Json = {"path": one.path, "line": one.line, "text": one.text}
    if one.because:
        found["because"] = one.because
    if one.until:
        found["until"] = one.until.isoformat()
    if one.change:
        found["since"] = {
            "commit": one.change.commit,
            "date": one.change.day.isoformat(),
            "author": one.change.author,
            "or_earlier": one.change.is_oldest,
        }
    return found


def _assertion(one: CheckedAssertion) -> Json:
    return _statement(one.statement) | {
        "verdict": one.verdict.name.lower(),
        "protects": {"count": one.count, "first": list(one.protects)},
        "note": one.note,
    }


def _finding(one: Finding) -> Json:
    return {
        "code": one.code,
        "name": one.name,
        "severity": one.severity,
        "message": one.message,
        "path": one.path,
        "line": one.line,
        "note": one.note,
        "help": one.help,
    }
