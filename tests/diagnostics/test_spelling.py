"""Suggestions are near, or there are none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netpolc.diagnostics.spelling import nearest


@pytest.mark.parametrize(
    ("word", "candidates", "suggestion"),
    [
        ("defualt", ("default", "label"), "default"),
        ("Default", ("default", "label"), "default"),
        ("paymnts", ("payments", "shop"), "payments"),
        ("paymentss", ("payments", "shop"), "payments"),
        ("apo", ("api", "web"), "api"),
        ("ap", ("api", "web"), "api"),
        ("xyz", ("api", "web"), None),
        ("api", ("api", "web"), None),
        ("api", ("api", "apis"), "apis"),
        ("cat", ("car", "cut"), None),
        ("observer", ("observers", "reservers"), "observers"),
        ("a", ("b", "ab"), None),
        ("", ("a",), None),
        ("api", (), None),
        ("completely", ("different",), None),
    ],
)
def test_nearest(word: str, candidates: tuple[str, ...], suggestion: str | None) -> None:
    assert nearest(word, candidates) == suggestion


@given(st.text("abc", min_size=4, max_size=8), st.integers(0, 7), st.sampled_from("xyz"))
def test_one_slip_is_forgiven(word: str, place: int, letter: str) -> None:
    place %= len(word)
    others = ("mmmmmmmm", "nnnn")
    slips = [
        word[:place] + letter + word[place:],
        word[:place] + letter + word[place + 1 :],
        word[:place] + word[place + 1 :],
        word[:place] + word[place : place + 2][::-1] + word[place + 2 :],
    ]
    for slip in slips:
        assert nearest(slip, (word, *others)) == (word if slip != word else None)
