"""The tokens of a statement, and its shape: the sequence of their kinds.

Statements are many and their shapes are few: the 65,000 lines of a large organisation have
fifty. Whether a line is right depends on its shape alone, so the grammar parses each shape
once (`grammar`), and a line costs no more than cutting it here and making its nodes.

The same token can be a name at one place and a label's value at another. Its kind
therefore says which texts it could be, and the grammar chooses by the place.
"""

import re
from collections.abc import Callable
from itertools import accumulate

from netpolc.diagnostics import Diagnostic
from netpolc.source import SourceFile, Span
from netpolc.syntax.keywords import KEYWORDS, WORD
from netpolc.values import maker

_STRING = r'"(?:[^"\\\n]|\\.)*+"'
_IPV4 = r"[0-9]++(?:\.[0-9]+){3}"
_IPV6 = r"(?:[0-9A-Fa-f]++:[0-9A-Fa-f]*+:|(?<![A-Za-z0-9_.\"\])}*])::(?!:))[0-9A-Fa-f:.]*"
_MASK = r"/[A-Za-z0-9_.]*"
_MORE = r"[A-Za-z0-9_./]*+(?:-(?!>)[A-Za-z0-9_./]*+)*+"
"""The rest of a word, a key, a port or a date: a dash belongs to it unless an arrow begins there."""

_TOKEN = re.compile(
    rf"""(
        [G-Zg-z_]{_MORE}           # what cannot begin an address, first because it is common
      | [,()\[\]{{}}]
      | {_STRING}
      | (?:{_IPV4}|{_IPV6})(?:{_MASK})?(?![A-Za-z0-9_.-])
      | [A-Za-z0-9_]{_MORE}
      | \*/[A-Za-z0-9_]*
      | <-|->|==|!=
      | [^ \t\r\n]                                     # punctuation, or no token at all
    )""",
    re.VERBOSE,
)
_KINDS = (
    ("string", re.compile(_STRING, re.DOTALL)),
    ("address", re.compile(_IPV4)),
    ("block", re.compile(rf"{_IPV4}/[A-Za-z0-9_]*")),
    ("ipv6", re.compile(rf"{_IPV6}(?:{_MASK})?|{_IPV4}{_MASK}")),
    ("word", re.compile(WORD)),
    ("word-", re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")),
    ("port", re.compile(r"[A-Za-z0-9_*][A-Za-z0-9_.-]*/[A-Za-z0-9_]*")),
    ("key", re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./-]*")),
)
"""The first pattern that a whole token has gives its kind."""

_THEMSELVES = frozenset(("==", "!=", *":,=!()[]{}*", *KEYWORDS))
_ARROWS = frozenset(("<-", "->"))
_BEGINNINGS = tuple(
    re.compile(beginning)
    for beginning in (
        r"[A-Za-z0-9_][A-Za-z0-9_.-]*/[A-Za-z0-9_]*",
        r"[A-Za-z0-9_][A-Za-z0-9_.-]*",
        WORD,
        r"[:=!]",
    )
)
_MOST_TEXTS = 1 << 16
make_span: Callable[[SourceFile, int, int], Span] = maker(Span)


class _Kinds(dict[str, str]):
    """The kinds of the texts that have been met."""

    def __missing__(self, text: str) -> str:
        if len(self) >= _MOST_TEXTS:
            self.clear()
        self[text] = found = kind_of(text)
        return found


_kinds = _Kinds()


class Tokens:
    """The tokens of one line: its text in pieces, blanks at even indexes and tokens at odd ones.

    Piece `i` begins at `offsets[i]` in the file and ends at `offsets[i + 1]`. `found` is what is
    wrong with the tokens.
    """

    __slots__ = ("file", "found", "offsets", "pieces", "shape")

    def __init__(self, text: str, file: SourceFile, start: int) -> None:
        """Cut a text that begins at an offset of a file."""
        self.pieces = pieces = _TOKEN.split(text)
        self.offsets = list(accumulate(map(len, pieces), initial=start))
        self.file = file
        self.shape = " ".join(map(_kinds.__getitem__, pieces[1::2]))
        self.found: list[Diagnostic] = []

    def span(self, piece: int) -> Span:
        """Where a piece is in the file."""
        return make_span(self.file, self.offsets[piece], self.offsets[piece + 1])


def kind_of(text: str) -> str:
    """The kind of a token; keywords and punctuation are their own kinds."""
    if text in _THEMSELVES:
        return text
    if text in _ARROWS:
        return "arrow"
    return next((kind for kind, pattern in _KINDS if pattern.fullmatch(text)), "unknown")


def beginnings(text: str) -> list[tuple[str, int]]:
    """The kinds and lengths of what a token could be read as in part, longest first.

    In `db <- shop/api` the token `shop/api` is not a name, but `shop` is: what cannot be
    there is the slash.
    """
    found: dict[int, str] = {}
    for beginning in _BEGINNINGS:
        match = beginning.match(text)
        if match is not None and match.end() < len(text):
            part = match.group()
            after = text[match.end()]
            found.setdefault(
                match.end(), "word" if part in KEYWORDS and after == "-" else kind_of(part)
            )
    return [(kind, length) for length, kind in found.items()]
