"""The names of expected tokens, in the words of the language.

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
"""The terminals that messages name, in the order in which they name them."""


def possibilities(expected: AbstractSet[str]) -> str:
    """The expected tokens as a list in English; may be empty."""
    names = [words for terminal, words in _WORDS.items() if terminal in expected]
    if "STRING" in expected and "a name" not in names and "a value" not in names:
        names.insert(0, "a text in double quotes")
    if len(names) <= 1:
        return "".join(names)
    return f"{', '.join(names[:-1])} or {names[-1]}"
