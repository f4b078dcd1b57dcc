"""Findings for people, in the manner of rustc.

    error[NP201]: no file declares the group `office`
     --> intents/shop/db.intent:4:7
      |
    4 | db <- office:5432
      |       ^^^^^^ not declared
      |
      = help: did you mean `offices`?

The headline says what is wrong, the label what is there, the help what to do.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from netpolc.diagnostics import Diagnostic, Label, Severity
from netpolc.diagnostics.render import in_order
from netpolc.diagnostics.render.escape import visible
from netpolc.diagnostics.render.platform_text import seen_from
from netpolc.diagnostics.render.snippet import mark, shown
from netpolc.source import Span

_COLOURS = {Severity.ERROR: "1;31", Severity.WARNING: "1;33", Severity.NOTE: "1;36"}
_FRAME, _STRONG = "1;34", "1"


def render(diagnostics: Iterable[Diagnostic], *, colour: bool = False, here: str = "") -> str:
    """Render findings by place, each once, with an empty line after each.

    Args:
        diagnostics: the findings, in any order.
        colour: whether to use the terminal's colours (ECMA-48 SGR sequences).
        here: the path of the working folder from the project's folder; empty if it is the same.

    Returns:
        The text; empty where there is no finding. Nothing in it is a control character
        but line ends and, with `colour`, our own colour sequences.
    """
    paint = Paint(colour)
    findings = in_order(diagnostics)
    return "".join("\n".join(_lines(each, paint, here)) + "\n\n" for each in findings)


class Paint:
    """Wraps texts in colours, or leaves them as they are."""

    def __init__(self, colour: bool) -> None:  # noqa: FBT001
        self._colour = colour

    def __call__(self, style: str, text: str) -> str:
        """The text in a style, an SGR parameter such as `1;31`; as it is without colours."""
        return f"\x1b[{style}m{text}\x1b[0m" if self._colour and text else text


def _lines(finding: Diagnostic, paint: Paint, here: str) -> Iterator[str]:
    style = _COLOURS[finding.severity]
    headline = f"{finding.severity.value}[{finding.rule.code}]"
    yield paint(style, headline) + paint(_STRONG, ": " + visible(finding.message))
    labels = [(finding.label, True), *((other, False) for other in finding.others)]
    margin = " " * len(str(max(label.span.line for label, _ in labels)))
    for file, (path, placed) in enumerate(_by_path(labels)):
        if file:
            yield f"{margin} {paint(_FRAME, '|')}"
        arrow = ":::" if file else "-->"
        yield f"{margin}{paint(_FRAME, arrow)} {visible(_place(seen_from(here, path), placed[0][0].span))}"
        yield from _excerpts(placed, margin, style, paint)
    help_text = finding.help or _fix_text(finding)
    if help_text:
        if not all(_is_whole(label.span) for label, _ in labels):
            yield f"{margin} {paint(_FRAME, '|')}"
        yield f"{margin} {paint(_FRAME, '=')} {paint(_STRONG, 'help')}: {visible(help_text)}"


def _by_path(
    labels: Sequence[tuple[Label, bool]],
) -> Iterator[tuple[str, list[tuple[Label, bool]]]]:
    """The labels of each file, the primary one's file first, the primary label first in it."""
    paths = list(dict.fromkeys(label.span.path for label, _ in labels))
    for path in paths:
        yield path, [pair for pair in labels if pair[0].span.path == path]


def _place(path: str, span: Span) -> str:
    return path if _is_whole(span) else f"{path}:{span.line}:{span.column}"


def _is_whole(span: Span) -> bool:
    """Whether the file itself is meant, see `SourceFile.whole`."""
    return span.start == span.end == 0


def _excerpts(
    labels: Sequence[tuple[Label, bool]], margin: str, style: str, paint: Paint
) -> Iterator[str]:
    bar = paint(_FRAME, "|")
    placed = [pair for pair in labels if not _is_whole(pair[0].span)]
    for label, _ in labels:
        if _is_whole(label.span) and label.text:
            line = f"line {label.span.line}: " if label.span.line > 1 else ""
            yield f"{margin} {paint(_FRAME, '=')} {line}{visible(label.text)}"
    if not placed:
        return
    placed.sort(key=lambda pair: (pair[0].span.line, not pair[1], pair[0].span.start))
    yield f"{margin} {bar}"
    before = 0
    for number, same_line in groupby(placed, key=lambda pair: pair[0].span.line):
        if before and number > before + 1:
            yield paint(_FRAME, "...")
        yield from _line(number, list(same_line), margin, style, paint)
        before = number


def _line(
    number: int, labels: list[tuple[Label, bool]], margin: str, style: str, paint: Paint
) -> Iterator[str]:
    """A source line and below it a row for each label; again where its window is another."""
    bar = paint(_FRAME, "|")
    text = labels[0][0].span.file.line_text(number)
    printed = None
    for label, primary in labels:
        excerpt = shown(text, mark(label.span))
        if excerpt.text != printed:
            gutter = paint(_FRAME, str(number).rjust(len(margin)))
            yield f"{gutter} {bar} {excerpt.text}".rstrip()
            printed = excerpt.text
        line = ("^" if primary else "-") * excerpt.length
        words = f"{line} {visible(label.text)}".rstrip()
        yield f"{margin} {bar} {' ' * excerpt.indent}{paint(style if primary else _FRAME, words)}"


def _fix_text(finding: Diagnostic) -> str:
    """The first fix in words, for findings whose help says nothing of its own."""
    for fix in finding.fixes:
        old = fix.span.text
        if not old:
            return f"insert `{fix.replacement}`"
        if not fix.replacement:
            return f"leave out `{old}`"
        return f"write `{fix.replacement}` instead of `{old}`"
    return ""
