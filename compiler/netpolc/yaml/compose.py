"""From the events of a YAML parser to values with their places.

What a document may do to its reader is bounded here, before anything is built: nesting,
and the size of its expanded aliases (a "billion laughs" document of ten lines stands
for gigabytes). Keys that come twice are reported, because which of them counts differs
from one reader to the next.

libyaml's events are built into values here, and not by PyYAML's own constructors: those
forget places, read scalars otherwise than `kubectl` does, recurse as deep as the text
asks them to, and take three times as long where they do keep places.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.source import SourceFile
from netpolc.yaml.nodes import Data, Entry, Node
from netpolc.yaml.resolve_scalar import HINTS, Scalar, key_text, resolved

MANIFEST_SYNTAX = Rule(code="NP401", name="manifest-syntax", severity=Severity.ERROR)
_SEPARATE = (
    "write `---` between two documents, which `cat` does not, or give the files or their folder"
)
DUPLICATE_KEY = Rule(code="NP402", name="duplicate-key", severity=Severity.ERROR)
MANIFEST_TOO_LARGE = Rule(code="NP404", name="manifest-too-large", severity=Severity.ERROR)


MAX_DEPTH = 100
MAX_NODES = 3_000_000
"""Of one document with its aliases expanded: about a gigabyte of memory."""

_UNPRINTABLE = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_BOM = "\ufeff"
_TAG = "tag:yaml.org,2002:"
_MERGE = ("<<", 0, 0)
_LONGEST = 60
_Events: TypeAlias = Any
"""A parser of PyYAML: with libyaml where there is one, else in Python."""

_new = tuple.__new__
"""Makes a named tuple in half the time of its own constructor."""


@dataclass(slots=True)
class Refusal(Exception):  # noqa: N818 - no error of ours
    """A document that cannot be read, with its reason and place; raised only by `compose`."""

    kind: Rule
    message: str
    start: int
    end: int
    help: str = ""
    label: str = ""


def compose(
    source: SourceFile, start: int, text: str, findings: list[Diagnostic]
) -> Iterator[Node]:
    """The values of the documents in a piece of a file.

    Args:
        source: the file.
        start: where the piece begins in it.
        text: the piece.
        findings: where keys that come twice are reported.

    Raises:
        Refusal: the piece, or the rest of it, cannot be read.
    """
    yield from _Builder(source, start, findings).documents(text)


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not been seen.

    `last` is the end of the last alias, or of the last value that was merged: their values are elsewhere, or not members.
    """

    start: int
    items: list[Node] | None
    entries: dict[str, Entry]
    flow: bool
    anchor: str | None
    count: int
    key: tuple[str, int, int] | None = None
    joined: bool = False
    last: int = 0
    merged: list[Node] = field(default_factory=list)


