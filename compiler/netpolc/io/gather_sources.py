"""Which files a command is about, found from its arguments and read into memory.

Arguments are folders, files, or `-`. What comes out must be the same on every machine:
files in the order of their names, each once however many arguments lead to it. Whatever cannot be
read is a finding.
"""

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from netpolc.diagnostics import Diagnostic, Label, Outcome, Rule, Severity
from netpolc.diagnostics.render.escape import visible
from netpolc.io.disk import DISK, Disk, Entry
from netpolc.io.output_folder import file_system_root
from netpolc.io.read_file import NAME_NOT_UTF_8, decode, reason, unreadable
from netpolc.io.sources import (
    KINDS,
    STDIN,
    Sources,
    display_name,
    flow_log,
    is_flow_log,
    no_such_source,
    nothing_in,
    path_name,
    unknown_source,
)
from netpolc.manifest.policy_names import MANAGED_BY, MANAGER
from netpolc.source import SourceFile
from netpolc.values import frozen

NOT_MANIFESTS = Rule(code="NP727", name="not-manifests", severity=Severity.ERROR)
PASSED_OVER = Rule(code="NP707", name="manifests-passed-over", severity=Severity.NOTE)
_POLICY, _OWN = b"NetworkPolicy", f"{MANAGED_BY}: {MANAGER}".encode()
_KIND, _CONTAINERS = b"kind", b"containers"
_PASSED_OVER = "passed over"
"""The kind of manifests in a folder of intents; the name of such a place is the folder's."""
EITHER = "`.intent` file and no manifest"
_MANIFESTS = (".yaml", ".yml", ".json")
_ANY = (".intent", *_MANIFESTS)
_JSON = ("", "policies")
"""The kinds of files whose text decides what they hold: standard input, and JSON."""
_SECTION = r"(?:\s|#.*\n)*+(?:namespace[ \t]+[\w\"]|cluster[ \t]*(?:#.*)?\n)"
"""The beginnings of intents into which YAML may have been pasted."""
_KUBERNETES = r"(?m)^[ \t{-]*[\"']?apiVersion[\"']?[ \t]*:|\"apiVersion\"[ \t]*:"


def gather(
    arguments: Sequence[str],
    root: Path,
    stdin: Callable[[], bytes],
    *,
    beside: Sequence[str] = (),
    disk: Disk = DISK,
) -> Outcome[Sources]:
    """Find and read the sources.

    A folder holds intents, where there is an `.intent` file in it, or else manifests. What a
    JSON file and standard input hold is seen from their text.

    Args:
        arguments: folders, files and `-`, as the user gave them.
        root: the project's folder; files in it are called by their path from there.
        stdin: gives the bytes of standard input; called only for `-`, and once.
        beside: the same for what is given beside the sources, which are manifests.
        disk: where the files are.

    Returns:
        What could be read, and a finding for each thing that could not.
    """
    findings: list[Diagnostic] = []
    places: dict[tuple[int, int] | str, _Place] = {}
    passed: dict[tuple[int, int] | str, _Place] = {}
    for argument in arguments:
        for place in _places(argument, root, disk, findings, _ANY):
            (passed if place.kind == _PASSED_OVER else places).setdefault(
                _identity(place, disk), place
            )
    own = len(places)
    for argument in beside:
        for place in _places(argument, root, disk, findings, _MANIFESTS):
            places.setdefault(_identity(place, disk), place)
    left = [place for key, place in passed.items() if key not in places]
    for name, of_folder in groupby(left, attrgetter("name")):
        findings += passed_over(name, _bytes(of_folder, disk))
    read: list[ReadFile] = []
    paths: dict[SourceFile, str] = {}
    for place in places.values():
        outcome = (
            decode(stdin(), STDIN) if place.path is None else disk.file(place.path, place.name)
        )
        findings += outcome.diagnostics
        if outcome.value is not None and place.kind in _JSON and is_flow_log(outcome.value.text):
            findings.append(flow_log(place.name))
        elif outcome.value is not None:
            read.append(ReadFile(outcome.value, place.kind, place.folder, place.named))
            if place.path is not None:
                paths[outcome.value] = place.path
    kept = _built(read, findings)
    only_beside = frozenset(place.name for place in list(places.values())[own:])
    sources = replace(sorted_out(kept), places=paths, beside=only_beside)
    return Outcome(sources, (*findings, *not_manifests(sources)))


def not_manifests(sources: Sources) -> Iterator[Diagnostic]:
    """Yield a finding for each of the files beside the sources that would be compiled as if they were sources."""
    for file in (*sources.intents, *sources.policies):
        if file.path in sources.beside:
            yield Diagnostic(
                rule=NOT_MANIFESTS,
                message=f"`{file.path}` holds no manifests",
                label=Label(file.whole()),
                help="give Kubernetes manifests, in YAML or JSON"
                + "; `netpolc compile` writes them from intents" * (file in sources.intents),
            )


