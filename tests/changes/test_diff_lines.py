"""Lines of a difference: their number, and the remarks on them."""

from dataclasses import replace

import pytest

from netpolc.analysis.unknown_facts import BlockMatching, reason
from netpolc.changes.model import Effect, Reach, Risk
from netpolc.changes.render.diff_lines import (
    Count,
    Line,
    count,
    is_marked,
    lines,
    plural,
    remark_of,
    unmarked_risks,
    written,
)
from netpolc.kube.peers import Direction
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


def test_remarks_are_below_each_other_up_to_a_width() -> None:
    short, middle, long = "a", "b" * 20, "c" * 70
    texts = [(short, "first"), (middle, "second"), (long, "")]
    some = [Line(Effect.OPENED, text, remark) for text, remark in texts]
    # A line without a remark makes no room, and one that is too long makes no more than the widest.
    width = len(f"+ {middle}")
    assert written(some) == [f"{'+ a':<{width}}  # first", f"+ {middle}  # second", f"+ {long}"]
    wide = written([Line(Effect.CLOSED, short, "first"), Line(Effect.CLOSED, long, "second")])
    assert wide == [f"{'- a':<56}  # first", f"- {long}  # second"]


def test_a_line_break_in_a_text_does_not_begin_a_line() -> None:
    (line,) = written([Line(Effect.OPENED, "db <- x\n- db <- y")])
    assert "\n" not in line


def test_numbers_are_in_words() -> None:
    assert str(Count(1, 0)) == "1 opened"
    assert str(Count(1200, 2)) == "1,200 opened, 2 closed"
    assert str(Count()) == "none"
    assert Count(3, 1) - Count(1, 1) == Count(2, 0)
    assert [bool(Count(1, 0)), bool(Count(0, 1)), bool(Count())] == [True, True, False]
    assert Line(Effect.OPENED, "").count == Count(1, 0)
    assert [plural(1, "risk"), plural(2000, "risk"), plural(2, "entry", "entries")] == [
        "1 risk",
        "2,000 risks",
        "2 entries",
    ]


def test_unknown_facts_and_risks_are_remarks_in_order() -> None:
    reach = Reach(unknown_pods=False, other_namespaces=False, outside=False)
    opened = replace(
        entry(Effect.OPENED, "db", ONE, risks=(Risk.FROM_INTERNET,)),
        undecided=(BlockMatching(),),
        reach=reach,
    )
    fact = f"depends on {reason(BlockMatching())}"
    assert remark_of(opened) == f"{Risk.FROM_INTERNET.words}; {fact}; known pods only"


def test_risks_that_are_on_no_line_are_listed_in_the_order_of_risks() -> None:
    for order in (tuple(Risk), tuple(Risk)[::-1]):
        assert unmarked_risks([entry(Effect.OPENED, "db", TWO, risks=order)]) == tuple(Risk)


def test_an_egress_entry_is_written_towards_its_peers() -> None:
    outgoing = replace(entry(Effect.OPENED, "db", ONE), direction=Direction.EGRESS)
    assert [line.text for line in lines(outgoing)] == ["db -> any"]
    assert [line.text for line in lines(entry(Effect.OPENED, "db", ONE))] == ["db <- any"]
