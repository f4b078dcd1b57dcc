"""Revisions of git as sources: what was meant then, beside what is meant now.

`REV`, `A..B`, `A...B` and `REV:path` mean what they mean to git (gitrevisions(7), git-diff(1)).
A revision is read as a compile of it would read it: its own netpolc.toml says which its sources
are. What a clone does not have is an error that says how to get it; a guess at the history would
compare with the wrong thing.
"""

import posixpath
import re
from functools import lru_cache
from pathlib import Path, PurePosixPath

from netpolc.diagnostics import Diagnostic, Label, Outcome, Rule, Severity
from netpolc.diagnostics.diagnostic import has_errors
from netpolc.diagnostics.render.escape import visible
from netpolc.diagnostics.spelling import nearest
from netpolc.io.config import FILE_NAME, SOURCES, Config, parse_config
from netpolc.io.fleet_config import FLEET_FILE, fleet_config
from netpolc.io.git import FOLDER, Entry, Repository
from netpolc.io.git_tree_sources import CommittedTree, Lost, gather_committed
from netpolc.io.project import Options, Request, in_output, settled
from netpolc.io.sources import Sources
from netpolc.source import SourceFile
from netpolc.values import frozen

UNKNOWN_REVISION = Rule(code="NP785", name="unknown-revision", severity=Severity.ERROR)
MISSING_HISTORY = Rule(code="NP786", name="missing-history", severity=Severity.ERROR)

HEAD = "HEAD"
_BRACES = re.compile(r"\{[^}]*\}")
_START = re.compile(r"[~^]")
_DOTS = re.compile(r"\.\.\.?")


@frozen(kw_only=True)
class Revision:
    """A revision: what the user calls it, its tree, and in it the one source that is meant.

    `path` is None where the revision's netpolc.toml says which its sources are.
    """

    name: str
    tree: CommittedTree
    path: str | None = None


def is_revision(repository: Repository, text: str) -> bool:
    """Whether git knows a revision, or a range of revisions, by that name."""
    parts = _range(text)
    names = (_split(text)[0],) if parts is None else (parts[0], parts[2])
    return all(_tree(repository, name or HEAD) is not None for name in names)


def revisions(repository: Repository, text: str) -> Outcome[tuple[Revision, ...]]:
    """The revision that a text means, or the two of a range; none, with the finding, for nothing."""
    parts = _range(text)
    if parts is None:
        return _single(repository, text)
    old, dots, new = parts[0] or HEAD, parts[1], parts[2] or HEAD
    both = _single(repository, old), _single(repository, new)
    findings = tuple(finding for outcome in both for finding in outcome.diagnostics)
    if findings or dots == "..":
        return Outcome(both[0].value + both[1].value if not findings else (), findings)
    base = _merge_base(repository, old, new)
    if not isinstance(base, str):
        return Outcome((), (base,))
    first = _single(repository, base).value[0]
    name = f"the merge base {base[:12]} of {visible(old)} and {visible(new)}"
    return Outcome((Revision(name=name, tree=first.tree), *both[1].value))


def read_revision(revision: Revision, request: Request) -> Outcome[tuple[Sources, Options]]:
    """Read the sources of a revision.

    Args:
        revision: which.
        request: what was asked for; its sources and its output do not matter.

    Returns:
        The sources and how to compile them, with findings about netpolc.toml and about what could
        not be read.
    """
    whole, findings = _config(revision.tree, fleet=request.fleet is not None)
    chosen = in_output(whole, request, only_beside=revision.path is not None)
    config, findings = chosen.value, (*findings, *chosen.diagnostics)
    root = config.folder.as_posix().removeprefix(".")
    options = settled(request, config)
    if has_errors(findings):
        return Outcome((Sources(), options), findings)
    if revision.path is None:
        paths = [posixpath.join(root, some) for some in config.sources or (SOURCES,)]
    else:
        paths = [revision.path]
    beside = [posixpath.join(root, some) for some in config.beside if revision.path is None]
    sources = gather_committed(revision.tree, paths, root, beside=beside)
    return Outcome((sources.value, options), (*findings, *sources.diagnostics))


def output_names_of(revision: Revision, *, fleet: bool = False) -> tuple[str, ...]:
    """Return the names of the outputs that a revision's netpolc.toml, or fleet.toml, describes."""
    return tuple(_config(revision.tree, fleet=fleet)[0].outputs)


def fleet_settings_of(revision: Revision) -> Outcome[Config]:
    """Return the settings of a revision with its clusters as outputs."""
    return Outcome(*_config(revision.tree, fleet=True))


def has_no_intents(revision: Revision, *, fleet: bool = False) -> bool:
    """Return whether a revision is from before the first intents: there is not one in its tree."""
    config, findings = _config(revision.tree, fleet=fleet)
    if findings or revision.path is not None:
        return False
    for output in config.outputs.values() or (config,):
        for path in output.sources or (SOURCES,):
            if not isinstance(revision.tree.find((config.folder / path).as_posix()), Lost):
                return False
    return not revision.tree.has_file_named("*.intent")


