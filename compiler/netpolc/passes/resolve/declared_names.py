"""The names that a program declares: services, groups, and the label key of bare names."""

from collections.abc import Iterable
from functools import cached_property, partial
from typing import TYPE_CHECKING, TypeAlias

from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.kube.label_conventions import DEFAULT_LABEL
from netpolc.kube.peers import Grant, Outside
from netpolc.kube.ports import Traffic
from netpolc.kube.selectors import Selector
from netpolc.memory import Inputs, Memory
from netpolc.passes.resolve.scopes import Scope, Scopes, one_value, words
from netpolc.passes.resolve.viewpoint import Expansion, Viewpoint
from netpolc.sets import ValueSet
from netpolc.sets.value_set import ABSENT, PRESENT
from netpolc.source import Span
from netpolc.syntax.parts import LabelTest, Name, Operator, PodPeer, Requirement
from netpolc.syntax.tree import GroupDeclaration, LabelSetting, ServiceDeclaration, Statement
from netpolc.values import record

if TYPE_CHECKING:
    from netpolc.passes.resolve.slip_index import SlipIndex

AMBIGUOUS_NAME = Rule(code="NP202", name="ambiguous-name", severity=Severity.ERROR)
IMPOSSIBLE_SELECTOR = Rule(code="NP204", name="impossible-selector", severity=Severity.WARNING)


@record
class Declared:
    """The declarations of one scope, and what is wrong with them; the cluster section's has no name."""

    scope: str
    label: str | None
    services: dict[str, tuple[Selector, ServiceDeclaration]]
    groups: dict[str, GroupDeclaration]
    findings: list[Diagnostic]

    @property
    def services_elsewhere(self) -> tuple[object, ...]:
        """The declarations that decide the meaning of this scope's services in other namespaces."""
        return self.label, {name: pods for name, (pods, _) in self.services.items()}


class DeclaredNames:
    """The declarations of all scopes, and what is wrong with them (`findings`)."""

    def __init__(self, scopes: Scopes, memory: Memory) -> None:
        """Collect the declarations of all scopes."""
        self.addresses = scopes.addresses
        self._cluster = _remembered(scopes.cluster, memory)
        self._own = {name: _remembered(s, memory) for name, s in scopes.namespaces.items()}
        self.all = (self._cluster, *self._own.values())
        self.findings = [finding for declared in self.all for finding in declared.findings]
        self.has_groups = any(declared.groups for declared in self.all)
        self._services: dict[tuple[str, str], Meaning] = {}
        self._expansions: dict[tuple[object, ...], dict[str, Expansion]] = {}
        self._peers: dict[tuple[str, bool], dict[str, Expansion]] = {}
        self.written_subjects: dict[str, PodPeer] = {}
        self._ports: dict[str, tuple[Traffic, str]] = {}
        self._elsewhere = {
            declared.scope: memory.same(
                "services elsewhere", declared.scope, declared.services_elsewhere
            )
            for declared in self.all
        }

    def elsewhere(self, namespaces: Iterable[str]) -> tuple[object, ...]:
        """A key for the services of other namespaces: equal keys give equal meanings."""
        return tuple(map(self._elsewhere.get, namespaces))

    def service(self, namespace: str, name: str) -> "Meaning":
        """The pods that a name means in a namespace, unless a group has the name."""
        meaning = self._services.get((namespace, name))
        if meaning is None:
            meaning = self._services[namespace, name] = self._service(namespace, name)
        return meaning

    def _service(self, namespace: str, name: str) -> "Meaning":
        for declared in self.scopes(namespace):
            if name in declared.services:
                selector, statement = declared.services[name]
                return selector, declared.scope, statement
        return Selector.labels({self.label(namespace): name}), None, None

    def label(self, namespace: str) -> str:
        """The label key of bare names in the namespace."""
        own = self._own.get(namespace)
        return (own and own.label) or self._cluster.label or DEFAULT_LABEL

    def scopes(self, namespace: str) -> tuple[Declared, ...]:
        """The scopes in which a name of a namespace is looked up, the nearest first."""
        own = self._own.get(namespace)
        return (own, self._cluster) if own else (self._cluster,)

    @cached_property
    def slips_of_cluster(self) -> "SlipIndex":
        """The names that the cluster section declares, to be found with a slip: filed once for all namespaces."""
        from netpolc.passes.resolve.slip_index import SlipIndex  # noqa: PLC0415 - most names are known

        return SlipIndex(self._cluster.services.keys() | self._cluster.groups.keys())

    def viewpoint(self, namespace: str, *, egress: bool, dns: tuple[Grant, ...]) -> Viewpoint:
        """The viewpoint of a namespace's statements."""
        own = self._own.get(namespace)
        vocabulary = namespace if own and (own.label or own.services or own.groups) else ""
        # Equal addresses may be written in other blocks.
        written = tuple(
            grant.peer.addresses.blocks if isinstance(grant.peer, Outside) else () for grant in dns
        )
        known = self._expansions.setdefault((vocabulary, egress, dns, written), {})
        peers = self._peers.setdefault((vocabulary, egress), {})
        return Viewpoint(
            namespace=namespace,
            egress=egress,
            dns=dns,
            known=known,
            peers=peers,
            ports=self._ports,
        )


Meaning: TypeAlias = tuple[Selector, str | None, ServiceDeclaration | None]
"""The pods of a service; the scope and the statement that declare it, if one does."""


def _remembered(scope: Scope, memory: Memory) -> Declared:
    kinds: tuple[type[Statement], ...] = (LabelSetting, ServiceDeclaration, GroupDeclaration)
    inputs: Inputs = tuple(scope.of_type(kind) for kind in kinds)
    return memory.once("declared", scope.namespace, inputs, partial(_declared, scope))


def _declared(scope: Scope) -> Declared:
    findings: list[Diagnostic] = []
    label = one_value(scope.of_type(LabelSetting), findings, "label", words(scope))
    declared = Declared(scope.namespace, label.key.text if label else None, {}, {}, findings)
    for service in scope.of_type(ServiceDeclaration):
        pods = selector_of(service.pods, findings)
        _, first = declared.services.setdefault(service.name.text, (pods, service))
        if declared.services[service.name.text][0] != pods:
            findings.append(_ambiguous(service.name, first.name.span, words(scope)))
    for group in scope.of_type(GroupDeclaration):
        first_group = declared.groups.setdefault(group.name.text, group)
        if first_group != group:
            findings.append(_ambiguous(group.name, first_group.name.span, words(scope)))
        if group.name.text in declared.services:
            first = declared.services[group.name.text][1]
            findings.append(_ambiguous(group.name, first.name.span, words(scope)))
    return declared


def _ambiguous(name: Name, first: Span, where: str) -> Diagnostic:
    return Diagnostic(
        rule=AMBIGUOUS_NAME,
        message=f"`{name.text}` has two meanings in {where}",
        label=Label(name.span, "declared again, differently"),
        others=(Label(first, "first declared here"),),
        help="give one of the two another name",
    )


def selector_of(test: LabelTest, findings: list[Diagnostic]) -> Selector:
    """A selector in braces, in canonical form; one that nothing meets is added to `findings`."""
    selector = Selector.of((r.key.text, _allowed(r)) for r in test.requirements)
    if selector.impossible:
        findings.append(
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
