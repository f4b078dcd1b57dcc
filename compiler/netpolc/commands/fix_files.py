"""The fixes that findings carry, applied to intent files.

A fix is applied alone, read again, and kept only if its finding is gone and no other has come:
a fix that is right for one line may be wrong where two mistakes meet. What a comment says is
not touched, because no fix reaches into one. A finding with several fixes is a choice, which is left to the
user.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from netpolc.diagnostics import Diagnostic, Fix
from netpolc.passes.resolve import resolve
from netpolc.source import SourceFile
from netpolc.syntax.parser import parse
from netpolc.values import frozen

_MOST_ROUNDS = 1000
"""Each round removes a finding; more than this is a file that nobody wrote."""

_Keys: TypeAlias = Counter[tuple[str, str]]


@frozen(kw_only=True)
class FixedFile:
    """A file, its text with the fixes, and the findings that are gone, in the order of the fixes."""

    source: SourceFile
    text: str
    applied: tuple[Diagnostic, ...]


def fix_files(
    files: Sequence[SourceFile], namespace: str, *, unsafe: bool
) -> tuple[FixedFile, ...]:
    """Apply fixes to intent files.

    Args:
        files: the intents of the program.
        namespace: that of statements before any header.
        unsafe: whether fixes whose meaning is in doubt are applied too.

    Returns:
        The files that change. Only intents of which no line has a syntax error are
        looked through for mistyped names, because a broken line may declare them.
    """
    texts = {file.path: file.text for file in files}
    applied: dict[str, list[Diagnostic]] = {file.path: [] for file in files}
    for file in files:
        for finding, text in _rounds(file.path, texts, namespace, unsafe=unsafe, names=False):
            texts[file.path] = text
            applied[file.path].append(finding)
    if unsafe:
        for file in files:
            for finding, text in _rounds(file.path, texts, namespace, unsafe=True, names=True):
                texts[file.path] = text
                applied[file.path].append(finding)
    return tuple(
        FixedFile(source=file, text=texts[file.path], applied=tuple(applied[file.path]))
        for file in files
        if texts[file.path] != file.text
    )


def _rounds(
    path: str, texts: Mapping[str, str], namespace: str, *, unsafe: bool, names: bool
) -> Iterator[tuple[Diagnostic, str]]:
    """The fixes of a file that are kept, each with the text in which it is applied."""
    text = texts[path]
    for _ in range(_MOST_ROUNDS):
        found = _findings(path, text, texts, namespace, names=names)
        before = _keys(found)
        for finding in found:
            fixed = _applied(text, finding, path, unsafe=unsafe)
            if fixed is None:
                continue
            after = _keys(_findings(path, fixed, texts, namespace, names=names))
            if after <= before - Counter([_key(finding)]):
                text = fixed
                yield finding, text
                break
        else:
            return


def _findings(
    path: str, text: str, texts: Mapping[str, str], namespace: str, *, names: bool
) -> Sequence[Diagnostic]:
    """What is wrong with a file's syntax, or with the names of the whole program."""
    if not names:
        return parse(SourceFile(path, text)).diagnostics
    parsed = [parse(SourceFile(name, {**texts, path: text}[name])) for name in texts]
    if any(one.failed for one in parsed):
        return ()
    return resolve([one.value for one in parsed], namespace=namespace).diagnostics


def _applied(text: str, finding: Diagnostic, path: str, *, unsafe: bool) -> str | None:
    """The text with the fix of a finding; None where there is none, or several, or it is in doubt."""
    fix = _only_fix(finding)
    if fix is None or fix.span.path != path or not (fix.safe or unsafe):
        return None
    old = text[fix.span.start : fix.span.end]
    if "#" in old + fix.replacement:
        return None
    return text[: fix.span.start] + fix.replacement + text[fix.span.end :]


def _only_fix(finding: Diagnostic) -> Fix | None:
    return finding.fixes[0] if len(finding.fixes) == 1 else None


def _keys(found: Sequence[Diagnostic]) -> _Keys:
    return Counter(map(_key, found))


def _key(finding: Diagnostic) -> tuple[str, str]:
    return finding.rule.code, finding.message
