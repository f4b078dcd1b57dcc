"""YAML scalars: a string in, text that every YAML reader takes for that string out.

`on`, `1e3`, `0o17`, `2026-01-01` and `~` are strings when a label holds them and
something else when a manifest does, and which of them differs between YAML 1.1 (PyYAML,
kubectl's go-yaml) and YAML 1.2. A string is written plain only where all agree that it
is one; otherwise in double quotes, as kubectl does. Whatever was written is read back, and a
string that would not come back is a bug in netpolc and raised as one.

Most strings of a manifest are plain at a glance, so yaml is asked, and loaded, only for
the doubtful ones, once for each.
"""

import re

from netpolc.remembered import remembered_by_text
from netpolc.yaml.read_scalar import read_literal, read_scalar
from netpolc.yaml.resolve_scalar import resolved

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-_./]+[A-Za-z0-9]+)*")
_BLOCK = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}/\d{1,2}|[0-9a-f]{1,4}:[0-9a-f:]*/\d{1,3}")
_WORDS = frozenset(["y", "n", "yes", "no", "true", "false", "on", "off", "null"])
"""Words that YAML 1.1 (types bool and null) or 1.2 (core schema) take for no string."""

_NUMBER = r"""(?x)[-+]?(?:
    0b[01_]+ | 0x[0-9a-fA-F_]+ | 0o[0-7]+ |   # the last is a number in 1.2 alone
    (?:\.[0-9_]+|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)? |   # and so is 1e3
    [0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)? |   # base sixty, 1.1
    \.(?:inf|Inf|INF)
)|\.(?:nan|NaN|NAN)"""
_DATE = r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"
"""A date to go-yaml also where the month has one digit."""
_UNPRINTABLE = (
    r"\x00-\x09\x0b-\x1f\x7f-\x9f"  # control characters, the escape of terminals among them
    r"\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff"  # line breaks and turns of direction
    r"\ud800-\udfff\ufffe\uffff"  # no characters at all
)
_NOT_IN_BLOCK = f"[{_UNPRINTABLE}]"
_ESCAPED = rf'["\\\n{_UNPRINTABLE}]'
"""Doubtful texts are few, so these patterns are compiled when the first of them comes."""

_SHORT_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_SURROGATES = range(0xD800, 0xE000)
_SURROGATE = "[\ud800-\udfff]"


class MiswrittenError(Exception):
    """A string was written as something that does not read back as this string."""

    def __init__(self, text: str, written: str) -> None:
        super().__init__(f"{text!r} was written as {written!r}")
        self.text, self.written = text, written


@remembered_by_text
def scalar(text: str) -> str:
    """The string as one scalar on one line: plain where that is safe, else in double quotes."""
    written = _scalar(text)
    if read_scalar(written) != _sayable(text):
        raise MiswrittenError(text, written)
    return written


def literal(text: str, indent: str) -> str | None:
    """The string as a literal block whose lines are indented so; None where it cannot be one.

    The block begins with its `|` and ends without a line break.
    """
    written = _literal(text, indent)
    if written is not None and read_literal(written, indent) != text:
        raise MiswrittenError(text, written)
    return written


def _scalar(text: str) -> str:
    if _PLAIN.fullmatch(text):
        return text if text.lower() not in _WORDS else f'"{text}"'
    if _BLOCK.fullmatch(text) or _is_plain(text):
        return text
    return _quoted(text)


def _literal(text: str, indent: str) -> str | None:
    body = text.removesuffix("\n")
    if not body or body.startswith((" ", "\n")) or body.endswith("\n"):
        return None
    if not body.replace("\n", "").isprintable() and re.search(_NOT_IN_BLOCK, body):
        return None
    # Empty lines are not indented; the intents of a policy have none.
    lines = re.sub(r"\n(?=[^\n])", f"\n{indent}", f"\n{body}") if "\n\n" in body else ""
    lines = lines or f"\n{body}".replace("\n", f"\n{indent}")
    return ("|-" if body == text else "|") + lines


def _is_plain(text: str) -> bool:
    """Whether the readers of both YAML versions take the bare text for this string."""
    if re.search(_ESCAPED, text) or text.lower() in _WORDS or re.fullmatch(_NUMBER, text):
        return False
    if not isinstance(resolved(text), str) or re.match(_DATE, text):
        return False
    import yaml  # noqa: PLC0415 - most runs do without it

    try:
        written: object = yaml.dump(
            text, Dumper=yaml.SafeDumper, allow_unicode=True, width=len(text) * 8 + 80
        )
    except yaml.YAMLError:
        return False
    return written == f"{text}\n...\n"


def _sayable(text: str) -> str:
    """The string without halves of characters, out of file names that are not UTF-8."""
    return text if text.isascii() else re.sub(_SURROGATE, "\N{REPLACEMENT CHARACTER}", text)


def _quoted(text: str) -> str:
    return f'"{re.sub(_ESCAPED, _escape, text)}"'


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    if character in _SHORT_ESCAPES:
        return _SHORT_ESCAPES[character]
    code = ord(character)
    if code in _SURROGATES:
        code = 0xFFFD  # YAML has no way to say half of a character.
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"  # noqa: PLR2004
