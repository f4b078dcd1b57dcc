"""`docs/init.md`, run as a reader would, command by command."""

import re
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Put
from tests.cli.test_diff_page import CONSOLE, printed
from tests.literate import blocks

PAGE = Path(__file__).parents[2] / "docs" / "init.md"
SHOP = Path(__file__).parents[1] / "bootstrap" / "shop" / "shop.yaml"


@pytest.mark.skipif(sys.platform == "win32", reason="the page speaks to a POSIX shell")
def test_the_page_shows_what_is_printed(put: Put, tmp_path: Path, *, bless: bool) -> None:
    page = PAGE.read_text(encoding="utf-8")
    (shop,) = (block.text for block in blocks(PAGE, "yaml"))
    assert shop.strip() == SHOP.read_text(encoding="utf-8").strip(), "the input is what is shown"
    put({"k8s/shop.yaml": shop})

    def run(block: re.Match[str]) -> str:
        commands = [line for line in block[1].splitlines() if line.startswith("$ ")]
        return "".join(f"{line}\n{printed(line[2:], tmp_path)}" for line in commands)

    shown = CONSOLE.sub(run, page)
    if bless:
        PAGE.write_text(shown, encoding="utf-8")
        page = shown
    assert shown == page
    assert shown.count("\n$ netpolc ") == 1
