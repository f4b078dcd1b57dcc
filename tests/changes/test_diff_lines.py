"""Lines of a difference: their number, and the remarks on them."""

from dataclasses import replace

import pytest

from netpolc.changes.model import Effect, Reach, Risk
from netpolc.changes.render.diff_lines import count, is_marked, lines, remark_of, unmarked_risks
from netpolc.kube.ports import EVERY_PORT, Traffic
from tests.changes.written import entry

ONE, TWO = [("any", EVERY_PORT)], [("any", EVERY_PORT), ("web", EVERY_PORT)]


@pytest.mark.parametrize(
    ("far", "risks", "sayable", "marked"),
    [
        (ONE, (Risk.FROM_INTERNET,), True, True),
        (TWO, (Risk.FROM_INTERNET,), True, False),
        (TWO, (Risk.FROM_INTERNET,), False, True),
        (ONE, (Risk.FROM_INTERNET, Risk.EVERY_PORT), True, False),
        (ONE, (), True, False),
    ],
)
def test_the_only_risk_of_one_line_is_on_it(
    far: list[tuple[str, Traffic]], risks: tuple[Risk, ...], *, sayable: bool, marked: bool
) -> None:
    opened = entry(Effect.OPENED, "db", far, risks=risks, sayable=sayable)
    assert is_marked(opened) is marked
    assert set(unmarked_risks([opened])) == (set() if marked else set(risks))


@pytest.mark.parametrize("sayable", [True, False])
def test_lines_are_counted_as_they_are_written(*, sayable: bool) -> None:
    closed = entry(Effect.CLOSED, "db", TWO, sayable=sayable)
    assert count([closed]).closed == len(list(lines(closed))) == (2 if sayable else 1)


@pytest.mark.parametrize(
    ("unknown", "outside", "remark"),
    [(False, False, "known pods only"), (True, False, ""), (False, True, "")],
)
def test_only_known_pods_are_remarked(*, unknown: bool, outside: bool, remark: str) -> None:
    reach = Reach(unknown_pods=unknown, other_namespaces=False, outside=outside)
    assert remark_of(replace(entry(Effect.OPENED, "db", ONE), reach=reach)) == remark
