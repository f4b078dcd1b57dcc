"""The fixes that findings carry, applied to intents, manifests and netpolc.toml.

A fix is applied alone, read again, and kept only if its finding is gone and no other has come:
a fix that is right for one line may be wrong where two mistakes meet. What a comment says is
not touched, because no fix reaches into one. A finding with several fixes is a choice, which is left to the
user.

A file may belong to several outputs, in which its names mean different things. A fix that takes the
whole program to judge, as of a name, is kept only if every output of the file has the finding, and
a check of none has another one after it.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeAlias

from netpolc.commands.pipeline import run
from netpolc.diagnostics import Diagnostic, Fix
from netpolc.io.project import Options
from netpolc.io.sources import Sources
from netpolc.manifest.read import read
from netpolc.memory import LastingMemory, Memory
from netpolc.source import SourceFile
from netpolc.syntax.parser import parse
from netpolc.values import frozen

_MOST_ROUNDS = 1000
"""Each round removes a finding; more than this is a file that nobody wrote."""

_Keys: TypeAlias = Counter[tuple[str, str]]
Judge: TypeAlias = Callable[[SourceFile], Sequence[Diagnostic]]
"""Check a file and return its findings."""


@frozen(kw_only=True)
class OutputFiles:
    """The sources of an output, and how they are checked."""

    sources: Sources
    options: Options

    @property
    def manifests(self) -> list[SourceFile]:
        """The manifests that its user writes: all but those counted beside the sources."""
        sources = self.sources
        return [file for file in sources.manifests if file.path not in sources.beside]


@frozen(kw_only=True)
class FixedFile:
    """A file, its text with the fixes, and the findings that are gone, in the order of the fixes."""

    source: SourceFile
    text: str
    applied: tuple[Diagnostic, ...]


def fix_files(outputs: Sequence[OutputFiles], *, unsafe: bool) -> tuple[FixedFile, ...]:
    """Apply fixes to the intents and manifests of outputs.

    Args:
        outputs: the outputs; a file may be in several of them.
        unsafe: whether fixes whose meaning is in doubt are applied too.

    Returns:
        The files that change. Programs are only checked where no line has a syntax error, because a
        broken line may declare what another one names, and for fixes that are not safe: no fix of what
        only a check finds is.
    """
    intents = {file.path: file for output in outputs for file in output.sources.intents}
    manifests = {file.path: file for output in outputs for file in output.manifests}
    files = {**manifests, **intents}
    now = dict(files)
    applied: dict[str, list[Diagnostic]] = {path: [] for path in files}

    def fix(path: str, judges: Sequence[Judge]) -> None:
        for finding, fixed in _rounds(now[path], judges, unsafe=unsafe):
            now[path] = fixed
            applied[path].append(finding)

    for path in files:
        fix(path, [_syntax if path in intents else _manifest])
    whole = not any(parse(now[path]).failed for path in intents)
    checks = (
        [(output_files, LastingMemory()) for output_files in outputs] if unsafe and whole else []
    )
    for path in intents:
        fix(path, [partial(_check, *check, now) for check in checks if _has(check[0], path)])
    return tuple(
        FixedFile(source=file, text=now[path].text, applied=tuple(applied[path]))
        for path, file in files.items()
        if now[path].text != file.text
    )


def fix_file(file: SourceFile, judge: Judge, *, unsafe: bool) -> FixedFile | None:
    """Apply fixes to a file of another kind, such as netpolc.toml; None where nothing changes."""
    applied = tuple(_rounds(file, [judge], unsafe=unsafe))
    if not applied:
        return None
    return FixedFile(
        source=file, text=applied[-1][1].text, applied=tuple(finding for finding, _ in applied)
    )


def _rounds(
    file: SourceFile, judges: Sequence[Judge], *, unsafe: bool
) -> Iterator[tuple[Diagnostic, SourceFile]]:
    """The findings of a file that are fixed, each with the file in which it is."""
    for _ in range(_MOST_ROUNDS):
        by_judge = [judge(file) for judge in judges]
        before = [_keys(some) for some in by_judge]
        for finding in {
            _place(diagnostic): diagnostic for some in by_judge for diagnostic in some
        }.values():
            text = _applied(file, finding, unsafe=unsafe)
            if text is None:
                continue
            fixed = SourceFile(file.path, text)
            after = [_keys(judge(fixed)) for judge in judges]
            if _is_better(before, after, _key(finding)):
                file = fixed
                yield finding, fixed
                break
        else:
            return


def _is_better(before: Sequence[_Keys], after: Sequence[_Keys], key: tuple[str, str]) -> bool:
    """Whether every output had the finding and has it no more, and no other has come."""
    return all(
        old[key] > 0 and now <= old - Counter([key]) for old, now in zip(before, after, strict=True)
    )


def _syntax(file: SourceFile) -> Sequence[Diagnostic]:
    return parse(file).diagnostics


def _manifest(file: SourceFile) -> Sequence[Diagnostic]:
    return read(file).diagnostics


def _has(output: OutputFiles, path: str) -> bool:
    return any(file.path == path for file in output.sources.intents)


def _check(
    output: OutputFiles, memory: Memory, now: Mapping[str, SourceFile], file: SourceFile
) -> Sequence[Diagnostic]:
    """Check an output with this file instead of the one at its path, and return the findings."""
    files = {**now, file.path: file}
    sources = output.sources
    changed = replace(
        sources,
        intents=tuple(files[source_file.path] for source_file in sources.intents),
        manifests=tuple(
            files.get(source_file.path, source_file) for source_file in sources.manifests
        ),
    )
    return run(changed, replace(output.options, checking=True), memory=memory).diagnostics


def _applied(file: SourceFile, finding: Diagnostic, *, unsafe: bool) -> str | None:
    """The text with the fix of a finding; None where there is none, or several, or it is in doubt."""
    fix = _only_fix(finding)
    if fix is None or fix.span.path != file.path or not (fix.safe or unsafe):
        return None
    old = file.text[fix.span.start : fix.span.end]
    if "#" in old + fix.replacement:
        return None
    return file.text[: fix.span.start] + fix.replacement + file.text[fix.span.end :]


def _only_fix(finding: Diagnostic) -> Fix | None:
    return finding.fixes[0] if len(finding.fixes) == 1 else None


def _keys(findings: Sequence[Diagnostic]) -> _Keys:
    return Counter(map(_key, findings))


def _key(finding: Diagnostic) -> tuple[str, str]:
    return finding.rule.code, finding.message


def _place(finding: Diagnostic) -> tuple[str, str, int]:
    return *_key(finding), finding.label.span.start
