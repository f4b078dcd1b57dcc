"""The names that a program declares: services, groups, and the label key of bare names."""

from dataclasses import dataclass

from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.kube.label_conventions import DEFAULT_LABEL
from netpolc.kube.selectors import Selector
from netpolc.passes.resolve.scopes import Scope, Scopes, one_value, words
from netpolc.sets import ValueSet
from netpolc.sets.value_set import ABSENT, PRESENT
from netpolc.source import Span
from netpolc.syntax.tree import (
    GroupDeclaration,
    LabelSetting,
    LabelTest,
    Name,
    Operator,
    Requirement,
    ServiceDeclaration,
)

AMBIGUOUS_NAME = Rule(code="NP202", name="ambiguous-name", severity=Severity.ERROR)
IMPOSSIBLE_SELECTOR = Rule(code="NP204", name="impossible-selector", severity=Severity.WARNING)


@dataclass(slots=True, eq=False, repr=False)
class Declared:
    """The declarations of one scope; that of the cluster section has the empty name."""

    scope: str
    label: str | None
    services: dict[str, tuple[Selector, ServiceDeclaration]]
    groups: dict[str, GroupDeclaration]


class DeclaredNames:
    """The declarations of all scopes, and what is wrong with them (`found`)."""

    def __init__(self, scopes: Scopes) -> None:
        """Collect the declarations of all scopes."""
        self.found: list[Diagnostic] = []
        self.addresses = scopes.addresses
        self._cluster = self._declared(scopes.cluster)
        self._own = {name: self._declared(s) for name, s in scopes.namespaces.items()}
        self.all = (self._cluster, *self._own.values())
        self.has_groups = any(declared.groups for declared in self.all)

    def _declared(self, scope: Scope) -> Declared:
        label = one_value(scope.of_type(LabelSetting), self.found, "label", words(scope))
        declared = Declared(scope.namespace, label.key.text if label else None, {}, {})
        for service in scope.of_type(ServiceDeclaration):
            pods = selector_of(service.pods, self.found)
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
        """The label key of bare names in the namespace."""
        own = self._own.get(namespace)
        return (own and own.label) or self._cluster.label or DEFAULT_LABEL

    def scopes(self, namespace: str) -> tuple[Declared, ...]:
        """The scopes in which a name of a namespace is looked up, the nearest first."""
        own = self._own.get(namespace)
        return (own, self._cluster) if own else (self._cluster,)


def selector_of(test: LabelTest, found: list[Diagnostic]) -> Selector:
    """A selector in braces, in canonical form; one that nothing meets is added to `found`."""
    selector = Selector.of((r.key.text, _allowed(r)) for r in test.requirements)
    if selector.impossible:
        found.append(
            Diagnostic(
                rule=IMPOSSIBLE_SELECTOR,
                message=f"nothing can match `{test.span.text}`",
                label=Label(test.span, "these requirements exclude each other"),
                help="a list of requirements means AND: use `in (…)` or several peers for OR",
            )
        )
    return selector


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
