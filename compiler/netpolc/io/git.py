"""Read revisions from git without changing anything.

A review must not disturb the one who reviews: the working tree, the index and the refs stay
as they are, no lock is taken, nothing is fetched. So git's plumbing is asked, which neither
refreshes an index nor runs a hook or a filter, by a list of arguments and never through a
shell, and nothing of the user's is ever taken for an option.

All paths are those of git: from the top of the tree, with forward slashes.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from netpolc.diagnostics import Diagnostic, Label, Outcome, Rule, Severity
from netpolc.diagnostics.render.escape import visible
from netpolc.io.checkout import is_checkout
from netpolc.io.read_file import reason
from netpolc.source import SourceFile
from netpolc.values import frozen

NO_REPOSITORY = Rule(code="NP783", name="no-repository", severity=Severity.ERROR)

FOLDER, LINK, SUBMODULE = "040000", "120000", "160000"
"""The modes of tree entries that are not files (https://git-scm.com/docs/git-fast-import)."""

_NO_HARM = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
_NO_PROGRAMS = ("-c", "core.fsmonitor=false")
"""An expression such as `:0:PATH` reads the index, for which git runs a configured fsmonitor."""


class GitFailedError(Exception):
    """Git could not answer; the text says why."""

    def __init__(self, command: str, why: str) -> None:
        super().__init__(f"git {command}: {why}")


@frozen(kw_only=True)
class Entry:
    """An entry of a tree: its path, mode and object name."""

    path: str
    mode: str
    object: str


@frozen(kw_only=True)
class Repository:
    """The repository of a folder, and what is asked of it.

    `prefix` is the folder's path in it, empty or ending in `/`. Where git fails,
    GitFailedError says why: half an answer would be taken for the whole.
    """

    program: str
    folder: Path
    prefix: str

    def object_named(self, expression: str) -> str | None:
        """The name of the object that an expression means (gitrevisions(7)); None for nothing."""
        if expression.startswith("-") or "\0" in expression:
            return None
        done = self._git("rev-parse", "--verify", "--end-of-options", expression)
        name = done.stdout.decode("ascii").strip()
        # What is excluded (`^main`) has a name too, which is that of no object.
        return name if done.returncode == 0 and name.isalnum() else None

    def merge_base(self, first: str, second: str) -> str | None:
        """The best common ancestor of two commits, given by their objects' names."""
        done = self._git("merge-base", first, second)
        return done.stdout.decode("ascii").split()[0] if done.returncode == 0 else None

    def is_bare(self) -> bool:
        """Whether there is no working tree around the folder: only git's own files."""
        if self.prefix or is_checkout(self.folder):
            return False
        return self._answer("rev-parse", "--is-inside-work-tree").strip() != b"true"

    def is_shallow(self) -> bool:
        """Whether the clone has a part of the history only."""
        return self._answer("rev-parse", "--is-shallow-repository").strip() == b"true"

    def is_cut_between(self, base: str, *commits: str) -> bool:
        """Whether history is missing between a commit and its successors."""
        where = self._answer("rev-parse", "--git-path", "shallow")
        try:
            cut = (self.folder / os.fsdecode(where[:-1])).read_text("ascii").split()
        except OSError:
            return False
        after = self._answer("rev-list", *commits, f"^{base}").decode("ascii").split()
        return not set(cut).isdisjoint(after)

    def branches(self) -> list[str]:
        """The names of branches, remote ones too, and tags."""
        listed = self._answer("for-each-ref", "--format=%(refname:short)")
        return listed.decode("utf-8", "replace").split()

    def entries(self, tree: str, paths: Sequence[str], *, below: bool = False) -> list[Entry]:
        """Return the entries at some paths of a tree, or with `below` all files below them.

        An empty path is the tree itself. The order is git's.
        """
        how = ("-r",) if below else ("-t",)
        wanted = () if "" in paths else paths
        return list(
            _entries(self._answer("ls-tree", "-z", "--full-tree", *how, tree, "--", *wanted))
        )

    def contents(self, objects: Sequence[str]) -> dict[str, bytes]:
        """Return the bytes of some objects by name; objects that git does not have are left out."""
        if not objects:
            return {}
        asked = "".join(f"{name}\n" for name in dict.fromkeys(objects))
        return dict(_blobs(self._answer("cat-file", "--batch", "--buffer", given=asked)))

    def blame(self, path: Path) -> str:
        """Return the output of `git blame --porcelain` for a file of the last commit."""
        answer = self._answer("blame", "--porcelain", "--no-textconv", "HEAD", "--", str(path))
        return answer.decode("utf-8", "replace")

    def _answer(self, *arguments: str, given: str = "") -> bytes:
        done = self._git(*arguments, given=given)
        if done.returncode != 0:
            raise GitFailedError(arguments[0], _said(done) or f"it ended with {done.returncode}")
        return done.stdout

    def _git(self, *arguments: str, given: str = "") -> subprocess.CompletedProcess[bytes]:
        return _run(self.program, self.folder, arguments, given)


def repository(folder: Path) -> Outcome[Repository | None]:
    """The git repository that a folder is in; None with the finding that says why there is none."""
    program = shutil.which("git")
    if program is None:
        return _no_repository(folder, "git is not installed")
    try:
        done = _run(program, folder, ("rev-parse", "--show-prefix"), "")
    except OSError as error:
        return _no_repository(folder, f"git cannot be run: {reason(error)}")
    if done.returncode != 0:
        return _no_repository(folder, _said(done) or "git fails here")
    return Outcome(
        Repository(
            program=program, folder=folder, prefix=os.fsdecode(done.stdout.removesuffix(b"\n"))
        )
    )


def _run(
    program: str, folder: Path, arguments: Sequence[str], given: str
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(  # noqa: S603 - a list of arguments, never a shell
        (program, *_NO_PROGRAMS, *arguments),
        cwd=folder,
        env={**os.environ, **_NO_HARM},
        input=given.encode("ascii"),
        capture_output=True,
        check=False,
    )


def _said(done: subprocess.CompletedProcess[bytes]) -> str:
    """The first line of an error message of git."""
    first = done.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
    return visible(first.removeprefix("fatal: "))


def _no_repository(folder: Path, why: str) -> Outcome[Repository | None]:
    finding = Diagnostic(
        rule=NO_REPOSITORY,
        message=f"no revision can be read here: {why}",
        label=Label(SourceFile(visible(folder.name) or "/", "").whole()),
        help="run it inside a git checkout, or name two folders or files to compare",
    )
    return Outcome(None, (finding,))


def _entries(listed: bytes) -> Iterator[Entry]:
    """The entries of `git ls-tree -z`: mode, type, object, a tab, the path."""
    for line in listed.split(b"\0")[:-1]:
        head, _, path = line.partition(b"\t")
        mode, _, name = head.decode("ascii").split(" ")
        yield Entry(path=os.fsdecode(path), mode=mode, object=name)


def _blobs(answer: bytes) -> Iterator[tuple[str, bytes]]:
    """The contents in an answer of `git cat-file --batch`: object, type, size, then the bytes."""
    at = 0
    while at < len(answer):
        end = answer.index(b"\n", at)
        name, _, rest = answer[at:end].decode("ascii").partition(" ")
        at = end + 1
        if rest == "missing":
            continue
        size = int(rest.rpartition(" ")[2])
        yield name, answer[at : at + size]
        at += size + 1
