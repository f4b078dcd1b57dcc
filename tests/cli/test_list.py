"""`netpolc list` for people: what fits on a screen, what a name means, and groups of rows."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from netpolc.cli import stdout
from netpolc.cli.main import run
from netpolc.cli.table import table_lines
from tests.cli.conftest import Put

SHOP = """\
namespace shop
default: deny
db <- api:5432, ns monitoring:9187
api <- web:80, ns *:81
web <- any:443
cache <- {tier in (a, b)}
"""
PAY = "namespace pay\ndefault: deny\napi <- api in ns shop:[80, 443]\n"
PODS = """\
apiVersion: v1
kind: Pod
metadata: {name: web-0, namespace: shop, labels: {app: web}}
spec: {containers: [{name: c}]}
---
apiVersion: v1
kind: Pod
metadata: {name: db-0, namespace: shop, labels: {app: db}}
spec: {containers: [{name: c}]}
"""


@pytest.fixture
def project(put: Put) -> None:
    """Two namespaces."""
    put({"intents/shop.intent": SHOP, "intents/pay.intent": PAY})


def rows(capfd: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    """The rows of a list as CSV, without its heading."""
    capfd.readouterr()
    assert run(["list", "--format", "csv", *arguments]) == 0
    return capfd.readouterr().out.splitlines()[1:]


@pytest.mark.usefixtures("project")
def test_a_name_matches_what_it_is(capfd: pytest.CaptureFixture[str]) -> None:
    everything = rows(capfd)
    to_shop = rows(capfd, "--to", "shop")
    assert to_shop == [row for row in everything if ",shop/" in row]
    assert to_shop == rows(capfd, "--to", "shop/")
    assert rows(capfd, "--to", "shop/db") == [row for row in everything if ",shop/db," in row]
    apis = [row for row in everything if ",shop/api," in row or ",pay/api," in row]
    assert rows(capfd, "--to", "api") == apis
    # `* but shop` is everything except shop.
    assert all(row.strip('"').startswith("shop/") for row in rows(capfd, "--from", "shop"))
    assert any(row.startswith(("* but", "other namespaces")) for row in everything)


def test_an_empty_label_is_not_a_name(put: Put, capfd: pytest.CaptureFixture[str]) -> None:
    put({"intents/shop.intent": "namespace shop\n{app=} <- api:80\ndb <- api:80\n"})
    both = ["shop/api,shop/db,80", "shop/api,shop/{app=},80"]
    assert sorted(rows(capfd)) == both
    assert sorted(rows(capfd, "--to", "shop/")) == both


@pytest.mark.usefixtures("project")
def test_addresses_match_what_they_meet(capfd: pytest.CaptureFixture[str]) -> None:
    for name in ("203.0.113.7", "10.0.0.0/8", "2001:db8::1", "internet"):
        (row,) = rows(capfd, "--from", name)
        assert row == '"0.0.0.0/0, ::/0",shop/web,443'


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("option", "name", "near"),
    [
        ("--to", "shpo", "shop"),
        ("--from", "shop/ap", "shop/api"),
        ("-n", "sohp", "shop"),
        ("--namespace", "nowhere", ""),
    ],
)
def test_a_name_that_nothing_has_is_an_error(
    option: str, name: str, near: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["list", option, name]) == 2
    told = capfd.readouterr()
    assert told.out == ""
    assert f"Nothing in the list has the name {name!r}." in told.err
    assert (f"Did you mean {near!r}?" in told.err) == bool(near)


@pytest.mark.usefixtures("project")
def test_a_name_without_rows_is_an_answer(put: Put, capfd: pytest.CaptureFixture[str]) -> None:
    put(
        {"pods.yaml": PODS, "intents/shop.intent": "namespace shop\ndefault: deny ingress egress\n"}
    )
    assert run(["list", "--with", "pods.yaml", "--to", "db-0"]) == 0
    assert "0 rows" in capfd.readouterr().err


@pytest.mark.usefixtures("project")
def test_namespaces_are_at_either_end(capfd: pytest.CaptureFixture[str]) -> None:
    assert rows(capfd, "-n", "pay") == [row for row in rows(capfd) if "pay/" in row]
    assert rows(capfd, "-n", "pay", "-n", "shop") == [
        row for row in rows(capfd) if "pay/" in row or "shop/" in row
    ]


@pytest.mark.usefixtures("project")
def test_groups_have_the_ports_of_their_rows(capfd: pytest.CaptureFixture[str]) -> None:
    assert 'shop,pay,"80, 443"' in rows(capfd, "--group", "namespace")
    assert 'shop/api,pay/api,"80, 443"' in rows(capfd, "--group", "service")
    run(["list", "--format", "json"])
    every = json.loads(capfd.readouterr().out)
    for group in ("namespace", "service"):
        run(["list", "--format", "json", "--group", group])
        grouped = json.loads(capfd.readouterr().out)
        assert len(grouped) <= len(every)
        assert sum(row.get("rows", 1) for row in grouped) == len(every)


@pytest.mark.usefixtures("project")
def test_totals_come_last(capfd: pytest.CaptureFixture[str]) -> None:
    run(["list", "--to", "shop/db"])
    assert capfd.readouterr().err == "2 of 12 rows, from 2 senders to 1 receiver\n"


def test_both_ip_versions_are_one_end(put: Put, capfd: pytest.CaptureFixture[str]) -> None:
    put({"intents/a.intent": "namespace shop\nweb <- any:443\ndb <- none\n", "pods.yaml": PODS})
    assert rows(capfd, "--with", "pods.yaml", "--to", "web-0") == [
        "shop/db-0[Pod],shop/web-0[Pod],443",
        '"0.0.0.0/0, ::/0",shop/web-0[Pod],443',
    ]


@pytest.mark.usefixtures("project")
def test_a_terminal_gets_what_fits(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(["list"])
    whole = capfd.readouterr().out
    assert max(map(len, whole.splitlines())) > 40
    assert "…" not in whole
    monkeypatch.setattr("netpolc.cli.list.terminal_width", lambda: 40)
    run(["list"])
    assert max(map(len, capfd.readouterr().out.splitlines())) <= 40
    assert stdout.terminal_width() is None


def test_a_terminal_gets_groups_of_many_rows(
    put: Put, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    senders = ", ".join(f"c{number} in ns n{number % 6}:80" for number in range(60))
    put({"a.intent": f"namespace shop\ndb <- {senders}\napi <- {senders}\n"})
    run(["list", "a.intent"])
    plain = capfd.readouterr()
    assert len(plain.out.splitlines()) == 121
    assert "grouped" not in plain.err
    monkeypatch.setattr("netpolc.cli.list.terminal_width", lambda: 80)
    run(["list", "a.intent"])
    told = capfd.readouterr()
    assert len(told.out.splitlines()) < 10
    assert "120 rows in " in told.err
    assert "grouped by namespace; --group none lists every row" in told.err
    run(["list", "a.intent", "--group", "none"])
    assert len(capfd.readouterr().out.splitlines()) == 121
    run(["list", "a.intent", "--to", "db"])
    assert len(capfd.readouterr().out.splitlines()) == 61


def test_many_rows_of_one_namespace_are_not_one_group(
    put: Put, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    senders = ", ".join(f"c{number}:80" for number in range(110))
    put({"a.intent": f"namespace shop\ndb <- {senders}\n"})
    monkeypatch.setattr("netpolc.cli.list.terminal_width", lambda: 80)
    run(["list", "a.intent"])
    told = capfd.readouterr()
    assert len(told.out.splitlines()) == 111
    assert "grouped" not in told.err


def test_services_without_connections_are_known(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    put({"a.intent": "namespace shop\ndefault: deny\ndb <- none\nweb <- any:80\n"})
    assert rows(capfd, "a.intent", "--to", "db") == []


@pytest.mark.usefixtures("project")
def test_colour_is_only_in_what_is_shown(capfd: pytest.CaptureFixture[str]) -> None:
    run(["list", "--color", "always"])
    out = capfd.readouterr().out
    assert out.startswith("\x1b[1mFROM")
    run(["list", "--color", "always", "--format", "csv"])
    assert "\x1b" not in capfd.readouterr().out


cells = st.text("abcdefgh-/.{}=, ", max_size=90).map(str.strip)


@given(st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=6), st.integers(30, 120))
@example([("", "", "a" * 90), ("", "", ""), ("", "", ""), ("b", "", "")], 30)
def test_no_line_is_wider_than_the_terminal(rows: list[tuple[str, str, str]], width: int) -> None:
    for lines in table_lines(rows, width):
        assert max(map(len, lines)) <= width
        assert len(lines) <= 3
    for row, (line,) in zip(rows, table_lines(rows), strict=True):
        assert all(cell in line for cell in row)


def test_headings_are_not_folded() -> None:
    heading, *_ = table_lines([("FROM", "TO", "PORTS"), *[("a" * 50, "b" * 50, "80")] * 9], 60)
    assert len(heading) == 1


@pytest.mark.parametrize(("setting", "mark"), [("", "?"), ("cluster\nblocks: outside\n", "")])
def test_exposure_to_a_block_depends_on_the_plugin(
    put: Put, capfd: pytest.CaptureFixture[str], setting: str, mark: str
) -> None:
    workload = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: db, namespace: shop}\n"
        "spec: {template: {metadata: {labels: {app: db}}, spec: {containers: [{name: c, image: i}]}}}\n"
    )
    intents = f"{setting}namespace shop\ndefault: deny\ndb <- 10.0.0.0/8:5432\n"
    put({"intents/a.intent": intents, "k8s/w.yaml": workload})
    assert run(["list", "--with", "k8s", "--exposure", "--format", "json"]) == 0
    rows = json.loads(capfd.readouterr().out)
    outside, *pods = [row for row in rows if row["src"] == "10.0.0.0/8"]
    assert "undecided" not in outside
    assert ["undecided" in row for row in pods] == [True] * len(mark)


def test_json_has_the_names_of_ports(put: Put, capfd: pytest.CaptureFixture[str]) -> None:
    """A row that only a named port opens looked like a row that permits nothing."""
    shop = "namespace shop\ndb <- api:[metrics, http/udp, 80], 10.0.0.0/8:admin\n"
    put({"intents/a.intent": f"cluster\npods: 10.0.0.0/16\n{shop}"})
    assert run(["list", "--format", "json"]) == 0
    by_sender = {row["src"]: row for row in json.loads(capfd.readouterr().out)}
    row, addresses = by_sender["shop/api"], by_sender["10.0.0.0/8"]
    assert row["protocols"] == {"TCP": [[80, 80]]}
    assert row["named_ports"] == {"TCP": ["metrics"], "UDP": ["http"]}
    assert row["possible_named_ports"] == {"TCP": ["admin"]}
    assert addresses["named_ports"] == {"TCP": ["admin"]}
    assert not addresses["protocols"]
