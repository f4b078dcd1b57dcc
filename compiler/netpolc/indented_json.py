"""JSON indented by two spaces, as `json.dumps(value, indent=2)` writes it, piece by piece.

The standard library indents in Python, through a generator for each level, and keeps every bracket
of a document until the last: a list of a million flows would take a minute and several gigabytes. Here
the items of a list are written one by one, each as one text.
"""

import json
from collections.abc import Iterable, Iterator
from json.encoder import encode_basestring_ascii as quoted


def indented_json(document: object) -> str:
    """The whole document, with a line end."""
    return "".join(json_pieces(document))


def json_pieces(document: object) -> Iterator[str]:
    """The document in pieces, with a line end; lists may be iterators."""
    yield from _pieces(document, "\n")
    yield "\n"


def _pieces(value: object, newline: str) -> Iterator[str]:
    """A dictionary member by member, a list item by item."""
    inner = newline + "  "
    empty = True
    if isinstance(value, dict):
        for key, member in value.items():
            yield f"{'{' if empty else ','}{inner}{quoted(key)}: "
            yield from _pieces(member, inner)
            empty = False
        yield "{}" if empty else newline + "}"
    elif isinstance(value, Iterable) and not isinstance(value, str):
        for item in value:
            yield f"{'[' if empty else ','}{inner}{_text(item, inner)}"
            empty = False
        yield "[]" if empty else newline + "]"
    else:
        yield _text(value, newline)


def _text(value: object, newline: str) -> str:
    if isinstance(value, str):
        return quoted(value)
    if value is None:
        return "null"
    if isinstance(value, dict):
        return _mapping_text(value, newline)
    if isinstance(value, list | tuple):
        return _list_text(value, newline)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return json.dumps(value)


def _mapping_text(value: dict[str, object], newline: str) -> str:
    inner = newline + "  "
    members = [f"{quoted(key)}: {_text(member, inner)}" for key, member in value.items()]
    return f"{{{inner}{f',{inner}'.join(members)}{newline}}}" if members else "{}"


def _list_text(value: Iterable[object], newline: str) -> str:
    inner = newline + "  "
    items = [_text(item, inner) for item in value]
    return f"[{inner}{f',{inner}'.join(items)}{newline}]" if items else "[]"
