"""Names, reasons and authors stay text in every form of a report."""

import csv
import io
import json
import re
from datetime import date
from html.parser import HTMLParser

from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from netpolc.graph.model import Edge, EdgeState, Node, NodeKind, graph_of
from netpolc.report.csv import csv_text
from netpolc.report.html import html_page
from netpolc.report.json import json_text
from netpolc.report.markdown import markdown_text
from netpolc.report.model import (
    Change,
    CheckedAssertion,
    Connection,
    Coverage,
    Exposure,
    ExposureKind,
    Finding,
    Making,
    Report,
    Statement,
    UnknownFact,
    Verdict,
)

HOSTILE = (
    "</script><img src=x onerror=alert(1)>",
    "]]> <!-- <script>",
    "[link](http://evil.example) ![i](x) <b> @all",
    "`a` ``b`` | c \\| d",
    "=cmd|' /C calc'!A0",
    "\u202eright-to-left\u2066",
    "x" * 2_000,
    "line\nend\r\n# heading",
    "",
)
texts = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=8))
statements = st.builds(
    Statement,
    path=texts,
    line=st.integers(1, 99),
    text=texts,
    because=texts,
    until=st.one_of(st.none(), st.just(date(2026, 1, 1))),
    change=st.one_of(
        st.none(),
        st.builds(Change, commit=st.just("a" * 40), day=st.just(date(2026, 1, 1)), author=texts),
    ),
)
nodes = st.builds(
    Node,
    namespace=texts,
    names=st.tuples(texts),
    kind=st.sampled_from(NodeKind),
    unprotected=st.booleans(),
)
some_statements = st.one_of(st.none(), st.lists(statements, max_size=2).map(tuple))
facts = st.builds(UnknownFact, text=texts, remedy=texts)
connections = st.builds(
    Connection,
    sender=nodes,
    receiver=nodes,
    ports=texts,
    sender_opened=some_statements,
    receiver_opened=some_statements,
    facts=st.lists(facts, max_size=1).map(tuple),
    is_undecided=st.booleans(),
    exposes=st.lists(st.sampled_from(ExposureKind), max_size=2).map(tuple),
)


def report_of(some: list[Connection], text: str) -> Report:
    """A report in which a text is wherever the files' authors choose one."""
    return Report(
        connections=tuple(some),
        coverage=(
            Coverage(
                namespace=text,
                services=2,
                ingress=1,
                egress=0,
                every_ingress=True,
                every_egress=False,
            ),
        ),
        open_ingress=(Node(namespace=text, names=(text,), unprotected=True),),
        open_egress=(Node(namespace=text, names=(text,)),),
        exposures=(Exposure(kind=ExposureKind.TO_METADATA, connections=tuple(some)),),
        graph=graph_of(
            Edge(
                sender=one.sender,
                receiver=one.receiver,
                ports=(one.ports,),
                state=EdgeState.PERMITTED,
            )
            for one in some
        ),
        assertions=(
            CheckedAssertion(
                statement=Statement(path=text, line=1, text=text),
                verdict=Verdict.REFUTED,
                protects=(text,),
                count=3,
                note=text,
            ),
        ),
        findings=(
            Finding(
                code="NP1",
                name="name",
                severity="error",
                message=text,
                path=text,
                line=1,
                help=text,
            ),
        ),
        temporary=(Statement(path=text, line=1, text=text, until=date(2026, 1, 1)),),
        unknown=(UnknownFact(text=text, remedy=text, connections=1),),
        making=Making(version="1", digest="0", files=1),
    )


reports = st.builds(report_of, st.lists(connections, max_size=3), texts)


class _Tags(HTMLParser):
    """The tags of a page, their attributes, and the text of its data."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.data = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep a tag."""
        self.found += [tag, *(f"{tag} {name}" for name, _ in attrs)]

    def handle_data(self, data: str) -> None:
        """Keep what is in the data block."""
        if self.found[-2:] == ["script type", "script id"]:
            self.data += data


@settings(max_examples=25, deadline=None)
@given(reports)
def test_a_page_has_no_element_of_anybody_else(report: Report) -> None:
    page = html_page(report)
    tags = _Tags()
    tags.feed(page)
    assert tags.found.count("script") == 2
    assert not set(tags.found) & {"img", "iframe", "link", "script src", "base", "b", "i"}
    assert not [tag for tag in tags.found if " on" in tag]
    assert not re.search(r"[\u202a-\u202e\u2066-\u2069]", page)
    assert len(json.loads(tags.data)["rows"]) == len(report.connections)
    assert len(page) < 200_000


def test_a_very_long_name_is_cut_on_the_page() -> None:
    long = "x" * 100_000
    node = Node(namespace=long, names=(long,))
    row = Connection(
        sender=node, receiver=node, ports=long, sender_opened=None, receiver_opened=None
    )
    assert len(html_page(report_of([row], long))) < 100_000


@settings(max_examples=25, deadline=None)
@given(reports)
def test_markdown_shows_names_as_code(report: Report) -> None:
    reader = MarkdownIt("commonmark").enable("table")
    tokens = [
        child
        for token in reader.parse(markdown_text(report))
        for child in (token, *(token.children or ()))
    ]
    kinds = {token.type for token in tokens}
    assert not kinds & {"link_open", "image", "html_block", "html_inline", "fence", "code_block"}
    headings = [token for token in tokens if token.type == "heading_open"]
    assert sum(token.tag == "h2" for token in headings) == 8
    rows = [token for token in tokens if token.type == "tr_open"]
    assert len(rows) == len(report.connections) + 1 + len(report.coverage) + 1
    cells = [token for token in tokens if token.type == "td_open"]
    assert len(cells) == 4 * len(report.connections) + 5 * len(report.coverage)


@settings(max_examples=25, deadline=None)
@given(reports)
def test_no_cell_of_a_table_begins_a_formula(report: Report) -> None:
    rows = list(csv.reader(io.StringIO(csv_text(report), newline="")))
    assert len(rows) == len(report.connections) + 1
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]


@settings(max_examples=25, deadline=None)
@given(reports)
def test_json_has_every_connection(report: Report) -> None:
    found = json.loads(json_text(report))
    assert len(found["connections"]) == len(report.connections)
    assert json_text(report).isascii()