def _built(read: list["ReadFile"], findings: list[Diagnostic]) -> list["ReadFile"]:
    """The files but those of folders that another tool builds manifests from."""
    if all(file.kind == "intents" for file in read):
        return read
    from netpolc.io.unbuilt_folders import without_unbuilt  # noqa: PLC0415 - loads nodes of YAML

    return without_unbuilt(read, findings)


def gather_inside(paths: Sequence[str], folder: Path) -> tuple[Outcome[Sources], str | None]:
    """Read sources that must be inside a folder, links followed.

    Returns:
        What could be read, with findings; and the first path that leads out, if there is one.
    """
    outside = next((path for path in paths if not _is_inside(folder / path, folder)), None)
    if outside is not None:
        return Outcome(Sources()), outside
    gathered = gather([str(folder / path) for path in paths], folder, bytes)
    # Where a file is, and not what it is called: a name may be shown otherwise than it is.
    for file, place in gathered.value.places.items():
        if not _is_inside(place, folder):
            return Outcome(Sources()), file.path
    return gathered, None


def _is_inside(path: Path | str, folder: Path) -> bool:
    """Return whether a path leads into a folder, links followed."""
    try:
        real, top = os.path.realpath(path), os.path.realpath(folder)
    except (OSError, ValueError):
        return True  # Reading it will say what is wrong with it.
    return real == top or real.startswith(top.rstrip(os.sep) + os.sep)


@frozen
class ReadFile:
    """A file that was read, of what kind its name says it is, and its folder below its source.

    `named` says that the user named the file itself, and not a folder that it is in.
    """

    file: SourceFile
    kind: str
    folder: str
    named: bool = False


def sorted_out(read: Iterable[ReadFile]) -> Sources:
    """Files as sources: by what they hold, in the order of their names."""
    files: dict[str, list[SourceFile]] = {kind: [] for kind in KINDS.values()}
    folders: dict[str, str] = {}
    for file in sorted(read, key=lambda read_file: read_file.file.path):
        files[_kind(file)].append(file.file)
        folders[file.file.path] = file.folder
    return Sources(
        intents=tuple(files["intents"]),
        policies=tuple(files["policies"]),
        manifests=tuple(files["manifests"]),
        folders=folders,
    )


@frozen(kw_only=True)
class _Place:
    """A file to read: where it is (None for standard input), what to call it, what it holds."""

    path: str | None
    name: str
    kind: str = ""
    folder: str = ""
    named: bool = True


def _kind(file: ReadFile) -> str:
    """Return the kind of a file by its name, or by its text where the name does not decide."""
    kind, text = file.kind, file.file.text
    if kind in {"intents", "manifests"}:
        return kind
    if re.match(_SECTION, text):
        return "intents"
    if re.search(_KUBERNETES, text):
        return "manifests"
    if kind and not file.named and '"namespaces"' not in text:
        return "manifests"  # JSON of another tool, which is reported as such
    return "policies" if kind or text.lstrip().startswith("{") else "intents"


def _identity(place: _Place, disk: Disk) -> tuple[int, int] | str:
    """A key that is equal for two arguments that lead to one file."""
    return STDIN if place.path is None else disk.identity(place.path)


def _places(
    argument: str, root: Path, disk: Disk, findings: list[Diagnostic], kinds: tuple[str, ...]
) -> Iterator[_Place]:
    if argument == "-":
        yield _Place(path=None, name=STDIN)
        return
    path, name, whole = Path(argument), display_name(argument, root), path_name(argument, root)
    is_folder = disk.is_folder(path)
    kind = KINDS.get(path.suffix)
    if path.is_absolute() and path.parent == path:
        findings.append(file_system_root(whole))
    elif not is_folder and not disk.exists(path):
        findings.append(_missing(path, whole, root))
    elif kind is not None:
        yield _Place(path=argument, name=name, kind=kind)
    elif is_folder:
        yield from _in_folder(path, name, disk, findings, kinds)
    else:
        findings.append(unknown_source(whole))


