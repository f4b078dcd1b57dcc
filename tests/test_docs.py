"""The pages of docs/: their links lead somewhere, and their intents are right."""

import re
from datetime import date
from pathlib import Path

import pytest

from netpolc.commands.pipeline import run
from netpolc.diagnostics.diagnostic import has_errors
from netpolc.io.project import Options
from netpolc.io.sources import Sources
from netpolc.source import SourceFile

ROOT = Path(__file__).parent.parent
PAGES = [*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
_LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")
_INTENTS = re.compile(r"^```intent\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in _LINK.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / link).exists(), link


def test_the_index_lists_every_page() -> None:
    index = (ROOT / "docs/README.md").read_text(encoding="utf-8")
    pages = {page.name for page in (ROOT / "docs").glob("*.md")} - {"README.md"}
    assert pages == {link for link in _LINK.findall(index) if "/" not in link}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_intents_have_no_errors(page: Path) -> None:
    for number, text in enumerate(_INTENTS.findall(page.read_text(encoding="utf-8"))):
        file = SourceFile(f"{page.name}-{number}.intent", text)
        options = Options(today=date(2026, 12, 1), tiers="v1alpha2")
        found = run(Sources(intents=(file,)), options).diagnostics
        assert not has_errors(found), [each.message for each in found]
