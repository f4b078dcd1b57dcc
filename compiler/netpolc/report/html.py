"""A report as a page of its own, for the auditor and the security lead.

What fits on paper is in the page as it is: numbers, exposure, coverage, assertions, findings. The
script adds what must be searched: the matrix of namespaces and the table of all connections. The
page asks for nothing from anywhere.
"""

from collections.abc import Iterable, Iterator, Sequence

from netpolc.graph.folding import MOST_NODES, folded
from netpolc.graph.html import viewer
from netpolc.graph.model import Graph, Node
from netpolc.graph.page import package_text, page
from netpolc.graph.picture import text_of
from netpolc.graph.svg import picture_of, style_text, svg_element
from netpolc.graph.words import full_name, legend
from netpolc.report.model import (
    CheckedAssertion,
    Connection,
    Coverage,
    Exposure,
    Finding,
    Report,
    Statement,
    Verdict,
    ending,
)
from netpolc.report.page_data import page_data
from netpolc.report.words import EGRESS_OPEN, INGRESS_OPEN, counted, made_lines

_TITLE = "Network policy report"
_MOST_SHOWN = 50
"""Rows of a kind of exposure that the page shows before the search shows the rest."""


def html_page(report: Report) -> str:
    """The page."""
    drawn = folded(report.graph)
    sections = (
        ("exposure", "Exposure", _exposure(report)),
        ("graph", "Graph", _graph(drawn)),
        ("matrix", "Namespaces", package_text("netpolc.report", "matrix.html")),
        ("connections", "Connections", package_text("netpolc.report", "connections.html")),
        ("assertions", "Assertions", _assertions(report)),
        ("coverage", "Coverage", _coverage(report)),
        ("temporary", "Temporary connections", _temporary(report)),
        ("undecided", "Undecided", _undecided(report)),
        ("findings", "Findings", _findings(report)),
        ("made", "How this report was made", _list(text_of(x) for x in made_lines(report.making))),
    )
    links = "".join(f'<li><a href="#{key}">{title}</a></li>' for key, title, _ in sections)
    body = "\n".join(
        f'<section id="{key}" aria-labelledby="{key}-title"><h2 id="{key}-title">{title}</h2>\n{content}\n</section>'
        for key, title, content in sections
    )
    data = page_data(report, drawn)
    style = "".join(
        (
            package_text("netpolc.graph", "page.css"),
            style_text(),
            package_text("netpolc.report", "report.css"),
        )
    )
    script = package_text("netpolc.graph", "viewer.js") + package_text(
        "netpolc.report", "report.js"
    )
    return page(
        _TITLE,
        style,
        script,
        f"""<header>
<h1>{_TITLE}</h1>
{_cards(report)}
<nav aria-label="Sections"><ul>{links}</ul></nav>
</header>
<main>
{body}
</main>
<script type="application/json" id="data">{data}</script>""",
    )


def _graph(drawn: Graph) -> str:
    """The picture; of very many namespaces the matrix, which can be searched, says more."""
    if len(drawn.nodes) > MOST_NODES:
        return (
            f"<p>There are {len(drawn.nodes):,} namespaces and peers outside of them: see the matrix below."
            " <code>netpolc graph --namespace NAME</code> draws one of them.</p>"
        )
    picture = picture_of(drawn)
    notes = "".join(f"<li>{text_of(line)}</li>" for line in (*legend(drawn), *picture.notes))
    svg = svg_element(picture, "Who may reach whom; the table of connections says the same")
    return f'<ul class="notes">{notes}</ul>{viewer(svg)}'


