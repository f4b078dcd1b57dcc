"""What could stand at a place, in the words of the language.

The grammar names its terminals for itself; nobody who writes intents should have to read
`_UNTIL` or `LSQB`.
"""

from collections.abc import Set as AbstractSet

_WORDS = {
    "WORD": "a name",
    "KEY": "a label's key",
    "VALUE": "a value",
    "PORT": "a port",
    "BLOCK": "an address block",
    "DATE": "a date",
    "ARROW": "an arrow",
    "LBRACE": "a selector in braces",
    "STAR": "`*`",
    "_NS": "`ns`",
    "ANY": "`any`",
    "INTERNET": "`internet`",
    "DNS": "`dns`",
    "NONE": "`none`",
    "_EXCEPT": "`except`",
    "EQUAL": "`=`",
    "COLON": "`:`",
    "COMMA": "`,`",
    "LSQB": "`[`",
    "RSQB": "`]`",
    "LPAR": "`(`",
    "RPAR": "`)`",
    "BANG": "`!`",
    "_OTHER": "`!=`",
    "_IN": "`in`",
    "_NOTIN": "`notin`",
    "RBRACE": "`}`",
    "_UNTIL": "`until`",
    "_BECAUSE": "`because`",
    "$END": "the end of the line",
}
"""The terminals worth telling of, in the order in which they are told."""


def possibilities(expected: AbstractSet[str]) -> str:
    """What could stand where the grammar expects one of these terminals; may be empty."""
    told = [words for terminal, words in _WORDS.items() if terminal in expected]
    if "STRING" in expected and "a name" not in told and "a value" not in told:
        told.insert(0, "a text in double quotes")
    if len(told) <= 1:
        return "".join(told)
    return f"{', '.join(told[:-1])} or {told[-1]}"
