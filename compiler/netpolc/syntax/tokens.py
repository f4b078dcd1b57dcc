"""The tokens of a statement, and its shape: the sequence of their kinds.

Statements are many and their shapes are few: the 65,000 lines of a large organisation have
fifty. Whether a line is right depends on its shape alone, so the grammar parses each shape
once (`grammar`), and a line costs no more than cutting it here and making its nodes.

The same token can be a name at one place and a label's value at another. Its kind
therefore says which texts it could be, and the grammar chooses by the place.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from itertools import accumulate
from typing import TypeAlias

from netpolc.diagnostics import Diagnostic
from netpolc.remembered import remembered_by_text
from netpolc.source import SourceFile, Span
from netpolc.syntax.keywords import KEYWORDS, WORD
from netpolc.values import maker

STRING = r'"(?:[^"\\\n]|\\.)*+(?P<close>"?)'
"""A quoted string; without its closing quote it goes to the end of the line."""

_QUOTE_OR_COMMENT = STRING + "|#"
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
_BEGINNINGS = (
    r"[A-Za-z0-9_][A-Za-z0-9_.-]*/[A-Za-z0-9_]*",
    r"[A-Za-z0-9_][A-Za-z0-9_.-]*",
    WORD,
    r"[:=!]",
)
Pieces: TypeAlias = tuple[int, int]
"""Some pieces of a line next to each other: the first, and the one after the last."""
_span: Callable[[SourceFile, int, int], Span] = maker(Span)


class Tokens:
    """The tokens of one line: its text in pieces, blanks at even indexes and tokens at odd ones.

    `place` is from the first token to the last. `findings` is what is wrong with the tokens.
    """

    __slots__ = ("_offsets", "_start", "file", "findings", "pieces", "place", "shape")

    def __init__(self, text: str, file: SourceFile, start: int) -> None:
        """Cut a text that begins at an offset of a file."""
        self.pieces = pieces = _TOKEN.split(text)
        self.place = _span(file, start + len(pieces[0]), start + len(text) - len(pieces[-1]))
        self.shape = " ".join(map(kind_of, pieces[1::2]))
        self.file, self._start = file, start
        self.findings: list[Diagnostic] = []
        self._offsets: list[int] | None = None

    @property
    def offsets(self) -> list[int]:
        """The offsets of the pieces in the file, and the end of the last piece."""
        if self._offsets is None:
            self._offsets = _offsets(self.pieces, self._start)
        return self._offsets

    def span(self, piece: int) -> Span:
        """The range of a piece in the file."""
        return _span(self.file, self.offsets[piece], self.offsets[piece + 1])

    def part(self, pieces: Pieces) -> Span:
        """The range of some pieces in the file."""
        return _span(self.file, self.offsets[pieces[0]], self.offsets[pieces[1]])


def part_of(statement: Span, pieces: Pieces) -> Span:
    """The range of some pieces of a statement in its file.

    The statement is cut once more: few places of a large program are ever shown, and to keep
    all of them takes a tenth of its memory.
    """
    offsets = _offsets_in(statement)
    return _span(statement.file, offsets[pieces[0]], offsets[pieces[1]])


@lru_cache(maxsize=8)
def _offsets_in(statement: Span) -> list[int]:
    code = "\n".join(map(_blanked, statement.text.split("\n")))
    return _offsets(_TOKEN.split(code), statement.start)


def _offsets(pieces: list[str], start: int) -> list[int]:
    return list(accumulate(map(len, pieces), initial=start))


def _blanked(raw: str) -> str:
    return code_and_comment(raw)[0].ljust(len(raw))


def code_and_comment(raw: str) -> tuple[str, str]:
    """The code of a line and its comment, which begins at a `#` outside quotes."""
    if "#" not in raw:
        return raw, ""
    for match in re.finditer(_QUOTE_OR_COMMENT, raw):
        if match.group() == "#":
            return raw[: match.start()], raw[match.start() :].rstrip()
    return raw, ""


@remembered_by_text
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
    by_length: dict[int, str] = {}
    for beginning in _BEGINNINGS:
        match = re.match(beginning, text)
        if match is not None and match.end() < len(text):
            part = match.group()
            after = text[match.end()]
            by_length.setdefault(
                match.end(), "word" if part in KEYWORDS and after == "-" else kind_of(part)
            )
    return [(kind, length) for length, kind in by_length.items()]
