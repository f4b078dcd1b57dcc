"""What a compile would change in the output folder, worked out before anything is touched.

The folder may hold other people's files, links, and what a killed run left behind.
Netpolc owns a file when its whole first line is netpolc's header. Every reason to refuse is
found here, so that a refused compile has written nothing.
"""

import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import field
from pathlib import Path, PurePosixPath
from unicodedata import normalize

from netpolc.diagnostics import Diagnostic, Label, Outcome, Rule, Severity
from netpolc.diagnostics.render.escape import visible
from netpolc.frozen import frozen
from netpolc.io.leftover_files import leftover_files
from netpolc.io.read_file import read_bytes, reason, unreadable
from netpolc.manifest.write import HEADER, sources_of
from netpolc.source import SourceFile

FOREIGN_FILE = Rule(code="NP711", name="foreign-file", severity=Severity.ERROR)
SYMBOLIC_LINK = Rule(code="NP712", name="symbolic-link", severity=Severity.ERROR)
OUTSIDE_OUTPUT = Rule(code="NP713", name="outside-output", severity=Severity.ERROR)
ONE_FILE_TWICE = Rule(code="NP714", name="one-file-twice", severity=Severity.ERROR)
_INSTEAD = {
    FOREIGN_FILE: "move it away, or write to another folder with `--output`",
    SYMBOLIC_LINK: "remove the link, or give the folder that it leads to with `--output`",
    OUTSIDE_OUTPUT: "this is a mistake of netpolc's own; please report it",
    ONE_FILE_TWICE: "rename one of the two, or use another `--layout`",
}
ONE_KUSTOMIZATION = Rule(code="NP745", name="stages-share-a-kustomization", severity=Severity.ERROR)

TEMPORARY = re.compile(r"\.netpolc-[0-9a-f]{16}\.tmp")
"""The names under which files and folders are prepared; a killed run may leave some."""


@frozen(kw_only=True)
class OutputFolder:
    """The output folder (absolute), what to call it, and the project's folder (absolute)."""

    path: Path
    name: str
    project: Path


@frozen(kw_only=True)
class Plan:
    """What is to do, paths from the output folder with forward slashes, in order.

    `writes` are files that are missing or other than they should be, with the bytes they
    should have, `present` the bytes that are there now of files to be written or removed.
    `spared` are files that another compile looks after.
    """

    writes: Mapping[str, bytes]
    removals: tuple[str, ...]
    present: Mapping[str, bytes]
    unchanged: int
    debris: tuple[str, ...] = ()
    spared: tuple[str, ...] = ()


def plan(
    output: OutputFolder, files: Mapping[str, str], spared: AbstractSet[str] = frozenset()
) -> Outcome[Plan]:
    """Compare the files that should be there with those that are.

    Args:
        output: the folder; it need not exist.
        files: the whole expected tree, texts by path from the output folder.
        spared: paths of the files that another compile looks after: the other stage's.

    Returns:
        What is to do. With an error among the findings, nothing may be done.
    """
    root, name = output.path, output.name
    found = [*bad_paths(files, name), *bad_folder(output)]
    if found:
        return Outcome(Plan(writes={}, removals=(), present={}, unchanged=0), tuple(found))
    disk = _survey(root, name, found)
    writes: dict[str, bytes] = {}
    present: dict[str, bytes] = {}
    folders: dict[str, bool] = {}
    for path, text in sorted(files.items()):
        expected = encoded(text)
        folder = path.rpartition("/")[0]
        if folder not in folders:
            found += _not_folders(folder, name, disk, folders)
            # Where case does not count, a folder may be there and not be listed by this name.
            folders[folder] = (root / folder).is_dir()
        there = _there(root, path, name, disk, found) if folders[folder] else None
        if there is not None:
            present[path] = there
        if there != expected:
            writes[path] = expected
    own = _own_files(disk, files)
    kept = tuple(path for path in own if path in spared)
    if kept and not spared.isdisjoint(files):
        found.append(_shared(name, kept[0]))
    texts = {path: _text(data) for path, data in own.items() if path not in spared}
    removals = leftover_files(texts, files)
    present |= {path: own[path] for path in removals}
    return Outcome(
        Plan(
            writes=writes,
            removals=removals,
            present=present,
            unchanged=len(files) - len(writes),
            debris=_debris(disk, (*files, *removals)),
            spared=kept,
        ),
        tuple(found),
    )


