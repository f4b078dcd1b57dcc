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
            f"- {sentence(one.text)}: {counted(one.connections, 'connection')}. {sentence(one.remedy)}"
            for one in report.unknown
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
    for one in report.exposures:
        yield f"### {one.kind.value} ({len(one.connections):,})"
        yield ""
        for connection in one.connections:
            yield f"- {_arrow(connection)}"
        yield ""


def _arrow(one: Connection) -> str:
    return f"{code(full_name(one.sender))} to {code(full_name(one.receiver))}: {code(one.ports)}"


def _coverage(report: Report) -> Iterator[str]:
    if not report.coverage:
        return
    yield "| namespace | services | ingress isolated | egress isolated | all other pods |"
    yield "|--|--:|--:|--:|--|"
    for one in report.coverage:
        words = [
            way
            for way, is_isolated in (("ingress", one.every_ingress), ("egress", one.every_egress))
            if is_isolated
        ]
        others = f"{' and '.join(words)} isolated" if words else "open"
        name = _cell(one.namespace)
        yield f"| {name} | {one.services:,} | {one.ingress:,} | {one.egress:,} | {others} |"


def _assertion(one: CheckedAssertion) -> str:
    protects = ", ".join(code(name) for name in one.protects)
    more = one.count - len(one.protects)
    about = f" About {protects}" + (f" and {more:,} more." if more else ".") if protects else ""
    note = f" {sentence(one.note)}." if one.note else ""
    mark = "" if one.verdict is Verdict.PROVED else "**"
    return f"- {mark}{one.verdict.value}{mark}: {_statement(one.statement)}.{note}{about}"


def _statement(one: Statement) -> str:
    since = ""
    if one.change:
        earlier = " or earlier" if one.change.is_oldest else ""
        since = f", since {one.change.day}{earlier} by {code(one.change.author)} ({one.change.commit[:10]})"
    return f"{code(one.text)} at {code(one.place)}{since}"


def _temporary(report: Report) -> Iterator[str]:
    if report.making.day is None:
        yield from (f"- until {one.until}: {_statement(one)}" for one in report.temporary)
        return
    for when, statements in ending(report.temporary, report.making.day).items():
        yield f"### {when} ({len(statements):,})"
        yield ""
        yield from (f"- until {one.until}: {_statement(one)}" for one in statements)
        yield ""


def _finding(one: Finding) -> str:
    advice = f" {sentence(one.help)}." if one.help else ""
    return f"- {one.severity} {one.code}: {sentence(one.message)} at {code(one.place)}.{advice}"


def _connections(connections: Iterable[Connection]) -> Iterator[str]:
    yield "| from | to | ports | why |"
    yield "|--|--|--|--|"
    for one in connections:
        cells = full_name(one.sender), full_name(one.receiver), one.ports
        why = "; ".join(
            f"{words} {', '.join(map(_statement, statements))}" if statements else words
            for words, statements in opened_words(one)
        )
        undecided = "".join(f"; depends on {sentence(fact.text)}" for fact in one.facts)
        yield f"| {' | '.join(map(_cell, cells))} | {_escaped(why + undecided)} |"


def _cell(text: str) -> str:
    return _escaped(code(text))


def _escaped(text: str) -> str:
    """Markdown in a cell of a table, which a bar would end, even inside code (GFM 4.10)."""
    return text.replace("|", "\\|")


def _made(making: Making) -> Iterator[str]:
    yield from (f"- {line}" for line in made_lines(making))
