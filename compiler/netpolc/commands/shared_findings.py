"""The findings of several outputs, each reported once.

Outputs share most of their sources, so most findings come once for each. A finding about a file
that another output reads too, and only there is no such finding, names the outputs that have it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from netpolc.diagnostics import Diagnostic
from netpolc.diagnostics.render import identity
from netpolc.io.sources import Sources
from netpolc.lints.ignore_comments import UNUSED_IGNORE
from netpolc.values import frozen


@frozen
class OutputFindings:
    """The findings of one output, by its name, and the sources that it reads.

    `unused_ignores` are findings about comments that silence nothing in this output.
    """

    name: str
    sources: Sources
    diagnostics: tuple[Diagnostic, ...]
    unused_ignores: tuple[Diagnostic, ...] = ()


@frozen
class SharedFinding:
    """A finding, and the names of the outputs that have it."""

    diagnostic: Diagnostic
    outputs: frozenset[str]


def shared_findings(runs: Sequence[OutputFindings]) -> tuple[SharedFinding, ...]:
    """Return the findings of all outputs, each once.

    A comment that silences nothing is reported only if it is of no use in any output.
    """
    if len(runs) == 1:
        only = frozenset({runs[0].name})
        return tuple(SharedFinding(finding, only) for finding in runs[0].diagnostics)
    return tuple(shared_by_identity(runs).values())


def shared_by_identity(
    runs: Sequence[OutputFindings],
) -> dict[tuple[object, ...], SharedFinding]:
    """Return the findings of all outputs by what makes them the same one in several outputs."""
    distinct: dict[tuple[object, ...], Diagnostic] = {}
    outputs: dict[tuple[object, ...], set[str]] = {}
    for run in runs:
        for diagnostic in (*run.diagnostics, *run.unused_ignores):
            key = identity(diagnostic)
            distinct.setdefault(key, diagnostic)
            outputs.setdefault(key, set()).add(run.name)
    readers = _readers(runs)
    shared = {}
    for key, diagnostic in distinct.items():
        names = outputs[key]
        others = readers.get(diagnostic.label.span.path, set()) - names
        if others and diagnostic.rule is UNUSED_IGNORE:
            continue
        named = _named(diagnostic, [run.name for run in runs if run.name in names])
        shared[key] = SharedFinding(named if others else diagnostic, frozenset(names))
    return shared


def diagnostics_of(shared: Iterable[SharedFinding]) -> tuple[Diagnostic, ...]:
    """Return the findings alone."""
    return tuple(finding.diagnostic for finding in shared)


def _readers(runs: Iterable[OutputFindings]) -> dict[str, set[str]]:
    """Return the names of the outputs that read each file."""
    readers: dict[str, set[str]] = {}
    for run in runs:
        sources = run.sources
        for file in (*sources.intents, *sources.policies, *sources.manifests):
            readers.setdefault(file.path, set()).add(run.name)
    return readers


def _named(diagnostic: Diagnostic, names: Sequence[str]) -> Diagnostic:
    word = "output" if len(names) == 1 else "outputs"
    return replace(diagnostic, message=f"{diagnostic.message} ({word} {', '.join(names)})")