def _missing(path: Path, name: str, root: Path) -> Diagnostic:
    """Return the finding that there is nothing at a path, or that this user may not see it."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return no_such_source(path, name, root)
    except (OSError, ValueError) as error:
        return unreadable(name, reason(error))
    return no_such_source(path, name, root)


def _in_folder(
    top: Path, name: str, disk: Disk, findings: list[Diagnostic], kinds: tuple[str, ...]
) -> Iterator[_Place]:
    before = len(findings)
    paths = list(_files_below(top, name, disk, findings, kinds))
    intents = [some for some in paths if some[0].endswith(".intent")]
    if intents:
        others = (path for path, _ in paths if not path.endswith(".intent"))
        yield from (_Place(path=path, name=name, kind=_PASSED_OVER) for path in others)
    for path, relative in intents or paths:
        shown = visible(relative)
        yield _Place(
            path=path,
            name=shown if name == "." else f"{name}/{shown}",
            kind=KINDS[path[path.rindex(".") :]],
            folder=relative.rpartition("/")[0],
            named=False,
        )
    if not paths and len(findings) == before:
        findings.append(_nothing_below(top, name, disk, kinds))


def _nothing_below(top: Path, name: str, disk: Disk, kinds: tuple[str, ...]) -> Diagnostic:
    """The finding that a folder has no file of some kinds; intents where manifests are wanted have advice."""
    if ".intent" in kinds:
        return nothing_in(name, EITHER)
    nothing = nothing_in(name, "manifest")
    if any(_files_below(top, name, disk, [], _ANY)):
        return replace(nothing, help="`netpolc compile` writes manifests from intents")
    return nothing


def _bytes(places: Iterable[_Place], disk: Disk) -> Iterator[bytes]:
    """The contents of files, without those that cannot be read."""
    for place in places:
        with suppress(OSError):
            yield disk.bytes(place.path or "")


def passed_over(name: str, contents: Iterable[bytes]) -> Iterator[Diagnostic]:
    """Yield the note that a folder of intents has workloads, or policies that are not netpolc's own output.

    `contents` are those of the manifests in the folder that are not read.
    """
    kinds = Counter(filter(None, map(_counted, contents)))
    if kinds:
        number = kinds.total()
        files = "1 file" if number == 1 else f"{number:,} files"
        yield Diagnostic(
            rule=PASSED_OVER,
            message=f"{files} with {' or '.join(sorted(kinds))} in `{name}` not read: the folder has intents",
            label=Label(SourceFile(name, "").whole()),
            help="to count them, give the files by `--with`; to check them, name them alone",
        )


def _counted(data: bytes) -> str:
    """Return what a manifest has that a command may count; empty for netpolc's own output and other files."""
    if _POLICY in data:
        return "" if _OWN in data else "policies"
    return "workloads" if _KIND in data and _CONTAINERS in data else ""


def _files_below(
    top: Path, name: str, disk: Disk, findings: list[Diagnostic], kinds: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    """The files of some kinds below a folder, through symbolic links too, each real folder once.

    Each comes with its path from the folder, with forward slashes, as plain strings: there
    may be 100,000 of them. Links are followed after everything else, so that a file is called by its own path
    where it has one here, and a link to a folder above ends.
    """
    pending, links = [(str(top), "")], list[tuple[str, str]]()
    linked_files: list[tuple[str, str]] = []
    seen: set[tuple[int, int] | str] = set()
    while pending or links:
        folder, below = pending.pop() if pending else links.pop(0)
        called = f"{name}/{below}".rstrip("/")
        identity = disk.identity(folder)
        if identity in seen:
            continue
        seen.add(identity)
        try:
            entries = disk.entries(folder)
        except OSError as error:
            findings.append(unreadable(visible(called), reason(error)))
            continue
        for entry in entries:
            if not entry.name.startswith("."):
                wanted = _entry(entry, f"{below}{entry.name}", pending, links, kinds)
                if wanted is None:
                    findings.append(unreadable(visible(f"{called}/{entry.name}"), NAME_NOT_UTF_8))
                elif wanted and entry.is_symlink():
                    linked_files.append((entry.path, f"{below}{entry.name}"))
                elif wanted:
                    yield entry.path, f"{below}{entry.name}"
                elif entry.is_symlink() and (why := _denied(entry.path)):
                    findings.append(unreadable(visible(f"{called}/{entry.name}"), why))
    yield from linked_files


def _denied(link: str) -> str:
    """Return why this user may not see what a link leads to; empty if they may, or it is nothing."""
    try:
        os.stat(link)  # noqa: PTH116 - a string, as every path here
    except PermissionError as error:
        return reason(error)
    except OSError:
        pass
    return ""


def _entry(
    entry: Entry,
    relative: str,
    pending: list[tuple[str, str]],
    links: list[tuple[str, str]],
    kinds: tuple[str, ...],
) -> bool | None:
    """Whether an entry is a file that is wanted; None where its name is not valid text."""
    is_folder = entry.is_dir(follow_symlinks=False)
    is_link = not is_folder and entry.is_symlink() and DISK.is_folder(Path(entry.path))
    is_intents = ".intent" in kinds and entry.name.endswith(".intent")
    is_wanted = is_intents or (not is_folder and not is_link and entry.name.endswith(kinds))
    if (is_folder or is_link or is_wanted) and not is_text(entry.name):
        return None
    if is_folder and not is_wanted:
        pending.append((entry.path, f"{relative}/"))
    elif is_link and not is_wanted:
        links.append((entry.path, f"{relative}/"))
    return is_wanted


def is_text(name: str) -> bool:
    """Whether a file's name is text; Python marks bytes that are not with lone surrogates."""
    return name.isascii() or not any("\ud800" <= char <= "\udfff" for char in name)