def _cards(report: Report) -> str:
    services = report.total("services")
    proved = report.count(Verdict.PROVED)
    errors = sum(finding.severity == "error" for finding in report.findings)
    undecided = sum(connection.is_undecided for connection in report.connections)
    ingress, egress = report.total("ingress"), report.total("egress")
    cards = [
        (f"{len(report.coverage):,}", "namespaces", ""),
        (f"{services:,}", "services", ""),
        (f"{len(report.listed):,}", "permitted connections", ""),
        (
            _share(ingress, services),
            f"{ingress:,} services isolated for ingress",
            _look(ingress, services),
        ),
        (
            _share(egress, services),
            f"{egress:,} services isolated for egress",
            _look(egress, services),
        ),
        (
            f"{proved:,} of {len(report.assertions):,}",
            "assertions proved",
            "alarm" if proved < len(report.assertions) else "good" if proved else "",
        ),
        (f"{undecided:,}", "connections undecided", "warn" if undecided else ""),
        (f"{errors:,}", "errors", "alarm" if errors else ""),
    ]
    return (
        '<dl class="cards">'
        + "".join(
            f'<div class="{look}"><dt>{name}</dt><dd>{value}</dd></div>'
            for value, name, look in cards
        )
        + "</dl>"
    )


def _share(part: int, whole: int) -> str:
    """A share in percent, rounded down, so that only all are 100 %."""
    return f"{100 * part // whole} %" if whole else "none"


def _look(part: int, whole: int) -> str:
    return "good" if part == whole else "warn"


def _exposure(report: Report) -> str:
    parts = [
        _not_isolated(title, nodes)
        for title, nodes in ((INGRESS_OPEN, report.open_ingress), (EGRESS_OPEN, report.open_egress))
        if nodes
    ]
    parts += map(_exposed, report.exposures)
    return "\n".join(parts) or (
        "<p>Every service is isolated in both directions, and no connection leads from or to the"
        " internet, every namespace or pods that are not known.</p>"
    )


def _not_isolated(title: str, nodes: Sequence[Node]) -> str:
    """The services of a kind by namespace; of many, how many there are."""
    by_namespace: dict[str, list[str]] = {}
    for node in nodes:
        by_namespace.setdefault(node.namespace, []).append(full_name(node))
    heading = f"<h3>{title} ({len(nodes):,})</h3>"
    if len(nodes) <= _MOST_SHOWN:
        names = ", ".join(f"<code>{text_of(full_name(node))}</code>" for node in nodes)
        return f"{heading}<p>{names}</p>"
    if len(by_namespace) > _MOST_SHOWN:
        return f'{heading}<p>In {len(by_namespace):,} namespaces: see <a href="#coverage">Coverage</a>.</p>'
    counts = ", ".join(
        f"<code>{text_of(namespace)}</code> {len(names):,}"
        for namespace, names in by_namespace.items()
    )
    return f"{heading}<p>By namespace: {counts}</p>"


def _exposed(exposure: Exposure) -> str:
    rows = (
        (text_of(full_name(c.sender)), text_of(full_name(c.receiver)), text_of(c.ports), _why(c))
        for c in exposure.connections[:_MOST_SHOWN]
    )
    left = len(exposure.connections) - _MOST_SHOWN
    more = ""
    if left > 0:
        more = (
            f'<p>and {left:,} more: <button type="button" data-kind="{exposure.kind.name}" hidden>'
            f"show all {len(exposure.connections):,}</button></p>"
        )
    title = f"{exposure.kind.value} ({len(exposure.connections):,})"
    return f"<h3>{title}</h3>{_table(title, ('From', 'To', 'Ports', 'Opened by'), rows)}{more}"


def _why(connection: Connection) -> str:
    if connection.statements:
        return "<br>".join(map(_statement, connection.statements))
    if connection.sender_opened is connection.receiver_opened is None:
        return "no policy isolates it"
    return "a policy whose statement is not known"


def _statement(statement: Statement) -> str:
    since = ""
    if statement.change:
        earlier = " or earlier" if statement.change.is_oldest else ""
        since = f", since {statement.change.day}{earlier}, {text_of(statement.change.author)}"
    return f'<code>{text_of(statement.text)}</code> <span class="place">{text_of(statement.place)}{since}</span>'


