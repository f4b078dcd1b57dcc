"""The grammar, asked about shapes: the only importer of lark.

lark parses a shape, never a text, so two lines of one shape cannot be read in two ways. A
kind of token may be any of several terminals; the first that the parser accepts at that place
is taken, as a contextual lexer does. The common shapes are also in a table, which lark wrote
(`shape_table`).
"""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, cast

from netpolc.syntax.keywords import KEYWORDS
from netpolc.syntax.shape_table import Plan, known_plan

if TYPE_CHECKING:
    from lark import Lark, Token, Tree
    from lark.parsers.lalr_interactive_parser import InteractiveParser

_WORD = ("WORD", "KEY", "VALUE", "PORT", "DATE")
_FILTERED = (
    "namespace cluster default baseline label mirror service group until because except ns in notin"
)
_TERMINALS: dict[str, tuple[str, ...]] = {
    "word": _WORD,
    "word-": ("KEY", "VALUE", "PORT", "DATE"),
    "port": ("KEY", "PORT", "DATE"),
    "key": ("KEY", "DATE"),
    "address": ("BLOCK", *_WORD),
    "block": ("BLOCK", "KEY", "PORT", "DATE"),
    "ipv6": ("BLOCK",),
    "string": ("STRING",),
    "arrow": ("ARROW",),
    "*": ("STAR", "PORT"),
    "==": ("_SAME",),
    "!=": ("_OTHER",),
    **{
        word: (word.upper(), f"_{word.upper()}", *_WORD)  # Trees keep the first, not the second.
        for word in KEYWORDS
    },
    ":": ("COLON",),
    ",": ("COMMA",),
    "=": ("EQUAL",),
    "!": ("BANG",),
    "(": ("LPAR",),
    ")": ("RPAR",),
    "[": ("LSQB",),
    "]": ("RSQB",),
    "{": ("LBRACE",),
    "}": ("RBRACE",),
}


def plan_of(shape: str) -> Plan | None:
    """The grammar's parse of a shape, or None where it refuses it."""
    return known_plan(shape) or parsed(shape)


def parsed(shape: str) -> Plan | None:
    """The parse of a shape by lark itself, whether or not the table has it."""
    from lark.exceptions import UnexpectedToken  # noqa: PLC0415 - as in `_lark`

    parser = _lark().parse_interactive()
    kinds = shape.split()
    if _feed(parser, kinds) < len(kinds):
        return None
    try:
        return _as_plan(parser.feed_eof())  # type: ignore[no-untyped-call]
    except UnexpectedToken:
        return None


def expected_after(kinds: Sequence[str]) -> tuple[int, frozenset[str]]:
    """The number of accepted kinds, and the terminals that the grammar accepts after them."""
    parser = _lark().parse_interactive()
    count = _feed(parser, kinds)
    return count, frozenset(parser.accepts())  # type: ignore[no-untyped-call]


def _feed(parser: "InteractiveParser", kinds: Sequence[str]) -> int:
    """Feed a parser as many of the kinds as it accepts; their number is returned."""
    from lark import Token  # noqa: PLC0415 - as in `_lark`
    from lark.exceptions import UnexpectedToken  # noqa: PLC0415

    for number, kind in enumerate(kinds):
        possible = parser.choices()  # type: ignore[no-untyped-call]
        for terminal in _TERMINALS.get(kind, ()):
            if terminal in possible:
                break
        else:
            return number
        try:
            parser.feed_token(Token(terminal, kind, start_pos=number, end_pos=number))
        except UnexpectedToken:
            return number
    return len(kinds)


def _as_plan(tree: "Tree[Token]") -> Plan:
    parts = tuple(
        cast("int", part.start_pos) if isinstance(part, str) else _as_plan(part)
        for part in tree.children
    )
    return str(tree.data), tree.meta.start_pos, tree.meta.end_pos, parts


@cache
def _lark() -> "Lark":
    from importlib.resources import files  # noqa: PLC0415 - loads shutil, tempfile and random

    from lark import Lark  # noqa: PLC0415 - takes longer to load than a small compile

    text = files("netpolc.grammar").joinpath("intent.lark").read_text(encoding="utf-8")
    return Lark(text, parser="lalr", lexer="basic", propagate_positions=True)
