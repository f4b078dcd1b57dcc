"""What netpolc compiled, imported, compiles to the same manifests, up to names and notes."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from netpolc.commands.import_ import import_policies
from netpolc.commands.pipeline import Compilation, run
from netpolc.io.project import Options, Request, open_project
from netpolc.io.sources import Sources
from netpolc.source import SourceFile
from tests.cases.test_cases import CASES, compiled

ROOT = Path(__file__).parent.parent.parent
TODAY = date(2026, 1, 1)


def the_project() -> Compilation:
    """The intents of this repository."""
    project = open_project(Request(here=ROOT, today=TODAY, sources=("intents",))).value
    return run(project.sources, project.options)


def specs(texts: Iterable[str]) -> list[tuple[str, str]]:
    """The manifests without what does not count: names, labels, annotations and order."""
    found: list[dict[str, Any]] = [one for t in texts for one in yaml.safe_load_all(t) if one]
    return sorted((one["metadata"]["namespace"], yaml.safe_dump(one["spec"])) for one in found)


@pytest.mark.parametrize("case", [*CASES, ROOT / "intents"], ids=lambda case: case.name)
def test_our_own_manifests_come_back_to_the_byte(case: Path) -> None:
    first = the_project() if case == ROOT / "intents" else compiled(case)
    if not first.files:
        pytest.skip("the case is about errors")
    result = import_policies([SourceFile(path, text) for path, text in first.files.items()])
    files = tuple(SourceFile(path, text) for path, text in result.files.items())
    again = run(Sources(intents=files), Options(today=TODAY))
    assert specs(again.files.values()) == specs(first.files.values())
