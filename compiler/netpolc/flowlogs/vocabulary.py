"""Names of the intents for the pods of a log.

A log has labels, people have services. Where intents have a section for a namespace, its
words are used: a service that it declares, or its label key. Elsewhere the key and the
labels are chosen as `init` chooses them (`kube.service_names`). Pods that no labels
distinguish are called by the first service key that they have, or else by all of their
lasting labels; pods without any cannot be selected by a policy at all.
"""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import field
from typing import TypeAlias

from netpolc.analysis.query import PodEnd
from netpolc.analysis.tiers import NO_TIERS, Tiers
from netpolc.flowlogs.flows import PodParty, ServiceParty
from netpolc.ir.model import Policies
from netpolc.kube.label_conventions import (
    DEFAULT_LABEL,
    SERVICE_KEYS,
    is_added_at_runtime,
)
from netpolc.kube.name_rules import named_labels
from netpolc.kube.selector_index import SelectorIndex
from netpolc.kube.selectors import Selector
from netpolc.kube.service_names import (
    PodClass,
    distinct_names,
    identifying_labels,
    preferred_key,
)
from netpolc.passes.decompile.build_nodes import braces, word
from netpolc.program.model import Namespace, Program
from netpolc.provenance import StatementKind
from netpolc.sets import ValueSet
from netpolc.syntax import parts
from netpolc.values import frozen

_Labels: TypeAlias = Mapping[str, str]
_ABSENT = ValueSet(absent=True)


@frozen(kw_only=True)
class Intents:
    """The intents, and all policies of the cluster."""

    program: Program
    policies: Policies
    keys: frozenset[str] = field(default_factory=frozenset)
    tiers: Tiers = NO_TIERS

    def sets_for_all(self, kind: StatementKind) -> bool:
        """Whether the cluster section has a setting."""
        return any(d.kind is kind and not d.namespace for d in self.program.declarations)


@frozen(kw_only=True)
class Called:
    """Pods as a namespace calls them: what is written, and what it chooses."""

    pods: Selector
    test: parts.PodTest


class Names:
    """The words of every namespace, for the pods of a log."""

    __slots__ = (
        "_called",
        "_distinct",
        "_ends",
        "_groups",
        "_intents",
        "_labels",
        "_mirrors",
        "_services",
    )

    def __init__(self, intents: Intents, pods: Iterable[PodParty]) -> None:
        self._intents = intents
        self._called: dict[PodParty | ServiceParty, Called | None] = {}
        self._ends: dict[PodParty | ServiceParty, PodEnd] = {}
        self._services: dict[str, _Services] = {}
        self._labels: dict[str, str] = {}
        self._distinct: dict[PodClass, _Labels] = {}
        classes: dict[str, set[PodClass]] = {}
        for party in pods:
            classes.setdefault(party.namespace, set()).add(_pod_class(party))
        for namespace, of_namespace in classes.items():
            self._labels[namespace] = preferred_key(of_namespace)
            self._distinct.update(_distinct_labels(of_namespace, self.label(namespace)))
        declared = intents.program.declarations
        self._mirrors = not intents.sets_for_all(StatementKind.MIRROR)
        self._groups = {
            declaration.name for declaration in declared if declaration.kind is StatementKind.GROUP
        }

    def label(self, namespace: str) -> str:
        """The key of the labels that bare names of a namespace mean."""
        home = self._home(namespace)
        return self._labels.get(namespace, DEFAULT_LABEL) if home is None else home.label

    def mirrors(self, namespace: str) -> bool:
        """Whether an arrow inside a namespace opens both ends."""
        home = self._home(namespace)
        if home is None:
            return self._mirrors
        return home.mirror

    def called(self, party: PodParty | ServiceParty) -> Called | None:
        """The name of pods; None if no label distinguishes them from others."""
        if party not in self._called:
            self._called[party] = self._chosen(party)
        return self._called[party]

    def _chosen(self, party: PodParty | ServiceParty) -> Called | None:
        called = self._without_groups(party)
        if (
            called is not None
            and isinstance(called.test, parts.Name)
            and called.test.text in self._groups
        ):
            # A bare name would be the group's.
            return Called(pods=called.pods, test=braces(called.pods))
        return called

    def _without_groups(self, party: PodParty | ServiceParty) -> Called | None:
        if party.namespace not in self._services:
            self._services[party.namespace] = _Services(self._home(party.namespace))
        services = self._services[party.namespace]
        label = self.label(party.namespace)
        if isinstance(party, ServiceParty):
            pods = services.pods.get(party.service) or Selector.labels({label: party.service})
            return Called(pods=pods, test=word(party.service))
        declared = services.of({key: value for key, value in party.labels if value})
        if declared is not None:
            return declared
        known = _pod_class(party)
        labels = self._distinct.get(known)
        if labels is not None and not services.is_among(Selector.labels(labels)):
            return _in_braces(labels)
        return _by_labels(services, dict(known.labels), label)

    def end(self, party: PodParty | ServiceParty) -> PodEnd:
        """The known labels of the pods, as one end of a query about the intents."""
        if party not in self._ends:
            self._ends[party] = self._end(party)
        return self._ends[party]

    def _end(self, party: PodParty | ServiceParty) -> PodEnd:
        if isinstance(party, ServiceParty):
            called = self.called(party)
            assert called is not None
            return PodEnd(Selector.namespace(party.namespace), called.pods)
        known = {key: ValueSet.among(value) for key, value in party.labels}
        if party.complete:
            silent = (
                k for k in self._intents.keys if k not in known and not is_added_at_runtime(k)
            )
            known |= dict.fromkeys(silent, _ABSENT)
        return PodEnd(self._namespaces(party), Selector.of(known.items()))

    def _namespaces(self, party: PodParty) -> Selector:
        """The namespace with its stated labels, then the labels of the log."""
        policies = self._intents.policies.namespaces.get(party.namespace)
        labels = {} if policies is None else dict(policies.labels)
        if policies is None or not policies.complete:
            labels = {**dict(party.namespace_labels), **labels}
        return Selector.labels(named_labels(labels, party.namespace))

    def _home(self, namespace: str) -> Namespace | None:
        return self._intents.program.namespaces.get(namespace)


