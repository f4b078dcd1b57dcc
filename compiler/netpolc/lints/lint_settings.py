"""Which warnings and notes a run shows, and how serious each is: `[lint]` and the command line."""

from collections.abc import Mapping
from dataclasses import field
from fnmatch import fnmatchcase

from netpolc.diagnostics import Diagnostic, Severity
from netpolc.values import frozen

Level = Severity | None
"""The severity of a finding; None leaves it out."""


@frozen(kw_only=True)
class LintSettings:
    """Levels of rules, each named by its code or its name.

    `ignore` leaves findings out, `select` (if not empty) all others. `levels` gives rules another
    severity. `paths` are patterns of files with the rules to leave out there; `*` matches any
    characters, slashes too, and a folder matches all files below it. `pages` is the address of a
    folder with a web page for each rule, to which findings link; empty where there is none.
    """

    ignore: frozenset[str] = frozenset()
    select: frozenset[str] = frozenset()
    levels: Mapping[str, Level] = field(default_factory=dict)
    paths: Mapping[str, frozenset[str]] = field(default_factory=dict)
    pages: str = ""

    def level(self, finding: Diagnostic) -> Level:
        """Return how serious a warning or note is with these settings."""
        if not (self.ignore or self.select or self.paths or self.levels):
            return finding.severity
        words = {finding.rule.code, finding.rule.name}
        if not words.isdisjoint(self.ignore) or (self.select and words.isdisjoint(self.select)):
            return None
        path = finding.label.span.path
        for pattern, ignored in self.paths.items():
            if not words.isdisjoint(ignored) and _matches(path, pattern):
                return None
        for word in words & self.levels.keys():
            return self.levels[word]
        return finding.severity


def _matches(path: str, pattern: str) -> bool:
    folder = pattern.rstrip("/") + "/*"
    return fnmatchcase(path, pattern) or fnmatchcase(path, folder)
