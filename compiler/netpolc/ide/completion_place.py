"""The place of a cursor in a statement, which decides about the next words.

The statement is not finished, so there is no tree of it. What comes before the cursor is cut into
tokens, and the last of them tell the place.
"""

import re
from enum import Enum

from netpolc.ide.occurrence import EVERYWHERE, scope_of
from netpolc.source import SourceFile, Span
from netpolc.syntax.logical_lines import cut, masked
from netpolc.syntax.tokens import Tokens
from netpolc.syntax.tree import IntentFile
from netpolc.values import frozen


class Place(Enum):
    """The kinds of text that can come at a place."""

    STATEMENT = "a statement"
    NAMESPACE_HEADER = "the name of a section's namespace"
    SERVICE_NAME = "the name of a service to declare"
    SELECTOR = "the selector of a service"
    SETTING_VALUE = "the value of a setting"
    SUBJECT = "the subject of an assertion"
    PEER = "a peer"
    NAMESPACE = "a namespace"
    IN_NS = "ns"
    POD_KEY = "a label key of pods"
    NAMESPACE_KEY = "a label key of namespaces"
    POD_VALUE = "a value of a pod label"
    NAMESPACE_VALUE = "a value of a namespace label"
    PORT = "a port"
    PROTOCOL = "a protocol"
    REASON = "a reason"
    DATE = "a date"
    AFTER_PEER = "what can follow a peer"
    NOTHING = "nothing that is known"


@frozen(kw_only=True)
class Cursor:
    """A cursor: the place, the part of a word before it, and what the place depends on.

    `scope` is the section's namespace, `tokens` are those of the statement before the word, and
    `key` is the label key whose value is wanted.
    """

    place: Place
    word: Span
    scope: str
    tokens: tuple[str, ...]
    key: str = ""


_WORD = re.compile(r"(?<![A-Za-z0-9_.-])[A-Za-z0-9_.-]*$")


def cursor_at(tree: IntentFile, offset: int, default: str) -> Cursor:
    """Return where an offset of a file is; `default` is the namespace before any header."""
    file = tree.file
    before, word = _statement(file, offset)
    span = file.span(offset - len(word), offset)
    tokens = tuple(Tokens(before, file, 0).pieces[1::2])
    scope = _scope(tree, offset, default)
    if _is_in_comment_or_string(before):
        reason = before.rstrip().endswith("because") or re.search(r'because\s*"[^"]*$', before)
        place = Place.REASON if reason else Place.NOTHING
        return Cursor(place=place, word=span, scope=scope, tokens=tokens)
    place, key = _place(tokens)
    return Cursor(place=place, word=span, scope=scope, tokens=tokens, key=key)


def _statement(file: SourceFile, offset: int) -> tuple[str, str]:
    """The text of the statement before a word, and the part of the word before the cursor."""
    start = file.text.rfind("\n", 0, offset) + 1
    lines, _ = cut(file.text[:offset])
    if (lines and lines[-1].start + len(lines[-1].text) > start) or (
        lines and (lines[-1].unclosed is not None or lines[-1].text.endswith(","))
    ):
        start = lines[-1].start
    text = file.text[start:offset]
    word = _WORD.search(text)
    assert word is not None
    return text[: word.start()], word.group()


def _scope(tree: IntentFile, offset: int, default: str) -> str:
    scope = default
    for section in tree.sections:
        if section.header is not None and section.header.span.start <= offset:
            scope = EVERYWHERE if section.broken else scope_of(section, default)
    return scope


def _is_in_comment_or_string(text: str) -> bool:
    line = masked(text).rpartition("\n")[2]
    return "#" in line or line.count('"') % 2 == 1


def _place(tokens: tuple[str, ...]) -> tuple[Place, str]:
    """The place after some tokens, and the label key whose value comes there."""
    inside = _inside_braces(tokens)
    if inside is not None:
        return _in_braces(tokens, inside)
    return _at_beginning(tokens) or _in_peers(tokens), ""


def _at_beginning(tokens: tuple[str, ...]) -> Place | None:
    """The place after the first words of a statement; None where its peers have begun."""
    match tokens:
        case ():
            return Place.STATEMENT
        case ("namespace",):
            return Place.NAMESPACE_HEADER
        case ("service",):
            return Place.SERVICE_NAME
        case ("group",):
            return Place.NOTHING
        case ("service", _, "="):
            return Place.SELECTOR
        case ("default" | "baseline" | "mirror" | "blocks" | "label", ":", *_):
            return Place.SETTING_VALUE
        case ("dns", ":"):
            return Place.PEER
        case (*_, "never" | "always" | "only" | "enforce"):
            return Place.SUBJECT
        case _:
            return None


def _inside_braces(tokens: tuple[str, ...]) -> int | None:
    """The index of the brace that is open at the end."""
    opened = None
    for index, text in enumerate(tokens):
        if text in "{}":
            opened = index if text == "{" else None
    return opened


def _in_braces(tokens: tuple[str, ...], opened: int) -> tuple[Place, str]:
    of_namespaces = opened > 0 and (tokens[opened - 1] == "ns" or tokens[0] == "namespace")
    last = tokens[-1]
    inside = tokens[opened + 1 :]
    if last in {"=", "==", "!="}:
        key = inside[-2] if len(inside) > 1 else ""
        return (Place.NAMESPACE_VALUE if of_namespaces else Place.POD_VALUE), key
    if "(" in inside and ")" not in inside[_last(inside, "(") :]:
        start = _last(inside, "(")
        key = inside[start - 2] if start > 1 else ""
        return (Place.NAMESPACE_VALUE if of_namespaces else Place.POD_VALUE), key
    if last in {"{", ",", "!"}:
        return (Place.NAMESPACE_KEY if of_namespaces else Place.POD_KEY), ""
    return Place.NOTHING, ""


def _last(tokens: tuple[str, ...], token: str) -> int:
    return len(tokens) - 1 - tokens[::-1].index(token)


_AFTER = {
    "because": Place.REASON,
    "until": Place.DATE,
    "ns": Place.NAMESPACE,
    "in": Place.IN_NS,
    ":": Place.PORT,
    "<-": Place.PEER,
    "->": Place.PEER,
    "=": Place.PEER,
}
"""The place after each word that only one kind of text can follow."""


def _in_peers(tokens: tuple[str, ...]) -> Place:
    last = tokens[-1]
    if "[" in tokens and "]" not in tokens[_last(tokens, "[") :]:
        is_port = tokens[_last(tokens, "[") - 1] == ":" and last in {"[", ","}
        return Place.PORT if is_port else Place.NOTHING
    if last.endswith("/"):
        return Place.PROTOCOL
    is_list = bool({"<-", "->"}.intersection(tokens)) or tokens[0] in {"group", "dns"}
    if last == "," and is_list:
        return Place.PEER
    return _AFTER.get(last, Place.AFTER_PEER)
