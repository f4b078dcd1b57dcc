"""Findings about an output folder that is not up to date.

CI shows findings beside the lines of a pull request, in the form of its platform. A
manifest that was forgotten, edited by hand or left over must appear there as any
mistake in an intent does, at its own path, and at the first line that is wrong.
"""

from collections.abc import Iterable, Iterator
from typing import assert_never

from netpolc.commands.output_diff import Difference
from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.io.output_folder import OutputFolder
from netpolc.io.output_plan import Plan, encoded
from netpolc.source import SourceFile, Span

MISSING_OUTPUT = Rule(code="NP736", name="missing-output", severity=Severity.ERROR)
STALE_OUTPUT = Rule(code="NP737", name="stale-output", severity=Severity.ERROR)
LEFT_OVER_OUTPUT = Rule(code="NP738", name="left-over-output", severity=Severity.ERROR)

_HELP = "run the same command without `--check`, and commit what it writes"


def stale_output(
    todo: Plan, differing: Iterable[tuple[str, Difference]], output: OutputFolder
) -> Iterator[Diagnostic]:
    """A finding for each file of the output that is not as it should be.

    Args:
        todo: what a compile would do.
        differing: the files, by path from the output folder.
        output: the folder; the findings call a file by its path from the project's folder.
    """
    for path, difference in differing:
        name = f"{output.name}/{path}"
        file = SourceFile(name, todo.present.get(path, b"").decode("utf-8", "replace"))
        match difference:
            case Difference.MISSING:
                yield _finding(MISSING_OUTPUT, f"`{name}` is missing", Label(file.whole()))
            case Difference.DIFFERENT:
                yield stale_file(file, encoded(todo.writes[path]).decode())
            case Difference.LEFT_OVER:
                yield left_over_file(file)
            case _:
                assert_never(difference)


def stale_file(file: SourceFile, expected: str) -> Diagnostic:
    """Return the finding that a file of the output has another text than a compile writes."""
    message = f"`{file.path}` is stale or edited by hand"
    return _finding(STALE_OUTPUT, message, _first_difference(file, expected))


def left_over_file(file: SourceFile) -> Diagnostic:
    """Return the finding that a compile does not write a file of the output any more."""
    message = f"no intent makes `{file.path}` any more"
    return _finding(LEFT_OVER_OUTPUT, message, Label(file.whole()))


def _finding(kind: Rule, message: str, label: Label) -> Diagnostic:
    return Diagnostic(rule=kind, message=message, label=label, help=_HELP)


def _first_difference(file: SourceFile, expected: str) -> Label:
    """The first line that is not the one expected; the last where lines are missing after it."""
    there, wanted = _lines(file.text), _lines(expected)
    same = 0
    while same < min(len(there), len(wanted)) and there[same] == wanted[same]:
        same += 1
    if same == len(wanted):
        words = "should not be here" if same < len(there) else "should end with a line end"
    else:
        words = f"should be `{wanted[same].strip()}`"
    if same == len(there):  # No platform can show a place after the last line end.
        words = f"the next line {words}" if same < len(wanted) else words
        return Label(_line(file, max(same - 1, 0)), words)
    return Label(_line(file, same), words)


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    return lines if lines[-1] else lines[:-1]


def _line(file: SourceFile, number: int) -> Span:
    """The text of a line, counted from 0, without what indents it."""
    text = file.line_text(number + 1)
    start = file.line_starts()[number] + len(text) - len(text.lstrip())
    return file.span(start, start + len(text.strip()))
