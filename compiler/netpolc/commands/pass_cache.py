"""Passes that remember: most of what a diff compares is equal on both sides.

Of ten thousand files ten have changed. A file that is equal on both sides, name and text, has
one tree, and a namespace that is equal, positions included, has one policy set, so that the
comparison sees at a glance that they are the same. Nothing else is remembered, because all else
depends on the whole program.

An editor runs again and again: each run gets the `successor` of the cache before, which takes over
what is used again and lets go of the rest, so that memory does not grow with edits.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import TypeVar

from netpolc.commands.passes import Passes
from netpolc.diagnostics import Diagnostic, Outcome
from netpolc.ir.model import Policies, PolicySet
from netpolc.kube.cidr import Addresses
from netpolc.kube.peers import Grant
from netpolc.manifest.manifest_set import Manifests
from netpolc.passes.lower import lower
from netpolc.passes.normalise import normalise
from netpolc.program.model import Namespace, Program
from netpolc.source import SourceFile
from netpolc.syntax.tree import IntentFile

T = TypeVar("T")


@dataclass(slots=True)
class _Results:
    """Results by what they were made of; a policy set by its identity, kept with it."""

    trees: dict[tuple[str, str], Outcome[IntentFile]] = field(default_factory=dict)
    manifests: dict[tuple[str, str], Outcome[Manifests]] = field(default_factory=dict)
    lowered: dict[str, tuple[Namespace, PolicySet]] = field(default_factory=dict)
    normal: dict[int, tuple[PolicySet, PolicySet]] = field(default_factory=dict)


class PassCache(Passes):
    """The passes, with the results of each for the next run."""

    def __init__(self, earlier: _Results | None = None) -> None:
        self._results, self._earlier = _Results(), earlier or _Results()

    def successor(self) -> "PassCache":
        """Return a cache for the next run, which keeps of this one only what that run uses."""
        return PassCache(self._results)

    def parse(self, file: SourceFile) -> Outcome[IntentFile]:
        """Return the tree of an intent file."""
        return _once(self._results.trees, self._earlier.trees, file, super().parse)

    def read(self, file: SourceFile) -> Outcome[Manifests]:
        """Return the objects in a file of manifests."""
        return _once(self._results.manifests, self._earlier.manifests, file, super().read)

    def lower(self, program: Program) -> Outcome[Policies]:
        """Return what a program permits."""
        sets: dict[str, PolicySet] = {}
        found: list[Diagnostic] = []
        known = self._results.lowered
        for name, one in program.namespaces.items():
            before = known.get(name) or self._earlier.lowered.get(name)
            if before is not None and _same(before[0], one):
                known[name], sets[name] = before, before[1]
                continue
            lowered = lower(replace(program, namespaces={name: one}))
            sets[name] = lowered.value.namespaces[name]
            found += lowered.diagnostics
            # A namespace with a finding is not remembered, so that each program has its findings.
            if not lowered.diagnostics:
                known[name] = one, sets[name]
        return Outcome(Policies(sets), tuple(dict.fromkeys(found)))

    def normalise(self, policies: Policies) -> Policies:
        """Return the same meaning in canonical form."""
        # Kept with what it was made of, whose identity no other set can take then.
        known, earlier = self._results.normal, self._earlier.normal
        ids = {id(one) for one in policies.namespaces.values()}
        known.update((one, earlier[one]) for one in ids & earlier.keys())
        rest = {name: one for name, one in policies.namespaces.items() if id(one) not in known}
        normal = normalise(Policies(rest)).namespaces
        known.update((id(one), (one, normal[name])) for name, one in rest.items())
        return Policies(
            {name: known[id(policies.namespaces[name])][1] for name in sorted(policies.namespaces)}
        )


def _once(
    known: dict[tuple[str, str], Outcome[T]],
    earlier: Mapping[tuple[str, str], Outcome[T]],
    file: SourceFile,
    step: Callable[[SourceFile], Outcome[T]],
) -> Outcome[T]:
    key = file.path, file.text
    if key not in known:
        known[key] = earlier[key] if key in earlier else step(file)
    return known[key]


def _same(one: Namespace, other: Namespace) -> bool:
    """Whether two namespaces are lowered to the same, origins and places included."""
    return one == other and all(
        a == b for a, b in zip_longest(_as_written(one), _as_written(other))
    )


def _as_written(namespace: Namespace) -> Iterator[object]:
    """Yield what equality leaves out and policies repeat: origins, places, and blocks as written.

    An arrow keeps its text and its line while a group that it names gets other blocks of equal
    meaning, or while a change above it moves it to another offset.
    """
    origins = (*namespace.closed.values(), namespace.dns_origin)
    yield from ((origin, origin.span) for origin in origins)
    yield from map(_blocks, namespace.dns)
    for arrow in namespace.arrows:
        yield arrow.origin, arrow.origin.span
        yield from (_blocks(named.grant) for named in arrow.grants)


def _blocks(grant: Grant) -> object:
    return grant.peer.blocks if isinstance(grant.peer, Addresses) else None
