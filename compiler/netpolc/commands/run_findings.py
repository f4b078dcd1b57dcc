"""The findings of a run: which are kept, and which are errors.

After an error warnings are kept back, because what a broken line would have said is not known: a
group would seem unused that it uses.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from netpolc.diagnostics import Diagnostic, Outcome, Severity
from netpolc.diagnostics.diagnostic import has_errors
from netpolc.io.project import Options
from netpolc.lints.expired_arrow import EXPIRED_ARROW

T = TypeVar("T")


class RunFindings:
    """The findings of a run so far, with `strict` and `checking` applied."""

    def __init__(self, options: Options, before: Iterable[Diagnostic]) -> None:
        self.all: list[Diagnostic] = []
        self._options = options
        self.add(before)

    @property
    def broken(self) -> bool:
        """Whether something could not be understood: a raised warning is no such error."""
        return has_errors(found for found in self.all if not found.raised)

    @property
    def failed(self) -> bool:
        """Whether there is an error among them."""
        return has_errors(self.all)

    def take(self, outcome: Outcome[T]) -> T:
        """Keep the findings of a pass and hand on its value."""
        self.add(outcome.diagnostics)
        return outcome.value

    def add(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Keep findings; after an error of an earlier pass only errors."""
        earlier = self.broken
        for found in diagnostics:
            if not earlier or found.severity is Severity.ERROR:
                self.all.append(replace(found, raised=self._raises(found)))

    def _raises(self, found: Diagnostic) -> bool:
        expired = self._options.checking and found.rule is EXPIRED_ARROW
        return found.raised or self._options.strict or expired
