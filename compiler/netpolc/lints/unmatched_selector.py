"""Selectors that match nothing that is known to run.

Policies select by the labels of pod templates. A label of the Deployment or the Service
around them, a mistyped value, or a service that was renamed selects nothing, and a
policy that selects nothing looks exactly like one that works. Where the workloads of a
namespace are given, that can be seen.

A namespace without a given workload is not judged, and neither is a selector that may
mean pods which an operator makes for a custom object there.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import TypeAlias

from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.diagnostics.spelling import KnownWords
from netpolc.ir.model import Policies, PolicySet
from netpolc.kube.display import selector_text
from netpolc.kube.inventory import CustomObject, Inventory, Workload
from netpolc.kube.label_conventions import SERVICE_KEYS
from netpolc.kube.peers import Pods
from netpolc.kube.selectors import Selector
from netpolc.lints.written_peer import pods_span
from netpolc.program.model import Assertion, Program, Service
from netpolc.provenance import Origin, Origins, Role
from netpolc.sets import ValueSet
from netpolc.source import Span
from netpolc.values import frozen

UNMATCHED_SELECTOR = Rule(code="NP608", name="unmatched-selector", severity=Severity.WARNING)


def unmatched_selectors(
    program: Program, policies: Policies, inventory: Inventory
) -> Iterator[Diagnostic]:
    """Report the statements whose subject or peer matches no workload that is given.

    A statement of a cluster section is about many namespaces, and is named only where it
    matches in none of them.
    """
    if not inventory.workloads:
        return
    by_namespace: dict[str, list[Workload]] = {}
    for workload in inventory.workloads:
        by_namespace.setdefault(workload.namespace, []).append(workload)
    customs: dict[str, list[CustomObject]] = {}
    for custom_object in inventory.customs:
        customs.setdefault(custom_object.namespace, []).append(custom_object)
    met: set[_Place] = set()
    missed: list[_Chosen] = []
    written = (
        chosen for policy_set in policies.namespaces.values() for chosen in _chosen(policy_set)
    )
    claimed = (chosen for assertion in program.assertions for chosen in _claimed(assertion))
    for chosen in (*written, *claimed):
        workloads = by_namespace.get(chosen.home, [])
        made = any(
            custom_object.may_make(chosen.selector)
            for custom_object in customs.get(chosen.home, ())
        )
        if workloads and not made and not inventory.matching(chosen.home, chosen.selector):
            missed.append(chosen)
        else:
            met.update(chosen.places)
    known: dict[str, _Known] = {}
    for chosen in missed:
        place = next((place for place in chosen.places if place not in met), None)
        if place is not None:
            met.add(place)
            span = pods_span(place[0], chosen.selector, _services(program, chosen.home))
            if span is not None:
                if chosen.home not in known:
                    known[chosen.home] = _Known(by_namespace[chosen.home])
                yield _finding(chosen, span, known[chosen.home])


def _services(program: Program, namespace: str) -> Mapping[str, Service]:
    known = program.namespaces.get(namespace)
    return {} if known is None else known.services


_Place: TypeAlias = tuple[Origin, str, Selector | None]
"""A statement and a part of it: its subject, or a peer by namespace (empty for its own)."""


@frozen(kw_only=True)
class _Chosen:
    """A selector, the one namespace in which it selects, and its place."""

    home: str
    selector: Selector
    places: tuple[_Place, ...]


def _chosen(policies: PolicySet) -> Iterator[_Chosen]:
    """Each selector of a policy set once."""
    by_selector: dict[tuple[str, Selector], list[_Place]] = {}
    for isolation in policies.subjects:
        places = by_selector.setdefault((policies.namespace, isolation.selector), [])
        places += ((origin, "", None) for origin in _spoken(isolation.origins))
    for allow in policies.allows:
        peer = allow.peer
        home = peer.home(policies.namespace) if isinstance(peer, Pods) else None
        if home is not None and isinstance(peer, Pods):
            elsewhere = "" if peer.namespaces is None else home
            pods = peer.pods
            places = by_selector.setdefault((home, pods), [])
            places += ((origin, elsewhere, pods) for origin in _spoken(allow.origins))
    for (home, selector), places in by_selector.items():
        if not selector.is_everything and not selector.impossible:
            yield _Chosen(home=home, selector=selector, places=tuple(places))


def _claimed(assertion: Assertion) -> Iterator[_Chosen]:
    """The selectors of an assertion, each with the one namespace in which it selects."""
    peers = (grant.peer for grant in assertion.grants)
    for pods in (assertion.subject, *peers):
        home = pods.home(assertion.home or "") if isinstance(pods, Pods) else None
        if home and isinstance(pods, Pods) and not pods.pods.is_everything:
            elsewhere = "" if pods.namespaces is None else home
            selector = None if pods is assertion.subject else pods.pods
            yield _Chosen(
                home=home,
                selector=pods.pods,
                places=((assertion.origin, elsewhere, selector),),
            )


def _spoken(origins: Origins) -> Origins:
    """The origins that say the selector themselves; a mirrored end repeats another's."""
    return tuple(origin for origin in origins if origin.role in {Role.ARROW, Role.POLICY})


def _finding(chosen: _Chosen, span: Span, known: "_Known") -> Diagnostic:
    text = selector_text(chosen.selector)
    return Diagnostic(
        rule=UNMATCHED_SELECTOR,
        message=f"`{text}` matches no workload of namespace `{chosen.home}`",
        label=Label(span, "selects nothing that is known to run"),
        help=_help(chosen.selector, known),
    )


def _help(selector: Selector, known: "_Known") -> str:
    near = known.nearest(selector)
    if near is None:
        return "selectors look at the labels of the pod template"
    labels = ", ".join(f"{key}={value}" for key, value in sorted(near.labels.items()))
    return f"the nearest is `{near}`, whose pods are labelled {labels}"


class _Known:
    """The workloads of a namespace, by their labels and by names that are nearly theirs."""

    def __init__(self, workloads: list[Workload]) -> None:
        self._workloads = workloads
        self._by_label: dict[tuple[str, str], list[int]] = {}
        for number, workload in enumerate(workloads):
            for label in workload.labels.items():
                self._by_label.setdefault(label, []).append(number)
        self._by_name = {workload.name: workload for workload in workloads}
        self._names = KnownWords(sorted(self._by_name))

    def nearest(self, selector: Selector) -> Workload | None:
        """The first workload that most requirements match, or that has one of the values, or nearly, as its name."""
        matched = Counter(
            number
            for key, allowed in selector.requirements
            for number in self._having(key, allowed)
        )
        if matched:
            return self._workloads[min(matched, key=lambda number: (-matched[number], number))]
        for _, allowed in selector.requirements:
            for value in sorted(allowed.values) if allowed.is_finite else ():
                if (named := self._named(value)) is not None:
                    return named
        return None

    def _named(self, value: str) -> Workload | None:
        """The workload that another label calls by this name, else the one whose own name is nearest."""
        for key in SERVICE_KEYS:
            if numbers := self._by_label.get((key, value)):
                return self._workloads[numbers[0]]
        guess = value if value in self._by_name else self._names.nearest(value)
        return None if guess is None else self._by_name[guess]

    def _having(self, key: str, allowed: ValueSet) -> Iterable[int]:
        """The workloads, by number, whose label is one of the values."""
        if allowed.is_finite:
            return chain.from_iterable(self._by_label.get((key, v), ()) for v in allowed.values)
        return (n for n, w in enumerate(self._workloads) if w.labels.get(key) in allowed)
