"""The statement at a place of an intent file."""

from collections.abc import Iterator

from netpolc.ide.occurrence import scope_of
from netpolc.syntax.tree import Header, IntentFile, Section, Statement
from netpolc.values import frozen


@frozen(kw_only=True)
class FoundStatement:
    """A statement or a header, and the namespace it is about; empty for the cluster section."""

    node: Statement | Header
    scope: str


def statement_at(tree: IntentFile, offset: int, default: str) -> FoundStatement | None:
    """Return the statement or header at an offset; its end belongs to it, as a cursor does."""
    for section in tree.sections:
        scope = scope_of(section, default)
        for node in nodes(section):
            if node.span.start <= offset <= node.span.end:
                return FoundStatement(node=node, scope=scope)
    return None


def nodes(section: Section) -> Iterator[Statement | Header]:
    """Yield the header of a section, if it has one, and its statements."""
    if section.header is not None:
        yield section.header
    yield from section.statements
