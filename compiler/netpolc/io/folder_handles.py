"""Folders below the output folder, opened without following a symbolic link.

A plan is made, and then carried out. Whoever may write to the folder could put a link in the way
between the two, and files would land wherever it leads. So every step is taken from an open folder,
which stays the same folder whatever its name means later, and no part of a path is followed as a link.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from netpolc.io.disk import DISK
from netpolc.io.output_folder import OutputFolder

HAS_HANDLES = os.open in os.supports_dir_fd and hasattr(os, "O_NOFOLLOW")
"""Whether the system opens files from an open folder; Windows does not, and paths are used there."""
_FOLDER = (
    os.O_RDONLY
    | getattr(os, "O_DIRECTORY", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0)
)
_NEW = (
    os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
)
_MOST = 64
"""Folders that are kept open: many more than are deep, far fewer than a process may have."""


class FolderHandles:
    """The folders below an open one, each by its path from there with forward slashes.

    Every method raises OSError, with ELOOP where a part of the path is a link.
    """

    def __init__(self, root: Path, handle: int | None) -> None:
        self._root = root
        self._handle = handle
        self._open: dict[str, int] = {}

    def create(self, path: str, data: bytes) -> None:
        """Make a new file; half the time of `open`, for ten thousand small ones."""
        name, folder = self._at(path)
        handle = os.open(name, _NEW, 0o666, dir_fd=folder)
        try:
            left = data[os.write(handle, data) :]
            while left:
                left = left[os.write(handle, left) :]
        finally:
            os.close(handle)

    def make_folder(self, path: str) -> None:
        """Make a folder, with those above it, where it is missing."""
        above = path.rpartition("/")[0]
        if above:
            self.make_folder(above)
        name, folder = self._at(path)
        with suppress(FileExistsError):
            os.mkdir(name, dir_fd=folder)

    def has_folder(self, path: str) -> bool:
        """Whether a folder is there, and not as a link."""
        try:
            self._folder(path)
        except (FileNotFoundError, NotADirectoryError):
            return False
        return self._handle is not None or DISK.is_folder(self._root / path)

    def move(self, old: str, new: str) -> None:
        """Move a file or folder to another name, replacing a file that has it, in one step."""
        name, folder = self._at(old)
        new_name, new_folder = self._at(new)
        os.replace(name, new_name, src_dir_fd=folder, dst_dir_fd=new_folder)
        self._forget(old)

    def remove(self, path: str) -> None:
        """Remove a file; a link itself, and not the file that it leads to."""
        name, folder = self._at(path)
        os.unlink(name, dir_fd=folder)

    def remove_folder(self, path: str) -> None:
        """Remove an empty folder."""
        name, folder = self._at(path)
        self._forget(path)
        os.rmdir(name, dir_fd=folder)

    def discard(self, path: str) -> None:
        """Remove a file, or a folder with all that is in it, if it is still there."""
        with suppress(OSError):
            name, folder = self._at(path)
            self._forget(path)
            try:
                os.unlink(name, dir_fd=folder)
            except (IsADirectoryError, PermissionError):
                from shutil import rmtree  # noqa: PLC0415 - loads what packs archives, for a rare thing

                rmtree(name, dir_fd=folder)

    def close(self) -> None:
        """Close all folders but the first."""
        for handle in self._open.values():
            os.close(handle)
        self._open.clear()

    def _at(self, path: str) -> tuple[str, int | None]:
        """The name of a file and the open folder that it is in."""
        folder, _, name = path.rpartition("/")
        if self._handle is None:
            return str(self._root / path), None
        return name, self._folder(folder)

    def _folder(self, path: str) -> int | None:
        if not path or self._handle is None:
            return self._handle
        known = self._open.get(path)
        if known is None:
            above, _, name = path.rpartition("/")
            known = _opened(name, self._folder(above))
            if len(self._open) >= _MOST:
                self.close()
            self._open[path] = known
        return known

    def _forget(self, path: str) -> None:
        """Close a folder whose path means something else from now on, and those below it."""
        for some in [some for some in self._open if some == path or some.startswith(f"{path}/")]:
            os.close(self._open.pop(some))


@contextmanager
def open_output(output: OutputFolder) -> Iterator[FolderHandles]:
    """The output folder, opened, and made where it is missing.

    The way to it is followed from the project's folder on (`bad_folder` says why not before).
    """
    if not (HAS_HANDLES and output.path.is_relative_to(output.project)):
        output.path.mkdir(parents=True, exist_ok=True)
    handle = _opened_output(output) if HAS_HANDLES else None
    handles = FolderHandles(output.path, handle)
    try:
        yield handles
    finally:
        handles.close()
        if handle is not None:
            os.close(handle)


def _opened_output(output: OutputFolder) -> int:
    path, project = output.path, output.project
    inside = path != project and path.is_relative_to(project)
    top = project if inside else path.parent
    handle = os.open(top, _FOLDER & ~getattr(os, "O_NOFOLLOW", 0))
    for part in path.relative_to(top).parts:
        try:
            with suppress(FileExistsError):
                os.mkdir(part, dir_fd=handle)
            handle, above = _opened(part, handle), handle
        except OSError:
            os.close(handle)
            raise
        os.close(above)
    return handle


def _opened(name: str, folder: int | None) -> int:
    """Open a folder; a link is refused as such, which the system calls "not a directory"."""
    try:
        return os.open(name, _FOLDER, dir_fd=folder)
    except NotADirectoryError as error:
        from stat import S_ISLNK  # noqa: PLC0415 - only after a failure

        if S_ISLNK(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), name) from error
        raise
