"""The findings of a run: which are kept, and which are errors.

After an error warnings are kept back, because what a broken line would have said is not known: a
group would seem unused that it uses. Warnings and notes can be silenced or get another level.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from netpolc.diagnostics import Diagnostic, Outcome, Severity
from netpolc.diagnostics.diagnostic import has_errors
from netpolc.io.project import Options
from netpolc.io.sources import Sources
from netpolc.lints.ignore_comments import IgnoreComments
from netpolc.memory import NO_MEMORY, Memory
from netpolc.yaml.unrendered_template import UNRENDERED_TEMPLATE

T = TypeVar("T")


class RunFindings:
    """The findings of a run so far, with `strict`, `checking` and all that silences applied."""

    def __init__(
        self,
        options: Options,
        before: Iterable[Diagnostic],
        sources: Sources | None = None,
        memory: Memory = NO_MEMORY,
    ) -> None:
        self.all: list[Diagnostic] = []
        self.broken = False
        """Whether a part could not be understood.

        A raised warning is not such an error. Nor is a template: nobody writes one by mistake, and it
        counts as a policy that is not read.
        """
        self.failed = False
        """Whether there is an error among them."""
        self.unused_ignores: tuple[Diagnostic, ...] = ()
        """Comments that silence nothing here, where other outputs may need them."""
        self._options = options
        self._comments = (
            IgnoreComments(sources.intents, sources.manifests, memory)
            if sources
            else IgnoreComments((), ())
        )
        self.add(before)

    def take(self, outcome: Outcome[T]) -> T:
        """Keep the findings of a pass and hand on its value."""
        self.add(outcome.diagnostics)
        return outcome.value

    def add(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Keep findings; after an error of an earlier pass only errors."""
        earlier, new = self.broken, list[Diagnostic]()
        for finding in diagnostics:
            if finding.rule.severity is Severity.ERROR:
                self.broken = self.broken or finding.rule is not UNRENDERED_TEMPLATE
                new.append(finding)
            elif not earlier and (kept := self._leveled(finding)) is not None:
                new.append(kept)
        self.all += new
        self.failed = self.failed or has_errors(new)

    def add_comment_problems(self) -> None:
        """Add what is wrong with the comments that silence; call it after all lints have run."""
        self.add(self._comments.problems())
        if not self._options.shares_sources:
            self.add(self._comments.unused())
        elif not self.broken:
            leveled = map(self._leveled, self._comments.unused())
            self.unused_ignores = tuple(finding for finding in leveled if finding)

    def _leveled(self, finding: Diagnostic) -> Diagnostic | None:
        """Return the finding as serious as this run takes it; None if it is silenced.

        An expired arrow cannot be silenced: `until` is the promise that somebody looks again. Nor can
        the finding that assertions are missing, without which a check would seem to have proved them.
        """
        if not finding.rule.can_be_silenced:
            raised = finding.raised or self._options.checking or self._options.strict
            return replace(finding, raised=raised)
        if self._comments.silence(finding):
            return None
        level = self._options.lint.level(finding)
        if level is None:
            return None
        changed = None if level is finding.severity else level
        raised = finding.raised or self._options.strict
        if changed is finding.level and raised is finding.raised:
            return finding  # An editor knows a finding again by its identity.
        return replace(finding, level=changed, raised=raised)
