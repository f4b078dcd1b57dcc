"""Suggestions are near, or there are none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netpolc.diagnostics.spelling import KnownWords, nearest


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
        ("db", ("bd", "xy"), "bd"),
        ("ca", ("abc",), None),
        ("API", ("api", "apl"), "api"),
        ("x" * 90, ("x" * 69 + "y" * 21, "z"), "x" * 69 + "y" * 21),
        ("x" * 90, ("x" * 68 + "y" * 22, "z"), None),
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


WORDS = st.one_of(
    st.text("ab-", max_size=9), st.text("aAbBİß", max_size=5), st.text("abcdefg", max_size=4)
)


@given(st.data(), st.lists(WORDS, max_size=8))
def test_words_are_compared_with_all_others_as_with_each(
    data: st.DataObject, known: list[str]
) -> None:
    several = KnownWords(known)
    for word in data.draw(st.lists(WORDS | st.sampled_from(["", *known]), max_size=4)):
        assert several.nearest(word) == plain_nearest(word, known)


def plain_nearest(word: str, known: list[str]) -> str | None:
    """The nearest word, found by one comparison after the other."""
    distances = {
        other: slips(word.lower(), other.lower())
        for other in known
        if other != word and min(len(word), len(other)) > 1
    }
    fewest = min(distances.values(), default=len(word))
    best = [other for other, number in distances.items() if number == fewest]
    return best[0] if len(best) == 1 and fewest <= max(1, len(word) // 3) else None


def slips(one: str, other: str) -> int:
    """The optimal string alignment distance of two words."""
    table = {(i, 0): i for i in range(len(one) + 1)}
    table |= {(0, j): j for j in range(len(other) + 1)}
    for i in range(1, len(one) + 1):
        for j in range(1, len(other) + 1):
            table[i, j] = min(
                table[i - 1, j] + 1,
                table[i, j - 1] + 1,
                table[i - 1, j - 1] + (one[i - 1] != other[j - 1]),
            )
            if one[max(i - 2, 0) : i] == other[max(j - 2, 0) : j][::-1] and min(i, j) > 1:
                table[i, j] = min(table[i, j], table[i - 2, j - 2] + 1)
    return table[len(one), len(other)]
