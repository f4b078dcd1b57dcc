"""Every console block of README and docs is run, with the inputs that its page shows.

A page of a plain kind has its inputs above its commands: a line such as `fleet.toml`: before a fence is the name
of the file that the fence shows. Pages whose inputs come another way have a test of their own. Pass `--bless`
to renew what commands print.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.test_readme import printed

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
OWN_TESTS = {
    "README.md": "tests/cli/test_readme.py",
    "docs/check-manifests.md": "tests/lints/test_docs.py",
    "docs/diff.md": "tests/cli/test_diff_page.py",
    "docs/import.md": "tests/cli/test_import_page.py",
    "docs/init.md": "tests/cli/test_init_page.py",
    "docs/learn.md": "tests/cli/test_learn_page.py",
}
"""The pages that need a repository, a cluster's objects or a log, and the tests that run them."""

_FILE = re.compile(r"^`([^`\n]+)`[^`\n]*:\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CONSOLE = re.compile(r"(?<=^```console\n)(.*?)(?=^```$)", re.MULTILINE | re.DOTALL)


def _plain() -> Iterator[Path]:
    """The pages with console blocks that this test runs."""
    for page in PAGES:
        if page.relative_to(ROOT).as_posix() not in OWN_TESTS and _CONSOLE.search(
            page.read_text(encoding="utf-8")
        ):
            yield page


@pytest.mark.skipif(sys.platform == "win32", reason="the pages speak to a POSIX shell")
@pytest.mark.parametrize("page", list(_plain()), ids=lambda page: page.name)
def test_a_page_shows_what_is_printed(page: Path, tmp_path: Path, *, bless: bool) -> None:
    text = page.read_text(encoding="utf-8")
    (tmp_path / ".git").mkdir()
    for name, content in _FILE.findall(text):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")

    def run(block: re.Match[str]) -> str:
        commands = [line for line in block[1].splitlines() if line.startswith("$ ")]
        assert commands, "a console block begins with a command"
        return "".join(f"{line}\n{printed(line[2:], tmp_path)}" for line in commands)

    shown = _CONSOLE.sub(run, text)
    if bless:
        page.write_text(shown, encoding="utf-8")
        text = shown
    assert shown == text


def test_some_pages_are_run_here() -> None:
    assert list(_plain())


@pytest.mark.parametrize("name", list(OWN_TESTS))
def test_a_page_with_a_test_of_its_own_is_read_by_it(name: str) -> None:
    assert _CONSOLE.search((ROOT / name).read_text(encoding="utf-8"))
    assert Path(name).name in (ROOT / OWN_TESTS[name]).read_text(encoding="utf-8")
