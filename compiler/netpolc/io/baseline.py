"""A baseline: warnings and notes that an old repository has, so that only new ones fail.

The file is JSON that can be reviewed: for each finding its rule, file and message, and how many
there are. It has no line numbers, so that a line added above changes nothing.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from netpolc.diagnostics import Diagnostic, Label, Outcome, Rule, Severity
from netpolc.diagnostics.render import in_order
from netpolc.io.read_file import read_file
from netpolc.io.write_file import write_file
from netpolc.source import SourceFile

INVALID_BASELINE = Rule(code="NP790", name="invalid-baseline", severity=Severity.ERROR)
STALE_BASELINE = Rule(code="NP791", name="stale-baseline", severity=Severity.WARNING)

_VERSION = 1
Key = tuple[str, str, str]
"""The code of a rule, the path of a file, and a message."""


def key_of(finding: Diagnostic) -> Key:
    """Return what makes a finding the same one after lines have moved."""
    return finding.rule.code, finding.label.span.path, finding.message


class Baseline:
    """Findings that are known, counted down as they are found again."""

    def __init__(self, file: SourceFile, counts: Mapping[Key, int]) -> None:
        self._file = file
        self._left = Counter(counts)

    def split(
        self, diagnostics: Iterable[Diagnostic]
    ) -> tuple[tuple[Diagnostic, ...], tuple[Diagnostic, ...]]:
        """Return the new findings, errors among them, and the known ones."""
        new: list[Diagnostic] = []
        known: list[Diagnostic] = []
        for finding in in_order(diagnostics):
            is_known = can_be_known(finding) and self._left[key_of(finding)] > 0
            if is_known:
                self._left[key_of(finding)] -= 1
            (known if is_known else new).append(finding)
        return tuple(new), tuple(known)

    def gone(self) -> tuple[Diagnostic, ...]:
        """Return a finding if the file lists findings that were not found again."""
        number = sum(self._left.values())
        if not number:
            return ()
        what = "1 finding" if number == 1 else f"{number:,} findings"
        message = f"{what} of the baseline {'is' if number == 1 else 'are'} gone"
        (code, path, text), *_ = sorted(+self._left)
        return (
            Diagnostic(
                rule=STALE_BASELINE,
                message=message,
                label=Label(self._file.whole(), f"for example {code} in {path}: {text}"),
                help="write the baseline again with `--write-baseline`, so that they cannot come back",
            ),
        )


def read_baseline(path: Path, name: str) -> Outcome[Baseline | None]:
    """Read a baseline; None, with a finding, if it cannot be read."""
    read = read_file(path, name)
    if read.value is None:
        return Outcome(None, read.diagnostics)
    try:
        data = json.loads(read.value.text)
        if data["version"] != _VERSION:
            return Outcome(
                None, (_invalid(read.value, f"version {data['version']!r} is not known"),)
            )
        counts = {
            (str(entry["rule"]), str(entry["path"]), str(entry["message"])): int(entry["count"])
            for entry in data["findings"]
        }
        if any(count < 1 for count in counts.values()):
            return Outcome(None, (_invalid(read.value, "a count is not a positive number"),))
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return Outcome(None, (_invalid(read.value, "it does not have the form of a baseline"),))
    return Outcome(Baseline(read.value, counts))


def write_baseline(path: Path, diagnostics: Iterable[Diagnostic]) -> int | str:
    """Write the warnings and notes among findings; return their number, or why it failed."""
    kept = [*filter(can_be_known, in_order(diagnostics))]
    counts = Counter(map(key_of, kept))
    findings = [
        {"rule": code, "path": file, "message": message, "count": counts[code, file, message]}
        for code, file, message in sorted(counts)
    ]
    text = json.dumps({"version": _VERSION, "findings": findings}, indent=2) + "\n"
    return write_file(path, text) or len(kept)


def can_be_known(finding: Diagnostic) -> bool:
    """Whether a baseline may have a finding: neither an error nor what is never silenced."""
    return finding.rule.severity is not Severity.ERROR and finding.rule.can_be_silenced


def _invalid(file: SourceFile, why: str) -> Diagnostic:
    return Diagnostic(
        rule=INVALID_BASELINE,
        message=f"`{file.path}` is not a baseline: {why}",
        label=Label(file.whole()),
        help="write one with `netpolc check --write-baseline`",
    )
