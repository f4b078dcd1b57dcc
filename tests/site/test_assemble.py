"""The pages of the site: complete, linked, and highlighted."""

import re
import runpy
from pathlib import Path
from typing import Any

import click
import pytest
from pygments.token import Error

from netpolc.cli.main import group
from netpolc.diagnostics.all_rules import all_rules

SITE = Path(__file__).parents[2] / "site"
_LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the assembled pages."""
    folder = tmp_path_factory.mktemp("site")
    runpy.run_path(str(SITE / "assemble.py"))["assemble"](folder)
    return folder


def test_each_rule_and_each_command_has_a_page(pages: Path) -> None:
    rules = {page.stem for page in (pages / "rules").glob("NP*.md")}
    assert rules == {rule.code for rule in all_rules()}
    commands = {page.stem for page in (pages / "commands").glob("*.md")} - {"index"}
    assert commands == set(group.list_commands(click.Context(group)))


def test_links_lead_to_pages(pages: Path) -> None:
    for page in pages.rglob("*.md"):
        for link in _LINK.findall(page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), (page.relative_to(pages), link)


def test_the_first_page_shows_what_the_compiler_writes(pages: Path) -> None:
    text = (pages / "index.md").read_text(encoding="utf-8")
    assert "never db <- internet" in text
    assert "  name: db-ingress" in text
    assert "opened  db <- internet:5432" in text
    assert "@" not in text
    assert "docs/tiers\n" in text


def test_every_sign_of_the_examples_has_a_colour() -> None:
    lexer: Any = runpy.run_path(str(SITE / "intent_lexer.py"))["IntentLexer"]()
    for path in (SITE.parent / "intents").rglob("*.intent"):
        tokens = list(lexer.get_tokens(path.read_text(encoding="utf-8")))
        assert not [text for kind, text in tokens if kind in Error]
