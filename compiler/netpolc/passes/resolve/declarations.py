"""What a program declares and sets, statement by statement.

Resolution turns groups, services and settings into what they mean and leaves no trace of
them. Whoever asks which statement's change made a difference needs them as written.
"""

from collections.abc import Iterator
from typing import assert_never

from netpolc.passes.resolve.names import origin_of
from netpolc.passes.resolve.scopes import Scope, Scopes
from netpolc.program.model import Declaration, DeclarationKind
from netpolc.provenance import Origin, Role
from netpolc.syntax.tree import (
    AddressSetting,
    ArrowStatement,
    AssertionStatement,
    DefaultSetting,
    DnsSetting,
    GroupDeclaration,
    LabelSetting,
    MirrorSetting,
    ServiceDeclaration,
    Statement,
)


def declarations(scopes: Scopes) -> tuple[Declaration, ...]:
    """Every declaration, setting and fact of the program, by namespace and text."""
    found = [
        one
        for scope in (scopes.cluster, *scopes.namespaces.values())
        for one in (*_stated(scope), *_declared(scope))
    ]
    return tuple(sorted(found, key=lambda one: (one.namespace, one.origin.sort_key())))


def _declared(scope: Scope) -> Iterator[Declaration]:
    for statement in scope.statements:
        kind, name = _kind(statement)
        if kind is not None:
            yield Declaration(
                kind=kind, namespace=scope.namespace, name=name, origin=origin_of(statement)
            )


def _stated(scope: Scope) -> Iterator[Declaration]:
    for key, (value, span) in scope.facts.items():
        origin = Origin(
            path=span.path,
            line=span.line,
            statement=f"namespace {scope.namespace} {{{key}={value}}}",
            role=Role.ARROW,
            span=span,
        )
        yield Declaration(
            kind=DeclarationKind.FACTS, namespace=scope.namespace, name=key, origin=origin
        )


def _kind(statement: Statement) -> tuple[DeclarationKind | None, str]:
    match statement:
        case ServiceDeclaration():
            return DeclarationKind.SERVICE, statement.name.text
        case GroupDeclaration():
            return DeclarationKind.GROUP, statement.name.text
        case LabelSetting():
            return DeclarationKind.LABEL, ""
        case DefaultSetting():
            return DeclarationKind.DEFAULT, ""
        case DnsSetting():
            return DeclarationKind.DNS, ""
        case MirrorSetting():
            return DeclarationKind.MIRROR, ""
        case AddressSetting():
            return DeclarationKind.ADDRESSES, ""
        case ArrowStatement() | AssertionStatement():
            return None, ""
        case _:
            assert_never(statement)
