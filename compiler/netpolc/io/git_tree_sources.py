"""The sources of a revision: what a compile of it would read, found in a tree of git's.

A checkout of the revision into some folder would be simpler and wrong: it writes, it runs
filters, and it is slow. So the tree is walked as `sources` walks the disk, by the same
rules, and all contents are fetched at once. What a checkout would have and the tree has
not (a submodule's files, what a link out of the repository leads to, a large file kept
elsewhere) is an error, since nobody knows what it says.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

from netpolc.diagnostics import Diagnostic, Label, Outcome, Rule, Severity
from netpolc.diagnostics.render.escape import visible
from netpolc.diagnostics.spelling import nearest
from netpolc.io.gather_sources import (
    EITHER,
    ReadFile,
    is_text,
    not_manifests,
    passed_over,
    sorted_out,
)
from netpolc.io.git import FOLDER, LINK, SUBMODULE, Entry, Repository
from netpolc.io.read_file import decode
from netpolc.io.sources import KINDS, NO_SUCH_SOURCE, Sources, nothing_in, unknown_source
from netpolc.io.unbuilt_folders import without_unbuilt
from netpolc.source import SourceFile
from netpolc.values import frozen

NOT_IN_REVISION = Rule(code="NP784", name="not-in-revision", severity=Severity.ERROR)

_POINTER = re.compile(rb"version https://git-lfs\.github\.com/spec/v\d+\r?\n")
_MOST_LINKS = 40
"""As many as Linux follows on one way (path_resolution(7))."""


@frozen
class Lost:
    """The reason why a path cannot be read; empty where it does not exist."""

    why: str = ""


@frozen
class CommittedTree:
    """The tree of a revision. Links lead within it."""

    repository: Repository
    object: str
    _known: dict[str, Entry | None] = field(default_factory=dict, compare=False, repr=False)

    def find(self, path: str) -> Entry | Lost:
        """Return the entry at a path, through symbolic links, with its real path."""
        if path.startswith("/"):
            return Lost("it lies outside the repository")
        self._look(path)
        pending, links = path.split("/")[::-1], 0
        at = Entry(path="", mode=FOLDER, object=self.object)
        while pending:
            part = pending.pop()
            if part in {"", "."}:
                continue
            if part == "..":
                if not at.path:
                    return Lost("it lies outside the repository")
                at = self._folder(posixpath.dirname(at.path))
                continue
            entry = self._entry(posixpath.join(at.path, part))
            if entry is None:
                return Lost()
            if entry.mode == SUBMODULE:
                return Lost("it is a submodule, or in one")
            if entry.mode != LINK:
                at = entry
                continue
            links += 1
            target = self._target(entry)
            if target is None or target.startswith("/") or links > _MOST_LINKS:
                return Lost("a symbolic link leads out of the repository, or in a circle")
            pending += target.split("/")[::-1]
        return at

    def read(self, path: str, name: str) -> Outcome[SourceFile | None]:
        """The text at a path, None where there is nothing or something other than text."""
        entry = self.find(path)
        if isinstance(entry, Lost) or entry.mode == FOLDER:
            why = entry.why if isinstance(entry, Lost) else "it is a folder"
            return Outcome(None, (not_in_revision(name, why),) if why else ())
        return _text(self.repository.contents([entry.object]).get(entry.object), name)

    def has_file_named(self, pattern: str) -> bool:
        """Return whether the name of a file anywhere in the tree matches a pattern."""
        files = self.repository.entries(self.object, [""], below=True)
        return any(fnmatchcase(file.path, pattern) for file in files)

    def _look(self, path: str) -> None:
        """Ask once for everything on the way to a path."""
        parts = path.split("/")
        if not {"", ".", ".."}.isdisjoint(parts):  # Git would make another path of it.
            return
        ways = ["/".join(parts[: number + 1]) for number in range(len(parts))]
        if any(way not in self._known for way in ways):
            self._known.update(dict.fromkeys(ways))
            for entry in self.repository.entries(self.object, ways):
                self._known[entry.path] = entry

    def _entry(self, path: str) -> Entry | None:
        if path not in self._known:
            self._known[path] = None
            for entry in self.repository.entries(self.object, [path]):
                self._known[entry.path] = entry
        return self._known[path]

    def _folder(self, path: str) -> Entry:
        return (self._entry(path) if path else None) or Entry(
            path="", mode=FOLDER, object=self.object
        )

    def _target(self, link: Entry) -> str | None:
        data = self.repository.contents([link.object]).get(link.object)
        return None if data is None else data.decode("utf-8", "surrogateescape")


def gather_committed(
    tree: CommittedTree, arguments: Sequence[str], root: str, *, beside: Sequence[str] = ()
) -> Outcome[Sources]:
    """Find and read the sources of a revision.

    Args:
        tree: the revision's tree.
        arguments: folders and files, by their paths in it.
        root: the project's folder in it, from which files are called.
        beside: the same for what is given beside the sources, which are manifests.

    Returns:
        What could be read, and a finding for each thing that could not.
    """
    walk = _Walk(tree, root)
    for argument in arguments:
        walk.take(argument)
    own = len(walk.places)
    walk.only_manifests = True
    for argument in beside:
        walk.take(argument)
    wanted = (*walk.places.values(), *(place for _, files in walk.passed for place in files))
    contents = tree.repository.contents([place.object for place in wanted])
    taken = {place.object for place in walk.places.values()}
    for name, files in walk.passed:
        left = (place for place in files if place.object not in taken)
        walk.found += passed_over(name, (contents.get(place.object) or b"" for place in left))
    read: list[ReadFile] = []
    for place in walk.places.values():
        text = _text(contents.get(place.object), place.name)
        walk.found += text.diagnostics
        if text.value is not None:
            read.append(ReadFile(text.value, place.kind, place.folder, place.named))
    kept = without_unbuilt(read, walk.found)
    only_beside = frozenset(place.name for place in list(walk.places.values())[own:])
    sources = replace(sorted_out(kept), beside=only_beside)
    return Outcome(sources, (*walk.found, *not_manifests(sources)))


def not_in_revision(name: str, why: str) -> Diagnostic:
    """The finding that something cannot be read in a revision."""
    return Diagnostic(
        rule=NOT_IN_REVISION,
        message=f"`{name}` cannot be read in this revision: {why}",
        label=Label(SourceFile(name, "").whole()),
        help="check both sides out, `git worktree add ../old REVISION`, and compare the folders",
    )


@frozen(kw_only=True)
class _Place:
    """A file to read: its object, what to call it, what it holds, its folder below its source.

    `named` says that the user named the file itself, and not a folder that it is in.
    """

    object: str
    name: str
    kind: str
    folder: str = ""
    named: bool = False


@dataclass(slots=True)
class _Walk:
    """Finds files, each once, by their real paths.

    `passed` has the manifests of each folder that has intents too, by its name.
    """

    tree: CommittedTree
    root: str
    places: dict[str, _Place] = field(default_factory=dict)
    found: list[Diagnostic] = field(default_factory=list)
    passed: list[tuple[str, list[_Place]]] = field(default_factory=list)
    only_manifests: bool = False

    def take(self, path: str) -> None:
        """Take a source."""
        clean = posixpath.normpath(path) if path else ""
        name, kind = self._name(clean), KINDS.get(posixpath.splitext(clean)[1])
        entry = self.tree.find(path)
        if isinstance(entry, Lost):
            self.found.append(
                not_in_revision(name, entry.why) if entry.why else self._missing(clean, name)
            )
        elif kind is not None and entry.mode == FOLDER:
            self.found.append(not_in_revision(name, "it is a folder"))
        elif kind is not None and not (self.only_manifests and kind == "intents"):
            place = _Place(object=entry.object, name=name, kind=kind, named=True)
            self.places.setdefault(entry.path, place)
        elif entry.mode == FOLDER:
            self._folder(entry.path, name)
        else:
            self.found.append(unknown_source(name))

    def _missing(self, path: str, name: str) -> Diagnostic:
        """The finding that there is nothing at a path, with the nearest name that is there."""
        above, own = posixpath.split(path)
        listed = self.tree.repository.entries(self.tree.object, [f"{above}/" if above else ""])
        near = nearest(own, [posixpath.basename(entry.path) for entry in listed])
        guess = f"did you mean `{visible(posixpath.join(above, near))}`?" if near else ""
        return Diagnostic(
            rule=NO_SUCH_SOURCE,
            message=f"there is no `{name}` in this revision",
            label=Label(SourceFile(name, "").whole()),
            help=guess or "name a revision and a folder that is in it: `main:intents`",
        )

    def _folder(self, top: str, name: str) -> None:
        before = len(self.found)
        files = self._below(top, name)
        intents = {path: place for path, place in files.items() if place.kind == "intents"}
        if self.only_manifests:
            files, intents = {path: files[path] for path in files if path not in intents}, {}
        if intents:
            self.passed.append((name, [files[path] for path in files if path not in intents]))
        for path, place in (intents or files).items():
            self.places.setdefault(path, place)
        if not files and len(self.found) == before:
            self.found.append(nothing_in(name, "manifest" if self.only_manifests else EITHER))

    def _below(self, top: str, name: str) -> Mapping[str, _Place]:
        """The files below a folder by their real paths; links are followed after all else."""
        files: dict[str, _Place] = {}
        pending, seen = [(top, "")], set[str]()
        while pending:
            real, shown = pending.pop(0)
            if real in seen:
                continue
            seen.add(real)
            links: list[tuple[str, Entry]] = []
            for inside, entry in self._listed(real):
                at = posixpath.join(shown, inside)
                called = visible(at if name == "." else f"{name}/{at}")
                if why := _unreadable(inside, entry):
                    self.found.append(not_in_revision(called, why))
                elif entry.mode == LINK:
                    links.append((at, entry))
                elif kind := KINDS.get(posixpath.splitext(at)[1]):
                    files.setdefault(entry.path, _place(entry, called, kind, at))
            pending += self._through(links, name, files)
        return files

    def _listed(self, folder: str) -> Iterator[tuple[str, Entry]]:
        """The files below a folder by relative path, without hidden files and folders."""
        start = len(folder) + 1 if folder else 0
        for entry in self.tree.repository.entries(self.tree.object, [folder], below=True):
            inside = entry.path[start:]
            if not inside.startswith(".") and "/." not in inside:
                yield inside, entry

    def _through(
        self, links: list[tuple[str, Entry]], name: str, files: dict[str, _Place]
    ) -> Iterator[tuple[str, str]]:
        """The folders that links lead to; what files they lead to is added to the files."""
        for at, link in links:
            called = visible(at if name == "." else f"{name}/{at}")
            kind = KINDS.get(posixpath.splitext(at)[1])
            entry = self.tree.find(link.path)
            if isinstance(entry, Lost):
                if entry.why or kind:
                    why = entry.why or "it is a symbolic link that leads nowhere"
                    self.found.append(not_in_revision(called, why))
            elif entry.mode == FOLDER:
                yield entry.path, at
            elif kind:
                files.setdefault(entry.path, _place(entry, called, kind, at))

    def _name(self, path: str) -> str:
        """The display name of a path, as `display_name` gives it on disk."""
        if path == self.root:
            return "."
        if not self.root or path.startswith(self.root + "/"):
            return visible(path.removeprefix(self.root).removeprefix("/")) or "."
        return visible(posixpath.relpath(f"/{path}", f"/{self.root}"))


def _place(entry: Entry, called: str, kind: str, at: str) -> _Place:
    return _Place(object=entry.object, name=called, kind=kind, folder=posixpath.dirname(at))


def _unreadable(inside: str, entry: Entry) -> str:
    """The reason why an entry below a folder cannot be read; empty where it can."""
    if entry.mode == SUBMODULE:
        return "it is a submodule"
    if not is_text(inside):
        return "its name is not UTF-8"
    if any(folder.endswith(".intent") for folder in inside.split("/")[:-1]):
        return "its folder is named like an intent file"
    return ""


def _text(data: bytes | None, name: str) -> Outcome[SourceFile | None]:
    if data is None:
        why = "its content is not in this clone, which was made with `--filter`"
        return Outcome(None, (not_in_revision(name, why),))
    if _POINTER.match(data):
        why = "it is a pointer of Git LFS, and what it points to is not in the repository"
        return Outcome(None, (not_in_revision(name, why),))
    return decode(data, name)
