"""Whole files of plain lines, read in one go.

Nearly every file of a large program holds a header, defaults, plain arrows, and comments
on lines of their own. Cutting such a file into lines and handing each from one reader to
the next takes longer than matching it. Here a file is read line by line in one loop; the
first line that is anything else, or wrong, leaves all of the file to `parser`.

This is never a second definition of the language: the tests hold that both ways give the
same tree, comments and spans included.
"""

import re
from collections.abc import Callable

from netpolc.sets.making import maker
from netpolc.source import SourceFile, Span
from netpolc.syntax.keywords import WORD
from netpolc.syntax.logical_lines import BLANKS, Line, tidy
from netpolc.syntax.quick import plain_arrow, plain_node
from netpolc.syntax.tree import (
    NO_COMMENTS,
    Comments,
    IntentFile,
    NamespaceHeader,
    Section,
    Statement,
)

_LINE = re.compile(
    rf"""[ \t\r]*(?:
        (?P<subject>{WORD}|\*) [ \t\r]* (?P<arrow><-|->) (?P<peers>[^"\#(){{}}\n]*)
      | (?P<comment>\#[^\n]*)?
      | (?P<other>[^"\#(){{}}\[\]<>\n]*)
    )(?:\n|\Z)""",
    re.VERBOSE,
)


_span: Callable[[SourceFile, int, int], Span] = maker(Span)


def plain_tree(source: SourceFile, start: int) -> IntentFile | None:
    """The tree of a file that is plain and right from an offset on, else None."""
    text, end, position = source.text, len(source.text), start
    sections: list[Section] = []
    header: NamespaceHeader | None = None
    statements: list[Statement] = []
    above: list[str] = []
    while position < end:
        match = _LINE.match(text, position)
        if match is None:
            return None
        begin, position = position, match.end()
        subject, sign, peers, comment, other = match.groups()
        if subject is None and other is None:
            above.append("" if comment is None else comment.rstrip())
            continue
        comments = Comments(before=tidy(above)) if above else NO_COMMENTS
        if subject is None:
            line = text[begin:position].rstrip(BLANKS)
            node = plain_node(Line(start=begin, text=line, comments=comments), source)
        else:
            written = peers.rstrip(BLANKS)
            span = _span(source, match.start(1), match.start(3) + len(written))
            node = plain_arrow(written, comments, subject=subject, sign=sign, span=span)
        if node is None:
            return None
        above = []
        if isinstance(node, NamespaceHeader):
            _end(sections, header, statements)
            header, statements = node, []
        else:
            statements.append(node)
    _end(sections, header, statements)
    return IntentFile(file=source, sections=tuple(sections), tail=tidy(above))


def _end(
    sections: list[Section], header: NamespaceHeader | None, statements: list[Statement]
) -> None:
    if header is not None or statements:
        sections.append(Section(header=header, statements=tuple(statements)))
