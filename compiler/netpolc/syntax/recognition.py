"""A failed line, held against the shapes of the commonest mistakes."""

import re
from collections.abc import Callable, Iterator

from netpolc.diagnostics import Diagnostic, Fix, Label
from netpolc.source import SourceFile
from netpolc.syntax.error_patterns import SHAPES, Shape
from netpolc.syntax.grammar import Failure
from netpolc.syntax.logical_lines import Line

_NEAR = 1000
"""How many characters are looked at: nobody errs further away, and patterns backtrack."""


_GROUP = re.compile(r"\\g<(\w+)>")
_COMPILED = tuple((re.compile(shape.pattern, re.ASCII | re.DOTALL), shape) for shape in SHAPES)


def recognised(line: Line, code: str, failure: Failure, source: SourceFile) -> Diagnostic | None:
    """The finding of the first shape that a failed line has, if it has one.

    Args:
        line: the line.
        code: its text with the contents of quotes blanked.
        failure: where the grammar failed.
        source: the file that the line is in.
    """
    for pattern, shape in _COMPILED:
        if not shape.expected <= failure.expected:
            continue
        for match in _matches(pattern, shape, code, failure):
            return _finding(shape, match, line, source)
    return None


def _matches(
    pattern: re.Pattern[str], shape: Shape, code: str, failure: Failure
) -> Iterator[re.Match[str]]:
    """The places where a shape's pattern matches and may."""
    if shape.here:
        match = pattern.match(code, failure.start, failure.start + _NEAR)
        if match is not None:
            yield match
    elif shape.anywhere:
        yield from pattern.finditer(code, 0, _NEAR)
    else:
        around = max(0, failure.start - _NEAR), failure.start + _NEAR
        for match in pattern.finditer(code, *around):
            if match.start() <= failure.start <= match.end():
                yield match


def _finding(shape: Shape, match: re.Match[str], line: Line, source: SourceFile) -> Diagnostic:
    say = _filling(match, line.text)
    span = source.span(line.start + match.start("at"), line.start + match.end("at"))
    fixes: tuple[Fix, ...] = ()
    if shape.fix is not None:
        fixes = (Fix(span=span, replacement=say(shape.fix), safe=shape.safe),)
    return Diagnostic(
        rule=shape.kind,
        message=say(shape.message),
        label=Label(span, say(shape.label)),
        help=say(shape.help),
        fixes=fixes,
    )


def _filling(match: re.Match[str], text: str) -> Callable[[str], str]:
    """A function that fills the groups of a match into a text, as the user wrote them."""

    def group(reference: re.Match[str]) -> str:
        start, end = match.span(reference.group(1))
        return " ".join(text[start:end].split())

    return lambda template: _GROUP.sub(group, template)
