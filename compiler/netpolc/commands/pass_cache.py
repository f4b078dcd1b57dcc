"""Passes that remember: most of what a diff compares is equal on both sides.

Of ten thousand files ten have changed. A file that is equal on both sides, name and text, has
one tree, and a namespace that is equal, positions included, has one policy set, so that the
comparison sees at a glance that they are the same. Nothing else is remembered, because all else
depends on the whole program.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from netpolc.commands.passes import Passes
from netpolc.diagnostics import Diagnostic, Outcome
from netpolc.ir.model import Policies, PolicySet
from netpolc.manifest.manifest_set import Manifests
from netpolc.passes.lower import lower
from netpolc.passes.normalise import normalise
from netpolc.program.model import Namespace, Program
from netpolc.source import SourceFile
from netpolc.syntax.tree import IntentFile

T = TypeVar("T")


class PassCache(Passes):
    """The passes, with the results of each for the next run."""

    def __init__(self) -> None:
        self._trees: dict[tuple[str, str], Outcome[IntentFile]] = {}
        self._manifests: dict[tuple[str, str], Outcome[Manifests]] = {}
        self._lowered: dict[str, tuple[Namespace, PolicySet]] = {}
        self._normal: dict[int, tuple[PolicySet, PolicySet]] = {}

    def parse(self, file: SourceFile) -> Outcome[IntentFile]:
        """Return the tree of an intent file."""
        return _once(self._trees, file, super().parse)

    def read(self, file: SourceFile) -> Outcome[Manifests]:
        """Return the objects in a file of manifests."""
        return _once(self._manifests, file, super().read)

    def lower(self, program: Program) -> Outcome[Policies]:
        """Return what a program permits."""
        sets: dict[str, PolicySet] = {}
        found: list[Diagnostic] = []
        for name, one in program.namespaces.items():
            before = self._lowered.get(name)
            if before is not None and _same(before[0], one):
                sets[name] = before[1]
                continue
            lowered = lower(replace(program, namespaces={name: one}))
            sets[name] = lowered.value.namespaces[name]
            found += lowered.diagnostics
            # A namespace with a finding is not remembered, so that each program has its findings.
            if not lowered.diagnostics:
                self._lowered[name] = one, sets[name]
        return Outcome(Policies(sets), tuple(dict.fromkeys(found)))

    def normalise(self, policies: Policies) -> Policies:
        """Return the same meaning in canonical form."""
        # Kept with what it was made of, whose identity no other set can take then.
        known = {
            name: self._normal[id(one)][1]
            for name, one in policies.namespaces.items()
            if id(one) in self._normal
        }
        rest = {name: one for name, one in policies.namespaces.items() if name not in known}
        normal = normalise(Policies(rest)).namespaces
        self._normal.update((id(one), (one, normal[name])) for name, one in rest.items())
        both = {**known, **normal}
        return Policies({name: both[name] for name in sorted(both)})


def _once(
    known: dict[tuple[str, str], Outcome[T]],
    file: SourceFile,
    step: Callable[[SourceFile], Outcome[T]],
) -> Outcome[T]:
    key = file.path, file.text
    if key not in known:
        known[key] = step(file)
    return known[key]


def _same(one: Namespace, other: Namespace) -> bool:
    """Whether two namespaces are lowered to the same, origins included."""
    return (
        one == other
        and one.dns_origin == other.dns_origin
        and all(a.origin == b.origin for a, b in zip(one.arrows, other.arrows, strict=True))
    )
