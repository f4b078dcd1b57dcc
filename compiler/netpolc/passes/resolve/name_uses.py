"""The uses of names in a whole program, put together from those of its namespaces.

Found here is what only the whole shows: a declaration that nothing uses, and a name that
looks like a slip: declared nowhere, the subject of nothing, and a slip of the finger away from
one that is.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial

from netpolc.diagnostics import Diagnostic, Fix, Label, Rule, Severity
from netpolc.memory import Memory
from netpolc.passes.resolve.declared_names import DeclaredNames
from netpolc.passes.resolve.names import Mention, Names, places_of_names
from netpolc.passes.resolve.origins import origin_of
from netpolc.passes.resolve.viewpoint import NamedPods
from netpolc.program.model import Service
from netpolc.source import Span
from netpolc.syntax.tree import GroupDeclaration, ServiceDeclaration
from netpolc.values import frozen

UNKNOWN_NAME = Rule(code="NP201", name="unknown-name", severity=Severity.WARNING)
UNUSED_DECLARATION = Rule(code="NP203", name="unused-declaration", severity=Severity.WARNING)


class NameUses:
    """The names that the namespaces and assertions of a program use."""

    def __init__(self, parts: Iterable[Names], declared: DeclaredNames, memory: Memory) -> None:
        """Put the uses together; the first place of a name is that in the first of the parts."""
        self._declared = declared
        self._used: set[tuple[str, str]] = set()
        several: dict[str, list[dict[str, Mention]]] = {}
        for names in parts:
            self._used |= names.used
            for namespace, mentions in names.mentions.items():
                several.setdefault(namespace, []).append(mentions)
        self._found = {
            namespace: memory.once(
                "uses",
                namespace,
                (tuple(some), declared.scopes(namespace)),
                partial(_uses, namespace, some, declared),
            )
            for namespace, some in several.items()
        }

    def services(self, namespace: str) -> Mapping[str, Service]:
        """The services of a namespace that the program names, in the order of their names."""
        uses = self._found.get(namespace)
        return _NONE if uses is None else uses.services

    def findings(self) -> Iterator[Diagnostic]:
        """The declarations that nothing uses, then the names that look like slips."""
        for scope in self._declared.all:
            statements: list[ServiceDeclaration | GroupDeclaration] = [
                *(statement for _, statement in scope.services.values()),
                *scope.groups.values(),
            ]
            for statement in statements:
                if (scope.scope, statement.name.text) not in self._used:
                    yield _unused(statement)
        for uses in self._found.values():
            yield from uses.slips


@frozen
class _Uses:
    """The services of a namespace that a program names, and the names that look like slips."""

    services: Mapping[str, Service]
    slips: tuple[Diagnostic, ...]


_NONE: Mapping[str, Service] = {}


def _uses(namespace: str, several: Iterable[dict[str, Mention]], declared: DeclaredNames) -> _Uses:
    united: dict[str, list[Mention]] = {}
    for mentions in several:
        for name, mention in mentions.items():
            united.setdefault(name, []).append(mention)
    services = {
        name: _service(namespace, name, mentions, declared)
        for name, mentions in sorted(united.items())
    }
    return _Uses(services, tuple(_slips(namespace, united, declared)))


def _service(
    namespace: str, name: str, mentions: list[Mention], declared: DeclaredNames
) -> Service:
    selector, _, statement = declared.service(namespace, name)
    return Service(
        name=name,
        pods=selector,
        declared=None if statement is None else origin_of(statement, subject=name),
        named_in=tuple(origin for mention in mentions for origin in mention.origins),
    )


def _slips(
    namespace: str, mentions: Mapping[str, list[Mention]], declared: DeclaredNames
) -> Iterator[Diagnostic]:
    known = {name for name, some in mentions.items() if any(m.subject for m in some)}
    *own, cluster = (scope.services.keys() | scope.groups for scope in declared.scopes(namespace))
    known = known.union(*own)
    unknown = [name for name in mentions if name not in known and name not in cluster]
    if not unknown:
        return
    from netpolc.passes.resolve.slip_index import SlipIndex  # noqa: PLC0415 - most names are known

    index = SlipIndex(known, declared.slips_of_cluster)
    places: dict[int, dict[NamedPods, Span]] = {}
    for name in unknown:
        if guess := index.meant(name):
            named, first = mentions[name][0].named, mentions[name][0].first
            if id(first) not in places:
                places[id(first)] = places_of_names(first)
            span = places[id(first)].get(named, named.name.span)
            yield _slip(name, guess, span, declared.label(namespace))


def _unused(statement: ServiceDeclaration | GroupDeclaration) -> Diagnostic:
    what = "service" if isinstance(statement, ServiceDeclaration) else "group"
    return Diagnostic(
        rule=UNUSED_DECLARATION,
        message=f"{what} `{statement.name.text}` is never used",
        label=Label(statement.name.span, "declared here, named nowhere"),
        help="remove the declaration, or use it",
    )


def _slip(name: str, guess: str, span: Span, key: str) -> Diagnostic:
    return Diagnostic(
        rule=UNKNOWN_NAME,
        message=f"`{name}` is declared nowhere and no arrow is about it",
        label=Label(span, f"means `{{{key}={name}}}`"),
        help=f"did you mean `{guess}`?",
        fixes=(Fix(span=span, replacement=guess),),
    )
