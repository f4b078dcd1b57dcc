"""The value of one written scalar: the other direction of `quote_scalar`, and a check on it.

Manifests are proved as values, and then become text. What each of their strings was written as
is read back here by the strictest reader that counts, so that the proof covers the text. It
happens for each distinct string of a program, so forms without a doubt are read without a parser.
"""

import re

from netpolc.source import SourceFile
from netpolc.yaml.resolve_scalar import Scalar, resolved

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_.-]*)?")
_BLOCK = re.compile(r"[0-9a-f][0-9a-f.:]*/[0-9]+")
"""A CIDR block: no version of YAML has a number or a date with a `/` in it."""
_QUOTED = re.compile(r'"([A-Za-z0-9_./ -]*)"')
_SWITCHES = frozenset("yYnN")
"""Booleans to `kubectl`, strings to our reader, since PyYAML writes them as strings."""


def read_scalar(written: str) -> Scalar:
    """Return the value of a scalar that was written on one line; None also where readers differ."""
    if (quoted := _QUOTED.fullmatch(written)) is not None:
        return quoted[1]
    if _BLOCK.fullmatch(written):
        return written
    if _WORD.fullmatch(written):
        return None if written in _SWITCHES else resolved(written)
    return _parsed(written)


def read_literal(written: str, indent: str) -> Scalar:
    """Return the value of a literal block whose lines are indented so."""
    head, _, rest = written.partition("\n")
    lines = rest.split("\n")
    others = rest.count(f"\n{indent}") + lines.count("")
    if head in {"|", "|-"} and rest.startswith(indent) and len(lines) == 1 + others:
        body = rest.removeprefix(indent).replace(f"\n{indent}", "\n")
        if body.replace("\n", "").isprintable() and body[:1] not in "\n " and body[-1] != "\n":
            return f"{body}\n" if head == "|" else body
    return _parsed(written)


def _parsed(written: str) -> Scalar:
    """The value by PyYAML's parser, where our rules for plain scalars and PyYAML's agree on it."""
    import yaml  # noqa: PLC0415 - most runs do without it

    from netpolc.yaml.stream import documents  # noqa: PLC0415

    nodes = list(documents(SourceFile("", f"key: {written}\n"), []))
    try:
        loaded: object = yaml.safe_load(f"key: {written}\n")
    except (yaml.YAMLError, ValueError):
        return None
    if len(nodes) != 1 or not isinstance(nodes[0].data, dict):
        return None
    entry = nodes[0].data.get("key")
    value = entry.value.data if entry is not None and len(nodes[0].data) == 1 else None
    same = isinstance(value, str) and loaded == {"key": value}
    return value if same and isinstance(value, str) else None
