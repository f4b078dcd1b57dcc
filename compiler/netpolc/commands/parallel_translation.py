"""Namespaces translated by several processes, while the first one judges what they mean.

From normalised policies to the text of manifests each namespace goes its own way: it is emitted, proved
and written. That is a third of a run. What a process returns is text and numbers; a namespace that it has a finding
about, or any trouble with, is left to the first process, which reports it as ever.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TypeAlias

from netpolc.commands.translation_validation import validate
from netpolc.io.forked_workers import MOST_PIECES, ForkedWorkers, forked_workers
from netpolc.io.project import Options
from netpolc.ir.model import Policies, PolicySet
from netpolc.manifest.output_layout import arrange
from netpolc.manifest.rollout_stages import annotated
from netpolc.passes.emit import Stamp, emit
from netpolc.values import frozen
from netpolc.yaml.quote_scalar import MiswrittenError

_PIECES = 6
"""For each process: few enough that words repeat in a piece, enough that all end at about the same time."""
_Piece: TypeAlias = tuple[dict[str, str], dict[str, int]] | None


@frozen
class Translated:
    """The translated manifests, and the policies left for the serial way because of findings.

    `files` are texts by path; `counts` the number of manifests of each namespace.
    """

    files: Mapping[str, str]
    counts: Mapping[str, int]
    left: Policies


class ParallelTranslation:
    """A translation that is under way."""

    def __init__(self, pieces: list[Policies], workers: ForkedWorkers) -> None:
        self._pieces = pieces
        self._workers = workers

    def finish(self) -> Translated:
        """Take part, wait for the others, and return what all have translated."""
        results = self._workers.results()
        files: dict[str, str] = {}
        counts: dict[str, int] = {}
        left: dict[str, PolicySet] = {}
        for number, piece in enumerate(self._pieces):
            result: _Piece = results.get(number)
            if result is None:
                left |= piece.namespaces
            else:
                files |= result[0]
                counts |= result[1]
        return Translated(files, counts, Policies(left))


@contextmanager
def parallel_translation(
    policies: Policies, options: Options, folders: Mapping[str, str], processes: int
) -> Iterator[ParallelTranslation]:
    """Begin to translate normalised policies in `processes` processes, of which this is the first."""
    pieces = _pieces(policies, min(_PIECES * processes, MOST_PIECES))

    def translated(number: int) -> _Piece:
        return _translated(pieces[number], options, folders)

    with forked_workers(translated, len(pieces), processes - 1) as workers:
        yield ParallelTranslation(pieces, workers)


def _translated(piece: Policies, options: Options, folders: Mapping[str, str]) -> _Piece:
    """Return the files and the number of manifests of each namespace; None where a finding is due."""
    emitted = emit(piece, stamp=Stamp(labels=options.labels, annotations=options.annotations))
    if emitted.diagnostics or validate(piece, emitted.value):
        return None
    counts = dict(Counter(f"{policy.namespace}" for policy in emitted.value))
    if options.checking:  # Nobody will look at the texts.
        return {}, counts
    try:
        return arrange(annotated(emitted.value, options.stages), options.layout, folders), counts
    except MiswrittenError:
        return None


def _pieces(policies: Policies, number: int) -> list[Policies]:
    """Cut policies into about so many pieces of about as many subjects each."""
    size = sum(len(namespace.subjects) for namespace in policies.namespaces.values()) // number + 1
    pieces: list[Policies] = []
    part: dict[str, PolicySet] = {}
    weight = 0
    for name, policy_set in policies.namespaces.items():
        part[name] = policy_set
        weight += len(policy_set.subjects)
        if weight >= size:
            pieces.append(Policies(part))
            part, weight = {}, 0
    return [*pieces, Policies(part)] if part else pieces
