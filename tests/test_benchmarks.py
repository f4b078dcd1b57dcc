"""The generators of the bench make right programs, and its figures reach the page."""

import runpy
import sys
from pathlib import Path
from typing import Any

import pytest

from netpolc.cli.main import run

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


def module(name: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.syspath_prepend(BENCHMARKS)
    monkeypatch.delitem(sys.modules, "make_workload", raising=False)
    return runpy.run_path(str(BENCHMARKS / f"{name}.py"))


def written(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*.intent"))
    }


def test_mixed_intents_are_right_and_the_same_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    mixed = module("make_mixed_workload", monkeypatch)
    for name in ("one", "other"):
        mixed["write"](mixed["Organisation"](12, 10, 1), tmp_path / name)
    texts = written(tmp_path / "one")
    assert texts == written(tmp_path / "other")
    everything = "\n".join(texts.values())
    for part in ("->", "deny ingress egress", "label:", "platform", "-job", "never", "any:", "# "):
        assert part in everything, part
    assert run(["check", str(tmp_path / "one"), "--quiet"]) == 0, capfd.readouterr().err
    assert "NP201" not in capfd.readouterr().err


def test_figures_become_the_tables_of_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    results = module("write_results", monkeypatch)
    page = "# Page\n<!-- figures: growth -->\nold\n<!-- end -->\n<!-- figures: peers -->\nkept\n<!-- end -->\n"
    cost = {"wall": 9.0, "processor": 1.234, "memory": 45.6}
    assert results["with_tables"](page, {"growth": {"1000": {"compile": cost}, "10": {}}}) == (
        "# Page\n<!-- figures: growth -->\n| command | 10 services | 1,000 services |\n|--|--|--|\n"
        "| compile |  | 1.23 s, 46 MiB |\n<!-- end -->\n<!-- figures: peers -->\nkept\n<!-- end -->\n"
    )
    races = {"Race": {"netpolc": cost, "peer": {**cost, "processor": 2.468}}}
    assert "| peer | 2.47 | 46 | 2.0 |\n" in results["with_tables"](page, {"peers": races})


def test_the_page_has_a_place_for_each_table(monkeypatch: pytest.MonkeyPatch) -> None:
    page = (BENCHMARKS / "RESULTS.md").read_text(encoding="utf-8")
    for name in module("write_results", monkeypatch)["TABLES"]:
        assert f"<!-- figures: {name} -->\n" in page
