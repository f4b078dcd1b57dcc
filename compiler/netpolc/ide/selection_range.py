"""The ranges that an editor selects when a selection is widened step by step."""

from netpolc.ide.name_index import NameIndex
from netpolc.ide.statement_at import nodes
from netpolc.source import Span
from netpolc.syntax.parts import PeerPorts
from netpolc.syntax.tree import ArrowStatement, AssertionStatement, GroupDeclaration, IntentFile


def selection_ranges(tree: IntentFile, names: NameIndex, offset: int) -> list[Span]:
    """Return the spans around an offset, each inside the next: a name, a peer, and so on to the file."""
    spans: list[Span] = []
    name = names.at(tree.file.path, offset)
    if name is not None:
        spans.append(name.span)
    for section in tree.sections:
        for node in nodes(section):
            if node.span.start <= offset <= node.span.end:
                peers = (peer.span for peer in _peers(node))
                spans += (span for span in peers if span.start <= offset <= span.end)
                spans.append(node.span)
                within = list(nodes(section))
                spans.append(within[0].span.to(within[-1].span))
    spans.append(tree.file.span(0, len(tree.file.text)))
    return _nested(spans)


def _peers(node: object) -> tuple[PeerPorts, ...]:
    match node:
        case ArrowStatement() | AssertionStatement():
            return node.connection.peers
        case GroupDeclaration():
            return node.peers
        case _:
            return ()


def _nested(spans: list[Span]) -> list[Span]:
    """The spans that are larger than the one before them and hold it."""
    kept: list[Span] = []
    for span in spans:
        if not kept or (
            span.start <= kept[-1].start
            and span.end >= kept[-1].end
            and (span.start, span.end) != (kept[-1].start, kept[-1].end)
        ):
            kept.append(span)
    return kept
