"""Redundant statements: removing them changes nothing, in any of the namespaces that they are about.

Each namespace is asked by itself; a statement of a cluster section has to be redundant in all of them.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from functools import partial
from operator import attrgetter

from netpolc.analysis.namespace_partition import Cluster
from netpolc.analysis.namespace_redundancy import NamespaceRedundancy, Redundant
from netpolc.analysis.policy_index import PolicyIndex
from netpolc.analysis.port_encoding import PortLine
from netpolc.analysis.possibly_redundant import Statement, origins_of
from netpolc.memory import NO_MEMORY, Memory
from netpolc.provenance import Origin

_PATH = attrgetter("path")


def redundant_statements(cluster: Cluster, memory: Memory = NO_MEMORY) -> Iterator[Redundant]:
    """The statements that are redundant, all of them together, in the order of their namespaces.

    A statement of a cluster section is in many namespaces and goes from all of them at
    once, so all of them must be able to do without it.
    """
    line = PortLine(cluster.ports)
    by_statement: dict[Statement, list[Redundant]] = {}
    for name in sorted(cluster.known):
        inputs = (cluster.sides(name), cluster.facts, cluster.ports)
        for each in memory.once("redundant", name, inputs, partial(_in_one, cluster, line, name)):
            by_statement.setdefault(each.origin.place, []).append(each)
    often = _namespace_counts(cluster, by_statement, memory)
    for statement, same in by_statement.items():
        if len(same) == often[statement]:
            covering = {id(allow): allow for each in same for allow in each.covered_by}
            yield replace(same[0], covered_by=tuple(covering.values()))


def _in_one(cluster: Cluster, line: PortLine, name: str) -> list[Redundant]:
    return list(NamespaceRedundancy(cluster, line, name).redundant())


def _namespace_counts(
    cluster: Cluster, wanted: Collection[Statement], memory: Memory
) -> Counter[Statement]:
    """Return the number of namespaces in which statements are: one, if their file is in one alone."""
    if not wanted:
        return Counter()
    sides = {name: cluster.sides(name) for name in cluster.known}
    paths = {
        name: memory.once("paths", name, (some,), partial(_paths, some))
        for name, some in sides.items()
    }
    files = Counter(path for some in paths.values() for path in some)
    shared = {path for path, _, _ in wanted if files[path] > 1}
    several: Counter[Statement] = Counter()
    for name, some in sides.items():
        if not shared.isdisjoint(paths[name]):
            several.update({o.place for o in _origins(some) if o.path in shared})
    return Counter({place: several[place] if place[0] in shared else 1 for place in wanted})


def _paths(sides: Iterable[PolicyIndex | None]) -> frozenset[str]:
    """The files that what is in a namespace comes from."""
    return frozenset(map(_PATH, _origins(sides)))


def _origins(sides: Iterable[PolicyIndex | None]) -> Iterator[Origin]:
    for side in sides:
        if side is not None:
            yield from origins_of(side.allows)
            yield from origins_of(side.subjects)
