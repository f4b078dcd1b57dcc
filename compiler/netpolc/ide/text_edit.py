"""Changes of texts: what to put in the place of a stretch of a file."""

from collections.abc import Iterator

from netpolc.source import SourceFile, Span
from netpolc.values import frozen


@frozen
class TextEdit:
    """A replacement of the text at a span; an empty span is an insertion."""

    span: Span
    text: str


def applied(text: str, edits: list[TextEdit]) -> str:
    """Return a text with edits, which do not overlap, applied."""
    for edit in sorted(edits, key=lambda text_edit: text_edit.span.start, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


def line_edits(file: SourceFile, new: str) -> Iterator[TextEdit]:
    """Yield edits that make a file's text the new one and leave equal lines alone.

    An editor keeps its cursor, folds and marks in lines that no edit touches.
    """
    from difflib import SequenceMatcher  # noqa: PLC0415 - only where something is formatted

    before, after = file.text.splitlines(keepends=True), new.splitlines(keepends=True)
    if len(before) + len(after) > _MOST_LINES:
        yield TextEdit(file.span(0, len(file.text)), new)
        return
    starts = [0]
    for line in before:
        starts.append(starts[-1] + len(line))
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for tag, first, last, new_first, new_last in matcher.get_opcodes():
        if tag != "equal":
            span = file.span(starts[first], starts[last])
            yield TextEdit(span, "".join(after[new_first:new_last]))


_MOST_LINES = 20_000
"""Comparing more lines than these takes longer than an editor waits."""
