"""A project at one moment, as the features of an editor see it.

What the project means is worked out when a feature first asks for it, and then serves all features
until the next edit. Most features need the first stage of a check alone.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property

from netpolc.commands.pipeline import Compilation
from netpolc.diagnostics import Outcome
from netpolc.ide.checker import Checker
from netpolc.ide.name_index import NameIndex
from netpolc.io.project import Options, Project
from netpolc.io.sources import Sources
from netpolc.source import SourceFile
from netpolc.syntax.tree import IntentFile


class Snapshot:
    """One state of a project. A newer one of the same checker takes its place."""

    def __init__(
        self, checker: Checker, opened: Outcome[Project], index: NameIndex | None = None
    ) -> None:
        """Take what was read, with the texts of open files; `index` is that of the last state."""
        self.opened = opened
        self._index = NameIndex() if index is None else index
        self._checker = checker
        self._stages = checker.stages(opened)

    @property
    def sources(self) -> Sources:
        """The files of the project."""
        return self.opened.value.sources

    @property
    def options(self) -> Options:
        """The options of the check."""
        return self.opened.value.options

    @cached_property
    def understood(self) -> Compilation:
        """The meaning and the findings of each namespace by itself."""
        compilation = self._next_stage()
        assert compilation is not None
        return compilation

    @cached_property
    def result(self) -> Compilation:
        """The result of `netpolc check` for this state."""
        compilation = self.understood
        while (later := self._next_stage()) is not None:
            compilation = later
        return compilation

    def _next_stage(self) -> Compilation | None:
        """Return the next stage; after a run that a checkpoint has ended, the first one again."""
        try:
            return next(self._stages, None)
        except Exception:
            self._stages = self._checker.stages(self.opened)
            raise

    @property
    def is_checked(self) -> bool:
        """Whether the check is complete."""
        return "result" in self.__dict__

    @cached_property
    def files(self) -> Mapping[str, SourceFile]:
        """Every file of the project by its path."""
        return {file.path: file for file in self.sources.files}

    @cached_property
    def names(self) -> NameIndex:
        """The names that the intents declare and use."""
        self._index.update(self.trees(), self.options.namespace)
        return self._index

    def with_sources(self, sources: Sources) -> Compilation:
        """Return what the project would mean with other sources."""
        return self._checker.understand(sources, self.options)

    def tree(self, path: str) -> IntentFile | None:
        """Return the tree of an intent file; None where the project has no such file."""
        file = self._intents.get(path)
        return None if file is None else self._checker.tree(file)

    @cached_property
    def _intents(self) -> Mapping[str, SourceFile]:
        return {file.path: file for file in self.sources.intents}

    def trees(self) -> Iterator[IntentFile]:
        """Yield the trees of all intent files."""
        self.understood  # noqa: B018 - reads them all once
        return map(self._checker.tree, self.sources.intents)
