"""From trees to a program: every name looked up, every default made explicit.

Intent files come in as trees, in any order, split over any number of files. Out comes
one program in which the order has left no trace: sections are merged by namespace,
settings have their values, bare names are selectors, groups are their members, and what
the cluster section says has been given to each namespace.

What an arrow permits is not worked out here (`passes.lower`), nor whether one is
redundant or half-open (`lints`): only what can be seen from names and places.

    scopes      which statements belong to which namespace, and their settings
    declared_names  the services, groups and labels that scopes declare
    viewpoint   where peers are looked at from, and what they are from there
    names       what a bare name means, seen from a namespace
    peers       peers and ports of the tree as peers and traffic of the API
    statements  arrows and assertions of one namespace
    slip_index  which known name an unknown one may be, misspelt
    name_uses   which names the whole program uses, and what is wrong with that
    declarations  what is declared and set, as written, for attribution
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import TypeVar

from netpolc.diagnostics import Outcome
from netpolc.memory import NO_MEMORY, Memory
from netpolc.passes.resolve.declarations import declarations
from netpolc.passes.resolve.declared_names import DeclaredNames
from netpolc.passes.resolve.name_uses import NameUses
from netpolc.passes.resolve.names import Names
from netpolc.passes.resolve.scopes import Scope, Scopes, gather
from netpolc.passes.resolve.statements import (
    depends_on_home,
    distinct_assertions,
    resolve_assertions,
    resolve_baseline,
    resolve_namespace,
)
from netpolc.program.model import Assertion, Baseline, Namespace, Program
from netpolc.syntax.tree import IntentFile

__all__ = ["resolve"]

T = TypeVar("T")


def resolve(
    files: Sequence[IntentFile], *, namespace: str = "default", memory: Memory = NO_MEMORY
) -> Outcome[Program]:
    """Merge files into one program.

    Args:
        files: the trees, in any order.
        namespace: what statements before the first header of a file are about.
        memory: what is remembered of an earlier state.

    Returns:
        The program, as complete as it can be, and the findings: unknown and
        contradicting names, facts and settings. Its namespaces are in name order.
    """
    scopes = gather(files, namespace, memory)
    resolver = _Resolver(scopes, memory)
    bare, asserted = resolver.namespaces(), resolver.assertions()
    baseline, of_baseline = resolver.baseline()
    parts = [*(names for _, names in (*bare, *asserted)), of_baseline]
    uses = NameUses(parts, resolver.declared, memory)
    namespaces = [
        memory.once("services", own.name, (own, services), partial(replace, own, services=services))
        for own, services in ((own, uses.services(own.name)) for own, _ in bare)
    ]
    program = Program(
        namespaces={namespace.name: namespace for namespace in namespaces},
        assertions=distinct_assertions(assertion for some, _ in asserted for assertion in some),
        addresses=scopes.addresses,
        baseline=baseline,
        declarations=declarations(scopes, memory),
    )
    in_parts = chain.from_iterable(part.findings for part in parts)
    findings = (*scopes.findings, *resolver.declared.findings, *in_parts, *uses.findings())
    return Outcome(program, tuple(dict.fromkeys(findings)))


class _Resolver:
    """Resolves the parts of a program, each with the names that its statements use."""

    def __init__(self, scopes: Scopes, memory: Memory) -> None:
        self.declared = DeclaredNames(scopes, memory)
        self._memory = memory
        self._cluster, self._claims = scopes.cluster, scopes.assertions
        self._homes = sorted(scopes.namespaces.values(), key=_name)

    def namespaces(self) -> list[tuple[Namespace, Names]]:
        """The namespaces with their settings and arrows, in name order."""
        cluster = self._cluster
        return self._in_each(
            "namespace", self._homes, lambda home, names: resolve_namespace(home, cluster, names)
        )

    def assertions(self) -> list[tuple[tuple[Assertion, ...], Names]]:
        """The assertions as the first namespace has them, and as the others have the local ones."""
        first, *others = self._homes or [self._cluster]
        every = self._claims
        local = tuple(claim for claim in every if depends_on_home(claim.connection))
        return [
            resolved
            for homes, claims in (([first], every), (others, local))
            for resolved in self._in_each(
                "assertions", homes, partial(resolve_assertions, self._cluster, claims), claims
            )
        ]

    def baseline(self) -> tuple[Baseline, Names]:
        """The baseline that the cluster section sets."""
        cluster = self._cluster
        (baseline,) = self._in_each(
            "baseline", [cluster], lambda _, names: resolve_baseline(cluster, names)
        )
        return baseline

    def _in_each(
        self, step: str, homes: Sequence[Scope], work: Callable[[Scope, Names], T], *inputs: object
    ) -> list[tuple[T, Names]]:
        return [
            self._memory.once(
                step,
                home.namespace,
                (home, self._cluster, *inputs),
                partial(self._with_names, step, home, work),
                lambda result: self.declared.elsewhere(result[1].mentions),
            )
            for home in homes
        ]

    def _with_names(
        self, step: str, home: Scope, work: Callable[[Scope, Names], T]
    ) -> tuple[T, Names]:
        """The resolved statements of a namespace, and the names that they use."""
        names = Names(self.declared)
        result = work(home, names)
        before = self._memory.last(step, home.namespace)
        if before is not None:
            names.take_over(before[1])
        return result, names


def _name(scope: Scope) -> str:
    return scope.namespace
