"""The changes of a compile to the output folder, worked out before any file is touched.

The folder may hold other people's files, other outputs, links, and what a killed run left
behind. Netpolc owns a file when its whole first line is netpolc's header, and an output what
`output_ownership` says. Every reason to refuse is found here, so that a refused compile has
written nothing.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import field
from pathlib import Path, PurePosixPath

from netpolc.diagnostics import Diagnostic, Label, Outcome, Rule, Severity
from netpolc.diagnostics.render.escape import visible
from netpolc.io.disk import DISK
from netpolc.io.left_over_files import left_over_files
from netpolc.io.output_folder import (
    FOREIGN_FILE,
    SYMBOLIC_LINK,
    UNSUITABLE_FOLDER,
    OutputFolder,
    bad_folder,
    bad_paths,
    file_system_root,
    refusal,
)
from netpolc.io.output_marker import MARKER, read_owner
from netpolc.io.output_ownership import in_other_output, marker_to_write, not_owned
from netpolc.io.read_file import read_bytes, reason, unreadable
from netpolc.manifest.output_layout import KUSTOMIZATION
from netpolc.manifest.rollout_stages import OtherHalf
from netpolc.manifest.write import HEADER, sources_of
from netpolc.source import SourceFile
from netpolc.values import frozen

ONE_KUSTOMIZATION = Rule(code="NP745", name="stages-share-a-kustomization", severity=Severity.ERROR)

TEMPORARY = re.compile(r"\.netpolc-[0-9a-f]{16}\.tmp")
"""The names under which files and folders are prepared; a killed run may leave some."""
_MOST_OTHERS = 200_000
"""More files of others in an output folder are not looked at: `output` surely means another folder."""
_MOST_FINDINGS = 20


@frozen(kw_only=True)
class Plan:
    """The planned changes; paths are from the output folder with forward slashes, in order.

    `writes` are files that are missing or other than they should be, with the texts they
    should have, `present` the bytes that are there now of files to be written or removed.
    `spared` are files of the other stage. `marker` is the marker's text where it has to be written.
    """

    writes: Mapping[str, str]
    removals: tuple[str, ...]
    present: Mapping[str, bytes]
    unchanged: int
    debris: tuple[str, ...] = ()
    spared: tuple[str, ...] = ()
    marker: str | None = None


def plan(
    output: OutputFolder, files: Mapping[str, str], other: OtherHalf | None = None
) -> Outcome[Plan]:
    """Compare the expected files with the existing files.

    Args:
        output: the folder; it need not exist.
        files: the whole expected tree, texts by path from the output folder.
        other: where the files are one half, the other one, whose manifests are left alone.

    Returns:
        What is to do. With an error among the findings, nothing may be done.
    """
    root, name = output.path, output.name
    findings = [*bad_paths(files, name), *bad_folder(output)]
    if root == root.parent:
        findings.append(file_system_root(name))
    if findings:
        return Outcome(Plan(writes={}, removals=(), present={}, unchanged=0), tuple(findings))
    disk = _survey(root, name, findings)
    present = _present(output, files, disk, findings)
    writes = {
        path: text
        for path, text in sorted(files.items())
        if path not in present or present[path] != encoded(text)
    }
    own = _own_files(disk, files)
    texts = {path: _text(data) for path, data in own.items()}
    kept = _spared(texts, other)
    if kept and any(map(_is_kustomization, (*files, *own))):
        findings.append(_shared(name, kept[0]))
    removals = left_over_files(
        {path: text for path, text in texts.items() if path not in kept},
        files,
        is_marked=bool(output.owner) and read_owner(root) == output.owner,
    )
    present |= {path: own[path] for path in removals}
    if output.owner and not findings:
        findings += not_owned(output, (*own, *present), removals, writes)
    return Outcome(
        Plan(
            writes=writes,
            removals=removals,
            present=present,
            unchanged=len(files) - len(writes),
            debris=_debris(disk, (*files, *removals)),
            spared=kept,
            marker=marker_to_write(output),
        ),
        tuple(findings),
    )


def _present(
    output: OutputFolder, files: Iterable[str], disk: "_Disk", findings: list[Diagnostic]
) -> dict[str, bytes]:
    """Return the bytes of the files that are there, by path; reasons to refuse are found."""
    root, name = output.path, output.name
    present: dict[str, bytes] = {}
    folders: dict[str, bool] = {}
    for path in sorted(files):
        folder = path.rpartition("/")[0]
        if folder not in folders:
            findings += _not_folders(folder, name, disk, folders)
            findings += in_other_output(folder, name, disk.outputs)
            # Where case does not count, a folder may be there and not be listed by this name.
            folders[folder] = DISK.is_folder(root / folder)
        there = _there(root, path, name, disk, findings) if folders[folder] else None
        if there is not None:
            present[path] = there
    return present


def _spared(own: Mapping[str, str], other: OtherHalf | None) -> tuple[str, ...]:
    """Return the manifests that are left to the other half.

    A kustomization.yaml is not: it would list what this half no longer writes, or not what it writes.
    """
    if other is None:
        return ()
    return tuple(
        path for path, text in own.items() if not _is_kustomization(path) and other.owns(path, text)
    )


def _is_kustomization(path: str) -> bool:
    return path.rpartition("/")[2] == KUSTOMIZATION


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
    """The contents of the output folder: files, folders, links, others; other outputs; debris."""

    files: dict[str, str] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)
    links: set[str] = field(default_factory=set)
    others: set[str] = field(default_factory=set)
    outputs: set[str] = field(default_factory=set)
    debris: list[str] = field(default_factory=list)


def _survey(root: Path, name: str, findings: list[Diagnostic]) -> _Disk:
    """Look through the output folder, not through links, into hidden folders or other outputs.

    It ends early where nothing may be written anyway: in folders that hold too much that is not a
    manifest, or that cannot be read.
    """
    disk, others = _Disk(), 0
    pending = [""] if DISK.is_folder(root) else []
    while pending and len(findings) < _MOST_FINDINGS:
        folder = pending.pop()
        try:
            with os.scandir(root / folder) as listed:
                entries = list(listed)
        except OSError as error:
            findings.append(unreadable(visible(f"{name}/{folder}"), reason(error)))
            continue
        if folder and any(entry.name == MARKER for entry in entries):
            disk.outputs.add(folder.rstrip("/"))
            continue
        others += sum(not entry.name.endswith(".yaml") for entry in entries)
        if others > _MOST_OTHERS:
            message = f"`{name}` has more than {_MOST_OTHERS:,} files that are not manifests"
            instead = "write to a folder that is for manifests alone"
            findings.append(refusal(UNSUITABLE_FOLDER, message, name, instead=instead))
            break
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
    """Findings about files where a folder, or one above it, should be; each file once."""
    for above in (folder, *map(str, PurePosixPath(folder).parents)):
        if above in seen:
            continue
        if above in disk.links:
            yield refusal(SYMBOLIC_LINK, f"`{name}/{above}` is a symbolic link", name, above)
        elif above in disk.files or above in disk.others:
            yield refusal(FOREIGN_FILE, f"`{name}/{above}` is not a folder", name, above)


def _there(
    root: Path, path: str, name: str, disk: _Disk, findings: list[Diagnostic]
) -> bytes | None:
    """The bytes of the file at a path, None where there is none; reasons to refuse are found."""
    if path in disk.links:
        findings.append(refusal(SYMBOLIC_LINK, f"`{name}/{path}` is a symbolic link", name, path))
    elif path in disk.folders or path in disk.others:
        findings.append(refusal(FOREIGN_FILE, f"`{name}/{path}` is not a file", name, path))
    elif path in disk.files or (DISK.exists(root / path) and not DISK.is_folder(root / path)):
        return _replaceable(f"{root}{os.sep}{path}", path, name, findings)
    return None


def _replaceable(file: str, path: str, name: str, findings: list[Diagnostic]) -> bytes | None:
    try:
        data = read_bytes(file)
    except OSError as error:
        findings.append(unreadable(f"{name}/{path}", reason(error)))
        return None
    # An empty file is nobody's work; a power cut can leave one of ours.
    if data and not is_own(data):
        message = f"`{name}/{path}` was not made by netpolc"
        findings.append(refusal(FOREIGN_FILE, message, name, path))
    return data


def _own_files(disk: _Disk, files: Mapping[str, str]) -> dict[str, bytes]:
    """The files that netpolc made and this compile does not write, with their bytes."""
    own: dict[str, bytes] = {}
    for path in sorted(disk.files.keys() - files.keys()):
        if not path.endswith(".yaml"):
            continue
        with suppress(OSError), Path(disk.files[path]).open("rb") as file:
            start = file.read(len(HEADER.encode()))
            if start == HEADER.encode() and is_own(data := start + file.read()):
                own[path] = data
    return own


def _debris(disk: _Disk, paths: Iterable[str]) -> tuple[str, ...]:
    """Return the leftovers of killed runs in the folders of this output; others may be in use."""
    if not disk.debris:
        return ()
    folders = {PurePosixPath(path).parent for path in paths}
    below = {above for folder in folders for above in (folder, *folder.parents)}
    return tuple(
        path for path in disk.debris if PurePosixPath(path).parent in {PurePosixPath(), *below}
    )
