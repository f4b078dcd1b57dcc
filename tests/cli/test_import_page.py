"""The page about importing, run as a reader would, command by command."""

import re
from pathlib import Path

from netpolc.source import SourceFile
from netpolc.syntax.parser import parse
from tests.cli.test_readme import FENCE, printed

PAGE = Path(__file__).parent.parent.parent / "docs" / "import.md"
YAML = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_page_prints_what_it_shows(tmp_path: Path) -> None:
    page = PAGE.read_text(encoding="utf-8")
    (tmp_path / ".git").mkdir()
    (tmp_path / "k8s").mkdir()
    (manifests,) = YAML.findall(page)
    (tmp_path / "k8s/shop.yaml").write_text(manifests, encoding="utf-8")
    commands = 0
    for kind, text in FENCE.findall(page):
        if kind == "intent":
            assert not parse(SourceFile("page.intent", text)).diagnostics
            continue
        for part in text.removeprefix("$ ").split("\n$ "):
            command, _, expected = part.partition("\n")
            commands += 1
            assert printed(command, tmp_path).rstrip("\n") == expected.rstrip("\n"), command
    assert commands == 4
