"""Did you mean: the known word that is nearest to an unknown one.

A slip of the finger is a letter too many, too few, wrong, or swapped with its neighbour,
so that is what distance counts. A suggestion that is wrong is worse than none: short
words must be nearly right, and a tie between two words is not an answer.
"""

from collections.abc import Iterable

_LETTERS_PER_SLIP = 3


def nearest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate that a person most likely meant by `word`, if there is just one.

    One slip is forgiven in a word of up to five letters, one more for each further three.
    Case does not count. A candidate equal to the word is not a suggestion.
    """
    allowed = max(1, len(word) // _LETTERS_PER_SLIP)
    best: list[str] = []
    for candidate in dict.fromkeys(candidates):
        if candidate == word or min(len(word), len(candidate)) <= 1:
            continue
        slips = _slips(word.lower(), candidate.lower(), allowed)
        if slips > allowed:
            continue
        if slips < allowed:
            allowed, best = slips, []
        best.append(candidate)
    return best[0] if len(best) == 1 else None


def _slips(word: str, other: str, most: int) -> int:
    """The number of slips between two words; any number above `most` if there are more.

    The optimal string alignment distance: Levenshtein's, with neighbours swapped as one.
    """
    if abs(len(word) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(word, start=1):
        last, row, before = before, [i], row
        for j, against in enumerate(other, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != against))
            if i > 1 and j > 1 and letter == other[j - 2] and word[i - 2] == against:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]
