"""The page about checking manifests names every lint."""

from pathlib import Path

from netpolc.diagnostics import rules

PAGE = Path(__file__).parents[2] / "docs" / "check-manifests.md"


def test_every_lint_on_manifests_is_in_the_table() -> None:
    text = PAGE.read_text(encoding="utf-8")
    codes = [kind.code for kind in rules() if "NP620" <= kind.code <= "NP649"]
    assert codes
    assert [code for code in codes if code not in text] == []
