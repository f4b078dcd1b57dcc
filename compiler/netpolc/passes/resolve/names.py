"""What a bare name stands for, seen from a namespace.

A name is looked up in the namespace's own declarations, then in those of the cluster
section. It is a group where one of that name is declared, else a service; a service
that nobody declares stands for `{LABEL=name}`, so no name is ever undefined. What can
be found is a name that looks like a slip: used once in a while, declared nowhere, the
subject of nothing, and a letter or two away from one that is.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

from netpolc.diagnostics import Diagnostic, Fix, Label, Rule, Severity
from netpolc.diagnostics.spelling import nearest
from netpolc.kube.label_conventions import DEFAULT_LABEL
from netpolc.kube.selectors import Selector
from netpolc.passes.resolve.scopes import Scope, Scopes, one_value, words
from netpolc.program.model import Namespace, Service
from netpolc.provenance import Origin, Role, Source, StatementKind, StatementRef
from netpolc.sets import ValueSet
from netpolc.sets.making import maker
from netpolc.sets.value_set import ABSENT, PRESENT
from netpolc.source import Span
from netpolc.syntax.formatter import statement_text
from netpolc.syntax.tree import (
    AddressSetting,
    ArrowStatement,
    AssertionStatement,
    BlocksSetting,
    DefaultSetting,
    DnsSetting,
    GroupDeclaration,
    LabelSetting,
    LabelTest,
    MirrorSetting,
    Name,
    Operator,
    PodPeer,
    Requirement,
    ServiceDeclaration,
    Statement,
)

KINDS = {
    ArrowStatement: StatementKind.ARROW,
    AssertionStatement: StatementKind.ASSERTION,
    ServiceDeclaration: StatementKind.SERVICE,
    GroupDeclaration: StatementKind.GROUP,
    LabelSetting: StatementKind.LABEL,
    DefaultSetting: StatementKind.DEFAULT,
    DnsSetting: StatementKind.DNS,
    MirrorSetting: StatementKind.MIRROR,
    AddressSetting: StatementKind.ADDRESSES,
    BlocksSetting: StatementKind.BLOCKS,
}
_SHORT = 4

UNKNOWN_NAME = Rule(code="NP201", name="unknown-name", severity=Severity.WARNING)
AMBIGUOUS_NAME = Rule(code="NP202", name="ambiguous-name", severity=Severity.ERROR)
UNUSED_DECLARATION = Rule(code="NP203", name="unused-declaration", severity=Severity.WARNING)
IMPOSSIBLE_SELECTOR = Rule(code="NP204", name="impossible-selector", severity=Severity.WARNING)


@dataclass(slots=True, eq=False, repr=False)
class Mention:
    """Who names a service: the statements, the first of them, and whether as a subject."""

    first: Name | ArrowStatement
    selector: Selector
    declared: Origin | None
    origins: list[Origin] = field(default_factory=list)
    subject: bool = False


@dataclass(slots=True, eq=False, repr=False)
class _Declared:
    """The declarations of one scope."""

    label: str | None
    services: dict[str, tuple[Selector, ServiceDeclaration]]
    groups: dict[str, GroupDeclaration]
    used: set[str] = field(default_factory=set)


class Names:
    """The names of a whole program; it remembers which were used."""

    def __init__(self, scopes: Scopes, found: list[Diagnostic]) -> None:
        """Collect the declarations of all scopes; findings are added to `found`."""
        self.found = found
        self.addresses = scopes.addresses
        self._cluster = self._declared(scopes.cluster)
        self._own = {name: self._declared(s) for name, s in scopes.namespaces.items()}
        self._has_groups = any(d.groups for d in (self._cluster, *self._own.values()))
        self._mentions: dict[str, dict[str, Mention]] = {}

    def _declared(self, scope: Scope) -> _Declared:
        label = one_value(scope.of_type(LabelSetting), self.found, "label", words(scope))
        declared = _Declared(label.key.text if label else None, {}, {})
        for service in scope.of_type(ServiceDeclaration):
            pods = self.selector(service.pods)
            _, first = declared.services.setdefault(service.name.text, (pods, service))
            if declared.services[service.name.text][0] != pods:
                self._ambiguous(service.name, first.name.span, words(scope))
        for group in scope.of_type(GroupDeclaration):
            first_group = declared.groups.setdefault(group.name.text, group)
            if first_group != group:
                self._ambiguous(group.name, first_group.name.span, words(scope))
            if group.name.text in declared.services:
                first = declared.services[group.name.text][1]
                self._ambiguous(group.name, first.name.span, words(scope))
        return declared

    def _ambiguous(self, name: Name, first: Span, where: str) -> None:
        self.found.append(
            Diagnostic(
                rule=AMBIGUOUS_NAME,
                message=f"`{name.text}` has two meanings in {where}",
                label=Label(name.span, "declared again, differently"),
                others=(Label(first, "first declared here"),),
                help="give one of the two another name",
            )
        )

    def label(self, namespace: str) -> str:
        """The label key that a bare name of the namespace stands for."""
        own = self._own.get(namespace)
        return (own and own.label) or self._cluster.label or DEFAULT_LABEL

    def group(self, namespace: str, name: str) -> GroupDeclaration | None:
        """The group that a name means in a namespace, if it means one."""
        for declared in self._scopes(namespace) if self._has_groups else ():
            if name in declared.groups:
                declared.used.add(name)
                return declared.groups[name]
            if name in declared.services:
                return None
        return None

    def service(
        self, namespace: str, name: Name, origin: Origin, *, subject: bool = False
    ) -> Selector:
        """The pods that a name stands for in a namespace; the use of it is remembered."""
        mention = self.mention(namespace, name.text, name)
        mention.origins.append(origin)
        mention.subject = mention.subject or subject
        return mention.selector

    def mention(self, namespace: str, name: str, first: Name | ArrowStatement) -> Mention:
        """What is remembered of a name in a namespace; `first` is kept if it is the first use."""
        there = self._mentions.get(namespace)
        if there is None:
            there = self._mentions[namespace] = {}
        mention = there.get(name)
        if mention is None:
            selector, declared = self._lookup(namespace, name)
            mention = there[name] = Mention(first, selector, declared)
        return mention

    def selector(self, test: LabelTest) -> Selector:
        """A selector in braces, in canonical form."""
        found = Selector.of((r.key.text, _allowed(r)) for r in test.requirements)
        if found.impossible:
            self.found.append(
                Diagnostic(
                    rule=IMPOSSIBLE_SELECTOR,
                    message=f"nothing can match `{test.span.text}`",
                    label=Label(test.span, "these requirements exclude each other"),
                    help="a list of requirements means AND: use `in (…)` or several peers for OR",
                )
            )
        return found

    def _scopes(self, namespace: str) -> tuple[_Declared, ...]:
        own = self._own.get(namespace)
        return (own, self._cluster) if own else (self._cluster,)

    def _lookup(self, namespace: str, name: str) -> tuple[Selector, Origin | None]:
        for declared in self._scopes(namespace):
            if name in declared.services:
                selector, statement = declared.services[name]
                declared.used.add(name)
                return selector, origin_of(statement, subject=name)
        return Selector.labels({self.label(namespace): name}), None

    def with_services(self, namespace: Namespace) -> Namespace:
        """The namespace with the services that the program names in it."""
        return replace(
            namespace,
            services={
                name: Service(
                    name=name,
                    pods=mention.selector,
                    declared=mention.declared,
                    named_in=tuple(mention.origins),
                )
                for name, mention in sorted(self._mentions.get(namespace.name, {}).items())
            },
        )

    def report_unused(self) -> None:
        """Report declarations that nothing uses, and names that look like slips."""
        for declared in (self._cluster, *self._own.values()):
            statements: list[ServiceDeclaration | GroupDeclaration] = [
                *(statement for _, statement in declared.services.values()),
                *declared.groups.values(),
            ]
            for statement in statements:
                if statement.name.text not in declared.used:
                    self._unused(statement)
        self._report_slips()

    def _unused(self, statement: ServiceDeclaration | GroupDeclaration) -> None:
        what = "service" if isinstance(statement, ServiceDeclaration) else "group"
        self.found.append(
            Diagnostic(
                rule=UNUSED_DECLARATION,
                message=f"{what} `{statement.name.text}` is never used",
                label=Label(statement.name.span, "declared here, named nowhere"),
                help="remove the declaration, or use it",
            )
        )

    def _report_slips(self) -> None:
        for namespace, mentions in self._mentions.items():
            known = {name for name, mention in mentions.items() if mention.subject}
            for scope in self._scopes(namespace):
                known |= scope.services.keys() | scope.groups.keys()
            for name, mention in mentions.items():
                if mention.subject or mention.declared:
                    continue
                guess = nearest(name, _alike(name, known))
                if guess is not None:
                    self._slip(name, guess, _place(mention.first, name))

    def _slip(self, name: str, guess: str, span: Span) -> None:
        self.found.append(
            Diagnostic(
                rule=UNKNOWN_NAME,
                message=f"`{name}` is declared nowhere and no arrow is about it",
                label=Label(span, f"stands for `{{…={name}}}`"),
                help=f"did you mean `{guess}`?",
                fixes=(Fix(span=span, replacement=guess),),
            )
        )


def _place(first: Name | ArrowStatement, name: str) -> Span:
    """Where the name stands: an arrow has it as a peer, since it was the subject of none."""
    if isinstance(first, Name):
        return first.span
    peers = (written.peer for written in first.connection.peers)
    tests = (peer.pods for peer in peers if isinstance(peer, PodPeer))
    return next(
        (test.span for test in tests if isinstance(test, Name) and test.text == name), first.span
    )


def origin_of(statement: Statement, *, role: Role = Role.ARROW, subject: str = "") -> Origin:
    """The origin that a statement is."""
    span = statement.span
    because = getattr(statement, "because", None) or ""
    source = StatementRef(KINDS[type(statement)], partial(statement_text, statement))
    return _origin(span.file.path, span.line, source, role, subject, because, span)


_origin: Callable[[str, int, Source, Role, str, str, Span], Origin] = maker(Origin)


def _allowed(requirement: Requirement) -> ValueSet:
    values = frozenset(value.text for value in requirement.values)
    match requirement.operator:
        case Operator.IN:
            return ValueSet(values)
        case Operator.NOT_IN:
            return ValueSet(values, complement=True, absent=True)
        case Operator.EXISTS:
            return PRESENT
        case Operator.ABSENT:
            return ABSENT


def _alike(name: str, candidates: set[str]) -> list[str]:
    """The candidates that a slip could have turned into the name.

    Short names differ by a letter all the time (`db`, `dc`), and numbers tell replicas
    apart (`api-1`, `api-2`): neither is a slip.
    """
    letters = "".join(char for char in name if char.isalpha())
    return sorted(
        other
        for other in candidates
        if len(name) > _SHORT
        and len(other) > _SHORT
        and abs(len(name) - len(other)) <= 1
        and letters != "".join(char for char in other if char.isalpha())
    )
