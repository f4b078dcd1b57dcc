"""Half-open arrows are searched for only where labels alone do not show that an arrow works, and found all the same."""

from collections.abc import Mapping
from datetime import date

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from netpolc import lints
from netpolc.commands.pipeline import run
from netpolc.diagnostics import Diagnostic
from netpolc.io.project import Options
from netpolc.io.sources import Sources
from netpolc.lints import half_open_arrow
from netpolc.lints.half_open_arrow import HALF_OPEN_ARROW
from netpolc.source import SourceFile
from tests.reference.language import Program
from tests.reference.printing import to_text
from tests.reference.strategies import programs


def sources_of(files: Mapping[str, str]) -> Sources:
    return Sources(intents=tuple(SourceFile(name, text) for name, text in files.items()))


def half_open(sources: Sources) -> list[Diagnostic]:
    """The half-open arrows of a program."""
    result = run(sources, Options(today=date(2026, 1, 1)))
    return [one for one in result.diagnostics if one.rule is HALF_OPEN_ARROW]


@given(programs(), st.integers(0, 99))
def test_what_is_left_out_without_a_search_is_not_half_open(program: Program, seed: int) -> None:
    files = to_text(program, seed)
    note("\n".join(f"== {name}\n{text}" for name, text in files.items()))
    sources = sources_of(files)
    quick = half_open(sources)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lints, "_meets_closed_pods", lambda _: True)
        patch.setattr(half_open_arrow, "_surely_works", lambda *_: False)
        assert half_open(sources) == quick


SHOP = "namespace shop\ndefault: deny ingress\ndb <- api:80\n{app!=kv} <- {app!=job}:90\n"
OPEN = "namespace open\ndb <- db:80\n{stage!=prod, stage} <- db:80\n"


@pytest.mark.parametrize(
    ("line", "is_half_open"),
    [
        ("api -> db:80", False),
        ("* -> *:80", False),
        ("api -> {app in (db, kv)}:79-90", False),
        ("{tier=web} -> db:80", False),
        ("{app in (api, web)} -> {tier=store}:80", False),
        ("api -> ns {kubernetes.io/metadata.name=shop}:80", False),
        ("web -> api:90", False),
        ("api -> db:81", True),
        ("api -> db:80/udp", True),
        ("api -> kv:80", True),
        ("web -> db:80", True),
        ("{app!=api} -> db:80", True),
        ("web -> kv:90", True),
        ("job -> db:90", True),
        ("api -> * in ns open:80", False),
        ("api -> {tier=web} in ns open:80", False),
        ("api -> {app in (db, kv)} in ns open:80", False),
        ("api -> {app=db, tier=web} in ns open:80", True),
        ("api -> {stage=test} in ns open:80", True),
    ],
)
def test_any_part_that_the_receiver_permits_is_enough(line: str, *, is_half_open: bool) -> None:
    files = {"a.intent": f"{SHOP}{line}\n", "b.intent": OPEN}
    found = half_open(sources_of(files))
    assert bool(found) == is_half_open
