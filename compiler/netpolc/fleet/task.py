"""The work on one cluster, as a value that can be sent to another process.

A task holds the texts of its files, so a worker needs no file system in common with the client. Its
key is a digest of all that decides about the answer: clusters with equal inputs have equal keys.
"""

import pickle
from collections.abc import Iterator
from enum import Enum
from hashlib import blake2b
from typing import TypeAlias

from netpolc.commands.diff import ReadSide
from netpolc.diagnostics import Severity
from netpolc.io.sources import Sources
from netpolc.manifest.rollout_stages import OtherHalf
from netpolc.values import frozen
from netpolc.version import __version__

_END = b"\n"
"""What ends the version in a packed task."""


class Work(Enum):
    """The work on a cluster's sources."""

    COMPILE = "compile"
    CHECK = "check"
    LIST = "list"
    DIFF = "diff"


@frozen(kw_only=True)
class Task:
    """Work on the sources of a cluster; a comparison has two sides.

    `build` is the version of netpolc that asks, which a worker must have too.
    """

    work: Work
    sides: tuple[ReadSide, ...]
    build: str = __version__

    @property
    def packed(self) -> bytes:
        """The task as bytes, which a scheduler passes on as they are and need not understand."""
        return self.build.encode() + _END + pickle.dumps(self, pickle.HIGHEST_PROTOCOL)

    @property
    def key(self) -> str:
        """The digest of everything in the task."""
        parts = [part.encode(errors="surrogatepass") for part in self._parts()]
        # The lengths tell where each part ends.
        digest = blake2b(repr([*map(len, parts)]).encode(), digest_size=20)
        digest.update(b"".join(parts))
        return digest.hexdigest()

    def _parts(self) -> Iterator[str]:
        yield from (self.work.value, self.build)
        for side in self.sides:
            yield from (side.name, repr(side.options), repr(side.before))
            yield from _parts_of(side.sources)


def build_of(packed: bytes) -> str:
    """Return the version of netpolc that packed a task; another one may not understand the rest."""
    return packed.partition(_END)[0].decode()


def unpacked(packed: bytes) -> Task:
    """Return a task from bytes."""
    content = packed.partition(_END)[2]
    task = pickle.loads(content)  # noqa: S301 - an engine's own workers trust its client
    assert isinstance(task, Task)
    return task


def _parts_of(sources: Sources) -> Iterator[str]:
    """The texts that tell two sets of sources apart; where the files are does not matter."""
    for kind in ("intents", "policies", "manifests"):
        for file in getattr(sources, kind):
            beside = "beside" if file.path in sources.beside else ""
            yield from (kind, file.path, beside, sources.folders.get(file.path, ""), file.text)


@frozen
class Line:
    """A finding, a row or a change as it is printed, and how bad it is."""

    text: str
    severity: Severity = Severity.NOTE
    code: str = ""


class Verdict(Enum):
    """The verdict on an assertion."""

    HOLDS = "holds"
    FAILS = "does not hold"
    UNDECIDED = "is undecided"
    CONTRADICTED = "is contradicted by a statement"
    VACUOUS = "is vacuous"
    ABOUT_UNKNOWN_PODS = "is about unknown pods"
    NOT_PROVED = "was not proved because of errors"


@frozen(kw_only=True)
class Claim:
    """An assertion, its place, and its verdict; `why` has the counterexample."""

    text: str
    place: str
    verdict: Verdict
    why: str = ""


@frozen(kw_only=True)
class Answer:
    """The answer of a worker about a cluster.

    `lines` are the rows or changes that were asked for, `fails_on` the values of `--fail-on` that
    name one of the changes, `files` the texts of the output, and
    `other` what of the output folder belongs to another stage.
    """

    findings: tuple[Line, ...] = ()
    lines: tuple[Line, ...] = ()
    fails_on: frozenset[str] = frozenset()
    claims: tuple[Claim, ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    other: OtherHalf | None = None

    @property
    def failed(self) -> bool:
        """Whether there is an error among the findings."""
        return any(line.severity is Severity.ERROR for line in self.findings)


@frozen
class Failure:
    """The reason why there is no answer about a cluster."""

    why: str


Result: TypeAlias = Answer | Failure
