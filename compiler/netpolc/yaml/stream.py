"""From YAML or JSON text to values with their places, one document at a time.

The text is anybody's: broken, hostile, or a template that only becomes YAML later. So a
document that does not parse costs one finding and the next is still read, and what is
too large is refused before anything is built.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from json import JSONDecodeError, JSONDecoder

from netpolc.diagnostics import Diagnostic, Label
from netpolc.source import SourceFile
from netpolc.yaml.compose import MANIFEST_TOO_LARGE, Refusal, compose
from netpolc.yaml.nodes import Node
from netpolc.yaml.unrendered_template import RENDER_FIRST, UNRENDERED_TEMPLATE

MAX_CHARACTERS = 64 * 1024 * 1024

_MARKER = re.compile(r"^---(?=[ \t\r\n]|\Z)", re.MULTILINE)
_EMPTY = re.compile(r"(?:---)?\s*")
_CONTENT = re.compile(r"\S")
_BOM = "\ufeff"


def documents(source: SourceFile, findings: list[Diagnostic]) -> Iterator[Node]:
    """The documents of a text that is YAML or JSON.

    Args:
        source: the text.
        findings: where findings go; each document that cannot be read is one.

    Returns:
        The values of the documents that can be read, in order; empty ones are left out.
    """
    if len(source.text) > MAX_CHARACTERS:
        message = f"the file has more than {MAX_CHARACTERS >> 20} million characters"
        findings.append(_diagnostic(source, Refusal(MANIFEST_TOO_LARGE, message, 0, 0)))
        return
    for start, end in _pieces(source.text):
        if _EMPTY.fullmatch(source.text, start, end) is None:
            yield from _read(source, start, end, findings)


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """The ranges of the documents, divided by the lines `---`.

    `kubectl` cuts here before it parses, so a broken document does not hide the others.
    """
    start = 0
    for match in _MARKER.finditer(text):
        # Comments and directives before the first marker belong to its document.
        if start or _has_content(text[: match.start()]):
            yield start, match.start()
            start = match.start()
    yield start, len(text)


def _has_content(text: str) -> bool:
    """Whether a text has more than comments and directives, be it a marker."""
    lines = (line.strip() for line in text.lstrip(_BOM).splitlines())
    return any(line and line[0] not in "#%" for line in lines)


def _read(source: SourceFile, start: int, end: int, findings: list[Diagnostic]) -> Iterator[Node]:
    """The document of a piece; several if it is concatenated JSON."""
    text, known, read = source.text[start:end], len(findings), list[Node]()
    try:
        read.extend(compose(source, start, text, findings))
    except Refusal as refusal:
        ends = _json_ends(text) if text.lstrip().startswith("{") else []
        if len(ends) > 1:
            del findings[known:]
            for first, last in pairwise([0, *ends]):
                yield from _read(source, start + first, start + last, findings)
            return
        findings.append(_diagnostic(source, _explained(refusal, text, start)))
    yield from read


def _json_ends(text: str) -> list[int]:
    """The ends of concatenated JSON texts; empty if the text is anything else."""
    decoder, ends, at = JSONDecoder(), list[int](), 0
    while (match := _CONTENT.search(text, at)) is not None:
        try:
            _, at = decoder.raw_decode(text, match.start())
        except (JSONDecodeError, RecursionError):
            return []
        ends.append(at)
    return ends


def _explained(refusal: Refusal, text: str, start: int) -> Refusal:
    """The refusal, reworded if the document is a template."""
    if refusal.kind is MANIFEST_TOO_LARGE or "{{" not in text:
        return refusal
    first = start + text.index("{{")
    close = text.find("}}", first - start)
    last = start + close + 2 if close >= 0 else first + 2
    return Refusal(
        UNRENDERED_TEMPLATE,
        "this document is a template that has not been rendered",
        first,
        last,
        help=RENDER_FIRST,
    )


def _diagnostic(source: SourceFile, refusal: Refusal) -> Diagnostic:
    return Diagnostic(
        rule=refusal.kind,
        message=refusal.message,
        label=Label(source.span(refusal.start, refusal.end), refusal.label),
        help=refusal.help,
    )
