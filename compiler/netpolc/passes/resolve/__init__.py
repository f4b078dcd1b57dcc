"""From trees to a program: every name looked up, every default made explicit.

Intent files come in as trees, in any order, split over any number of files. Out comes
one program in which the order has left no trace: sections are merged by namespace,
settings have their values, bare names are selectors, groups are their members, and what
the cluster section says has been given to each namespace.

What an arrow permits is not worked out here (`passes.lower`), nor whether one is
redundant or half-open (`lints`): only what can be seen from names and places.

    scopes      which statements belong to which namespace, and their settings
    declared_names  the services, groups and labels that scopes declare
    names       what a bare name means, seen from a namespace
    peers       peers and ports of the tree as peers and traffic of the API
    statements  arrows and assertions of one namespace
    slip_index  which known name an unknown one may be, misspelt
    name_uses   which names the whole program uses, and what is wrong with that
    declarations  what is declared and set, as written, for attribution
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

from netpolc.diagnostics import Diagnostic, Outcome
from netpolc.passes.resolve.declarations import declarations
from netpolc.passes.resolve.declared_names import DeclaredNames
from netpolc.passes.resolve.name_uses import NameUses
from netpolc.passes.resolve.names import Names
from netpolc.passes.resolve.scopes import Scope, gather
from netpolc.passes.resolve.statements import resolve_assertions, resolve_namespace
from netpolc.program.model import Namespace, Program
from netpolc.syntax.tree import IntentFile

__all__ = ["resolve"]


def resolve(files: Sequence[IntentFile], *, namespace: str = "default") -> Outcome[Program]:
    """Merge files into one program.

    Args:
        files: the trees, in any order.
        namespace: what statements before the first header of a file are about.

    Returns:
        The program, as complete as it can be, and the findings: unknown and
        contradicting names, facts and settings. Its namespaces are in name order.
    """
    found: list[Diagnostic] = []
    scopes = gather(files, namespace, found)
    declared = DeclaredNames(scopes)
    namespaces: list[Namespace] = []
    parts: list[Names] = []
    for scope in sorted(scopes.namespaces.values(), key=_name):
        names = Names(declared)
        namespaces.append(resolve_namespace(scope, scopes.cluster, names))
        parts.append(names)
    names = Names(declared)
    assertions = resolve_assertions(scopes, names)
    parts.append(names)
    uses = NameUses(parts)
    program = Program(
        namespaces={one.name: replace(one, services=uses.services(one.name)) for one in namespaces},
        assertions=assertions,
        addresses=scopes.addresses,
        declarations=declarations(scopes),
    )
    found += declared.found
    found += chain.from_iterable(part.found for part in parts)
    found += uses.findings(declared)
    return Outcome(program, tuple(dict.fromkeys(found)))


def _name(scope: Scope) -> str:
    return scope.namespace
