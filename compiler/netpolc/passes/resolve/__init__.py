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

from netpolc.diagnostics import Diagnostic, Outcome
from netpolc.memory import NO_MEMORY, Memory
from netpolc.passes.resolve.declarations import declarations
from netpolc.passes.resolve.declared_names import DeclaredNames
from netpolc.passes.resolve.name_uses import NameUses
from netpolc.passes.resolve.names import Names
from netpolc.passes.resolve.scopes import Scope, gather
from netpolc.passes.resolve.statements import (
    depends_on_home,
    distinct_assertions,
    resolve_assertions,
    resolve_baseline,
    resolve_namespace,
)
from netpolc.program.model import Program
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
    declared = DeclaredNames(scopes, memory)
    cluster, claims = scopes.cluster, scopes.assertions
    homes = sorted(scopes.namespaces.values(), key=_name)

    def in_each(
        step: str, homes: Sequence[Scope], work: Callable[[Scope, Names], T], *inputs: object
    ) -> list[tuple[T, Names]]:
        return [
            memory.once(
                step,
                home.namespace,
                (home, cluster, *inputs),
                partial(_with_names, step, home, work, declared, memory),
                lambda result: declared.elsewhere(result[1].mentions),
            )
            for home in homes
        ]

    bare = in_each("namespace", homes, lambda home, names: resolve_namespace(home, cluster, names))
    first, *others = homes or [cluster]
    local = tuple(claim for claim in claims if depends_on_home(claim.connection))
    asserted = [
        *in_each("assertions", [first], partial(resolve_assertions, cluster, claims), claims),
        *in_each("assertions", others, partial(resolve_assertions, cluster, local), local),
    ]
    ((baseline, of_baseline),) = in_each(
        "baseline", [cluster], lambda _, names: resolve_baseline(cluster, names)
    )
    parts = [*(names for _, names in (*bare, *asserted)), of_baseline]
    uses = NameUses(parts, declared, memory)
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
    in_parts = chain.from_iterable(part.found for part in parts)
    findings: list[Diagnostic] = [*scopes.found, *declared.found, *in_parts, *uses.findings()]
    return Outcome(program, tuple(dict.fromkeys(findings)))


def _with_names(
    step: str,
    home: Scope,
    work: Callable[[Scope, Names], T],
    declared: DeclaredNames,
    memory: Memory,
) -> tuple[T, Names]:
    """The resolved statements of a namespace, and the names that they use."""
    names = Names(declared)
    result = work(home, names)
    before = memory.last(step, home.namespace)
    if before is not None:
        names.take_over(before[1])
    return result, names


def _name(scope: Scope) -> str:
    return scope.namespace
