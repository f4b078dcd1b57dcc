"""From the text of a question to its arrow.

A question is one arrow without an end date, read by the parser of intent files; so its errors
are those of an arrow, at their places in the text of the question.
"""

from netpolc.diagnostics import Diagnostic, Label, Outcome, Rule, Severity
from netpolc.source import SourceFile
from netpolc.syntax.parser import parse
from netpolc.syntax.rules import UNKNOWN_SETTING, UNKNOWN_STATEMENT
from netpolc.syntax.tree import ArrowStatement

NO_QUESTION = Rule(code="NP760", name="no-question", severity=Severity.ERROR)


def parse_question(source: SourceFile) -> Outcome[ArrowStatement | None]:
    """Parse a question.

    Returns:
        The arrow, or None and what is wrong with the text.
    """
    tree = parse(source)
    if any(finding.rule in {UNKNOWN_STATEMENT, UNKNOWN_SETTING} for finding in tree.diagnostics):
        return Outcome(None, (_not_an_arrow(source),))
    if tree.diagnostics:
        return Outcome(None, tree.diagnostics)
    match tree.value.sections:
        case [section] if section.header is None and len(section.statements) == 1:
            (statement,) = section.statements
        case _:
            return Outcome(None, (_not_an_arrow(source),))
    if not isinstance(statement, ArrowStatement):
        return Outcome(None, (_not_an_arrow(source),))
    wrong = tuple(_wrong(statement))
    return Outcome(None if wrong else statement, wrong)


def _wrong(arrow: ArrowStatement) -> list[Diagnostic]:
    """The finding about a clause that is valid in an intent file but not in a question."""
    findings = []
    if not arrow.connection.peers:
        findings.append(
            _finding(
                arrow.span.file,
                "a question about `none` asks nothing",
                "no connection to ask about",
                "ask about peers, for example `any`; the answer `no` means that none is permitted",
            )
        )
    if arrow.until is not None:
        findings.append(
            _finding(
                arrow.span.file, "a question has no end date", "an arrow that ends", "remove it"
            )
        )
    return findings


def _not_an_arrow(source: SourceFile) -> Diagnostic:
    return _finding(
        source,
        "not a question",
        "not an arrow",
        "write one arrow in quotes: `netpolc can 'db <- api:5432'`",
    )


def _finding(source: SourceFile, message: str, label: str, help_text: str) -> Diagnostic:
    return Diagnostic(
        rule=NO_QUESTION,
        message=message,
        label=Label(source.span(0, len(source.text)), label),
        help=help_text,
    )