def _single(repository: Repository, text: str) -> Outcome[tuple[Revision, ...]]:
    name, path = _split(text)
    tree = _tree(repository, name)
    if tree is None:
        return Outcome((), (_unknown(repository, name, text),))
    if (path is not None and path.startswith(("./", "../"))) or path in {".", ".."}:
        # By its text, as git does it: the working folder need not be in the revision.
        path = posixpath.normpath(repository.prefix + path)
    return Outcome((Revision(name=visible(text), tree=CommittedTree(repository, tree), path=path),))


def _range(text: str) -> tuple[str, str, str] | None:
    """The two ends of a range and its dots; `HEAD^{/a..b}` is none."""
    match = _DOTS.search(_BRACES.sub(_blank, text))
    if match is None or ":" in text[: match.start()]:
        return None
    return text[: match.start()], match.group(), text[match.end() :]


def _split(text: str) -> tuple[str, str | None]:
    """A revision's name, and the path after its colon."""
    colon = _BRACES.sub(_blank, text).find(":")
    return (text, None) if colon == -1 else (text[:colon], text[colon + 1 :])


def _blank(match: re.Match[str]) -> str:
    return " " * len(match.group())


def _tree(repository: Repository, name: str) -> str | None:
    # An open brace would swallow what is put after it.
    if not name or name.count("{") != name.count("}"):
        return None
    return repository.object_named(f"{name}^{{tree}}")


def _merge_base(repository: Repository, old: str, new: str) -> str | Diagnostic:
    """The commit at which two revisions parted, or the finding that it is not known."""
    ends = [repository.object_named(f"{name}^{{commit}}") for name in (old, new)]
    first, second = ends
    base = None if first is None or second is None else repository.merge_base(first, second)
    shallow = repository.is_shallow()
    if base is not None and not (
        shallow and repository.is_cut_between(base, first or "", second or "")
    ):
        return base
    known = "this clone is shallow, and that part of the history is not in it"
    return Diagnostic(
        rule=MISSING_HISTORY,
        message=f"the merge base of `{visible(old)}` and `{visible(new)}` is not known",
        label=Label(
            SourceFile(visible(f"{old}...{new}"), "").whole(),
            known if shallow else "they have no commit in common",
        ),
        help="`git fetch --unshallow` gets the whole history" if shallow else "",
    )


def _unknown(repository: Repository, name: str, text: str) -> Diagnostic:
    if name == HEAD:
        message, hint = "there is no commit yet", "commit first, or name two sources to compare"
    else:
        message, hint = f"there is no path and no revision `{visible(name or text)}`", ""
        branches = repository.branches()
        remote = next((branch for branch in branches if branch.endswith(f"/{name}")), None)
        near = remote or nearest(name, [*branches, *_files(repository)])
        if text.startswith(":"):
            hint = "the index is not compared: commit first, or compare with the working tree"
        elif near:
            hint = f"did you mean `{visible(near)}`?"
        elif repository.is_shallow():
            hint = "this clone is shallow: `git fetch --unshallow` gets the whole history"
        elif _tree(repository, start := _START.split(name or text)[0]) is not None:
            hint = f"`{visible(start)}` exists, but this is not part of its history"
        else:
            hint = "name a path that is there, or a revision that `git log` knows"
    return Diagnostic(
        rule=UNKNOWN_REVISION,
        message=message,
        label=Label(SourceFile(visible(text), "").whole()),
        help=hint,
    )


def _files(repository: Repository) -> list[str]:
    try:
        return [path.name for path in repository.folder.iterdir()]
    except OSError:
        return []


@lru_cache(maxsize=8)  # Each of many clusters asks.
def _config(tree: CommittedTree, *, fleet: bool = False) -> tuple[Config, tuple[Diagnostic, ...]]:
    config, findings = _own_config(tree)
    if not fleet:
        return config, findings
    read = tree.read((config.folder / FLEET_FILE).as_posix(), FLEET_FILE)
    if read.value is None:
        return config, (*findings, *read.diagnostics)

    def folders(parent: str) -> list[str]:
        path = (config.folder / parent).as_posix()
        entries = tree.repository.entries(tree.object, [f"{path}/"])
        return [
            posixpath.basename(entry.path)
            for entry in entries
            if entry.mode == FOLDER and posixpath.dirname(entry.path) == path
        ]

    clusters = fleet_config(config, read.value, folders)
    return clusters.value, (*findings, *clusters.diagnostics)


def _own_config(tree: CommittedTree) -> tuple[Config, tuple[Diagnostic, ...]]:
    """The settings of the revision's netpolc.toml, found as `find_config` finds it on disk."""
    here = PurePosixPath(tree.repository.prefix)
    for folder in (here, *here.parents):
        read = tree.read((folder / FILE_NAME).as_posix(), FILE_NAME)
        if read.value is not None:
            loaded = parse_config(read.value, Path(folder))
            return loaded.value, loaded.diagnostics
        if read.diagnostics:
            return Config(folder=Path(folder)), read.diagnostics
    for folder in (here, *here.parents):
        entry = tree.find((folder / SOURCES).as_posix())
        if isinstance(entry, Entry) and entry.mode == FOLDER:
            return Config(folder=Path(folder)), ()
    return Config(folder=Path(here)), ()
