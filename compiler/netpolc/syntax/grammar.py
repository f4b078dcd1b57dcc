"""The grammar, loaded: the one door to lark.

Loading lark and building the tables costs more than most compiles, so both happen at the
first line that needs them, once per process.
"""

from functools import cache
from typing import TYPE_CHECKING, cast

from netpolc.frozen import frozen

if TYPE_CHECKING:
    from lark import Lark, Token, Tree


@frozen(kw_only=True)
class Failure:
    """Where a line stops following the grammar.

    `start` and `end` are the offsets in the line of what cannot stand there; both are the
    line's length when it ends too early. `expected` are the names of the grammar's
    terminals that could stand there instead.
    """

    start: int
    end: int
    expected: frozenset[str]


def parse_line(text: str) -> "Tree[Token] | Failure":
    """The grammar's parse of one line, comments blanked, or where it fails."""
    from lark.exceptions import UnexpectedCharacters, UnexpectedToken  # noqa: PLC0415

    try:
        return _lark().parse(text)
    except UnexpectedToken as error:
        token = error.token
        expected = frozenset(error.accepts or ())
        if token.type == "$END" or token.start_pos is None or token.end_pos is None:
            return Failure(start=len(text), end=len(text), expected=expected)
        return Failure(start=token.start_pos, end=token.end_pos, expected=expected)
    except UnexpectedCharacters as error:
        start = cast("int", error.pos_in_stream)
        return Failure(start=start, end=start + 1, expected=_accepted_after(text[:start]))


def _accepted_after(text: str) -> frozenset[str]:
    """The terminals that could follow a text that is the beginning of a line."""
    parser = _lark().parse_interactive(text)
    parser.exhaust_lexer()
    return frozenset(parser.accepts())  # type: ignore[no-untyped-call]


@cache
def _lark() -> "Lark":
    from importlib.resources import files  # noqa: PLC0415 - with the grammar alone

    from lark import Lark  # noqa: PLC0415

    text = files("netpolc.grammar").joinpath("intent.lark").read_text(encoding="utf-8")
    return Lark(text, parser="lalr", lexer="contextual", propagate_positions=True)
