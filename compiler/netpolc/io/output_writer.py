"""The output folder: written whole or not at all, and never half a file.

A compile may be killed at any moment, run twice at once, or meet a full disk. So all
new contents are first prepared under temporary names, and only then moved into their
places, which the operating system does in one step for each. What a killed run leaves
has names that the next run knows and removes. A lock on the folder, which the operating
system lifts when its holder dies, keeps two runs from mixing.

Files are not flushed to the disk one by one: that would cost seconds for large programs
and matter only in a power cut, after which the next compile repairs what it finds.
"""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from errno import ELOOP
from pathlib import Path, PurePosixPath

from netpolc.diagnostics import Diagnostic, Label, Outcome, Rule, Severity
from netpolc.io.disk import DISK
from netpolc.io.folder_handles import FolderHandles, open_output
from netpolc.io.output_folder import SYMBOLIC_LINK, OutputFolder, refusal
from netpolc.io.output_marker import MARKER
from netpolc.io.output_plan import Plan, encoded, plan
from netpolc.io.read_file import reason
from netpolc.manifest.rollout_stages import OtherHalf
from netpolc.source import SourceFile
from netpolc.values import frozen

if sys.platform != "win32":
    import fcntl

CANNOT_WRITE = Rule(code="NP710", name="cannot-write", severity=Severity.ERROR)


@frozen(kw_only=True)
class Written:
    """The numbers of files that a compile wrote, found unchanged, and left to another output.

    `removed` are the paths, from the output folder, of the files that it removed.
    """

    written: int
    removed: tuple[str, ...] = ()
    unchanged: int
    spared: int = 0


def write_tree(
    output: OutputFolder, files: Mapping[str, str], other: OtherHalf | None = None
) -> Outcome[Written | None]:
    """Make the output folder hold exactly these files of netpolc's.

    Args:
        output: the folder; it is made where it does not exist.
        files: texts by path from the folder, with forward slashes.
        other: where the files are one half, the other one, whose manifests are left alone.

    Returns:
        What was done; None, with the findings that say why, where it was refused.
    """
    return write_planned(output, lambda: plan(output, files, other))


def write_planned(
    output: OutputFolder, planned: Callable[[], Outcome[Plan]]
) -> Outcome[Written | None]:
    """Do what a plan says, which is made when nobody else writes to the folder.

    Args:
        output: the folder; it is made where it does not exist.
        planned: says what is to do, or finds why nothing may be done.

    Returns:
        What was done; None, with the findings that say why, where it was refused.
    """
    try:
        checked = None if DISK.is_folder(output.path) else planned()
        if checked is not None and checked.failed:
            return Outcome(None, checked.diagnostics)
        with open_output(output) as folders, _locked(output.path):
            if checked is None or any(output.path.iterdir()):
                checked = planned()
            if checked.failed:
                return Outcome(None, checked.diagnostics)
            _apply(folders, checked.value)
    except OSError as error:
        return Outcome(None, (_cannot_write(output.name, error),))
    todo = checked.value
    return Outcome(
        Written(
            written=len(todo.writes),
            removed=todo.removals,
            unchanged=todo.unchanged,
            spared=len(todo.spared),
        )
    )


def inspect_tree(
    output: OutputFolder, files: Mapping[str, str], other: OtherHalf | None = None
) -> Outcome[Plan]:
    """The changes that `write_tree` would make, without making them."""
    try:
        with _locked(output.path, shared=True):
            return plan(output, files, other)
    except OSError:
        return plan(output, files, other)


@contextmanager
def _locked(root: Path, *, shared: bool = False) -> Iterator[None]:
    """Hold a lock on a folder. It lies in no file, so nothing is left when the holder dies."""
    if sys.platform == "win32":  # No such locks there; two runs at once still leave whole files.
        yield
        return
    handle = os.open(root, os.O_RDONLY)
    try:
        with suppress(OSError):  # Some network file systems have no locks.
            fcntl.flock(handle, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _apply(folders: FolderHandles, todo: Plan) -> None:
    for path in todo.debris:
        folders.discard(path)
    moves: list[tuple[str, str]] = []
    try:
        marker = {} if todo.marker is None else {MARKER: todo.marker}
        _prepare(folders, {**todo.writes, **marker}, moves)
        # Where case does not count, a file may be in the way of its own new name.
        folded = {path.casefold() for path in todo.writes}
        _remove(folders, [path for path in todo.removals if path.casefold() in folded])
        for temporary, final in moves:
            folders.move(temporary, final)
    finally:
        for temporary, _ in moves:
            folders.discard(temporary)
    _remove(folders, [path for path in todo.removals if path.casefold() not in folded])


def _prepare(
    folders: FolderHandles, writes: Mapping[str, str], moves: list[tuple[str, str]]
) -> None:
    """Write all contents under temporary names; `moves` gets what has to be moved where.

    A folder that is new is prepared as a whole, so that none is ever left empty.
    """
    new_folders: dict[str, str] = {}
    staged: dict[str, str | None] = {}
    for path, text in writes.items():
        folder, _, file = path.rpartition("/")
        if folder not in staged:
            staged[folder] = _staged(folders, folder, new_folders, moves)
        new = staged[folder]
        if new is not None:
            folders.create(f"{new}/{file}", encoded(text))
        else:
            temporary = _temporary(folder)
            moves.append((temporary, path))
            folders.create(temporary, encoded(text))


def _staged(
    folders: FolderHandles,
    folder: str,
    new_folders: dict[str, str],
    moves: list[tuple[str, str]],
) -> str | None:
    """The temporary folder for the files of a new folder; None where the folder exists."""
    parts = folder.split("/") if folder else []
    ways = ("/".join(parts[: depth + 1]) for depth in range(len(parts)))
    missing = next((way for way in ways if _is_missing(folders, way)), None)
    if missing is None:
        return None
    if missing not in new_folders:
        new_folders[missing] = _temporary(missing.rpartition("/")[0])
        moves.append((new_folders[missing], missing))
    staged = new_folders[missing] + folder.removeprefix(missing)
    folders.make_folder(staged)
    return staged


def _is_missing(folders: FolderHandles, folder: str) -> bool:
    """Whether a folder is not there. An empty one, which a killed run can leave, is removed.

    Temporary files in it would not be known as this output's, if this run were killed as well.
    """
    if folders.has_folder(folder):
        try:
            folders.remove_folder(folder)
        except OSError:
            return False
    return True


def _temporary(folder: str) -> str:
    name = f".netpolc-{os.urandom(8).hex()}.tmp"
    return f"{folder}/{name}" if folder else name


def _remove(folders: FolderHandles, paths: list[str]) -> None:
    """Remove files, and the folders that this leaves empty."""
    for path in paths:
        with suppress(FileNotFoundError):
            folders.remove(path)
    above = {str(parent) for path in paths for parent in PurePosixPath(path).parents} - {"."}
    for folder in sorted(above, key=lambda folder: -folder.count("/")):
        with suppress(OSError):
            folders.remove_folder(folder)


def _cannot_write(name: str, error: OSError) -> Diagnostic:
    if error.errno == ELOOP:
        return refusal(
            SYMBOLIC_LINK, f"a symbolic link appeared in `{name}`: {error.filename}", name
        )
    return Diagnostic(
        rule=CANNOT_WRITE,
        message=f"`{name}` cannot be written: {reason(error)}",
        label=Label(SourceFile(name, "").whole()),
        help="make room and the folder writable, or write to another one with `--output`",
    )
