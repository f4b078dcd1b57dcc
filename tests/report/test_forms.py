"""The forms of a report say of a connection, an assertion and an end date what the report has."""

import csv
import io
import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

from netpolc.report.csv import csv_text
from netpolc.report.html import html_page
from netpolc.report.json import json_text
from netpolc.report.markdown import markdown_text
from netpolc.report.model import Verdict
from netpolc.report.words import counted, opened_words, totals
from tests.report.test_report import SHOP, data_of, one, reported, texts


def test_csv_tells_permitted_from_undecided(tmp_path: Path) -> None:
    report = reported(tmp_path, "db <- api:5432\ncache <- 10.0.0.0/8:6379\n")
    rows = list(csv.reader(io.StringIO(csv_text(report))))[1:]
    states = {(sender, receiver): state for sender, receiver, _, state, *_ in rows}
    assert states["default/api", "default/db"] == "permitted"
    assert "undecided" in states.values()


def test_a_page_lists_end_dates_or_says_that_there_are_none(tmp_path: Path) -> None:
    none = "No connection has an end date."
    page = html_page(reported(tmp_path, SHOP))
    assert '<time datetime="2026-02-01">' in page
    assert none not in page
    assert none in html_page(reported(tmp_path, "db <- api:5432\n"))


def test_markdown_stresses_assertions_that_are_not_proved(tmp_path: Path) -> None:
    lines = markdown_text(reported(tmp_path, SHOP)).splitlines()
    proved, refuted = (
        next(line for line in lines if claim in line) for claim in ("never db", "always db")
    )
    assert "**" not in proved
    assert "**" in refuted


def test_statements_that_open_both_ends_are_given_once(tmp_path: Path) -> None:
    text = "namespace a\ndefault: deny egress\nx -> y in ns b:80\nx -> z:80\n"
    text += "namespace b\ny <- x in ns a:80\n"
    report = reported(tmp_path, text)
    assert [(words, texts(some)) for words, some in opened_words(one(report, "a/x", "b/y"))] == [
        ("egress opened by", ["x -> y in ns b:80"]),
        ("ingress opened by", ["y <- x in ns a:80"]),
    ]
    shop = reported(tmp_path, SHOP)
    (words, _), *more = opened_words(one(shop, "shop/api", "shop/db"))
    assert (words, more) == ("both ends opened by", [])


def test_a_count_has_its_noun_in_the_right_number() -> None:
    counts = [counted(count, "service") for count in (0, 1, 2, 1_000)]
    assert counts == ["0 services", "1 service", "2 services", "1,000 services"]


def test_a_search_for_a_drawn_namespace_finds_its_services(tmp_path: Path) -> None:
    # So many services are drawn by namespace.
    arrows = "".join(f"s{number} <- t{number}:80\n" for number in range(80))
    data = data_of(reported(tmp_path, f"namespace shop\n{arrows}namespace pay\n{arrows}"))
    names = [name for _, name, *_ in data["nodes"]]
    assert len(data["drawn"]) < len(names)
    assert sorted(text for text in data["drawn"] if text.endswith("/")) == ["pay/", "shop/"]
    assert all(any(text in name for name in names) for text in data["drawn"])


def test_json_marks_what_exposes_and_the_totals_count_what_is_undecided(tmp_path: Path) -> None:
    report = reported(tmp_path, "db <- api:5432\n")
    plain = replace(report.connections[0], exposure=False, is_undecided=False)
    shown = replace(plain, exposure=True, is_undecided=True)
    marked = replace(report, connections=(plain, shown, plain))
    rows = json.loads(json_text(marked))["connections"]
    assert [row.get("exposure", False) for row in rows] == [False, True, False]
    assert "1 connection undecided" in totals(marked)


def test_unproved_assertions_come_first_and_have_their_services_counted(tmp_path: Path) -> None:
    report = reported(tmp_path, SHOP)
    proved = next(a for a in report.assertions if a.verdict is Verdict.PROVED)
    refuted = next(a for a in report.assertions if a.verdict is not Verdict.PROVED)
    several = replace(proved, protects=("a", "b"), count=1_202)
    none = replace(proved, protects=(), count=0)
    page = html_page(replace(report, assertions=(several, none, refuted)))
    part = page[page.index("<strong class") :]
    verdicts = re.findall(r'<strong class="(good|alarm)">', part)
    assert verdicts[:3] == ["alarm", "good", "good"]
    assert "<code>a</code>, <code>b</code> and 1,200 more" in part
    assert "no known service" in part
    exact = html_page(replace(report, assertions=(replace(several, count=2),)))
    assert "<code>a</code>, <code>b</code></td>" in exact


def test_markdown_groups_end_dates_by_the_day_of_the_report(tmp_path: Path) -> None:
    report = reported(tmp_path, SHOP)
    undated, dated = (
        markdown_text(replace(report, making=replace(report.making, day=day)))
        for day in (None, date(2026, 1, 15))
    )
    headings = set(dated.splitlines()) - set(undated.splitlines())
    groups = [re.fullmatch(r"### .* \((.*)\)", line) for line in headings if line.startswith("#")]
    assert [group[1] for group in groups if group] == [str(len(report.temporary))]
    for text in (undated, dated):
        assert text.count("- until 2026-02-01: ") == 1


def test_markdown_says_what_to_do_about_a_finding(tmp_path: Path) -> None:
    report = reported(tmp_path, SHOP)
    finding = replace(report.findings[0], help="do that", message="this is wrong")
    with_advice, without = (
        markdown_text(replace(report, findings=(each,)))
        for each in (finding, replace(finding, help=""))
    )
    assert " do that." in with_advice.lower()
    assert "do that" not in without.lower()