class _Builder:
    """Builds the values of one piece of a file; offsets are those of the whole file."""

    def __init__(self, source: SourceFile, base: int, findings: list[Diagnostic]) -> None:
        self._source = source
        self._base = base
        self._found = findings
        self._count = 0
        self._anchors: dict[str, tuple[Node, int]] = {}

    def documents(self, text: str) -> Iterator[Node]:
        """The documents of the piece, or a refusal."""
        if text.startswith(_BOM):
            self._base, text = self._base + 1, text[1:]
        if (match := _UNPRINTABLE.search(text)) is not None:
            message = f"character U+{ord(match[0]):04X} is not allowed in YAML"
            raise self._refused(message, match.start(), match.end())
        try:
            parser = _parser(text)
            yield from self._documents(parser)
        except yaml.MarkedYAMLError as error:
            raise self._syntax(error, text) from error
        except (yaml.YAMLError, UnicodeError) as error:
            message = "the document does not parse as YAML"
            raise self._refused(message, 0, 0) from error

    def _documents(self, parser: _Events) -> Iterator[Node]:
        first = True
        event: Any
        while (event := parser.get_event()) is not None and event.__class__ is not StreamEndEvent:
            if event.__class__ is DocumentStartEvent:
                if not (first or event.explicit):
                    mark: Any = event.start_mark
                    message = "the document has ended, and no line `---` begins another"
                    raise self._refused(message, mark.index, mark.index + 1)
                first = False
                self._count, self._anchors = 0, {}
                yield self._value(parser)

    def _value(self, parser: _Events) -> Node:
        """The next value with all that is in it.

        A loop with its own stack, not recursion: how deep the text goes is the text's choice.
        """
        base, stack, next_event = self._base, list[_Open](), parser.get_event
        while True:
            event = next_event()
            kind = event.__class__
            self._count += 1
            if self._count > MAX_NODES:
                raise self._too_large(event)
            if kind is ScalarEvent:
                node = self._scalar(event)
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                stack.append(self._opened(event, stack))
                continue
            elif kind is AliasEvent:
                node = self._alias(event)
                if stack:
                    stack[-1].last = base + event.end_mark.index
            else:
                node = self._closed(stack.pop(), base + event.end_mark.index)
            if not stack:
                return node
            top = stack[-1]
            if top.items is not None:
                top.items.append(node)
            elif top.key is None:
                top.key = self._key(node, event)
            elif top.key[0] in top.entries or top.key is _MERGE:
                self._put_again(top, node, outermost=len(stack) == 1)
            else:
                name, start, end = top.key
                top.entries[name] = _new(Entry, (node, start, end))
                top.key = None

    def _scalar(self, event: Any) -> Node:
        text: str = event.value
        data: Scalar = text
        start, end = event.start_mark.index, event.end_mark.index
        if event.implicit[0]:
            if not text or text[0] in HINTS:
                data = resolved(text)
        elif event.tag is not None:
            data = self._tagged(text, event.tag, start, end)
        node = _new(Node, (data, self._base + start, self._base + end))
        if event.anchor is not None:
            self._anchors[event.anchor] = (node, 1)
        return node

    def _tagged(self, text: str, tag: str, start: int, end: int) -> Scalar:
        """A scalar whose tag says what it is; a tag of somebody's own says nothing."""
        if not tag.startswith(_TAG) or tag in {_TAG + "str", _TAG + "timestamp"}:
            return text
        value = resolved(text)
        wanted: dict[str, type | tuple[type, ...]] = {
            "bool": bool,
            "int": int,
            "float": (int, float),
            "null": type(None),
        }
        name = tag.removeprefix(_TAG)
        boolean = isinstance(value, bool) and name != "bool"
        if name not in wanted or boolean or not isinstance(value, wanted[name]):
            message = f"`!!{name}` does not fit a value of a Kubernetes object"
            raise self._refused(message, start, end)
        return value

    def _opened(self, event: Any, stack: list[_Open]) -> _Open:
        start = event.start_mark.index
        if len(stack) >= MAX_DEPTH:
            message = f"the document is nested more than {MAX_DEPTH} levels deep"
            raise self._refused(message, start, start + 1, kind=MANIFEST_TOO_LARGE)
        mapping = event.__class__ is MappingStartEvent
        if stack and stack[-1].items is None and stack[-1].key is None:
            message = f"a {'mapping' if mapping else 'list'} cannot be a key"
            raise self._refused(message, start, start + 1)
        return _Open(
            start=self._base + start,
            items=None if mapping else [],
            entries={},
            flow=bool(event.flow_style),
            anchor=event.anchor,
            count=self._count,
        )

    def _closed(self, opened: _Open, end: int) -> Node:
        data: Data
        if opened.items is not None:
            data = opened.items
            last = opened.items[-1].end if opened.items else opened.start
        else:
            data, last = opened.entries, opened.start
            if opened.entries:
                entry = next(reversed(opened.entries.values()))
                last = max(entry.value.end, entry.end)
            for merged in opened.merged:
                self._merge(opened.entries, merged)
        last = max(last, opened.last, opened.start)
        node = Node(data, opened.start, end if opened.flow else last)
        if opened.anchor is not None:
            self._anchors[opened.anchor] = (node, self._count - opened.count)
        return node

    def _alias(self, event: Any) -> Node:
        if event.anchor not in self._anchors:
            message = f"no value before this is anchored `&{event.anchor}`"
            raise self._refused(message, event.start_mark.index, event.end_mark.index)
        node, count = self._anchors[event.anchor]
        self._count += count
        return node

    def _key(self, node: Node, event: Any) -> tuple[str, int, int]:
        data, start, end = node
        if data.__class__ is str:
            if data == "<<" and event.__class__ is ScalarEvent and event.implicit[0]:
                return _MERGE
            return data, start, end
        text = None if isinstance(data, list | dict) else key_text(data)
        if text is None:
            message = "a key must be a string"
            raise self._refused(message, start - self._base, end - self._base)
        return text, start, end

    def _put_again(self, top: _Open, node: Node, *, outermost: bool) -> None:
        """A member with the key `<<`, or with a key that was there before.

        Where the first key of a document comes again, `---` is missing: the other keys of the second
        document are then no findings of their own.
        """
        assert top.key is not None
        name, start, end = top.key
        if top.key is _MERGE:
            top.merged += node.data if isinstance(node.data, list) else [node]
            top.last = max(top.last, node.end)
        elif not (outermost and top.joined):
            top.joined = outermost and name == next(iter(top.entries))
            first = top.entries[name]
            finding = Diagnostic(
                rule=DUPLICATE_KEY,
                message=f"key `{_short(name)}` comes twice in one mapping",
                label=Label(self._source.span(start, end), "again here"),
                others=(Label(self._source.span(first.start, first.end), "first here"),),
                help=_SEPARATE if top.joined else "write it once",
            )
            self._found.append(finding)
        top.key = None

    def _merge(self, entries: dict[str, Entry], merged: Node) -> None:
        """The members of `<<` that the mapping does not have itself."""
        if not isinstance(merged.data, dict):
            message = "`<<` takes a mapping or a list of mappings"
            at = merged.start - self._base
            raise self._refused(message, at, at + 1)
        self._count += len(merged.data)
        for name, entry in merged.data.items():
            entries.setdefault(name, entry)

    def _too_large(self, event: Any) -> Refusal:
        at = event.start_mark.index
        message = f"the document has more than {MAX_NODES} values, aliases written out"
        return self._refused(message, at, at + 1, kind=MANIFEST_TOO_LARGE)

    def _syntax(self, error: yaml.MarkedYAMLError, text: str) -> Refusal:
        """The error of the parser, at its place."""
        mark = error.problem_mark or error.context_mark
        at = min(mark.index, len(text)) if mark is not None else 0
        if text[at : at + 1] == "\t":
            return self._refused("a tab cannot indent YAML", at, at + 1, advice="write spaces")
        problem = error.problem or "it does not parse"
        return self._refused(f"this is not YAML: {problem}", at, at + 1)

    def _refused(
        self, message: str, start: int, end: int, *, kind: Rule = MANIFEST_SYNTAX, advice: str = ""
    ) -> Refusal:
        first, length = self._base + start, len(self._source.text)
        last = min(self._base + end, length)
        return Refusal(kind, message, min(first, length), last, help=advice)


def _parser(text: str) -> _Events:
    """A source of events: with libyaml where PyYAML was built with it, else in Python."""
    if yaml.__with_libyaml__:
        return yaml.cyaml.CParser(text)  # type: ignore[attr-defined] # the stubs leave it out
    return yaml.SafeLoader(text)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
