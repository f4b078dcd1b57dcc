"""Intent files in their canonical form, proved to say what they said before.

A formatter that people let loose on their walls must not move one. So no text is handed
out that has not been parsed again and found to be the same tree with the same comments,
and where the files are a whole program, both texts are lowered and must mean the same
policies. A file with errors is left alone: what could not be read would be lost.
"""

from collections.abc import Iterable, Sequence

from netpolc.commands.pipeline_run import Progress, silent
from netpolc.diagnostics import Diagnostic, Label, Outcome, Rule, Severity
from netpolc.diagnostics.diagnostic import has_errors
from netpolc.ir.model import Policies
from netpolc.passes.lower import lower
from netpolc.passes.resolve import resolve
from netpolc.source import SourceFile, Span
from netpolc.syntax.formatter import format_file
from netpolc.syntax.parser import parse
from netpolc.syntax.tree import Comments, IntentFile
from netpolc.values import frozen

MEANING_NOT_KEPT = Rule(code="NP780", name="meaning-not-kept", severity=Severity.ERROR)
NOT_FORMATTED = Rule(code="NP781", name="not-formatted", severity=Severity.WARNING)


@frozen
class Formatted:
    """A file and its canonical text."""

    source: SourceFile
    text: str

    @property
    def changes(self) -> bool:
        """Whether the file is not in canonical form."""
        return self.text != self.source.text


def format_intents(
    files: Sequence[SourceFile], namespace: str, progress: Progress = silent
) -> Outcome[tuple[Formatted, ...]]:
    """Format intent files.

    Args:
        files: the files, unchanged.
        namespace: that of statements before any header.
        progress: receives what is being done.

    Returns:
        Each file that has no error with its canonical text, proved to mean the same, and
        the errors of the others.
    """
    done: list[Formatted] = []
    trees: list[tuple[IntentFile, IntentFile]] = []
    findings: list[Diagnostic] = []
    for number, file in enumerate(files):
        progress("formatting", number, len(files))
        parsed = parse(file)
        if parsed.failed:
            findings += (
                finding for finding in parsed.diagnostics if finding.severity is Severity.ERROR
            )
            continue
        text = format_file(parsed.value)
        again = _proved(parsed.value, text)
        if again is None:
            findings.append(_not_kept(file))
        else:
            done.append(Formatted(file, text))
            trees.append((parsed.value, again))
    changed = [formatted for formatted in done if formatted.changes]
    if changed and not _same_meaning(trees, namespace):
        return Outcome((), (*findings, *(_not_kept(formatted.source) for formatted in changed)))
    return Outcome(tuple(done), tuple(findings))


def not_formatted(formatted: Iterable[Formatted]) -> list[Diagnostic]:
    """A finding for each file that is not in canonical form, at the first line that differs."""
    return [
        Diagnostic(
            rule=NOT_FORMATTED,
            message=f"`{file.source.path}` is not in canonical form",
            label=Label(_first_difference(file), "the first difference"),
            help="run `netpolc fmt`",
        )
        for file in formatted
        if file.changes
    ]


def _proved(tree: IntentFile, text: str) -> IntentFile | None:
    """The tree of a canonical text; None where it is not the tree that was formatted."""
    if text == tree.file.text:
        return tree
    parsed = parse(SourceFile(tree.file.path, text))
    again = parsed.value
    if parsed.failed or again != tree or format_file(again) != text:
        return None
    return again if _comments(again) == _comments(tree) else None


def _comments(tree: IntentFile) -> list[tuple[str, ...]]:
    """The comments at each statement and at the end, in the order in which they are read."""
    nodes = [node for s in tree.sections for node in (s.header, *s.statements) if node is not None]
    return [*(_said(node.comments) for node in nodes), tuple(filter(None, tree.tail))]


def _said(comments: Comments) -> tuple[str, ...]:
    return tuple(filter(None, (*comments.before, *comments.inside, comments.after)))


def _same_meaning(trees: Iterable[tuple[IntentFile, IntentFile]], namespace: str) -> bool:
    """Whether the policies are the same; unknown for files that are not a whole program."""
    before, after = zip(*trees, strict=True)
    meant = _policies(before, namespace)
    return meant is None or meant == _policies(after, namespace)


def _policies(trees: Sequence[IntentFile], namespace: str) -> Policies | None:
    program = resolve(trees, namespace=namespace)
    lowered = lower(program.value)
    return None if has_errors((*program.diagnostics, *lowered.diagnostics)) else lowered.value


def _not_kept(file: SourceFile) -> Diagnostic:
    return Diagnostic(
        rule=MEANING_NOT_KEPT,
        message=f"the canonical form of `{file.path}` would mean something else",
        label=Label(file.whole()),
        help="the file was left as it is; please report this",
    )


def _first_difference(formatted: Formatted) -> Span:
    """The first line that differs; the last one where only lines are missing at the end."""
    file = formatted.source
    lines = file.text.split("\n")
    new = formatted.text.split("\n")
    same = next(
        (i for i, (a, b) in enumerate(zip(lines, new, strict=False)) if a != b),
        min(len(lines), len(new)),
    )
    start = file.line_starts()[min(same, len(lines) - 1)]
    return file.span(start, start + max(len(file.line_text(same + 1)), 1))