def _shared(name: str, kept: str) -> Diagnostic:
    return Diagnostic(
        rule=ONE_KUSTOMIZATION,
        message=f"`{visible(name)}` holds the other stage, and a kustomization.yaml lists only one",
        label=Label(SourceFile(visible(f"{name}/{kept}"), "").whole()),
        help="give each stage a folder of its own",
    )


def is_own(data: bytes) -> bool:
    """Whether the first line of a file is netpolc's header."""
    first = data[: data.find(b"\n") + 1] or data
    return first.startswith(HEADER.encode()) and sources_of(_text(first)) is not None


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace").replace("\r\n", "\n")


def encoded(text: str) -> bytes:
    """The bytes of a manifest. JSON can smuggle half characters in; these are written out."""
    return text.encode("utf-8", "backslashreplace")


@frozen
class _Disk:
    """What is below the output folder: plain files, links and what is neither, debris."""

    files: dict[str, str] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)
    links: set[str] = field(default_factory=set)
    others: set[str] = field(default_factory=set)
    debris: list[str] = field(default_factory=list)


def _survey(root: Path, name: str, found: list[Diagnostic]) -> _Disk:
    """Look through the output folder, not through links nor into hidden folders."""
    disk = _Disk()
    pending = [""] if root.is_dir() else []
    while pending:
        folder = pending.pop()
        try:
            with os.scandir(root / folder) as listed:
                entries = list(listed)
        except OSError as error:
            found.append(unreadable(visible(f"{name}/{folder}"), reason(error)))
            continue
        for entry in entries:
            _note(entry, f"{folder}{entry.name}", disk, pending)
    return disk


def _note(entry: os.DirEntry[str], path: str, disk: _Disk, pending: list[str]) -> None:
    if TEMPORARY.fullmatch(entry.name) and not entry.is_symlink():
        disk.debris.append(path)
    elif entry.is_symlink():
        disk.links.add(path)
    elif entry.is_dir():
        disk.folders.add(path)
        if not entry.name.startswith("."):
            pending.append(f"{path}/")
    elif entry.is_file():
        disk.files[path] = entry.path
    else:
        disk.others.add(path)


def _not_folders(
    folder: str, name: str, disk: _Disk, seen: Mapping[str, bool]
) -> Iterator[Diagnostic]:
    """What stands where a folder, or one above it, should be; nothing is said twice."""
    for above in (folder, *map(str, PurePosixPath(folder).parents)):
        if above in seen:
            continue
        if above in disk.links:
            yield refusal(SYMBOLIC_LINK, f"`{name}/{above}` is a symbolic link", name, above)
        elif above in disk.files or above in disk.others:
            yield refusal(FOREIGN_FILE, f"`{name}/{above}` is no folder", name, above)


def _there(root: Path, path: str, name: str, disk: _Disk, found: list[Diagnostic]) -> bytes | None:
    """The bytes of the file at a path, None where there is none; reasons to refuse are found."""
    if path in disk.links:
        found.append(refusal(SYMBOLIC_LINK, f"`{name}/{path}` is a symbolic link", name, path))
    elif path in disk.folders or path in disk.others:
        found.append(refusal(FOREIGN_FILE, f"`{name}/{path}` is no file", name, path))
    elif path in disk.files or (root / path).is_file():
        return _replaceable(f"{root}{os.sep}{path}", path, name, found)
    return None


