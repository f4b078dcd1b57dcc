"""The output folder: written whole or not at all, and never half a file.

A compile may be killed at any moment, run twice at once, or meet a full disk. So all
new contents are first prepared under temporary names, and only then moved into their
places, which the operating system does in one step for each. What a killed run leaves
has names that the next run knows and removes. A lock on the folder, which the operating
system lifts when its holder dies, keeps two runs from mixing.

Files are not flushed to the disk one by one: that would cost seconds for large programs
and matter only in a power cut, after which the next compile mends what it finds.
"""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

from netpolc.diagnostics import Diagnostic, Label, Outcome, Rule, Severity
from netpolc.io.output_folder import OutputFolder
from netpolc.io.output_marker import MARKER
from netpolc.io.output_plan import Plan, plan
from netpolc.io.read_file import reason
from netpolc.manifest.rollout_stages import OtherHalf
from netpolc.source import SourceFile
from netpolc.values import frozen

if sys.platform != "win32":
    import fcntl

CANNOT_WRITE = Rule(code="NP710", name="cannot-write", severity=Severity.ERROR)


_NEW = (
    os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
)


@frozen(kw_only=True)
class Written:
    """How many files a compile wrote, found as they should be, and left to another.

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
        if not output.path.is_dir():
            checked = planned()
            if checked.failed:
                return Outcome(None, checked.diagnostics)
            del checked  # It has the bytes of every file, as the next one will.
            output.path.mkdir(parents=True, exist_ok=True)
        with _locked(output.path):
            checked = planned()
            if checked.failed:
                return Outcome(None, checked.diagnostics)
            _apply(output.path, checked.value)
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
    """What `write_tree` would do, without doing it."""
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


def _apply(root: Path, todo: Plan) -> None:
    for path in todo.debris:
        _discard(root / path)
    moves: list[tuple[Path, Path]] = []
    try:
        marker = {} if todo.marker is None else {MARKER: todo.marker}
        _prepare(root, {**todo.writes, **marker}, moves)
        # Where case does not count, a file may be in the way of its own new name.
        folded = {path.casefold() for path in todo.writes}
        _remove(root, [path for path in todo.removals if path.casefold() in folded])
        for temporary, final in moves:
            temporary.replace(final)
    finally:
        for temporary, _ in moves:
            _discard(temporary)
    _remove(root, [path for path in todo.removals if path.casefold() not in folded])


def _prepare(root: Path, writes: Mapping[str, bytes], moves: list[tuple[Path, Path]]) -> None:
    """Write all contents under temporary names; `moves` gets what has to be moved where.

    A folder that is new is prepared as a whole, so that none is ever left empty.
    """
    new_folders: dict[Path, Path] = {}
    staged: dict[str, Path | None] = {}
    for path, data in writes.items():
        folder, _, file = path.rpartition("/")
        if folder not in staged:
            staged[folder] = _staged(root, folder, new_folders, moves)
        new = staged[folder]
        if new is not None:
            _create(f"{new}{os.sep}{file}", data)
        else:
            temporary = _temporary(root / folder)
            moves.append((temporary, root / path))
            _create(str(temporary), data)


def _staged(
    root: Path, folder: str, new_folders: dict[Path, Path], moves: list[tuple[Path, Path]]
) -> Path | None:
    """Where the files of a folder are prepared that is not there yet; None where it is."""
    final = root / folder
    missing = next((f for f in (*reversed(final.parents), final) if not f.is_dir()), None)
    if missing is None:
        return None
    if missing not in new_folders:
        new_folders[missing] = _temporary(missing.parent)
        moves.append((new_folders[missing], missing))
    staged = new_folders[missing] / final.relative_to(missing)
    staged.mkdir(parents=True, exist_ok=True)
    return staged


def _temporary(folder: Path) -> Path:
    return folder / f".netpolc-{os.urandom(8).hex()}.tmp"


def _create(path: str, data: bytes) -> None:
    """Make a new file; half the time of `open`, for ten thousand small ones."""
    handle = os.open(path, _NEW, 0o666)
    try:
        left = data[os.write(handle, data) :]
        while left:
            left = left[os.write(handle, left) :]
    finally:
        os.close(handle)


def _remove(root: Path, paths: list[str]) -> None:
    """Remove files, and the folders that this leaves empty."""
    for path in paths:
        with suppress(FileNotFoundError):
            (root / path).unlink()
    folders = {parent for path in paths for parent in PurePosixPath(path).parents}
    for folder in sorted(folders - {PurePosixPath()}, key=lambda folder: -len(folder.parts)):
        with suppress(OSError):
            (root / folder).rmdir()


def _discard(path: Path) -> None:
    """Remove what a run prepared, if it is still there."""
    with suppress(OSError):
        if path.is_dir():
            from shutil import rmtree  # noqa: PLC0415 - loads what packs archives, for a rare thing

            rmtree(path)
        else:
            path.unlink()


def _cannot_write(name: str, error: OSError) -> Diagnostic:
    return Diagnostic(
        rule=CANNOT_WRITE,
        message=f"`{name}` cannot be written: {reason(error)}",
        label=Label(SourceFile(name, "").whole()),
        help="make room and the folder writable, or write to another one with `--output`",
    )
