"""Texts on which a pattern goes as far as it can, and then fails.

Each repetition in a pattern is repeated many times, after the shortest text that leads to it: two
adjacent repetitions of the same characters then try each way to divide the text.
"""

import re
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any

# The parser of patterns has no public name.
_parser: Any = import_module("re._parser")
_CHARACTERS = "a0A _-./:,\"'\\*@#=<~\t\n\r`(){}[]\u00a0\u00e9%&;|!>?"
_REPEATS = {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}
_MANY = 20
_WAYS = 4
"""The number of texts for each repetition, with different characters and branches."""

Node = tuple[Any, Any]


def pumps(pattern: re.Pattern[Any]) -> list[tuple[str, str]]:
    """Pairs of a beginning and a text that may follow it repeatedly."""
    text, flags = pattern.pattern, pattern.flags
    parsed = list(_parser.parse(text, flags & ~re.UNICODE if isinstance(text, str) else flags))
    pairs = dict.fromkeys(_pumps(parsed, ""))
    return [
        pair for pair in dict.fromkeys((*pairs, *(("", again) for _, again in pairs))) if pair[1]
    ]


def _pumps(nodes: Sequence[Node], before: str) -> Iterator[tuple[str, str]]:
    for index, (kind, value) in enumerate(nodes):
        start = before + _shortest(nodes[:index], 0)
        if str(kind) in _REPEATS:
            if value[1] > _MANY:
                yield from ((start, _shortest(value[2], way)) for way in range(_WAYS))
            yield from _pumps(value[2], start)
        for inner in _parts(kind, value):
            yield from _pumps(inner, start)


def _parts(kind: object, value: Any) -> list[Sequence[Node]]:
    """The patterns inside a node, unless it is a repetition."""
    match str(kind):
        case "SUBPATTERN":
            return [value[3]]
        case "BRANCH":
            return list(value[1])
        case "ATOMIC_GROUP":
            return [value]
        case "ASSERT" | "ASSERT_NOT":
            return [value[1]]
    return []


def _shortest(nodes: Sequence[Node], way: int) -> str:
    """A short text that nodes match; ways differ in characters and branches."""
    text = ""
    for kind, value in nodes:
        name = str(kind)
        if name in _REPEATS:
            text += _shortest(value[2], way) * value[0]
        elif name in {"SUBPATTERN", "BRANCH", "ATOMIC_GROUP"}:
            parts = _parts(kind, value)
            text += _shortest(parts[way % len(parts)], way)
        elif name in {"LITERAL", "NOT_LITERAL", "ANY", "IN"}:
            characters = _matched_by((kind, value))
            text += characters[way % len(characters)]
    return text


def _matched_by(node: Node) -> str:
    """Characters that a node matches."""
    if str(node[0]) == "LITERAL":
        return chr(node[1])
    state = _parser.State()
    state.str = ""
    one = import_module("re._compiler").compile(_parser.SubPattern(state, [node]))
    return "".join(filter(one.match, _CHARACTERS)) or "a"