def _replaceable(file: str, path: str, name: str, found: list[Diagnostic]) -> bytes | None:
    try:
        data = read_bytes(file)
    except OSError as error:
        found.append(unreadable(f"{name}/{path}", reason(error)))
        return None
    # An empty file is nobody's work; a power cut can leave one of ours.
    if data and not is_own(data):
        message = f"`{name}/{path}` was not made by netpolc"
        found.append(refusal(FOREIGN_FILE, message, name, path))
    return data


def _own_files(disk: _Disk, files: Mapping[str, str]) -> dict[str, bytes]:
    """The files that netpolc made and this compile does not write, with their bytes."""
    found: dict[str, bytes] = {}
    for path in sorted(disk.files.keys() - files.keys()):
        if not path.endswith(".yaml"):
            continue
        with suppress(OSError), Path(disk.files[path]).open("rb") as file:
            start = file.read(len(HEADER.encode()))
            if start == HEADER.encode() and is_own(data := start + file.read()):
                found[path] = data
    return found


def _debris(disk: _Disk, paths: Iterable[str]) -> tuple[str, ...]:
    """What killed runs left in the folders of this output; another output's may be in use."""
    folders = {folder for path in paths for folder in PurePosixPath(path).parents}
    return tuple(
        path for path in disk.debris if PurePosixPath(path).parent in {PurePosixPath(), *folders}
    )


def bad_folder(output: OutputFolder) -> Iterator[Diagnostic]:
    """Why the output folder cannot be one. It must be a folder, and neither it nor its way a link.

    Of the way only that part is looked at which the user may not know: inside the
    project, where a link can come with somebody's branch. `/tmp` may well be a link.
    """
    path, name, project = output.path, output.name, output.project
    inside = path.relative_to(project).parents if path.is_relative_to(project) else ()
    for some in (path, *(project / part for part in inside if part != Path())):
        try:
            mode = some.lstat().st_mode
        except (FileNotFoundError, NotADirectoryError):
            continue
        except (OSError, ValueError) as error:
            yield unreadable(name, reason(error))
            return
        if stat.S_ISLNK(mode):
            yield refusal(SYMBOLIC_LINK, f"the way to `{name}` leads through a symbolic link", name)
            return
        if not stat.S_ISDIR(mode):
            yield refusal(FOREIGN_FILE, f"`{name}` is no folder", name)
            return


def bad_paths(files: Mapping[str, str], name: str) -> Iterator[Diagnostic]:
    """Paths that lead out of the folder, or to one place on some machine."""
    seen: dict[str, str] = {}
    reported: set[str] = set()
    good: set[str] = set()
    for path in sorted(files):
        parts = path.split("/")
        if not {"", ".", ".."}.isdisjoint(parts) or "\0" in path or "\\" in path:
            yield refusal(OUTSIDE_OUTPUT, f"`{path}` leads out of `{name}`", name, path)
            continue
        above = path.rpartition("/")[0]
        for depth in range(len(parts) if above in good else 1, len(parts) + 1):
            some = "/".join(parts[:depth])
            other = seen.setdefault(normalize("NFC", some.casefold()), some)
            if other != some or (some in files and depth < len(parts)):
                if some not in reported:
                    message = f"`{name}/{other}` and `{name}/{path}` cannot both be written"
                    yield refusal(ONE_FILE_TWICE, message, name, path)
                reported.add(some)
                break
        else:
            good.add(above)


def refusal(
    kind: Rule, message: str, name: str, path: str = "", *, instead: str = ""
) -> Diagnostic:
    """The finding that nothing may be written, because of a path in the folder called `name`.

    `instead` says what to do, for kinds of findings that are not declared here.
    """
    place = visible(f"{name}/{path}" if path else name)
    return Diagnostic(
        rule=kind,
        message=message,
        label=Label(SourceFile(place, "").whole()),
        help=_INSTEAD.get(kind, instead),
    )
