"""The findings of a project that is being edited.

Between two keystrokes nearly everything stays as it was. The checker keeps of its last run the
trees of files and the policies of namespaces that have not changed, and nothing older. What
decides about a finding is worked out anew, so the findings are those of `netpolc check`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from netpolc.commands.pass_cache import PassCache
from netpolc.commands.pipeline import Compilation, run
from netpolc.diagnostics import Diagnostic
from netpolc.io.project import Options
from netpolc.io.sources import Sources, nothing_came
from netpolc.source import SourceFile


class Checker:
    """Checks the states of one project, one after the other."""

    def __init__(self) -> None:
        self._passes = PassCache()

    def check(
        self, sources: Sources, options: Options, *, before: Iterable[Diagnostic] = ()
    ) -> Compilation:
        """Return what `netpolc check` works out for a state of the project.

        Args:
            sources: the project's files; `with_open_files` puts in the texts of an editor.
            options: how to check; `checking` is set.
            before: the findings made while the sources were read.
        """
        self._passes = self._passes.successor()
        found = (*before, *nothing_came(sources))
        return run(sources, options, before=found, passes=self._passes)


def with_open_files(sources: Sources, texts: Mapping[str, str]) -> Sources:
    """Return sources with the texts of open files, by path, in place of those on the disk."""
    files = (*sources.intents, *sources.policies, *sources.manifests)
    opened = {file: _opened(file, texts) for file in files}
    return replace(
        sources,
        intents=tuple(opened[file] for file in sources.intents),
        policies=tuple(opened[file] for file in sources.policies),
        manifests=tuple(opened[file] for file in sources.manifests),
        places={opened[file]: place for file, place in sources.places.items()},
    )


def _opened(file: SourceFile, texts: Mapping[str, str]) -> SourceFile:
    text = texts.get(file.path, file.text)
    return file if text == file.text else SourceFile(file.path, text)
