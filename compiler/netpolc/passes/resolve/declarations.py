"""Resolve declarations and settings, statement by statement.

Resolution turns groups, services and settings into what they mean and leaves no trace of
them. Whoever asks which statement's change made a difference needs them as written.
"""

from collections.abc import Iterator
from functools import partial
from itertools import chain

from netpolc.memory import Memory
from netpolc.passes.resolve.origins import kind_of, origin_of
from netpolc.passes.resolve.scopes import Scope, Scopes
from netpolc.program.model import Declaration
from netpolc.provenance import Origin, Role, StatementKind, StatementRef
from netpolc.syntax.tree import (
    DefaultSetting,
    GroupDeclaration,
    LabelSetting,
    ServiceDeclaration,
    Statement,
)

_CLAIMS_AND_ARROWS = frozenset(
    {StatementKind.ARROW, StatementKind.ASSERTION, StatementKind.ENFORCEMENT}
)


def declarations(scopes: Scopes, memory: Memory) -> tuple[Declaration, ...]:
    """Every declaration, setting and fact of the program, by namespace and place."""
    ordered = sorted((scopes.cluster, *scopes.namespaces.values()), key=_namespace)
    by_scope = (
        memory.once("declarations", scope.namespace, (scope,), partial(_declarations, scope))
        for scope in ordered
    )
    return tuple(chain.from_iterable(by_scope))


def _namespace(scope: Scope) -> str:
    return scope.namespace


def _declarations(scope: Scope) -> list[Declaration]:
    stated = [*_stated(scope), *_declared(scope)]
    return sorted(stated, key=lambda declaration: declaration.origin.sort_key())


def _declared(scope: Scope) -> Iterator[Declaration]:
    for statement in scope.statements:
        kind = kind_of(statement)
        if kind not in _CLAIMS_AND_ARROWS:
            name, value = _content(statement)
            yield Declaration(
                kind=kind,
                namespace=scope.namespace,
                name=name,
                value=value,
                origin=origin_of(statement),
            )


def _stated(scope: Scope) -> Iterator[Declaration]:
    for key, (value, span) in scope.facts.items():
        origin = Origin(
            path=span.path,
            line=span.line,
            source=StatementRef(
                StatementKind.FACTS, f"namespace {scope.namespace} {{{key}={value}}}"
            ),
            role=Role.ARROW,
            span=span,
        )
        yield Declaration(
            kind=StatementKind.FACTS,
            namespace=scope.namespace,
            name=key,
            value=value,
            origin=origin,
        )


def _content(statement: Statement) -> tuple[str, str]:
    """The name and the value of a declaration or setting."""
    match statement:
        case ServiceDeclaration() | GroupDeclaration():
            return statement.name.text, ""
        case LabelSetting():
            return "", statement.key.text
        case DefaultSetting():
            directions = (("ingress", statement.ingress), ("egress", statement.egress))
            words = ["deny" if statement.deny else "allow"]
            return "", " ".join((*words, *(name for name, given in directions if given)))
        case _:
            return "", ""
