"""`docs/diff.md`, run as a reader would, command by command, in a repository of its own."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.repository import Scratch, needs_git

PAGE = Path(__file__).parents[2] / "docs" / "diff.md"
CONSOLE = re.compile(r"(?<=^```console\n)(.*?)(?=^```$)", re.MULTILINE | re.DOTALL)
INTENT = re.compile(r"^```intent\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@needs_git
@pytest.mark.skipif(sys.platform == "win32", reason="the page speaks to a POSIX shell")
def test_the_page_shows_what_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, bless: bool
) -> None:
    page = PAGE.read_text(encoding="utf-8")
    before, after = INTENT.findall(page)
    repo = Scratch(tmp_path / "repo", monkeypatch)
    repo.commit({"intents/shop.intent": before})
    repo.put({"intents/shop.intent": after})

    def run(block: re.Match[str]) -> str:
        commands = [line for line in block[1].splitlines() if line.startswith("$ ")]
        return "".join(f"{line}\n{printed(line[2:], repo.folder)}" for line in commands)

    shown = CONSOLE.sub(run, page)
    if bless:
        PAGE.write_text(shown, encoding="utf-8")
        page = shown
    assert shown == page
    assert shown.count("\n$ netpolc ") >= 3


def printed(command: str, folder: Path) -> str:
    """What a command prints, output and findings together."""
    done = subprocess.run(
        ["/bin/sh", "-c", f'netpolc() {{ "{sys.executable}" -m netpolc "$@"; }}\n{command}'],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.stdout
