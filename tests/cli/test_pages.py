"""Every console block of README and docs is run, with the inputs that its page shows.

A paragraph whose last words are the name of a file, such as `fleet.toml`:, or a summary of that name, is before the fence that
shows it. A file that is shown twice has its first text in the last commit and its second one in the
working tree. Pass `--bless` to renew what commands print.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from netpolc.source import SourceFile
from netpolc.syntax.parser import parse
from tests.literate import blocks
from tests.repository import Scratch

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
_FILE = re.compile(
    r"(?:`([\w./-]+\.\w+)`[^`\n]*[:,]|<summary>([^<]+)</summary>)\n\n```\w+\n(.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_CONSOLE = re.compile(r"(?<=^```console\n)(.*?)(?=^```$)", re.MULTILINE | re.DOTALL)


def _run_pages() -> Iterator[Path]:
    """The pages with console blocks."""
    return (page for page in PAGES if _CONSOLE.search(page.read_text(encoding="utf-8")))


@pytest.mark.skipif(sys.platform == "win32", reason="the pages speak to a POSIX shell")
@pytest.mark.parametrize("page", list(_run_pages()), ids=lambda page: page.name)
def test_a_page_shows_what_is_printed(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, bless: bool
) -> None:
    text = page.read_text(encoding="utf-8")
    before: dict[str, str] = {}
    now: dict[str, str] = {}
    for name, summary, content in _FILE.findall(text):
        before.setdefault(name or summary, content)
        now[name or summary] = content
    repository = Scratch(tmp_path / "repository", monkeypatch)
    if before != now:
        repository.commit(before)
    repository.put(now)

    def run(block: re.Match[str]) -> str:
        commands = [line for line in block[1].splitlines() if line.startswith("$ ")]
        assert commands, "a console block begins with a command"
        return "".join(f"{line}\n{_printed(line[2:], repository.folder)}" for line in commands)

    shown = _CONSOLE.sub(run, text)
    if bless:
        page.write_text(shown, encoding="utf-8")
        text = shown
    assert shown == text


def _printed(command: str, folder: Path) -> str:
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


def test_the_pages_with_commands_are_found() -> None:
    names = {page.relative_to(ROOT).as_posix() for page in _run_pages()}
    pages = ("check-manifests", "diff", "fleet", "import", "init", "learn")
    assert {"README.md", *(f"docs/{name}.md" for name in pages)} <= names


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_intents_of_a_page_are_intents(page: Path) -> None:
    for block in blocks(page, "intent"):
        assert not parse(SourceFile("page.intent", block.text)).diagnostics, block.text
