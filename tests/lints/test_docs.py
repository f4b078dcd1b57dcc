"""The page about checking manifests shows what is printed."""

from datetime import date
from pathlib import Path

from netpolc.commands.pipeline import run
from netpolc.diagnostics import rules
from netpolc.diagnostics.render import tally
from netpolc.diagnostics.render.text import render
from netpolc.io.project import Options
from netpolc.io.sources import Sources
from netpolc.source import SourceFile
from tests.literate import blocks

PAGE = Path(__file__).parents[2] / "docs" / "check-manifests.md"


def test_the_output_is_that_of_the_example() -> None:
    (text,) = blocks(PAGE, "yaml")
    (shown,) = blocks(PAGE, "console")
    source = SourceFile("k8s/shop.yaml", text.text)
    found = run(Sources(manifests=(source,)), Options(today=date(2026, 1, 1))).diagnostics
    expected = f"{render(found)}checked 1 namespace: {tally(found)}\n"
    assert shown.text == f"$ netpolc check k8s/shop.yaml\n{expected}"


def test_every_lint_on_manifests_is_in_the_table() -> None:
    text = PAGE.read_text(encoding="utf-8")
    codes = [kind.code for kind in rules() if "NP620" <= kind.code <= "NP649"]
    assert codes
    assert [code for code in codes if code not in text] == []
