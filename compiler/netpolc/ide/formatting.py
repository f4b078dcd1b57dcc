"""Intents in their canonical form: a whole file, some lines, or the line just ended."""

from collections.abc import Iterator
from dataclasses import replace

from netpolc.commands.fmt import format_intents
from netpolc.ide.statement_at import nodes
from netpolc.ide.text_edit import TextEdit, line_edits
from netpolc.source import SourceFile
from netpolc.syntax.formatter import format_file
from netpolc.syntax.parser import parse
from netpolc.syntax.tree import (
    ClusterHeader,
    Comments,
    Header,
    IntentFile,
    NamespaceHeader,
    Section,
    Statement,
)


def format_whole(file: SourceFile, namespace: str) -> tuple[TextEdit, ...]:
    """Return the edits that `netpolc fmt` makes; none in a file with a syntax error.

    `namespace` is that of statements before any header.
    """
    formatted = format_intents((file,), namespace).value
    return tuple(
        edit for result in formatted if result.changes for edit in line_edits(file, result.text)
    )


def format_lines(tree: IntentFile, first: int, last: int) -> Iterator[TextEdit]:
    """Yield edits that format the statements on some lines, counted from 1, and nothing else.

    A line with an error is left alone, and so is a statement with a comment inside.
    """
    for section in tree.sections:
        for node in nodes(section):
            top, bottom = node.span.line, tree.file.position(node.span.end)[0]
            if top <= last and bottom >= first and not node.comments.inside:
                yield from _formatted(tree.file, node, bottom)


def _formatted(file: SourceFile, node: Statement | Header, bottom: int) -> Iterator[TextEdit]:
    starts = file.line_starts()
    start = starts[node.span.line - 1]
    end = starts[bottom - 1] + len(file.line_text(bottom))
    alone = _alone(file, node)
    text = format_file(alone).removesuffix("\n")
    if text == file.text[start:end]:
        return
    again = parse(SourceFile(file.path, text))
    if not again.failed and again.value.sections == alone.sections:
        yield TextEdit(file.span(start, end), text)


def _alone(file: SourceFile, node: Statement | Header) -> IntentFile:
    """A file with nothing but a node and the comment that ends its line."""
    bare = replace(node, comments=Comments(after=node.comments.after))
    if isinstance(bare, NamespaceHeader | ClusterHeader):
        return IntentFile(file=file, sections=(Section(header=bare, statements=()),))
    return IntentFile(file=file, sections=(Section(header=None, statements=(bare,)),))
