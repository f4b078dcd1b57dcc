"""Names that a slip of the finger turns into each other, found without comparing every pair.

A slip is a letter too many, too few, wrong, or swapped with its neighbour. Two names that are
one slip apart become equal when each loses at most one letter, so names are filed under
what they are without a letter (Bocek, Hunt and Stiller, "Fast Similarity Search in Large
Dictionaries", 2007). A namespace may have thousands of callers that no arrow is about.

Two slips are forgiven in a long name only, and only in different words of it: `ledger-probe`
is not `ledger-proxy`. Names of one or two letters differ by a letter all the time (`db`, `kv`), so there only
swapped neighbours are a slip. Numbers tell replicas apart (`api-1`, `api-2`), so names of equal
letters are never slips.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import combinations

_SHORT = 2
_LONG = 13
_WORDS = re.compile("([^A-Za-z0-9]+)")


class SlipIndex:
    """Known names, to be found by a name that may be one of them with a slip."""

    def __init__(self, names: Iterable[str], beside: "SlipIndex | None" = None) -> None:
        """File the names; those of the index `beside` are known as well."""
        self._beside = beside
        self._filed: dict[str, list[str]] = {}
        for name in names:
            for key in _keys(name):
                self._filed.setdefault(key, []).append(name)

    def meant(self, name: str) -> str | None:
        """The only name that this name may be a slip of; None if there is none or more."""
        near = self.near(_keys(name))
        slips_of = {other: slips(name, other) for other in near}
        fewest = min(filter(None, slips_of.values()), default=0)
        best = [other for other, many in slips_of.items() if many and many == fewest]
        return best[0] if len(best) == 1 else None

    def near(self, keys: Iterable[str]) -> set[str]:
        """The known names that are filed under one of the spellings."""
        near = {other for key in keys for other in self._filed.get(key, ())}
        return near if self._beside is None else near | self._beside.near(keys)


def slips(name: str, other: str) -> int | None:
    """Return how many slips turn a name into another, one or two; None if it is not a slip."""
    if min(len(name), len(other)) < _SHORT or _letters(name) == _letters(other):
        return None
    if _is_slip(name, other, swapped=max(len(name), len(other)) == _SHORT):
        return 1
    words, others = _WORDS.split(name), _WORDS.split(other)
    if min(len(name), len(other)) < _LONG or words[1::2] != others[1::2]:
        return None
    differing = [pair for pair in zip(words, others, strict=True) if pair[0] != pair[1]]
    both = len(differing) == 2 and all(_is_slip(*pair) for pair in differing)  # noqa: PLR2004
    return 2 if both else None


def _is_slip(word: str, other: str, *, swapped: bool = False) -> bool:
    """Whether two words are one slip apart; of all slips only a swap where `swapped` is set."""
    start = 0
    while start < min(len(word), len(other)) and word[start] == other[start]:
        start += 1
    word, other = word[start:], other[start:]
    while word and other and word[-1] == other[-1]:
        word, other = word[:-1], other[:-1]
    if len(word) == len(other) == 2:  # noqa: PLR2004 - neighbours
        return word == other[::-1]
    return not swapped and max(len(word), len(other)) == 1


def _letters(name: str) -> str:
    return "".join(filter(str.isalpha, name))


def _keys(name: str) -> set[str]:
    """The spellings of a name with one letter missing; of a long name, with one missing in each of two words."""
    keys = _shortened(name)
    if len(name) >= _LONG:
        words = _WORDS.split(name)
        for first, second in combinations(range(0, len(words), 2), 2):
            keys.update(_twice_shortened(words, first, second))
    return keys


def _twice_shortened(words: list[str], first: int, second: int) -> Iterator[str]:
    before, between = "".join(words[:first]), "".join(words[first + 1 : second])
    after = "".join(words[second + 1 :])
    ends = [f"{between}{end}{after}" for end in _shortened(words[second])]
    for beginning in _shortened(words[first]):
        for end in ends:
            yield f"{before}{beginning}{end}"


def _shortened(word: str) -> set[str]:
    """A word, and what it is without each of its letters."""
    return {word, *(word[:i] + word[i + 1 :] for i in range(len(word)))}
