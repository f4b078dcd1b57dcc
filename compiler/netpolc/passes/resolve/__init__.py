"""From trees to a program: every name looked up, every default made explicit.

Intent files come in as trees, in any order, split over any number of files. Out comes
one program in which the order has left no trace: sections are merged by namespace,
settings have their values, bare names are selectors, groups are their members, and what
the cluster section says has been given to each namespace.

What an arrow permits is not worked out here (`passes.lower`), nor whether one is
redundant or half-open (`lints`): only what can be seen from names and places.

    scopes      which statements belong to which namespace, and their settings
    names       what a bare name stands for, seen from a namespace
    peers       peers and ports of the tree as peers and traffic of the API
    statements  arrows and assertions
    declared    what is declared and set, as written, for those who blame statements
"""

from collections.abc import Sequence

from netpolc.diagnostics import Diagnostic, Outcome
from netpolc.passes.resolve.declarations import declarations
from netpolc.passes.resolve.names import Names
from netpolc.passes.resolve.scopes import Scope, gather
from netpolc.passes.resolve.statements import resolve_assertions, resolve_namespace
from netpolc.program.model import Program
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
    names = Names(scopes, found)
    cluster = scopes.cluster
    namespaces = {
        scope.namespace: resolve_namespace(scope, cluster, names)
        for scope in sorted(scopes.namespaces.values(), key=_name)
    }
    assertions = resolve_assertions(scopes, names)
    names.report_unused()
    program = Program(
        namespaces={name: names.with_services(ns) for name, ns in namespaces.items()},
        assertions=assertions,
        addresses=scopes.addresses,
        declarations=declarations(scopes),
    )
    return Outcome(program, tuple(dict.fromkeys(found)))


def _name(scope: Scope) -> str:
    return scope.namespace
