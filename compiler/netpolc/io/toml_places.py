"""The places of the keys of a TOML file; tomllib gives values alone.

A finding about a value underlines its key, in whichever form the file writes it: below a header, with dots,
or in an inline table. The text is known to be TOML, so the scanner looks at nothing but keys and brackets.
"""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import count

from netpolc.source import SourceFile, Span
from netpolc.values import frozen

_TOKEN = re.compile(
    r"""
    (?P<comment> \#[^\n]* )
    | (?P<quoted> \"{3}(?:\\.|[^\\])*?\"{3,5} | '{3}.*?'{3,5} | \"(?:\\.|[^\"\\\n])*\" | '[^'\n]*' )
    | (?P<word> [A-Za-z0-9_+:-]+ )
    | (?P<mark> [\n\[\]{}=.,] )
    """,
    re.VERBOSE | re.DOTALL,
)
_END = "end"


@frozen
class _Token:
    """A mark (a bracket, a line's end and so on; the end of the file), or the text of a key or value."""

    mark: str
    text: str
    span: Span


class TomlPlaces:
    """The first place of each key of a file, found by the keys of the tables around it and its own.

    In a list of tables, the number of the table is a key: `0` is the first.
    """

    def __init__(self, file: SourceFile) -> None:
        """Find the places of a file that is TOML."""
        self._file = file
        self._tokens = _tokens(file)
        self._token = next(self._tokens)
        self._places: dict[tuple[str, ...], Span] = {}
        self._last = file.whole()
        self._read()

    def of(self, *keys: str) -> Span:
        """Return the place of a key, else that of the innermost table around it, else the whole file."""
        for end in range(len(keys), 0, -1):
            if keys[:end] in self._places:
                return self._places[keys[:end]]
        return self._file.whole()

    def _read(self) -> None:
        table: tuple[str, ...] = ()
        tables = Counter[tuple[str, ...]]()
        while self._token.mark != _END:
            if self._token.mark == "[":
                self._token = next(self._tokens)
                is_of_list = self._token.mark == "["
                self._skip("[")
                table = self._keys(())
                self._skip("]")
                if is_of_list:
                    tables[table] += 1
                    table = (*table, str(tables[table] - 1))
                    self._places[table] = self._last
            elif self._token.mark:
                self._skip(self._token.mark)
            else:
                self._entry(table)

    def _skip(self, *marks: str) -> None:
        """Go past all the marks that follow."""
        while self._token.mark in marks:
            self._token = next(self._tokens)

    def _entry(self, table: tuple[str, ...]) -> None:
        """Read a key with its value."""
        keys = self._keys(table)
        self._skip("=")
        self._value(keys)

    def _keys(self, table: tuple[str, ...]) -> tuple[str, ...]:
        """Read keys with dots between them, and keep their places."""
        while not self._token.mark:
            table, self._last = (*table, self._token.text), self._token.span
            self._places.setdefault(table, self._last)
            self._token = next(self._tokens)
            self._skip(".")
        return table

    def _value(self, keys: tuple[str, ...]) -> None:
        """Read a value, and keep the places of the keys in it."""
        opening = self._token.mark
        if opening not in {"{", "["}:
            while self._token.mark in {"", "."}:
                self._token = next(self._tokens)
            return
        closing = "}" if opening == "{" else "]"
        self._token = next(self._tokens)
        items = count()
        while self._token.mark not in {closing, _END}:
            if self._token.mark in {",", "\n"}:
                self._skip(",", "\n")
            elif opening == "{":
                self._entry(keys)
            else:
                self._value((*keys, str(next(items))))
        if self._token.mark == closing:
            self._token = next(self._tokens)


def _tokens(file: SourceFile) -> Iterator[_Token]:
    for match in _TOKEN.finditer(file.text):
        start, end = match.span()
        if match["mark"]:
            yield _Token(match["mark"], "", file.span(start, end))
        elif match["word"]:
            yield _Token("", match["word"], file.span(start, end))
        elif match["quoted"]:
            yield _Token("", _unquoted(match["quoted"]), file.span(start + 1, end - 1))
    while True:
        yield _Token(_END, "", file.whole())


def _unquoted(text: str) -> str:
    """Return a key without its quotes."""
    import json  # noqa: PLC0415 - few keys are quoted

    try:
        return str(json.loads(text)) if text[0] == '"' else text[1:-1]
    except ValueError:  # Of an escape that JSON does not know, or three quotes.
        return text
