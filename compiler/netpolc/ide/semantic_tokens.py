"""The kind of each word of a file, for an editor that colours by meaning."""

import re
from collections.abc import Iterator, Mapping
from enum import Enum

from netpolc.ide.name_index import NameIndex
from netpolc.ide.occurrence import NameKind, Occurrence, Use
from netpolc.source import SourceFile, Span
from netpolc.syntax.keywords import KEYWORDS
from netpolc.syntax.logical_lines import cut
from netpolc.syntax.tokens import STRING, Tokens, kind_of
from netpolc.values import frozen


class TokenKind(Enum):
    """The kinds of words that have a colour of their own."""

    KEYWORD = "keyword"
    OPERATOR = "operator"
    NAMESPACE = "namespace"
    SERVICE = "class"
    GROUP = "enum"
    LABEL = "property"
    VALUE = "enumMember"
    PORT = "variable"
    NUMBER = "number"
    STRING = "string"
    COMMENT = "comment"


@frozen
class SemanticToken:
    """A word, what it is, and whether it is being declared."""

    span: Span
    kind: TokenKind
    declares: bool = False


def semantic_tokens(file: SourceFile, names: NameIndex) -> list[SemanticToken]:
    """Return the words of a file in the order of their places; of a line with an error those that are sure."""
    known = {occurrence.span.start: occurrence for occurrence in names.in_file(file.path)}
    lines, _ = cut(file.text)
    tokens = list(_comments(file))
    for line in lines:
        tokens += _in_line(Tokens(line.text, file, line.start), known, names)
    return sorted(tokens, key=lambda semantic_token: semantic_token.span.start)


def _in_line(
    tokens: Tokens, known: Mapping[int, Occurrence], names: NameIndex
) -> Iterator[SemanticToken]:
    inside = 0
    is_read = any(offset in known for offset in tokens.offsets[1::2])
    for piece in range(1, len(tokens.pieces), 2):
        text, span = tokens.pieces[piece], tokens.span(piece)
        inside += (text == "{") - (text == "}")
        name = known.get(span.start)
        if name is not None:
            yield SemanticToken(_clipped(span, name), _kind(name, names), name.use is Use.DECLARES)
        elif (kind := _plain(text, is_read=is_read, inside=inside > 0)) is not None:
            yield SemanticToken(span, kind)


def _clipped(span: Span, name: Occurrence) -> Span:
    """A token may hold more than the name, as `metrics/udp` does."""
    return span if span.end <= name.span.end else name.span


def _kind(name: Occurrence, names: NameIndex) -> TokenKind:
    match name.kind:
        case NameKind.NAMESPACE:
            return TokenKind.NAMESPACE
        case NameKind.POD_LABEL | NameKind.NAMESPACE_LABEL:
            return TokenKind.LABEL
        case NameKind.POD_LABEL_VALUE | NameKind.NAMESPACE_LABEL_VALUE:
            return TokenKind.VALUE
        case NameKind.PORT:
            return TokenKind.PORT
        case NameKind.PODS:
            is_group = names.is_group(names.symbol(name))
            return TokenKind.GROUP if is_group else TokenKind.SERVICE


def _plain(text: str, *, is_read: bool, inside: bool) -> TokenKind | None:
    """The token type of a word that is not a name."""
    if text in {"<-", "->"}:
        return TokenKind.OPERATOR
    if inside:
        if text in {"in", "notin"}:
            return TokenKind.KEYWORD
        return TokenKind.VALUE if is_read and re.match(r'[\w"]', text) else None
    if text in KEYWORDS or text in _VALUES:
        return TokenKind.KEYWORD
    match kind_of(text):
        case "string":
            return TokenKind.STRING
        case "address" | "block" | "ipv6":
            return TokenKind.NUMBER
        case _:
            return TokenKind.NUMBER if re.match(r"[0-9]", text) else None


_VALUES = frozenset(
    ["deny", "allow", "ingress", "egress", "yes", "no", "outside", "all", "enforce", "baseline"]
)
"""Words that are keywords where they are not names."""


def _comments(file: SourceFile) -> Iterator[SemanticToken]:
    for matched in re.finditer(rf"{STRING}|#[^\n\r]*", file.text):
        if matched.group().startswith("#"):
            yield SemanticToken(file.span(*matched.span()), TokenKind.COMMENT)
