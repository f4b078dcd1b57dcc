"""The text that an editor shows for the word under the pointer."""

from netpolc.ide.describe_name import describe_name
from netpolc.ide.describe_statement import describe_arrow, describe_assertion
from netpolc.ide.snapshot import Snapshot
from netpolc.ide.statement_at import statement_at
from netpolc.source import Span
from netpolc.syntax.tree import ArrowStatement, AssertionStatement
from netpolc.values import frozen


@frozen
class Hover:
    """Markdown about a stretch of text."""

    markdown: str
    span: Span


def hover(snapshot: Snapshot, path: str, offset: int) -> Hover | None:
    """Return what is known about the name, the arrow or the assertion at an offset."""
    tree = snapshot.tree(path)
    if tree is None:
        return None
    name = snapshot.names.at(path, offset)
    if name is not None and (text := describe_name(snapshot, name)):
        return Hover(text, name.span)
    found_statement = statement_at(tree, offset, snapshot.options.namespace)
    match found_statement.node if found_statement else None:
        case ArrowStatement() as arrow:
            return _hover(describe_arrow(snapshot, arrow), arrow.span)
        case AssertionStatement() as assertion:
            return _hover(describe_assertion(snapshot, assertion), assertion.span)
        case _:
            return None


def _hover(text: str, span: Span) -> Hover | None:
    return Hover(text, span) if text else None
