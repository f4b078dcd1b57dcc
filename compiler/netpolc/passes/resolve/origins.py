"""The origins that statements are."""

from collections.abc import Callable

from netpolc.passes.resolve.names import Subject
from netpolc.provenance import Origin, Role, Source, StatementKind, StatementRef
from netpolc.source import Span
from netpolc.syntax.formatter import arrow_text, statement_text
from netpolc.syntax.tree import (
    AddressSetting,
    ArrowStatement,
    AssertionStatement,
    BaselineSetting,
    BlocksSetting,
    DefaultSetting,
    DnsSetting,
    GroupDeclaration,
    LabelSetting,
    MirrorSetting,
    ServiceDeclaration,
    Statement,
)
from netpolc.values import maker

_KINDS = {
    ArrowStatement: StatementKind.ARROW,
    AssertionStatement: StatementKind.ASSERTION,
    ServiceDeclaration: StatementKind.SERVICE,
    GroupDeclaration: StatementKind.GROUP,
    LabelSetting: StatementKind.LABEL,
    DefaultSetting: StatementKind.DEFAULT,
    BaselineSetting: StatementKind.BASELINE,
    DnsSetting: StatementKind.DNS,
    MirrorSetting: StatementKind.MIRROR,
    AddressSetting: StatementKind.ADDRESSES,
    BlocksSetting: StatementKind.BLOCKS,
}


def kind_of(statement: Statement) -> StatementKind:
    """The kind of a statement."""
    if isinstance(statement, AssertionStatement) and statement.enforced:
        return StatementKind.ENFORCEMENT
    return _KINDS[type(statement)]


def origin_of(statement: Statement, *, role: Role = Role.ARROW, subject: str = "") -> Origin:
    """The origin that a statement is."""
    span = statement.span
    because = getattr(statement, "because", None) or ""
    source = StatementRef(kind_of(statement), statement_text, statement)
    return _origin(span.file.path, span.line, source, role, subject, because, span)


def origin_of_arrow(statement: ArrowStatement, subject: Subject, peers: str) -> Origin:
    """The origin that an arrow is, from its subject and the text of its peers."""
    span, because = statement.span, statement.because or ""
    source = StatementRef(StatementKind.ARROW, arrow_text(statement, subject.text, peers))
    file = span.file
    line = file.line(span.start)
    return _origin(file.path, line, source, Role.ARROW, subject.name, because, span)


_origin: Callable[[str, int, Source, Role, str, str, Span], Origin] = maker(Origin)
