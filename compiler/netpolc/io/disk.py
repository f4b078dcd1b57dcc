"""The files that a project is read from: those of this machine, or with texts of an editor.

Everything that finds and reads sources asks a `Disk`, so that an editor's texts go the same way
as files and lead to the same findings: `OpenTexts` puts the texts of open files before the
files of the disk, also where there is no such file yet.
"""

import os
from pathlib import Path
from typing import Protocol

from netpolc.diagnostics import Outcome
from netpolc.io.read_file import read_bytes, read_file
from netpolc.source import SourceFile
from netpolc.values import frozen


class Entry(Protocol):
    """An entry of a folder, as `os.scandir` yields them."""

    @property
    def name(self) -> str:
        """The name in the folder."""

    @property
    def path(self) -> str:
        """The path, which begins with that of the folder."""

    def is_dir(self, *, follow_symlinks: bool = True) -> bool:
        """Return whether it is a folder."""

    def is_symlink(self) -> bool:
        """Return whether it is a symbolic link."""


class Disk:
    """The files of this machine."""

    def exists(self, path: Path) -> bool:
        """Return whether there is something at a path, be it a link that leads nowhere."""
        return os.path.lexists(path)

    def is_folder(self, path: Path) -> bool:
        """Return whether a path leads to a folder."""
        return os.path.isdir(path)  # noqa: PTH112 - `Path.is_dir` raises PermissionError

    def identity(self, path: str) -> tuple[int, int] | str:
        """Return what all paths that lead to one file have in common."""
        try:
            status = os.stat(path)  # noqa: PTH116 - for 100,000 files, plain strings
        except OSError:
            return path
        return status.st_dev, status.st_ino

    def entries(self, folder: str) -> list[Entry]:
        """Return the entries of a folder by name; raises OSError where it cannot be listed."""
        with os.scandir(folder) as listed:
            return sorted(listed, key=_name)

    def bytes(self, path: str) -> bytes:
        """Return the bytes of a file; raises OSError where it cannot be read."""
        return read_bytes(path)

    def file(self, path: Path | str, name: str) -> Outcome[SourceFile | None]:
        """Return a file's text under a name, or the finding that says why there is none."""
        return read_file(path, name)


DISK = Disk()


class OpenTexts(Disk):
    """The files of this machine, with the texts of open files in place of theirs."""

    def __init__(self) -> None:
        """Begin with nothing open."""
        self._texts: dict[str, str] = {}
        self._index: dict[str, dict[str, bool]] | None = None

    def open(self, path: Path, text: str) -> None:
        """Put a text before the file at a path."""
        key = file_key(path)
        if key not in self._texts:
            self._index = None
        self._texts[key] = text.removeprefix("\ufeff")

    def close(self, path: Path) -> None:
        """Let the file at a path be as it is on the disk."""
        if self._texts.pop(file_key(path), None) is not None:
            self._index = None

    def identity(self, path: str) -> tuple[int, int] | str:
        """Return what all paths that lead to one file have in common, also before it is saved."""
        on_disk = super().identity(path)
        is_saved = isinstance(on_disk, tuple)
        return on_disk if is_saved or file_key(path) not in self._texts else file_key(path)

    @property
    def _below(self) -> dict[str, dict[str, bool]]:
        """For each folder above an open file the names in it that lead there; True for folders."""
        if self._index is None:
            self._index = {}
            for text in self._texts:
                path, is_folder = Path(text), False
                while path != path.parent:
                    self._index.setdefault(str(path.parent), {}).setdefault(path.name, is_folder)
                    path, is_folder = path.parent, True
        return self._index

    def exists(self, path: Path) -> bool:
        """Return whether there is something at a path, or an open file is there or below."""
        return self._is_open(path) or super().exists(path)

    def is_folder(self, path: Path) -> bool:
        """Return whether a path leads to a folder, or an open file is below."""
        key = file_key(path)
        return key not in self._texts and (key in self._below or super().is_folder(path))

    def entries(self, folder: str) -> list[Entry]:
        """Return the entries of a folder and the open files that it has not got."""
        opened = self._below.get(file_key(folder), {})
        try:
            listed = super().entries(folder)
        except FileNotFoundError:
            if not opened:
                raise
            listed = []
        known = {entry.name for entry in listed}
        more = (
            _Open(name, f"{folder.rstrip(os.sep)}{os.sep}{name}", is_folder)
            for name, is_folder in opened.items()
            if name not in known
        )
        return sorted((*listed, *more), key=_name)

    def bytes(self, path: str) -> bytes:
        """Return the bytes of a file, or of its text where it is open."""
        text = self._texts.get(file_key(path))
        return super().bytes(path) if text is None else text.encode(errors="replace")

    def file(self, path: Path | str, name: str) -> Outcome[SourceFile | None]:
        """Return a file's text, the one that is open before that of the disk."""
        text = self._texts.get(file_key(path))
        return super().file(path, name) if text is None else Outcome(SourceFile(name, text))

    def _is_open(self, path: Path) -> bool:
        return file_key(path) in self._texts or file_key(path) in self._below


@frozen
class _Open:
    """An entry that is only in an editor: an open file, or a folder above one."""

    name: str
    path: str
    folder: bool

    def is_dir(self, *, follow_symlinks: bool = True) -> bool:  # noqa: ARG002 - it is no link
        return self.folder

    def is_symlink(self) -> bool:
        return False


def file_key(path: Path | str) -> str:
    """Return what all paths of a file have in common: the absolute path, of a link its target's.

    Links of folders are kept: to follow them all would take longer than to read the files.
    """
    absolute = os.path.abspath(path)  # noqa: PTH100 - `resolve` would follow links
    return os.path.realpath(absolute) if os.path.islink(absolute) else absolute  # noqa: PTH114 - as above


def _name(entry: Entry) -> str:
    return entry.name
