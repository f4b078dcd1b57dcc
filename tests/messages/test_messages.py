"""Every kind of finding has one example in a file, with the text that people are shown.

A file `NP114.md` has a block `intent`, the source, and a block `text`, what is printed
about it. `pytest --bless` renews the second; its diff is read in review.
"""

import pkgutil
import re
from importlib import import_module
from pathlib import Path

import pytest

import netpolc
from netpolc.diagnostics import Kind, kinds
from netpolc.diagnostics.render.text import render
from netpolc.source import SourceFile
from tests.literate import blocks, findings

_FOLDER = Path(__file__).parent
_FILES = sorted(_FOLDER.glob("NP*.md"))
_GROUPS = ("NP1", "NP2", "NP3")
"""The codes whose kinds must have an example here; the others have tests of their own."""

_EXPECTED = re.compile(r"(?<=^```text\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("path", _FILES, ids=lambda path: path.stem)
def test_rendered(path: Path, *, bless: bool) -> None:
    (source,) = blocks(path)
    found = findings(SourceFile("example.intent", _readable(source.text)))
    assert path.stem in {finding.kind.code for finding in found}
    shown = render([finding for finding in found if finding.kind.code == path.stem])
    text = path.read_text(encoding="utf-8")
    renewed = _EXPECTED.sub(lambda _: shown.strip("\n") + "\n", text, count=1)
    if bless:
        path.write_text(renewed, encoding="utf-8")
    assert renewed == path.read_text(encoding="utf-8"), f"{path} (renew with --bless)"


def test_every_kind_has_an_example() -> None:
    declared = {kind.code for kind in _all_kinds() if kind.code.startswith(_GROUPS)}
    assert declared == {path.stem for path in _FILES}


@pytest.mark.parametrize("path", _FILES, ids=lambda path: path.stem)
def test_example_tells_only_of_its_own_kind(path: Path) -> None:
    """An example that shows a second mistake explains neither."""
    (source,) = blocks(path)
    found = findings(SourceFile("example.intent", _readable(source.text)))
    errors = {finding.kind.code for finding in found if finding.severity.value == "error"}
    assert errors <= {path.stem}


def _all_kinds() -> tuple[Kind, ...]:
    """Every kind, once every module of the package has been loaded."""
    for module in pkgutil.walk_packages(netpolc.__path__, "netpolc."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    return kinds()


def _readable(text: str) -> str:
    r"""The source of an example, where `\u{202e}` stands for a character one cannot see."""
    return re.sub(r"\\u\{([0-9a-f]+)\}", lambda code: chr(int(code.group(1), 16)), text)
