"""A record that the last compile of the same inputs left, so that an equal one can be skipped.

Compiling ten thousand services again takes seconds, and in a loop of edits or in a hook before a
commit mostly nothing has changed. The record says: this build of netpolc, with these options, on
this day, made exactly this output folder of exactly these sources, and printed this. It has
digests of the bytes themselves, no times of files. If anything differs, everything is compiled and proved
as ever.

A record is only of use to the person who compiled: it lies in the user's cache folder, which nobody
else can write to, and never in a project, where it could come with a branch. Nothing that a
gate asks reads it: no `--check`, no `--verify`, no `check`, and nothing in continuous integration.
"""

import json
import os
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import fields, is_dataclass
from enum import Enum
from hashlib import blake2b
from pathlib import Path

from netpolc.diagnostics import Outcome
from netpolc.io.output_folder import OutputFolder, bad_folder
from netpolc.io.output_marker import MARKER, marked_above
from netpolc.io.output_plan import TEMPORARY, encoded
from netpolc.io.project import Project
from netpolc.io.read_file import read_bytes
from netpolc.io.sources import STDIN
from netpolc.io.write_file import write_file
from netpolc.values import frozen

_INTEGRATION = ("CI", "TF_BUILD", "BUILD_ID", "TEAMCITY_VERSION")
"""Variables of the environment that runners of continuous integration set."""
_FORMAT = 1


@frozen(kw_only=True)
class CompileRecord:
    """The path of a compile's record, the digest of its inputs, and its output folders."""

    path: Path
    key: str
    outputs: tuple[OutputFolder, ...]

    @classmethod
    def of(
        cls, opened: Sequence[Outcome[Project]], environment: Mapping[str, str], shown: object
    ) -> "CompileRecord | None":
        """Return the record for opened projects, None where a compile of them must not be skipped.

        Args:
            opened: each output's project as it was read.
            environment: the variables of the environment.
            shown: whatever else decides what is printed.
        """
        build, projects = installed_build(), [outcome.value for outcome in opened]
        folder = _cache_folder(environment)
        if (
            build is None
            or folder is None
            or any(outcome.diagnostics for outcome in opened)
            or not all(map(_is_plain, projects))
            or any(folder.is_relative_to(project.output.project) for project in projects)
        ):
            return None
        outputs = tuple(project.output for project in projects)
        name = _digest(
            str(output_folder.path).encode("utf-8", "surrogateescape") for output_folder in outputs
        )
        parts = (build, *_settled((sys.version, shown)), *_inputs(projects))
        return cls(path=folder / f"{name}.json", key=_digest(parts), outputs=outputs)

    def printed(self) -> str | None:
        """Return what an equal compile printed, if its output folders are as it left them."""
        try:
            if not _is_private(self.path.parent):
                return None
            body, _, check = self.path.read_bytes().rpartition(b"\n")
            if check.decode("ascii") != _digest([body]):
                return None
            known = json.loads(body)
            if (known["format"], known["key"]) != (_FORMAT, self.key):
                return None
            text = known["printed"]
            same = known["outputs"] == [
                tree_digest(output_folder) for output_folder in self.outputs
            ]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return text if same and isinstance(text, str) else None

    def write(self, printed: str, expected: Sequence[Mapping[str, str]]) -> None:
        """Record what the same compile would print now, once its output folders are written.

        Args:
            printed: what it would print.
            expected: the texts of each output's files, by path; where the folder has anything
                else at one of these paths, nothing is recorded.
        """
        digests = [
            tree_digest(output_folder, files)
            for output_folder, files in zip(self.outputs, expected, strict=True)
        ]
        if None in digests:
            return
        known = {"format": _FORMAT, "key": self.key, "outputs": digests, "printed": printed}
        body = json.dumps(known)
        with suppress(OSError):
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if _is_private(self.path.parent):
                write_file(self.path, f"{body}\n{_digest([body.encode()])}")


def installed_build() -> bytes | None:
    """Return what identifies the installed netpolc and all packages beside it; None where nothing does.

    pip writes the digest of every module of a wheel into RECORD. An editable install has none for its
    modules, which change under it, so that nothing is recorded there.
    """
    packages = Path(__file__).parents[2]
    try:
        names = sorted(name for name in os.listdir(packages) if name.endswith(".dist-info"))  # noqa: PTH208
        mine = [name for name in names if name.startswith("netpolc-")]
        if len(mine) != 1:
            return None
        record = (packages / mine[0] / "RECORD").read_bytes()
    except OSError:
        return None
    return record + "\n".join(names).encode() if b"netpolc/__init__.py,sha256=" in record else None


