"""A project whose files change: by the keystrokes of an editor, or on the disk.

Reading ten thousand files takes half a second, and a keystroke changes one of them. What intents
say has no part in which files are sources, so a change of an intent file that is known
replaces its text and nothing else. Any other change reads the project again.
"""

import os
from collections.abc import Collection, Iterable
from dataclasses import replace
from pathlib import Path

from netpolc.diagnostics import Outcome
from netpolc.io.disk import OpenTexts, file_key
from netpolc.io.project import Project, Request, open_project
from netpolc.io.sources import with_known
from netpolc.memory import NO_MEMORY, LastingMemory, Memory
from netpolc.source import SourceFile


class EditedProject:
    """A project and the texts of open files, which come before the files of the disk."""

    def __init__(self, request: Request) -> None:
        """Begin with nothing open and nothing read."""
        self._request = request
        self._texts = OpenTexts()
        self._opened: Outcome[Project] | None = None
        self._intents: dict[str, SourceFile] = {}
        self._files: dict[str, SourceFile] = {}

    def open(self, path: Path, text: str) -> None:
        """Put a text before the file at a path, which may be open already or not exist yet."""
        self._texts.open(path, text)
        self._read_again(file_key(path))

    def close(self, path: Path) -> None:
        """Take the file at a path as it is on the disk."""
        self._texts.close(path)
        self._read_again(file_key(path))

    def changed(self, paths: Iterable[Path]) -> None:
        """Note that files have changed, appeared or vanished on the disk."""
        for path in paths:
            if os.path.islink(path):  # noqa: PTH114 - `Path.is_symlink` raises PermissionError
                self._opened = None  # It may lead to another file than before.
            self._read_again(file_key(path))

    def _read_again(self, key: str) -> None:
        """Read one file again, or everything where that is not enough."""
        if self._opened is not None and not self._replaced(key):
            self._opened = None

    def read(self) -> Outcome[Project]:
        """Return the project as it is now, with the findings of reading it."""
        if self._opened is None:
            opened = open_project(self._request, disk=self._texts)
            sources = with_known(opened.value.sources, self._files)
            self._files = {file.path: file for file in sources.files}
            self._intents = {
                file_key(sources.places[file]): file
                for file in sources.intents
                if file in sources.places
            }
            self._opened = replace(opened, value=replace(opened.value, sources=sources))
        return self._opened

    def _replaced(self, path: str) -> bool:
        """Whether a file is an intent file, before and now, whose new text could be taken."""
        old = self._intents.get(path)
        if self._opened is None or old is None or not path.endswith(".intent"):
            return False
        new = self._texts.file(path, old.path).value
        if new is None:
            return False
        if new.text == old.text:
            return True
        project = self._opened.value
        sources = project.sources
        places = dict(sources.places)
        places[new] = places.pop(old)
        intents = tuple(new if file is old else file for file in sources.intents)
        self._intents[path] = self._files[new.path] = new
        self._opened = replace(
            self._opened,
            value=replace(project, sources=replace(sources, intents=intents, places=places)),
        )
        return True


class OpenedProjects:
    """Reads a project from the disk each time, and remembers nothing: for a command that runs once."""

    def read(self, request: Request) -> Outcome[Project]:
        """Return the project that a request is for, with the findings of reading it."""
        return open_project(request)

    def memory(self, _request: Request) -> Memory:
        """Return what is remembered of earlier runs for a request."""
        return NO_MEMORY


class ReadProjects(OpenedProjects):
    """Reads each project once, for a command that looks at the sources before it compiles them."""

    def __init__(self) -> None:
        """Begin with nothing read."""
        self._opened: dict[Request, Outcome[Project]] = {}

    def read(self, request: Request) -> Outcome[Project]:
        """Return the project that a request is for as it was when it was read first."""
        if request not in self._opened:
            self._opened[request] = open_project(request)
        return self._opened[request]


class WatchedProjects(OpenedProjects):
    """The outputs of a project on the disk, read and compiled again and again."""

    def __init__(self) -> None:
        """Begin with nothing read."""
        self._outputs: dict[Request, tuple[EditedProject, LastingMemory]] = {}
        self._read: set[Request] = set()

    def read(self, request: Request) -> Outcome[Project]:
        """Return the project that a request is for as it is now."""
        self._read.add(request)
        return self._of(request)[0].read()

    def memory(self, request: Request) -> Memory:
        """Return what is remembered of the last run for a request."""
        return self._of(request)[1]

    def changed(self, paths: Collection[Path]) -> None:
        """Note that files have changed, appeared or vanished."""
        for project, _ in self._outputs.values():
            project.changed(paths)

    def end_run(self) -> None:
        """Forget what the last run did not use."""
        self._outputs = {
            request: known for request, known in self._outputs.items() if request in self._read
        }
        self._read.clear()
        for _, memory in self._outputs.values():
            memory.end_run()

    def _of(self, request: Request) -> tuple[EditedProject, LastingMemory]:
        if request not in self._outputs:
            self._outputs[request] = EditedProject(request), LastingMemory()
        return self._outputs[request]


ONCE = OpenedProjects()