def _table(caption: str, heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table of safe HTML that scrolls by itself where it is too wide."""
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    body = "\n".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="Table: {caption}">'
        f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table></div>"
    )


def _list(items: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{item}</li>" for item in items) + "</ul>"


def _assertions(report: Report) -> str:
    if not report.assertions:
        return "<p>There are no assertions, so nothing says what must hold.</p>"
    last = {Verdict.PROVED: 1}
    assertions = sorted(report.assertions, key=lambda assertion: last.get(assertion.verdict, 0))
    return _table("Assertions", ("Verdict", "Assertion", "Services"), map(_assertion, assertions))


def _assertion(assertion: CheckedAssertion) -> tuple[str, str, str]:
    look = "good" if assertion.verdict is Verdict.PROVED else "alarm"
    note = f'<p class="note">{text_of(assertion.note)}</p>' if assertion.note else ""
    names = ", ".join(f"<code>{text_of(name)}</code>" for name in assertion.protects)
    more = assertion.count - len(assertion.protects)
    return (
        f'<strong class="{look}">{assertion.verdict.value}</strong>',
        _statement(assertion.statement) + note,
        (names + (f" and {more:,} more" if more else "")) or "no known service",
    )


def _coverage(report: Report) -> str:
    heads = ("Namespace", "Services", "Ingress isolated", "Egress isolated", "All other pods")
    return _table("Coverage", heads, map(_covered, report.coverage))


def _covered(coverage: Coverage) -> Iterator[str]:
    yield f"<code>{text_of(coverage.namespace)}</code>"
    yield f"{coverage.services:,}"
    yield from (_bar(part, coverage.services) for part in (coverage.ingress, coverage.egress))
    ways = [
        way
        for way, is_isolated in (
            ("ingress", coverage.every_ingress),
            ("egress", coverage.every_egress),
        )
        if is_isolated
    ]
    yield f"{' and '.join(ways)} isolated" if ways else '<strong class="warn">open</strong>'


def _bar(part: int, whole: int) -> str:
    if not whole:
        return "0"
    return f'<meter min="0" max="{whole}" value="{part}" aria-hidden="true"></meter> {part:,} of {whole:,}'


def _temporary(report: Report) -> str:
    if not report.temporary:
        return "<p>No connection has an end date.</p>"
    groups: dict[Statement, str] = {}
    if report.making.day is not None:
        for when, some in ending(report.temporary, report.making.day).items():
            groups |= dict.fromkeys(some, when)
    rows = (
        (
            f'<time datetime="{statement.until}">{statement.until}</time>',
            f'<span class="when">{groups.get(statement, "")}</span>',
            _statement(statement),
        )
        for statement in report.temporary
    )
    table = _table("Temporary connections", ("Until", "When", "Statement"), rows)
    day = report.making.day
    seen = f"Seen from {day}." if day else ""
    return f'<p id="ending">{seen}</p>{table}'


def _undecided(report: Report) -> str:
    if not report.unknown:
        return "<p>Nothing depends on an unknown fact.</p>"
    rows = (
        (text_of(fact.text), counted(fact.connections, "connection"), text_of(fact.remedy))
        for fact in report.unknown
    )
    return _table("Undecided", ("Depends on", "Connections", "To decide it"), rows)


def _findings(report: Report) -> str:
    if not report.findings:
        return "<p>None.</p>"
    rank = {"error": 0, "warning": 1, "note": 2}
    findings = sorted(report.findings, key=lambda finding: rank.get(finding.severity, 3))
    shown = findings[: 10 * _MOST_SHOWN]
    more = f"<p>and {len(findings) - len(shown):,} more</p>" if len(findings) > len(shown) else ""
    return _table("Findings", ("Severity", "Rule", "Finding"), map(_finding, shown)) + more


def _finding(finding: Finding) -> tuple[str, str, str]:
    look = {"error": "alarm", "warning": "warn"}.get(finding.severity, "")
    advice = f'<p class="note">{text_of(finding.help)}</p>' if finding.help else ""
    return (
        f'<strong class="{look}">{text_of(finding.severity)}</strong>',
        f"{text_of(finding.code)} {text_of(finding.name)}",
        f'{text_of(finding.message)} <span class="place">{text_of(finding.place)}</span>{advice}',
    )