def _pod_class(party: PodParty) -> PodClass:
    return PodClass(party.namespace, "", identifying_labels(dict(party.labels)))


def _distinct_labels(
    classes: AbstractSet[PodClass], key: str
) -> Iterator[tuple[PodClass, _Labels]]:
    """The labels of each class that the key alone does not distinguish, as `init` declares them.

    Where pods that no labels distinguish have the same value of the key, the value has to name
    all of them.
    """
    names = distinct_names(classes, key)
    shared = {
        value for pod_class in classes - names.keys() for k, value in pod_class.labels if k == key
    }
    for pods, name in names.items():
        if name.labels and dict(pods.labels).get(key) not in shared:
            yield pods, dict(name.labels)


class _Services:
    """The declared services of one namespace, `pods` by name."""

    __slots__ = ("_index", "pods")

    def __init__(self, home: Namespace | None) -> None:
        services = {} if home is None else home.services
        self.pods = {name: service.pods for name, service in services.items()}
        self._index = SelectorIndex((pods, name) for name, pods in self.pods.items())

    def of(self, labels: Mapping[str, str]) -> Called | None:
        """The service that the pods belong to; of several the one that asks for most."""
        candidates = [(-len(self.pods[n].requirements), n) for n in self._index.matching(labels)]
        if not candidates:
            return None
        _, name = min(candidates)
        return Called(pods=self.pods[name], test=word(name))

    def is_among(self, pods: Selector) -> bool:
        """Whether some of the pods are a declared service, to which the pods of a log do not belong."""
        return any(self.pods[name] <= pods for name in self._index.overlapping(pods))


def _by_labels(services: _Services, labels: Mapping[str, str], label: str) -> Called | None:
    key = next((key for key in (label, *SERVICE_KEYS) if key in labels), None)
    if key is None:
        return _in_braces(labels) if labels else None
    pods = Selector.labels({key: labels[key]})
    if services.is_among(pods):
        return _in_braces(labels)
    if key == label and labels[key] not in services.pods:
        return Called(pods=pods, test=word(labels[key]))
    return _in_braces({key: labels[key]})


def _in_braces(labels: Mapping[str, str]) -> Called:
    pods = Selector.labels(labels)
    return Called(pods=pods, test=braces(pods))
