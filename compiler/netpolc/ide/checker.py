"""The findings of a project that is being edited.

Between two keystrokes nearly everything stays as it was. The checker keeps of its last run the
trees of files and the policies of namespaces that have not changed, and nothing older. What
decides about a finding is worked out anew, so the findings are those of `netpolc check`.

    project = EditedProject(request)        # in io: the disk, and the texts of open files
    checker = Checker()
    project.open(path, text)
    for result in checker.stages(project.read()):
        ...                                 # the file's own findings first, then all
"""

from collections.abc import Iterator

from netpolc.commands.pipeline import Compilation, run_in_stages, understand
from netpolc.commands.pipeline_run import Progress, silent
from netpolc.diagnostics import Outcome
from netpolc.io.project import Options, Project
from netpolc.io.sources import Sources, nothing_came
from netpolc.memory import Checkpoint, LastingMemory, go_on
from netpolc.source import SourceFile
from netpolc.syntax.parser import parse
from netpolc.syntax.tree import IntentFile


class Checker:
    """Checks the states of one project, one after the other."""

    def __init__(self, checkpoint: Checkpoint = go_on, progress: Progress = silent) -> None:
        """Begin with nothing known.

        Args:
            checkpoint: called between pieces of work; what it raises ends a run.
            progress: shows the steps of a run.
        """
        self._memory = LastingMemory(checkpoint)
        self._progress = progress

    def tree(self, file: SourceFile) -> IntentFile:
        """Return the tree of an intent file: that of the last run, if it had this file."""
        known: Outcome[IntentFile] | None = self._memory.of_each("tree", file)
        return parse(file).value if known is None else known.value

    def understand(self, sources: Sources, options: Options) -> Compilation:
        """Return what other sources would mean; what they share with the last run is not done again."""
        return understand(sources, options, memory=self._memory)

    def check(self, opened: Outcome[Project]) -> Compilation:
        """Return what `netpolc check` works out for a state of the project.

        Args:
            opened: the project, and the findings of reading it; `checking` is set.
        """
        *_, result = self.stages(opened)
        return result

    def stages(self, opened: Outcome[Project]) -> Iterator[Compilation]:
        """Yield the same in two stages: what each namespace shows by itself, and all.

        A caller that has a newer state need not take the second. What it was told in the first stays
        true in the second. A run that a checkpoint ends leaves what it has for the next one.
        """
        project = opened.value
        findings = (*opened.diagnostics, *nothing_came(project.sources))
        try:
            yield from run_in_stages(
                project.sources,
                project.options,
                before=findings,
                progress=self._progress,
                memory=self._memory,
            )
        except Exception:
            self._memory.end_early()
            raise
        self._memory.end_run()
