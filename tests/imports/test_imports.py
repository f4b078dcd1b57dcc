"""Golden cases of the import: manifests in, intents out, to be read by people.

A case is a folder with `manifests/` and `expected/`, the intents as `netpolc import`
writes them, and `findings.txt` where something is found. Whether they mean the same is
proved by the import itself; whether a person would have written them so is what these
cases are for. A new case is a new folder; `pytest --bless` writes what is expected.
"""

from pathlib import Path

import pytest

from netpolc.commands.import_ import Imported, import_policies
from netpolc.diagnostics.render.text import render
from netpolc.source import SourceFile
from netpolc.syntax.formatter import format_file
from netpolc.syntax.parser import parse
from tests.golden import check_tree

CASES = sorted(path for path in Path(__file__).parent.iterdir() if (path / "manifests").is_dir())


def imported(case: Path) -> Imported:
    """The case's manifests, imported."""
    paths = sorted((case / "manifests").iterdir())
    return import_policies([SourceFile(path.name, path.read_text("utf-8")) for path in paths])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Path, bless: bool) -> None:
    result = imported(case)
    assert not result.failed
    actual = dict(result.files)
    if found := (*result.diagnostics, *result.doubtful):
        actual["findings.txt"] = render(found)
    check_tree(actual, case / "expected", bless=bless)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_written_is_as_the_formatter_leaves_it(case: Path) -> None:
    for path, text in imported(case).files.items():
        assert format_file(parse(SourceFile(path, text)).value) == text
