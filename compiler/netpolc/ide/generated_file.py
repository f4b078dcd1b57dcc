"""Manifests that netpolc has written: whether they are still as written, and where they come from."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from netpolc.commands.stale_output import left_over_file, stale_file
from netpolc.diagnostics import Diagnostic, Label, Severity
from netpolc.ide.snapshot import Snapshot
from netpolc.manifest.policy_names import INTENTS
from netpolc.manifest.read import read
from netpolc.manifest.write import sources_of
from netpolc.source import SourceFile, Span
from netpolc.syntax.formatter import statement_text


def generated_findings(
    snapshot: Snapshot, file: SourceFile, path: str, written: Mapping[str, str]
) -> Iterator[Diagnostic]:
    """Yield the warning that a generated file is not what a compile would write.

    Args:
        snapshot: the project.
        file: the file as it is in the editor.
        path: its path from the output folder.
        written: what a compile would write, by such paths; empty where the intents have errors.
    """
    if sources_of(file.text) is None or not written or file.text == written.get(path):
        return
    expected = written.get(path)
    finding = left_over_file(file) if expected is None else stale_file(file, expected)
    others = tuple(
        Label(span, "made from this statement") for span in statements_of(snapshot, file)
    )
    yield replace(
        finding,
        level=Severity.WARNING,
        others=others,
        help="change the intents and run `netpolc compile`: edits of generated files are lost",
    )


def statements_of(snapshot: Snapshot, file: SourceFile) -> list[Span]:
    """Return the statements from which a generated file was made, or the beginnings of their files."""
    named = [path for path in sources_of(file.text) or () if path in snapshot.files]
    texts = {
        line
        for policy in read(file).value.policies
        for line in policy.annotations.get(INTENTS, "").splitlines()
    }
    spans = [
        statement.span
        for path in named
        if (tree := snapshot.tree(path)) is not None
        for section in tree.sections
        for statement in section.statements
        if statement_text(statement) in texts
    ]
    return spans or [snapshot.files[path].whole() for path in named]


def source_links(snapshot: Snapshot, file: SourceFile) -> Iterator[tuple[Span, str]]:
    """Yield where the header of a generated file names intents, each with its path."""
    for path in sources_of(file.text) or ():
        start = file.text.find(path)
        if path in snapshot.files and start != -1:
            yield file.span(start, start + len(path)), path
