"""The files that a command is about, their names, and what can be wrong with the arguments that name them.

A file has a name that does not tell where the checkout lies, because names end up in the manifests.
"""

import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import field, replace
from pathlib import Path

from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.diagnostics.render.escape import visible
from netpolc.diagnostics.spelling import nearest
from netpolc.io.checkout import is_checkout
from netpolc.manifest.manifest_set import Manifests
from netpolc.source import SourceFile
from netpolc.values import frozen

NO_SUCH_SOURCE = Rule(code="NP701", name="no-such-source", severity=Severity.ERROR)
UNKNOWN_SOURCE = Rule(code="NP704", name="unknown-kind-of-source", severity=Severity.ERROR)
NO_INTENTS = Rule(code="NP705", name="no-intents", severity=Severity.ERROR)

STDIN = "<stdin>"
DID_YOU_MEAN = "did you mean"
KINDS = {".intent": "intents", ".json": "policies", ".yaml": "manifests", ".yml": "manifests"}
"""The kind of a file by the ending of its name; the text of a JSON file can decide otherwise."""
_URLS = ("http:/", "https:/")
"""The beginnings of URLs in paths, where two slashes are as good as one."""
_LOGS = (".csv", ".gz", ".jsonl", ".log", ".ndjson")
_FLOW = re.compile(r'\s*\{(?=[^\n]*"verdict")(?=[^\n]*"(?:IP|l4)")')


@frozen(kw_only=True)
class Sources:
    """The files that were read: intents, IR files and manifests, each in the order of their names.

    `folders` says for each intent file in which folder below its source it lies, with
    forward slashes, empty for the source's own. `counted` are manifests that came as values
    and not as files; they are in the cluster already, by any author. `places` says where a
    file is; what came from standard input or out of a revision has no place.
    `beside` has the paths of files that were only given beside the sources.
    """

    intents: tuple[SourceFile, ...] = ()
    policies: tuple[SourceFile, ...] = ()
    manifests: tuple[SourceFile, ...] = ()
    folders: Mapping[str, str] = field(default_factory=dict)
    counted: tuple[Manifests, ...] = ()
    places: Mapping[SourceFile, str] = field(default_factory=dict)
    beside: frozenset[str] = frozenset()

    @property
    def files(self) -> tuple[SourceFile, ...]:
        """All files."""
        return (*self.intents, *self.policies, *self.manifests)


def with_known(sources: Sources, known: Mapping[str, SourceFile]) -> Sources:
    """Return sources with those files of before, by path, that have not changed.

    What is remembered of a file is found again by its identity.
    """
    same = {file: file for file in sources.files}
    for file in same:
        before = known.get(file.path)
        if before is not None and before.text == file.text:
            same[file] = before
    return replace(
        sources,
        intents=tuple(same[file] for file in sources.intents),
        policies=tuple(same[file] for file in sources.policies),
        manifests=tuple(same[file] for file in sources.manifests),
        places={same.get(file, file): place for file, place in sources.places.items()},
    )


def display_name(path: str, root: Path) -> str:
    """Return the name of a source, which manifests repeat: its path from the project's folder.

    A source outside has a path with `../`, if both are in one git checkout, or in none and near each
    other; else its last part, because where things are on a machine is nobody's business. Slashes
    are forward ones, and nothing in it is a control character.
    """
    return relative_name(path, root) or visible(Path(os.path.abspath(path)).name or "/")  # noqa: PTH100


def path_name(path: str, root: Path) -> str:
    """Return the path from the project's folder, or the whole path: for what manifests do not repeat."""
    return relative_name(path, root) or visible(os.path.abspath(path))  # noqa: PTH100 - as above


def relative_name(path: str, root: Path) -> str | None:
    """Return the path from the project's folder; None where the way there is one of this machine."""
    absolute = os.path.abspath(path)  # noqa: PTH100 - `resolve` would follow links
    ways = [(str(root), absolute)]
    with suppress(ValueError):  # A path with a NUL in it, which the finding will tell.
        ways.append((os.path.realpath(root), os.path.realpath(absolute)))
    for base, inside in ways:
        if _is_below(inside, base):
            return visible(Path(os.path.relpath(inside, base)).as_posix())
    for base, outside in ways:
        if _is_below(outside, _neighbourhood(base)):
            return visible(Path(os.path.relpath(outside, base)).as_posix())
    return None


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _neighbourhood(root: str) -> str:
    """Return the git checkout that a folder is in; without one, the folder above it."""
    for folder in (Path(root), *Path(root).parents):
        if is_checkout(folder):
            return str(folder)
    above = str(Path(root).parent)
    return root if above == os.sep else above


