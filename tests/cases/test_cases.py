"""Golden cases: intent files in, manifests and findings out, side by side in one folder.

A case is a folder with `input/` (intent files), `expected/` (the manifests, which can be
applied as they are) and, where there are findings, `expected/findings.txt`. A new case
is a new folder; `pytest --bless` writes what is expected, and the diff is read in review.
"""

from datetime import date
from pathlib import Path

import pytest
import yaml

from netpolc.commands.pipeline import Compilation, run
from netpolc.diagnostics.render.text import render
from netpolc.io.gather_sources import gather
from netpolc.io.project import Options
from tests.golden import check_tree
from tests.manifest.validity import problems

CASES = sorted(path for path in Path(__file__).parent.iterdir() if (path / "input").is_dir())


def compiled(case: Path) -> Compilation:
    """The case's input, compiled as on a day long ago."""
    sources = gather([str(case / "input")], case, bytes)
    return run(sources.value, Options(today=date(2026, 1, 1)), before=sources.diagnostics)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Path, bless: bool) -> None:
    result = compiled(case)
    actual = dict(result.files)
    if result.diagnostics:
        actual["findings.txt"] = render(result.diagnostics)
    check_tree(actual, case / "expected", bless=bless)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_api_server_would_take_it(case: Path) -> None:
    for text in compiled(case).files.values():
        for document in yaml.safe_load_all(text):
            assert not problems(document)
