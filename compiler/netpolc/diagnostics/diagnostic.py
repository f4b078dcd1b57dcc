"""A finding, and a result that comes with findings.

Passes return findings as values and never print or raise them, so that a run reports
all it can and an editor can show them as it likes. Rules for the texts: the headline
says what is wrong, the label what is there, the help what to do. No capital and
no full stop on a single sentence; the user's own text in backticks; no line breaks.
"""

from collections.abc import Iterable
from typing import Generic, TypeVar

from netpolc.diagnostics.rule import Rule, Severity
from netpolc.source import Span
from netpolc.values import frozen

T = TypeVar("T")


@frozen
class Label:
    """A place and a few words about it."""

    span: Span
    text: str = ""


@frozen(kw_only=True)
class Fix:
    """A replacement of the text at `span`; `safe` when the meaning meant is beyond doubt."""

    span: Span
    replacement: str
    safe: bool = False


@frozen(kw_only=True)
class Diagnostic:
    """One finding at one place, perhaps with further places, help and fixes.

    `raised` makes a warning an error in this run, as `--strict` asks. `level` replaces the severity of
    the rule, as netpolc.toml asks.
    """

    rule: Rule
    message: str
    label: Label
    others: tuple[Label, ...] = ()
    help: str = ""
    fixes: tuple[Fix, ...] = ()
    raised: bool = False
    level: Severity | None = None

    @property
    def severity(self) -> Severity:
        """Its severity."""
        severity = self.level or self.rule.severity
        return Severity.ERROR if self.raised and severity is Severity.WARNING else severity

    def sort_key(self) -> tuple[str, int, int, str, str]:
        """A key that orders findings by place, then code."""
        span = self.label.span
        return span.path, span.start, span.end, self.rule.code, self.message


@frozen
class Outcome(Generic[T]):
    """A value as complete as it can be, and what was found on the way to it."""

    value: T
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether there is an error among the findings."""
        return has_errors(self.diagnostics)


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    """Whether there is an error among the findings."""
    return any(finding.severity is Severity.ERROR for finding in diagnostics)
