"""Did you mean: the known word that is nearest to an unknown one.

A slip of the finger is a letter too many, too few, wrong, or swapped with its neighbour,
so that is what distance counts. A suggestion that is wrong is worse than none: short
words must be nearly right, and a tie between two words is not an answer.

A word is compared with all known words at once: bit n of a number is about the n-th known
word, so one operation on numbers takes a step for thousands of words.
"""

from collections.abc import Iterable

_LETTERS_PER_SLIP = 3
_MOST = 21
"""The slips that are forgiven in a word of 63 letters, the longest label; a longer word gets no more."""


def nearest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate that a person most likely meant by `word`, if there is just one.

    One slip is forgiven in a word of up to five letters, one more for each further three.
    Case does not count. A candidate equal to the word is not a suggestion.
    """
    return KnownWords(candidates).nearest(word)


class KnownWords:
    """Words in which the nearest to many others is looked for."""

    __slots__ = ("_lengths", "_letters", "_numbers", "_words")

    def __init__(self, words: Iterable[str]) -> None:
        """Take the words in; nobody means a word of one letter."""
        self._words = [word for word in dict.fromkeys(words) if len(word) > 1]
        self._numbers = {word: number for number, word in enumerate(self._words)}
        lengths: dict[int, list[int]] = {}
        letters: dict[tuple[int, str], list[int]] = {}
        for word, number in self._numbers.items():
            lowered = word.lower()
            lengths.setdefault(len(lowered), []).append(number)
            for place in enumerate(lowered, start=1):
                letters.setdefault(place, []).append(number)
        self._lengths = {length: self._bits(numbers) for length, numbers in lengths.items()}
        self._letters = {place: self._bits(numbers) for place, numbers in letters.items()}

    def nearest(self, word: str) -> str | None:
        """The known word that a person most likely meant; see `nearest`."""
        allowed = min(max(1, len(word) // _LETTERS_PER_SLIP), _MOST)
        lowered = word.lower()
        near = [n for n in self._lengths if abs(n - len(lowered)) <= allowed]
        if len(word) <= 1 or not near:
            return None
        others = ~(1 << self._numbers[word]) if word in self._numbers else -1
        fewer: _Aligned = []
        for slips in range(allowed + 1):
            aligned = self._aligned(lowered, slips, fewer)
            nearest_words = 0
            for length in near:
                nearest_words |= aligned[-1].get(length, 0) & self._lengths[length] & others
            if nearest_words:
                is_tie = nearest_words & (nearest_words - 1)
                return None if is_tie else self._words[nearest_words.bit_length() - 1]
            fewer = aligned
        return None

    def _aligned(self, word: str, slips: int, fewer: "_Aligned") -> "_Aligned":
        """The words whose first j letters are the first i of a word with at most so many slips, by i and j.

        `fewer` is the same for one slip less. This is the optimal string alignment distance: Levenshtein's, with
        neighbours swapped as one.
        """
        every = (1 << len(self._words)) - 1
        aligned: _Aligned = [dict.fromkeys(range(slips + 1), every)]
        known = self._letters.get
        for i, letter in enumerate(word, start=1):
            above = aligned[-1]
            row = {0: every} if i <= slips else {}
            for j in range(max(1, i - slips), i + slips + 1):
                same = known((j, letter), 0)
                matching = above.get(j - 1, 0) & same
                if slips:
                    before = fewer[i - 1]
                    matching |= before.get(j, 0) | before.get(j - 1, 0) | fewer[i].get(j - 1, 0)
                    if i > 1 and j > 1 and (swapped := fewer[i - 2].get(j - 2, 0)):
                        matching |= swapped & known((j, word[i - 2]), 0) & known((j - 1, letter), 0)
                row[j] = matching
            aligned.append(row)
        return aligned

    def _bits(self, numbers: Iterable[int]) -> int:
        """The number with these bits."""
        octets = bytearray(len(self._words) // 8 + 1)
        for number in numbers:
            octets[number >> 3] |= 1 << (number & 7)
        return int.from_bytes(octets, "little")


_Aligned = list[dict[int, int]]
