"""The value of a plain YAML scalar, as clients of the API server read it.

`kubectl` turns YAML into JSON with sigs.k8s.io/yaml, which is go-yaml v2: YAML 1.1 with
some changes (its `resolve.go`). So `yes` and `on` are booleans, `0777` is octal, `1_000`
is a thousand, `08` is a float, `1:30` and dates are strings. PyYAML differs in several of
these; a label `on` that we took for a string would be a policy that we analyse and the
API server refuses.

The one word that is left a string is `y` (and `n`): a boolean to go-yaml, a string to
PyYAML, which therefore writes it without quotes, so files have it. `field_reader.text` refuses it.
"""

import re
from math import isinf
from typing import TypeAlias

Scalar: TypeAlias = bool | int | float | str | None

HINTS = frozenset("0123456789+-.yYnNtTfFoO~")
"""The first characters of plain scalars that may mean something other than their text."""

_WORDS: dict[str, Scalar] = {
    "": None,
    **dict.fromkeys(("~", "null", "Null", "NULL")),
    **dict.fromkeys(("yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
}
_FLOAT = r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
_INT = r"([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|([1-9][0-9]*|0))"
"""Compiled at their first use: the scalars that netpolc writes are words and blocks."""
_BASES = (16, 2, 8, 10)
_LONGEST = 400
"""No number of this many digits is one that the API can use."""


def resolved(text: str) -> Scalar:
    """The value of a plain scalar without a tag."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789" or len(text) > _LONGEST:
        return text
    plain = text if text[0] == "." else text.replace("_", "")
    if (match := re.fullmatch(_INT, plain)) is not None:
        sign, *digits = match.groups()
        digits_and_base = next(
            (d, base) for d, base in zip(digits, _BASES, strict=True) if d is not None
        )
        return int(sign + digits_and_base[0], digits_and_base[1])
    if re.fullmatch(_FLOAT, plain) is None or isinf(number := float(plain)):
        return text
    return number


def key_text(value: Scalar) -> str | None:
    """The JSON key that a YAML key becomes; None where it cannot be a key."""
    match value:
        case None:
            return None
        case bool():
            return "true" if value else "false"
        case float():
            return f"{value:g}"
        case _:
            return str(value)
