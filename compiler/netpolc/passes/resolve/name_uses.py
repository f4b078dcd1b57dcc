"""The uses of names in a whole program, put together from those of its namespaces.

Found here is what only the whole shows: a declaration that nothing uses, and a name that
looks like a slip: declared nowhere, the subject of nothing, and a slip of the finger away from
one that is.
"""

from collections.abc import Iterable, Iterator, Mapping

from netpolc.diagnostics import Diagnostic, Fix, Label, Rule, Severity
from netpolc.passes.resolve.declared_names import DeclaredNames
from netpolc.passes.resolve.names import Mention, Names
from netpolc.passes.resolve.slip_index import SlipIndex
from netpolc.program.model import Service
from netpolc.source import Span
from netpolc.syntax.tree import GroupDeclaration, ServiceDeclaration

UNKNOWN_NAME = Rule(code="NP201", name="unknown-name", severity=Severity.WARNING)
UNUSED_DECLARATION = Rule(code="NP203", name="unused-declaration", severity=Severity.WARNING)


class NameUses:
    """The names that the namespaces and assertions of a program use."""

    def __init__(self, parts: Iterable[Names]) -> None:
        """Put the uses together; the first place of a name is that in the first of the parts."""
        self._mentions: dict[str, dict[str, list[Mention]]] = {}
        self._used: set[tuple[str, str]] = set()
        for names in parts:
            self._used |= names.used
            for namespace, mentions in names.mentions.items():
                there = self._mentions.setdefault(namespace, {})
                for name, mention in mentions.items():
                    there.setdefault(name, []).append(mention)

    def services(self, namespace: str) -> Mapping[str, Service]:
        """The services of a namespace that the program names, in the order of their names."""
        return {
            name: Service(
                name=name,
                pods=mentions[0].selector,
                declared=mentions[0].declared,
                named_in=tuple(origin for one in mentions for origin in one.origins),
            )
            for name, mentions in sorted(self._mentions.get(namespace, {}).items())
        }

    def findings(self, declared: DeclaredNames) -> Iterator[Diagnostic]:
        """The declarations that nothing uses, then the names that look like slips."""
        for scope in declared.all:
            statements: list[ServiceDeclaration | GroupDeclaration] = [
                *(statement for _, statement in scope.services.values()),
                *scope.groups.values(),
            ]
            for statement in statements:
                if (scope.scope, statement.name.text) not in self._used:
                    yield _unused(statement)
        for namespace, mentions in self._mentions.items():
            known = {name for name, some in mentions.items() if any(m.subject for m in some)}
            for scope in declared.scopes(namespace):
                known |= scope.services.keys() | scope.groups.keys()
            unknown = [name for name in mentions if name not in known]
            index = SlipIndex(known if unknown else ())
            for name in unknown:
                if guess := index.meant(name):
                    yield _slip(name, guess, mentions[name][0].first.span)


def _unused(statement: ServiceDeclaration | GroupDeclaration) -> Diagnostic:
    what = "service" if isinstance(statement, ServiceDeclaration) else "group"
    return Diagnostic(
        rule=UNUSED_DECLARATION,
        message=f"{what} `{statement.name.text}` is never used",
        label=Label(statement.name.span, "declared here, named nowhere"),
        help="remove the declaration, or use it",
    )


def _slip(name: str, guess: str, span: Span) -> Diagnostic:
    return Diagnostic(
        rule=UNKNOWN_NAME,
        message=f"`{name}` is declared nowhere and no arrow is about it",
        label=Label(span, f"means `{{…={name}}}`"),
        help=f"did you mean `{guess}`?",
        fixes=(Fix(span=span, replacement=guess),),
    )
