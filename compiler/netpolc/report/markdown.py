"""A report as Markdown, for evidence folders and wikis.

Whatever the authors of the files have chosen is in code spans, where nothing is markup.
"""

from collections.abc import Iterable, Iterator

from netpolc.changes.render.markdown_escape import code, sentence
from netpolc.graph.words import full_name
from netpolc.report.model import (
    CheckedAssertion,
    Connection,
    Finding,
    Making,
    Report,
    Statement,
    Verdict,
    ending,
)
from netpolc.report.words import (
    EGRESS_OPEN,
    INGRESS_OPEN,
    counted,
    made_lines,
    opened_words,
    totals,
)


def markdown_text(report: Report) -> str:
    """The report, section by section."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    yield "# Network policy report"
    yield ""
    yield from (f"- {line}" for line in totals(report))
    yield from _section("Exposure", _exposure(report))
    yield from _section("Coverage", _coverage(report))
    yield from _section("Assertions", map(_assertion, report.assertions))
    yield from _section("Temporary connections", _temporary(report))
    yield from _section(
        "Undecided",
        (
            f"- {sentence(fact.text)}: {counted(fact.connections, 'connection')}. {sentence(fact.remedy)}"
            for fact in report.unknown
        ),
    )
    yield from _section("Findings", map(_finding, report.findings))
    yield from _section("Connections", _connections(report.connections))
    yield from _section("How this report was made", _made(report.making))


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    content = list(lines) or ["None."]
    yield from ("", f"## {title}", "", *content)


def _exposure(report: Report) -> Iterator[str]:
    for title, nodes in ((INGRESS_OPEN, report.open_ingress), (EGRESS_OPEN, report.open_egress)):
        if nodes:
            yield f"### {title} ({len(nodes):,})"
            yield ""
            yield from (f"- {code(full_name(node))}" for node in nodes)
            yield ""
    for exposure in report.exposures:
        yield f"### {exposure.kind.value} ({len(exposure.connections):,})"
        yield ""
        for connection in exposure.connections:
            yield f"- {_arrow(connection)}"
        yield ""


def _arrow(connection: Connection) -> str:
    return f"{code(full_name(connection.sender))} to {code(full_name(connection.receiver))}: {code(connection.ports)}"


def _coverage(report: Report) -> Iterator[str]:
    if not report.coverage:
        return
    yield "| namespace | services | ingress isolated | egress isolated | all other pods |"
    yield "|--|--:|--:|--:|--|"
    for coverage in report.coverage:
        words = [
            way
            for way, is_isolated in (
                ("ingress", coverage.every_ingress),
                ("egress", coverage.every_egress),
            )
            if is_isolated
        ]
        others = f"{' and '.join(words)} isolated" if words else "open"
        name = _cell(coverage.namespace)
        yield f"| {name} | {coverage.services:,} | {coverage.ingress:,} | {coverage.egress:,} | {others} |"


def _assertion(assertion: CheckedAssertion) -> str:
    protects = ", ".join(code(name) for name in assertion.protects)
    more = assertion.count - len(assertion.protects)
    about = f" About {protects}" + (f" and {more:,} more." if more else ".") if protects else ""
    note = f" {sentence(assertion.note)}." if assertion.note else ""
    mark = "" if assertion.verdict is Verdict.PROVED else "**"
    return (
        f"- {mark}{assertion.verdict.value}{mark}: {_statement(assertion.statement)}.{note}{about}"
    )


def _statement(statement: Statement) -> str:
    since = ""
    if statement.change:
        earlier = " or earlier" if statement.change.is_oldest else ""
        since = f", since {statement.change.day}{earlier} by {code(statement.change.author)} ({statement.change.commit[:10]})"
    return f"{code(statement.text)} at {code(statement.place)}{since}"


def _temporary(report: Report) -> Iterator[str]:
    if report.making.day is None:
        yield from (
            f"- until {statement.until}: {_statement(statement)}" for statement in report.temporary
        )
        return
    for when, statements in ending(report.temporary, report.making.day).items():
        yield f"### {when} ({len(statements):,})"
        yield ""
        yield from (
            f"- until {statement.until}: {_statement(statement)}" for statement in statements
        )
        yield ""


def _finding(finding: Finding) -> str:
    advice = f" {sentence(finding.help)}." if finding.help else ""
    return f"- {finding.severity} {finding.code}: {sentence(finding.message)} at {code(finding.place)}.{advice}"


def _connections(connections: Iterable[Connection]) -> Iterator[str]:
    yield "| from | to | ports | why |"
    yield "|--|--|--|--|"
    for connection in connections:
        cells = full_name(connection.sender), full_name(connection.receiver), connection.ports
        why = "; ".join(
            f"{words} {', '.join(map(_statement, statements))}" if statements else words
            for words, statements in opened_words(connection)
        )
        undecided = "".join(f"; depends on {sentence(fact.text)}" for fact in connection.facts)
        yield f"| {' | '.join(map(_cell, cells))} | {_escaped(why + undecided)} |"


def _cell(text: str) -> str:
    return _escaped(code(text))


def _escaped(text: str) -> str:
    """Markdown in a cell of a table, which a bar would end, even inside code (GFM 4.10)."""
    return text.replace("|", "\\|")


def _made(making: Making) -> Iterator[str]:
    yield from (f"- {line}" for line in made_lines(making))
