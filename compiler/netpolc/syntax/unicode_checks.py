"""Characters that an intent file must not have, or that are not what they look like.

What a reviewer sees must be what the compiler reads. So control characters and those
that turn the direction of writing are refused everywhere, comments and reasons included
(Unicode TR 36 and TR 55, CVE-2021-42574), and a look-alike of one of the language's own
characters is reported with the character that was meant.
"""

# ruff: noqa: RUF001 - look-alikes are what this module is about

import re
from unicodedata import category, name, normalize

from netpolc.diagnostics import Diagnostic, Fix, Label, Rule, Severity
from netpolc.source import SourceFile

FORBIDDEN_CHARACTER = Rule(code="NP104", name="forbidden-character", severity=Severity.ERROR)
LOOK_ALIKE_CHARACTER = Rule(code="NP105", name="look-alike-character", severity=Severity.ERROR)
BINARY_FILE = Rule(code="NP106", name="binary-file", severity=Severity.ERROR)
OVERSIZED_FILE = Rule(code="NP107", name="oversized-file", severity=Severity.ERROR)

MAX_CHARACTERS = 16 * 1024 * 1024
BYTE_ORDER_MARK = "\ufeff"

_FORBIDDEN = (
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # controls but tab and line ends
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # Bidi_Control
    "\u2028\u2029\ud800-\udfff\ufffe\uffff]"  # separators, halves of characters, no characters
    "|\r(?!\n)"
)
_NOT_ASCII = r"[^\x00-\x7f]+"
"""Few texts need these patterns, so they are compiled when the first does."""

_PLAIN = {
    "←": "<-",
    "⟵": "<-",
    "⇐": "<-",
    "→": "->",
    "⟶": "->",
    "⇒": "->",
    "“": '"',
    "”": '"',
    "„": '"',
    "«": '"',
    "»": '"',
    "‘": '"',
    "’": '"',
    "–": "-",
    "—": "-",
    "−": "-",
    "‐": "-",
    "‑": "-",
    "…": "...",
    "∗": "*",
    "×": "*",
    "⁄": "/",
    "∕": "/",
    "，": ",",
    "、": ",",
    "﹘": "-",
    "꞉": ":",
    "∶": ":",
    "≠": "!=",
}
_LETTERS = str.maketrans(
    "асеіјорԛѕхуһԁАВСЕНІЈКМОРЅТХοΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "aceijopqsxyhdABCEHIJKMOPSTXoABEZHIKMNOPTYX"
)
"""Letters of other alphabets and the Latin ones that they look like."""

_INVISIBLE = {"Cf", "Zs"}


def unreadable(source: SourceFile) -> Diagnostic | None:
    """The reason why a text cannot be an intent file, if there is one."""
    text = source.text
    if len(text) > MAX_CHARACTERS:
        return Diagnostic(
            rule=OVERSIZED_FILE,
            message=f"the file has {len(text):,} characters, more than {MAX_CHARACTERS:,}",
            label=Label(source.whole(), "nothing of it was read"),
            help="leave it out of the sources, or split it into several files",
        )
    if (nul := text.find("\0")) != -1:
        return Diagnostic(
            rule=BINARY_FILE,
            message="the file contains a NUL character, so it is not text",
            label=Label(source.span(nul, nul + 1), "the first NUL; nothing was read"),
            help="save the file as UTF-8, or leave it out of the sources",
        )
    return None


def is_forbidden(text: str) -> bool:
    """Whether a text has a character that is never allowed in an intent file."""
    return not text.isprintable() and re.search(_FORBIDDEN, text) is not None


def forbidden(source: SourceFile) -> list[Diagnostic]:
    """The characters that are never allowed, the first of each line, in order."""
    findings: list[Diagnostic] = []
    text = source.text
    if text.replace("\n", "").isprintable():  # No forbidden character is printable.
        return findings
    pattern = re.compile(_FORBIDDEN)
    position = 0
    while (match := pattern.search(text, position)) is not None:
        char, start = match.group(), match.start()
        findings.append(
            Diagnostic(
                rule=FORBIDDEN_CHARACTER,
                message=f"the text contains {_described(char)}",
                label=Label(source.span(start, start + 1), _effect(char)),
                help="remove it; it is refused in comments and reasons too",
            )
        )
        end = text.find("\n", start)
        if end == -1:
            break
        position = end
    return findings


def look_alike(code: str, source: SourceFile, start: int) -> Diagnostic | None:
    """The first characters of a line that are not the language's, if there are some.

    `code` is the line's text without the contents of quotes; it begins at `start`.
    """
    match = re.search(_NOT_ASCII, code)
    if match is None:
        return None
    chars = match.group()
    char = chars[0]
    meant = [_plain(character) for character in chars]
    plain = "".join(map(str, meant)) if None not in meant else None
    offset = start + match.start()
    span = source.span(offset, offset + len(chars))
    if plain is None:
        help_text = "use ASCII characters outside quotes and comments"
    elif plain.isspace():
        help_text = "write an ordinary space"
    elif not plain:
        help_text = "remove it"
    else:
        help_text = f"write `{plain}`"
    return Diagnostic(
        rule=LOOK_ALIKE_CHARACTER,
        message=f"{_described(char)} is not part of the language",
        label=Label(span, "looks like another character" if plain else "not allowed here"),
        help=help_text,
        fixes=() if plain is None else (Fix(span=span, replacement=plain),),
    )


def _plain(char: str) -> str | None:
    """The intended character of a look-alike: empty for an invisible one, None if unknown."""
    if char in _PLAIN:
        return _PLAIN[char]
    if ord(char) in _LETTERS:
        return char.translate(_LETTERS)
    if category(char) in _INVISIBLE:
        return " " if category(char) == "Zs" else ""
    compatible = normalize("NFKC", char)
    return compatible if compatible.isascii() and compatible.isprintable() else None


def _described(char: str) -> str:
    words = name(char, "").lower()
    code = f"U+{ord(char):04X}"
    shown = f"`{char}` ({code}, {words})" if char.isprintable() and words else code
    return shown if char.isprintable() else f"character {code}" + (f" ({words})" if words else "")


def _effect(char: str) -> str:
    if category(char) == "Cf":
        return "changes the direction of the text"
    if char == "\r":
        return "a carriage return that does not end a line"
    return "invisible"