def unknown_source(name: str) -> Diagnostic:
    """The finding that a file's name does not tell what is in it."""
    help_text = "sources are folders, and files in `.intent`, `.json`, `.yaml` or `.yml`"
    if name.endswith(_LOGS):
        help_text += f"; if it is a flow log, run `netpolc learn {name}`"
    elif name.rpartition("/")[2] == "netpolc.toml":
        help_text = "leave it out: commands find netpolc.toml from its folder and those below"
    return Diagnostic(
        rule=UNKNOWN_SOURCE,
        message=f"cannot tell the file type of `{name}` from its name",
        label=Label(SourceFile(name, "").whole()),
        help=help_text,
    )


def is_flow_log(text: str) -> bool:
    """Whether JSON begins with a flow, as Hubble writes it."""
    return _FLOW.match(text) is not None


def flow_log(name: str) -> Diagnostic:
    """The finding that a file is a log of flows."""
    return Diagnostic(
        rule=UNKNOWN_SOURCE,
        message=f"`{name}` is a flow log, not a source",
        label=Label(SourceFile(name, "").whole()),
        help=f"run `netpolc learn {'-' if name == STDIN else name}`",
    )


def no_such_source(path: Path, name: str, root: Path) -> Diagnostic:
    """The finding that there is nothing at a path, with the nearest name that is there."""
    try:
        siblings = sorted(entry.name for entry in path.parent.iterdir())
    except (OSError, ValueError):
        siblings = []
    near = nearest(path.name, siblings)
    guess = f"{DID_YOU_MEAN} `{path_name(str(path.parent / near), root)}`?" if near else ""
    begin = _above(path, root) if path.name == "intents" else ""
    if name.startswith(_URLS):
        guess = "URLs are not read: pipe the text to standard input and give `-`"
    elif "*" in path.name:
        guess = "name the folder, or write the pattern without quotes, so that the shell expands it"
    return Diagnostic(
        rule=NO_SUCH_SOURCE,
        message=f"there is no `{name}`",
        label=Label(SourceFile(name, "").whole()),
        help=guess or f"name a folder or file that is there{begin}",
    )


def _above(path: Path, root: Path) -> str:
    """The advice if the usual folder is missing: a folder above may have it."""
    for folder in (root / path).parent.parents:
        if os.path.isdir(folder / path.name):  # noqa: PTH112 - `Path.is_dir` raises PermissionError
            there = visible(os.path.relpath(folder / path.name, root).replace(os.sep, "/"))
            return f", such as `{there}`; a netpolc.toml beside it is found from below"
    return "; `netpolc new`, `netpolc init` and `netpolc import` begin intents"


def nothing_to_compile(sources: Sources) -> tuple[Diagnostic, ...]:
    """The finding that there are manifests alone among the sources of a compile."""
    if sources.intents or sources.policies or not sources.manifests:
        return ()
    return (
        replace(
            nothing_in(_common_folder(sources.manifests), "intent"),
            help="`netpolc import` writes intents from policies, and `netpolc init` from workloads",
        ),
    )


def nothing_to_format(sources: Sources, named: Collection[str]) -> Iterator[Diagnostic]:
    """Yield a finding for each file that holds no intents and was named for a formatter.

    Files in folders count only where there are no intents at all. `named` are the paths that the user gave.
    """
    others = (*sources.policies, *sources.manifests)
    files = [file for file in others if sources.places.get(file) in named]
    if not files and others and not sources.intents:
        yield _without_intents(_common_folder(others))
    for file in files:
        yield _without_intents(file.path)


def _without_intents(name: str) -> Diagnostic:
    help_text = "`netpolc fmt` formats intents, in files whose names end in `.intent`"
    return replace(nothing_in(name, "intent"), help=help_text)


def _common_folder(files: Sequence[SourceFile]) -> str:
    """Return the only file, or the folder that all of them are in."""
    if len(files) == 1:
        return files[0].path
    try:
        return os.path.commonpath([file.path for file in files]) or "."
    except ValueError:  # Paths from the root, and from the working folder.
        return files[0].path


def nothing_came(sources: Sources) -> tuple[Diagnostic, ...]:
    """Return a finding for each empty source, if standard input is empty or no source has any text.

    An empty file or pipe is what a failed command leaves. To compile it would remove every
    manifest, and to check it would call all of it good.
    """
    given = [file for file in sources.files if file.path not in sources.beside]
    empty = [file for file in given if not file.text.strip()]
    return tuple(
        nothing_in(file.path, "intent and no manifest")
        for file in empty
        if file.path == STDIN or len(empty) == len(given)
    )


def nothing_in(name: str, wanted: str) -> Diagnostic:
    """The finding that a source has none of the files that a command reads."""
    return Diagnostic(
        rule=NO_INTENTS,
        message=f"there is no {wanted} in `{name}`",
        label=Label(SourceFile(name, "").whole()),
        help="name the folders or files that have it",
    )
