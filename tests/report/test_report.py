"""What a report says of intents and of manifests."""

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from netpolc.cli.main import run
from netpolc.commands.report import report
from netpolc.graph.words import full_name
from netpolc.io.project import Request
from netpolc.report.html import html_page
from netpolc.report.model import Connection, ExposureKind, Report, Statement, Verdict, ending
from tests.repository import Scratch, needs_git

TODAY = date(2026, 1, 1)
SHOP = """\
namespace shop {env=production}
default: deny ingress
db <- api:5432 until 2026-02-01 because "OPS-1"
web <- any:443
api -> internet:443
never db <- internet
always db <- web
"""
MANIFESTS = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: db, namespace: shop}
spec:
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: c, image: i, ports: [{name: sql, containerPort: 5432}]}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: shop}
spec:
  template:
    metadata: {labels: {app: api}}
    spec: {containers: [{name: c, image: i}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  policyTypes: [Ingress]
  ingress:
    - from: [{podSelector: {matchLabels: {app: api}}}]
      ports: [{port: sql}]
    - from: [{podSelector: {matchLabels: {app: web}}}]
      ports: [{port: 80}]
    - from: [{podSelector: {matchLabels: {app: api}}}]
      ports: [{port: 99}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: api, namespace: shop}
spec:
  podSelector: {matchLabels: {app: api}}
  policyTypes: [Egress]
  egress:
    - to: [{podSelector: {}}]
      ports: [{port: 5432}]
"""


def reported(folder: Path, text: str, name: str = "a.intent", *, history: bool = False) -> Report:
    """The report of one file."""
    (folder / name).write_text(text, encoding="utf-8")
    request = Request(here=folder, today=TODAY, sources=(name,))
    found = report(request, history=history).value
    assert found is not None
    return found


def one(found: Report, sender: str, receiver: str) -> Connection:
    """The connection between two ends."""
    (row,) = (
        c
        for c in found.connections
        if (full_name(c.sender), full_name(c.receiver)) == (sender, receiver)
    )
    return row


def texts(statements: tuple[Statement, ...] | None) -> list[str] | None:
    """The texts of statements, None where nothing closes the end."""
    return None if statements is None else [statement.text for statement in statements]


def data_of(report: Report) -> Any:
    """The data for the script of a report's page."""
    page = html_page(report)
    start = page.index('id="data">') + len('id="data">')
    return json.loads(page[start : page.index("</script>", start)])


def test_each_connection_names_the_statements_that_open_its_ends(tmp_path: Path) -> None:
    found = reported(tmp_path, SHOP)
    row = one(found, "shop/api", "shop/db")
    arrow = 'db <- api:5432 until 2026-02-01 because "OPS-1"'
    assert texts(row.receiver_opened) == texts(row.sender_opened) == [arrow]
    assert row.receiver_opened is not None
    assert row.receiver_opened[0].place == "a.intent:3"
    assert row.receiver_opened[0].until == date(2026, 2, 1)
    assert texts(one(found, "shop/api", "internet").sender_opened) == ["api -> internet:443"]
    assert one(found, "shop/api", "internet").receiver_opened is None


def test_only_statements_count_that_open_some_of_the_traffic(tmp_path: Path) -> None:
    text = "namespace a\nx -> y in ns b:80\nx -> ns b:90\nnamespace b\n"
    text += "y <- x in ns a:80\ny <- x in ns a:99\n"
    row = one(reported(tmp_path, text), "a/x", "b/y")
    assert row.ports == "80"
    assert texts(row.sender_opened) == ["x -> y in ns b:80"]
    assert texts(row.receiver_opened) == ["y <- x in ns a:80"]


def test_workloads_have_reasons_too(tmp_path: Path) -> None:
    found = reported(tmp_path, MANIFESTS, "a.yaml")
    row = one(found, "shop/api[Deployment]", "shop/db[Deployment]")
    assert row.ports == "5432"
    assert texts(row.receiver_opened) == ["db ingress[0].from[0]"]
    assert texts(row.sender_opened) == ["api egress[0].to[0]"]


def test_exposure_and_coverage(tmp_path: Path) -> None:
    found = reported(tmp_path, SHOP)
    kinds = {
        exposure.kind: [full_name(c.receiver) for c in exposure.connections]
        for exposure in found.exposures
    }
    assert kinds[ExposureKind.FROM_INTERNET] == ["shop/web"]
    assert kinds[ExposureKind.FROM_EVERY_NAMESPACE] == ["shop/web"]
    assert kinds[ExposureKind.TO_INTERNET] == ["internet"]
    assert ExposureKind.TO_METADATA not in kinds
    (shop,) = found.coverage
    assert (shop.services, shop.ingress, shop.egress) == (3, 3, 1)
    assert (shop.every_ingress, shop.every_egress) == (True, False)
    opened = reported(tmp_path, SHOP.replace("default: deny ingress\n", ""))
    assert [full_name(node) for node in opened.open_ingress] == ["shop/api"]
    assert [full_name(node) for node in opened.open_egress] == ["shop/db", "shop/web"]


def test_egress_to_every_address_reaches_the_metadata_service(tmp_path: Path) -> None:
    found = reported(tmp_path, "namespace a\nx -> 0.0.0.0/0:80\n")
    kinds = [exposure.kind for exposure in found.exposures]
    assert kinds == [ExposureKind.TO_EVERYTHING, ExposureKind.TO_METADATA]


def test_refuted_assertions_are_in_the_report(tmp_path: Path) -> None:
    found = reported(tmp_path, SHOP)
    assert [(a.verdict, a.protects) for a in found.assertions] == [
        (Verdict.PROVED, ("shop/db",)),
        (Verdict.REFUTED, ("shop/db",)),
    ]
    assert "reaches" in found.assertions[1].note
    assert "NP501" in {finding.code for finding in found.findings}


def test_an_assertion_about_pods_that_nothing_speaks_of_is_not_called_proved(
    tmp_path: Path,
) -> None:
    found = reported(tmp_path, f"{SHOP}never {{app=nobody}} <- internet\n")
    assert found.assertions[-1].verdict is Verdict.ABOUT_UNKNOWN_PODS
    assert found.count(Verdict.PROVED) == 1


def test_broken_sources_have_no_report(tmp_path: Path) -> None:
    (tmp_path / "a.intent").write_text("db <- api:99999\n", encoding="utf-8")
    outcome = report(Request(here=tmp_path, today=TODAY, sources=("a.intent",)), history=False)
    assert outcome.value is None
    assert outcome.failed


def test_what_is_undecided_names_the_fact_and_its_remedy(tmp_path: Path) -> None:
    found = reported(tmp_path, "namespace a\nx <- 10.0.0.0/8:80\n")
    (fact,) = found.unknown
    assert fact.connections == 1
    assert "network plugin" in fact.text
    assert "blocks: outside" in fact.remedy


def test_temporary_connections_are_grouped_by_when_they_end() -> None:
    days = [date(2025, 12, 31), TODAY, date(2026, 1, 31), date(2026, 2, 1), date(2026, 6, 1)]
    some = [Statement(path="a", line=n, text="x", until=day) for n, day in enumerate(days)]
    groups = {when: [s.line for s in found] for when, found in ending(some, TODAY).items()}
    assert groups == {
        "Ended already": [0],
        "Ends within 30 days": [1, 2],
        "Ends within 90 days": [3],
        "Ends later": [4],
    }


@needs_git
def test_git_says_since_when_a_statement_is_there_and_by_whom(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = Scratch(tmp_path / "repo", monkeypatch)
    repo.commit({"a.intent": "namespace shop\ndb <- api:1\ndb <- web:2\n"})
    found = reported(repo.folder, "namespace shop\ndb <- new:3\ndb <- web:2\n", history=True)
    (old,) = one(found, "shop/web", "shop/db").receiver_opened or ()
    assert old.change is not None
    assert old.change.commit == repo.git("rev-parse", "HEAD").strip()
    assert not old.change.is_oldest
    (new,) = one(found, "shop/new", "shop/db").receiver_opened or ()
    assert new.change is None
    both = reported(repo.folder, "namespace shop\ndb <- api:1\ndb <- web:2\n", history=True)
    page = html_page(both)
    assert page[page.index('id="data"') :].count(old.change.commit[:10]) == 1  # Keeps it small.
    without = reported(repo.folder, "namespace shop\ndb <- web:2\n")
    assert all(s.change is None for c in without.connections for s in c.statements)


@pytest.mark.parametrize("ending_of_file", ["html", "md", "csv", "json"])
def test_equal_sources_give_equal_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending_of_file: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.intent").write_text(SHOP.replace("always db <- web\n", ""), encoding="utf-8")
    written = []
    for day in ("1767225600", "1767312000"):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", day)
        name = f"report.{ending_of_file}"
        assert run(["report", "a.intent", "-o", name]) == 0
        written.append((tmp_path / name).read_bytes())
    assert written[0] == written[1]
    assert run(["report", "a.intent", "-o", name, "--date"]) == 0
    assert (tmp_path / name).read_bytes() != written[0] or ending_of_file == "csv"


def test_an_error_is_in_the_report_and_in_the_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.intent").write_text(SHOP, encoding="utf-8")
    assert run(["report", "a.intent", "--format", "json", "--no-git"]) == 1
    found = json.loads(capfd.readouterr().out)
    assert [one["verdict"] for one in found["assertions"]] == ["proved", "refuted"]
    assert run(["report", "a.intent", "-o", "missing/report.html"]) == 1
    assert "missing/report.html cannot be written: no such file" in capfd.readouterr().err


def test_a_page_has_the_connections_of_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    data = data_of(reported(tmp_path, SHOP))
    rows = {
        (data["nodes"][row[0]][1], data["nodes"][row[1]][1], data["ports"][row[2]])
        for row in data["rows"]
        if not row[3] & 2
    }
    capfd.readouterr()
    assert run(["list", "a.intent", "--format", "csv"]) == 0
    lines = capfd.readouterr().out.splitlines()[1:]
    assert len(lines) == len(data["rows"]) == len(rows)


def test_a_name_that_only_assertions_use_is_no_service(tmp_path: Path) -> None:
    text = "namespace shop\ndefault: deny\ndb <- api:5432\nnever databse <- internet\n"
    found = reported(tmp_path, text)
    (shop,) = found.coverage
    assert shop.services == 2
    assert "shop/databse" not in [full_name(node) for node in found.open_egress]
    assert found.assertions[0].protects == ()


def test_many_namespaces_are_referred_to_the_graph_of_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = "".join(f"namespace n{number}\ndb <- api:1\n" for number in range(61))
    page = html_page(reported(tmp_path, text))
    (advice,) = re.findall(r"<code>netpolc (graph [^<]*)</code> draws one", page)
    assert run([*advice.replace("NAME", "n7").split(), "a.intent"]) == 0


@pytest.mark.parametrize("name", ["r.pdf", "r.txt", "out.d/r.docx"])
def test_a_form_that_a_report_does_not_have_is_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.intent").write_text("db <- api\n", encoding="utf-8")
    assert run(["report", "a.intent", "-o", name]) == 2
    assert "a report has one of the forms .html, .htm, .md, .csv, .json" in capfd.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["a.intent"]
    Path("out.d").mkdir()
    assert run(["report", "a.intent", "-o", name, "--format", "csv"]) == 0
    assert Path(name).stat().st_size
