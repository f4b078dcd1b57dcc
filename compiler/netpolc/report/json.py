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
        "coverage": [_coverage(coverage) for coverage in report.coverage],
        "open_ingress": [full_name(node) for node in report.open_ingress],
        "open_egress": [full_name(node) for node in report.open_egress],
        "exposure": [
            {
                "kind": exposure.kind.name.lower(),
                "connections": [_ends(connection) for connection in exposure.connections],
            }
            for exposure in report.exposures
        ],
        "statements": [_statement(statement) for statement in numbers],
        "connections": [_connection(connection, numbers) for connection in report.connections],
        "assertions": [_assertion(assertion) for assertion in report.assertions],
        "findings": [_finding(finding) for finding in report.findings],
        "temporary": [_statement(statement) for statement in report.temporary],
        "unknown": [
            {"fact": fact.text, "remedy": fact.remedy, "connections": fact.connections}
            for fact in report.unknown
        ],
    }
    return json.dumps(document, indent=1) + "\n"


def _numbers(report: Report) -> dict[Statement, int]:
    """The statements that open connections, each with its index."""
    statements = (
        statement for connection in report.connections for statement in connection.statements
    )
    return {statement: number for number, statement in enumerate(dict.fromkeys(statements))}


def _coverage(coverage: Coverage) -> Json:
    return {
        "namespace": coverage.namespace,
        "services": coverage.services,
        "isolated_ingress": coverage.ingress,
        "isolated_egress": coverage.egress,
        "every_pod_isolated_ingress": coverage.every_ingress,
        "every_pod_isolated_egress": coverage.every_egress,
    }


def _ends(connection: Connection) -> Json:
    return {
        "src": full_name(connection.sender),
        "dst": full_name(connection.receiver),
        "ports": connection.ports,
    }


def _connection(connection: Connection, numbers: dict[Statement, int]) -> Json:
    """A connection; an end that nothing closes has null for the statements that open it."""
    fields = _ends(connection) | {
        "sender_opened_by": _indexes(connection.sender_opened, numbers),
        "receiver_opened_by": _indexes(connection.receiver_opened, numbers),
    }
    if connection.is_undecided or connection.facts:
        fields["undecided"] = [fact.text for fact in connection.facts]
    return fields | ({"exposure": True} if connection.exposure else {})


def _indexes(
    statements: Iterable[Statement] | None, numbers: dict[Statement, int]
) -> list[int] | None:
    return None if statements is None else [numbers[statement] for statement in statements]


def _statement(statement: Statement) -> Json:
    fields: Json = {"path": statement.path, "line": statement.line, "text": statement.text}
    if statement.because:
        fields["because"] = statement.because
    if statement.until:
        fields["until"] = statement.until.isoformat()
    if statement.change:
        fields["since"] = {
            "commit": statement.change.commit,
            "date": statement.change.day.isoformat(),
            "author": statement.change.author,
            "or_earlier": statement.change.is_oldest,
        }
    return fields


def _assertion(assertion: CheckedAssertion) -> Json:
    return _statement(assertion.statement) | {
        "verdict": assertion.verdict.name.lower(),
        "protects": {"count": assertion.count, "first": list(assertion.protects)},
        "note": assertion.note,
    }


def _finding(finding: Finding) -> Json:
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity,
        "message": finding.message,
        "path": finding.path,
        "line": finding.line,
        "note": finding.note,
        "help": finding.help,
    }
