"""The sections and statements of a file, and the names of a project that can be searched."""

from collections.abc import Iterator
from enum import Enum

from netpolc.ide.name_index import NameIndex
from netpolc.ide.occurrence import NameKind, Occurrence, Use
from netpolc.source import Span
from netpolc.syntax.formatter import statement_text
from netpolc.syntax.tree import (
    ArrowStatement,
    AssertionStatement,
    GroupDeclaration,
    IntentFile,
    Section,
    ServiceDeclaration,
    Statement,
)
from netpolc.values import frozen


class OutlineKind(Enum):
    """The kind of an entry in an outline."""

    SECTION = "section"
    SERVICE = "service"
    GROUP = "group"
    ARROW = "arrow"
    ASSERTION = "assertion"
    SETTING = "setting"


@frozen(kw_only=True)
class OutlineEntry:
    """A section or a statement; `name` is a part of `whole`."""

    kind: OutlineKind
    text: str
    name: Span
    whole: Span
    children: tuple["OutlineEntry", ...] = ()


def outline(tree: IntentFile) -> Iterator[OutlineEntry]:
    """Yield the sections of a file with their statements; those before any header as they are."""
    for section in tree.sections:
        children = tuple(map(_entry, section.statements))
        header = section.header
        if header is None:
            yield from children
            continue
        last = section.statements[-1].span if section.statements else header.span
        yield OutlineEntry(
            kind=OutlineKind.SECTION,
            text=statement_text(header),
            name=header.span,
            whole=header.span.to(last),
            children=children,
        )


def _entry(statement: Statement) -> OutlineEntry:
    kind, name = _KINDS.get(type(statement), OutlineKind.SETTING), statement.span
    if isinstance(statement, ServiceDeclaration | GroupDeclaration):
        name = statement.name.span
    return OutlineEntry(kind=kind, text=statement_text(statement), name=name, whole=statement.span)


_KINDS: dict[type, OutlineKind] = {
    ServiceDeclaration: OutlineKind.SERVICE,
    GroupDeclaration: OutlineKind.GROUP,
    ArrowStatement: OutlineKind.ARROW,
    AssertionStatement: OutlineKind.ASSERTION,
}


def find_symbols(names: NameIndex, query: str, most: int = 500) -> list[Occurrence]:
    """Return the declared services, groups and namespaces, and the subjects of arrows, by name.

    The letters of the query must be in the name in their order; each thing is found once.
    """
    symbols: dict[tuple[NameKind, str, str], Occurrence] = {}
    for occurrence in names.all():
        is_declared = occurrence.use is Use.DECLARES and occurrence.kind in _SEARCHED
        is_subject = occurrence.use is Use.SUBJECT and occurrence.kind is NameKind.PODS
        if (is_declared or is_subject) and _matches(query.lower(), occurrence.name.lower()):
            symbol = names.symbol(occurrence)
            key = symbol.kind, symbol.scope, symbol.name
            if key not in symbols or is_declared:
                symbols.setdefault(key, occurrence)
    return sorted(
        symbols.values(),
        key=lambda occurrence: (len(occurrence.name), occurrence.name, occurrence.scope),
    )[:most]


_SEARCHED = {NameKind.PODS, NameKind.NAMESPACE}


def _matches(query: str, name: str) -> bool:
    letters = iter(name)
    return all(letter in letters for letter in query)


@frozen
class Fold:
    """Lines, counted from 1, that can be folded into the first."""

    first: int
    last: int
    is_comment: bool = False


def folds(tree: IntentFile) -> Iterator[Fold]:
    """Yield what can be folded: sections, statements of several lines, blocks of comments."""
    for section in tree.sections:
        yield from _section_folds(tree, section)
    lines = tree.file.text.split("\n")
    first = None
    for number, line in enumerate([*lines, ""], start=1):
        is_comment = line.lstrip().startswith("#")
        if is_comment and first is None:
            first = number
        elif not is_comment and first is not None:
            if number - 1 > first:
                yield Fold(first, number - 1, is_comment=True)
            first = None


def _section_folds(tree: IntentFile, section: Section) -> Iterator[Fold]:
    for statement in section.statements:
        last = tree.file.position(statement.span.end)[0]
        if last > statement.span.line:
            yield Fold(statement.span.line, last)
    if section.header is not None and section.statements:
        last = tree.file.position(section.statements[-1].span.end)[0]
        if last > section.header.span.line:
            yield Fold(section.header.span.line, last)
