"""What two programs have in common, worked out once.

Most of what a review compares is equal: of ten thousand files ten have changed. A file that
is equal on both sides, name and text, has one tree, and a namespace that is equal, places
included, has one policy set, so that whoever compares them sees at a glance that they are
the same. Nothing else is shared, because all else depends on the whole program.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from netpolc.diagnostics import Diagnostic, Outcome
from netpolc.ir.model import Policies, PolicySet
from netpolc.manifest.manifest_set import Manifests
from netpolc.passes.lower import lower
from netpolc.passes.normalise import normalise
from netpolc.program.model import Namespace, Program
from netpolc.source import SourceFile
from netpolc.syntax.parser import parse
from netpolc.syntax.tree import IntentFile

T = TypeVar("T")


@dataclass(slots=True, eq=False, repr=False)
class Shared:
    """Remembers what the steps of a compile gave, for the next program.

    Its methods take and give what the steps of those names do.
    """

    _trees: dict[tuple[str, str], Outcome[IntentFile]] = field(default_factory=dict)
    _manifests: dict[tuple[str, str], Outcome[Manifests]] = field(default_factory=dict)
    _lowered: dict[str, tuple[Namespace, PolicySet]] = field(default_factory=dict)
    _normal: dict[int, tuple[PolicySet, PolicySet]] = field(default_factory=dict)

    def parse(self, file: SourceFile) -> Outcome[IntentFile]:
        """The tree of an intent file."""
        return _once(self._trees, file, parse)

    def read(self, file: SourceFile) -> Outcome[Manifests]:
        """The objects in a file of manifests."""
        from netpolc.manifest.read import read  # noqa: PLC0415 - loads yaml, and intents need none

        return _once(self._manifests, file, read)

    def lower(self, program: Program) -> Outcome[Policies]:
        """What a program permits."""
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
        """The same meaning in canonical form."""
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
