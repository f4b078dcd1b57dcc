"""Every kind of finding has one example in a file, with the text that people are shown.

A file `NP114.md` has a block `intent` or, for the IR, `json`, which is the source, perhaps
a block `yaml` with the manifests beside it, and a block `text`, what is printed about it. A
block `yaml` alone is the source itself. `pytest --bless` renews what is printed; its diff is
read in review.
"""

import pkgutil
import re
from dataclasses import replace
from datetime import date
from importlib import import_module
from pathlib import Path

import pytest

import netpolc
from netpolc.bootstrap.existing_policies import existing_policies
from netpolc.commands.pipeline import run
from netpolc.diagnostics import Diagnostic, Rule, rules
from netpolc.diagnostics.render.text import render
from netpolc.io.project import Options
from netpolc.io.sources import Sources
from netpolc.ir.serialize import load
from netpolc.manifest.read import read
from netpolc.source import SourceFile
from tests.literate import blocks, findings

_FOLDER = Path(__file__).parent
_FILES = sorted(_FOLDER.glob("NP*.md"))
_GROUPS = ("NP1", "NP2", "NP3", "NP4", "NP5", "NP6", "NP730", "NP750", "NP753", "NP761")
"""The codes whose kinds must have an example here.

Those of NP7 that are left are about files, folders and arguments, which no text shows; they
have tests of their own.
"""

_NOT_IN_TEXT = {
    "NP135": "a thousand wrong lines come before it",
    "NP214": "the parser refuses such a name before `resolve` sees it",
    "NP404": "the text would be larger than anybody reads",
    "NP409": "so would this",
    "NP451": "and this: a policy of thousands of rules",
    "NP456": "and this: a policy of thousands of blocks",
    "NP457": "and this: the name of a policy that is written",
}
"""Kinds that no page can show, and why."""

_EXPECTED = re.compile(r"(?<=^```text\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("path", _FILES, ids=lambda path: path.stem)
def test_rendered(path: Path, *, bless: bool) -> None:
    found = [finding for finding in _findings(path) if finding.rule.code == path.stem]
    assert found, f"the example of {path.name} is not found"
    shown = render(found).strip("\n") + "\n"
    renewed = _EXPECTED.sub(lambda _: shown, path.read_text(encoding="utf-8"), count=1)
    if bless:
        path.write_text(renewed, encoding="utf-8")
    assert renewed == path.read_text(encoding="utf-8"), f"{path} (renew with --bless)"


def test_every_kind_has_an_example() -> None:
    declared = {kind.code for kind in all_rules() if kind.code.startswith(_GROUPS)}
    assert declared - _NOT_IN_TEXT.keys() == {path.stem for path in _FILES}


@pytest.mark.parametrize("path", _FILES, ids=lambda path: path.stem)
def test_example_tells_only_of_its_own_kind(path: Path) -> None:
    """An example that shows a second mistake explains neither."""
    errors = {finding.rule.code for finding in _findings(path) if finding.severity.value == "error"}
    assert errors <= {path.stem}


def _findings(path: Path) -> tuple[Diagnostic, ...]:
    """What is found in a page's source."""
    for source in blocks(path, "json"):
        return load(SourceFile("example.json", source.text)).diagnostics
    options = Options(today=date(2026, 1, 1))
    if not list(blocks(path)):
        (alone,) = blocks(path, "yaml")
        given = (SourceFile("example.yaml", alone.text),)
        if path.stem == "NP753":
            return tuple(existing_policies(read(file).value for file in given))
        return run(Sources(manifests=given), options).diagnostics
    (source,) = blocks(path)
    file = SourceFile("example.intent", _readable(source.text))
    if not path.stem.startswith(("NP5", "NP6", "NP7")):
        return findings(file)
    manifests = tuple(SourceFile("beside.yaml", block.text) for block in blocks(path, "yaml"))
    sources = Sources(intents=(file,), manifests=manifests)
    if path.stem != "NP506":
        options = replace(options, tiers="v1alpha2")
    return run(sources, options).diagnostics


def all_rules() -> tuple[Rule, ...]:
    """Every kind, once every module of the package has been loaded."""
    for module in pkgutil.walk_packages(netpolc.__path__, "netpolc."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    return rules()


def _readable(text: str) -> str:
    r"""The source of an example, where escapes stand for what a page cannot show.

    `\u{202e}` is the character of that code, `x\times{9}` nine of the character before.
    """
    text = re.sub(r"\\u\{([0-9a-f]+)\}", lambda code: chr(int(code.group(1), 16)), text)
    return re.sub(r"(.)\\times\{([0-9]+)\}", lambda said: said.group(1) * int(said.group(2)), text)