def tree_digest(output: OutputFolder, expected: Mapping[str, str] | None = None) -> str | None:
    """Return a digest of all that a compile looks at in an output folder; None where that is odd.

    Odd are links, whatever is neither file nor folder, what a killed run left, and where `expected`
    texts are given, a file that has not got its own.
    """
    if any(bad_folder(output)):
        return None
    parts: list[bytes] = [str(marked_above(output.path)).encode("utf-8", "surrogateescape")]
    missing = len(expected or ())
    for path, data in _entries(output.path):
        if data is None:
            return None
        if expected is not None and path in expected:
            if data != encoded(expected[path]):
                return None
            missing -= 1
        parts += (os.fsencode(path), data)
    return None if missing else _digest(parts)


def _entries(root: Path) -> Iterator[tuple[str, bytes | None]]:
    """Yield each entry below a folder by path, with the bytes that a compile looks at; None for odd ones."""
    pending = [""]
    while pending:
        folder = pending.pop()
        with os.scandir(root / folder) as listed:
            entries = sorted(listed, key=lambda dir_entry: dir_entry.name)
        for entry in entries:
            path = f"{folder}{entry.name}"
            if entry.is_symlink() or TEMPORARY.fullmatch(entry.name):
                yield path, None
            elif entry.is_dir():
                if not entry.name.startswith("."):
                    pending.append(f"{path}/")
                yield f"{path}/", b""
            elif entry.is_file():
                is_read = entry.name.endswith(".yaml") or entry.name == MARKER
                yield path, read_bytes(entry.path) if is_read else b""
            else:
                yield path, None


def _is_plain(project: Project) -> bool:
    """Whether all that decides a project's compile is in its sources, options and output folder."""
    sources = project.sources
    from_stdin = any(file.path == STDIN for file in sources.files)
    return project.options.stage is None and not sources.counted and not from_stdin


def _inputs(projects: Iterable[Project]) -> Iterator[bytes]:
    for project in projects:
        sources = project.sources
        yield from _settled((project.options, project.output, sources.folders, sources.beside))
        for kind in (sources.intents, sources.policies, sources.manifests):
            yield b"%d files" % len(kind)
            for file in kind:
                yield file.path.encode("utf-8", "surrogateescape")
                yield file.text.encode("utf-8", "surrogatepass")


def _settled(value: object) -> Iterator[bytes]:
    """Yield the parts of a value, the same for equal values in every process."""
    yield type(value).__name__.encode()
    match value:
        case Mapping():
            parts = sorted((tuple(_settled(key)), tuple(_settled(of))) for key, of in value.items())
            yield b"%d" % len(parts)
            for key, of in parts:
                yield from (*key, *of)
        case frozenset() | set():
            members = sorted(tuple(_settled(item)) for item in value)
            yield b"%d" % len(members)
            for member in members:
                yield from member
        case tuple() | list():
            yield b"%d" % len(value)
            for item in value:
                yield from _settled(item)
        case Enum():
            yield value.name.encode()
        case _ if is_dataclass(value):
            for name in fields(value):
                yield from _settled(getattr(value, name.name))
        case _:
            yield repr(value).encode("utf-8", "backslashreplace")


def _digest(parts: Iterable[bytes]) -> str:
    """Return a digest of parts and of where each of them ends."""
    digest = blake2b(digest_size=32)
    for part in parts:
        digest.update(b"%d:" % len(part))
        digest.update(part)
    return digest.hexdigest()


def _cache_folder(environment: Mapping[str, str]) -> Path | None:
    """Return the user's folder for records; None in continuous integration, or where there is none."""
    if any(environment.get(name) for name in _INTEGRATION):
        return None
    base = Path(environment.get("XDG_CACHE_HOME", ""))
    if not base.is_absolute():  # By its specification a path from elsewhere does not count.
        base = Path(environment.get("HOME", ""), ".cache")
    return base / "netpolc" / "compile" if base.is_absolute() else None


def _is_private(folder: Path) -> bool:
    """Whether a folder is this user's own, and nobody else may write to it or look into it."""
    if sys.platform == "win32":
        return False  # Whose a folder is cannot be told from its mode there.
    status = folder.lstat()
    mode = status.st_mode
    return stat.S_ISDIR(mode) and status.st_uid == os.getuid() and not stat.S_IMODE(mode) & 0o077
