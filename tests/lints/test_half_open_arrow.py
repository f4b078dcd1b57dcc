"""Half-open arrows are looked for only where the other end of an arrow may be closed, and so found all the same."""

from datetime import date

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from netpolc import lints
from netpolc.commands.pipeline import run
from netpolc.diagnostics import Diagnostic
from netpolc.io.project import Options
from netpolc.io.sources import Sources
from netpolc.lints.half_open_arrow import HALF_OPEN_ARROW
from netpolc.source import SourceFile
from tests.reference.language import Program
from tests.reference.printing import to_text
from tests.reference.strategies import programs


@given(programs(), st.integers(0, 99))
def test_where_no_other_end_is_closed_no_arrow_is_half_open(program: Program, seed: int) -> None:
    files = to_text(program, seed)
    note("\n".join(f"== {name}\n{text}" for name, text in files.items()))
    sources = Sources(intents=tuple(SourceFile(name, text) for name, text in files.items()))

    def found() -> list[Diagnostic]:
        result = run(sources, Options(today=date(2026, 1, 1)))
        return [one for one in result.diagnostics if one.rule is HALF_OPEN_ARROW]

    quick = found()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lints, "_meets_closed_pods", lambda _: True)
        assert found() == quick
