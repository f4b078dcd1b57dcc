"""The specification, the language reference and the README are run."""

from pathlib import Path

import pytest

from tests.literate import Block, blocks, check

_ROOT = Path(__file__).parents[2]
_PAGES = (
    *sorted(Path(__file__).parent.glob("*.md")),
    _ROOT / "grammar" / "LANGUAGE.md",
    _ROOT / "README.md",
)


@pytest.mark.parametrize("block", [b for page in _PAGES for b in blocks(page)], ids=str)
def test_block_has_exactly_the_errors_that_it_announces(block: Block) -> None:
    check(block)


@pytest.mark.parametrize("page", _PAGES[:-1], ids=lambda page: page.name)
def test_page_has_blocks(page: Path) -> None:
    assert list(blocks(page))
