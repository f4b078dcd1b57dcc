"""Text from outside, made safe to show.

Paths, source lines and names come from strangers, and a terminal obeys control
characters: an escape sequence in a comment could hide a finding, and a bidirectional
override can show a line in another order than the one it is read in (CVE-2021-42574).
So every character that has no glyph of its own is shown as an escape, never raw.
"""

from unicodedata import category, combining, east_asian_width

from netpolc.remembered import remembered_by_text

_WITHOUT_GLYPH = frozenset({"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"})
"""Control, format (bidi and zero-width among them), surrogate, unassigned, separators."""

_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0"}
_WIDE = frozenset({"W", "F"})
_MARKS = frozenset({"Mn", "Me"})
_LONGEST = 1000


def visible(text: str, longest: int = _LONGEST) -> str:
    """The text with every character visible, cut after `longest` characters."""
    shown = text if len(text) <= longest else text[:longest] + "…"
    if shown.isascii() and shown.isprintable():
        return shown
    return "".join(map(visible_char, shown))


@remembered_by_text
def visible_char(char: str) -> str:
    """A character as it is, or as an escape where it has no glyph."""
    if char in _SHORT:
        return _SHORT[char]
    if category(char) not in _WITHOUT_GLYPH:
        return char
    code = ord(char)
    for limit, form in ((0x100, f"\\x{code:02x}"), (0x10000, f"\\u{code:04x}")):
        if code < limit:
            return form
    return f"\\U{code:08x}"


def width(text: str) -> int:
    """The width of a text of visible characters in columns of a terminal (UAX #11)."""
    return len(text) if text.isascii() else sum(map(_char_width, text))


@remembered_by_text
def _char_width(char: str) -> int:
    if combining(char) or category(char) in _MARKS:
        return 0
    return 2 if east_asian_width(char) in _WIDE else 1
