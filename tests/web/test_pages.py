"""The page of a report and of a graph, in Chromium."""

import json
from pathlib import Path

import pytest

from netpolc.cli.main import run
from netpolc.graph.model import Node
from netpolc.report.html import html_page
from netpolc.report.model import Connection
from tests.report.test_hostile_names import report_of
from tests.web.browser import assert_is_clean, browse, needs_browser

pytestmark = needs_browser
SHOP = """\
namespace shop
default: deny ingress egress
service db = {app=postgres}
db <- api:5432, worker:5432
db <- migrator:5432 until 2026-03-31 because "OPS-1: </script><img src=x onerror=alert(1)> ]]>"
api <- ns ingress:8080
web <- any:443
api -> internet:443
never db <- internet
namespace pay
cards <- api in ns shop:9000
"""


def written(folder: Path, *arguments: str) -> Path:
    """The page that a command prints."""
    page = folder / "page.html"
    assert run([*arguments, "-o", str(page)]) == 0
    return page


def listed(capfd: pytest.CaptureFixture[str]) -> int:
    """How many connections `netpolc list` has."""
    capfd.readouterr()
    assert run(["list", "a.intent", "--format", "json"]) == 0
    return len(json.loads(capfd.readouterr().out))


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a program, which is the working folder; today is 2026-01-01."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    (tmp_path / "a.intent").write_text(SHOP, encoding="utf-8")
    return tmp_path


def test_a_report_is_one_clean_page_that_can_be_searched(
    shop: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    page = written(shop, "report", "a.intent", "--date")
    found = browse(page, "report_steps.mjs")
    assert_is_clean(found, page)
    seen = found["seen"]
    total = listed(capfd)
    assert seen["listed"] == seen["rows"] == seen["cellSum"] == total
    assert seen["all"] == seen["cleared"] == f"{total} connections"
    assert seen["searched"] == f"3 of {total} connections"
    assert sum("<img src=x onerror=alert(1)>" in text for text in seen["texts"]) == 1
    assert seen["byReason"] == f"1 of {total} connections"
    assert seen["toInternet"] == f"1 of {total} connections"
    assert seen["unfolded"].count(" to ") == 1
    assert seen["unfoldedRows"] >= 1
    assert seen["why"] == f"{seen['unfoldedRows']} of {total} connections"
    assert seen["focused"] == "filter-text"
    assert seen["zooms"]
    assert seen["dimmed"] >= 1
    assert not seen["clickedRows"].startswith("0 of")
    assert seen["printed"] == total
    assert seen["lightAgain"] == 0
    assert seen["ending"] == "Seen from 2026-01-01."


@pytest.mark.parametrize("arguments", [(), ("--diff", "old.intent")])
def test_a_graph_is_one_clean_page(
    shop: Path, capfd: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    (shop / "old.intent").write_text(SHOP.replace("5432", "5433"), encoding="utf-8")
    capfd.readouterr()
    assert run(["graph", "a.intent", *arguments, "--format", "html"]) == 0
    page = shop / "graph.html"
    page.write_text(capfd.readouterr().out, encoding="utf-8")
    found = browse(page, "graph_steps.mjs")
    assert_is_clean(found, page)
    seen = found["seen"]
    assert seen["edges"] == seen["rows"] > 0
    assert seen["dimmed"] == 1


@pytest.mark.parametrize(
    "name",
    [
        "</script><img src=x onerror='hacked=1'><script>hacked=1</script>",
        "]]> --> &lt;b&gt;",
        "\u202eright-to-left\u2066",
        "x" * 100_000,
    ],
)
def test_hostile_names_stay_text_on_a_page(tmp_path: Path, name: str) -> None:
    node = Node(namespace="shop", names=(name,))
    row = Connection(
        sender=node, receiver=node, ports="80", sender_opened=None, receiver_opened=None
    )
    page = tmp_path / "page.html"
    page.write_text(html_page(report_of([row], name)), encoding="utf-8")
    found = browse(page, "hostile_steps.mjs")
    assert_is_clean(found, page)
    seen = found["seen"]
    assert (seen["images"], seen["ran"], seen["matrix"]) == (0, False, 1)
    assert seen["cells"][0].startswith("shop/")
    assert len(seen["cells"][0]) < 500
    assert not {"\u202e", "\u2066"} & set("".join(seen["cells"]))
