"""Assertions about pods that nothing else names.

A mistyped name in an assertion makes a claim about pods that do not exist, which is easily
proved and assures nobody of anything. So the names in assertions are looked up as those in
arrows are: among declarations, the subjects and peers of policies, and what runs. Where the
workloads of a namespace are given, `unmatched_selector` judges every selector by them.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property, partial

from netpolc.analysis.tiers import NO_TIERS, Tiers
from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.diagnostics.spelling import KnownWords
from netpolc.ir.model import Policies, PolicySet
from netpolc.kube.display import selector_text
from netpolc.kube.inventory import Inventory
from netpolc.kube.label_conventions import DEFAULT_LABEL, SERVICE_KEYS
from netpolc.kube.peers import Pods
from netpolc.kube.selector_index import SelectorIndex
from netpolc.kube.selectors import Selector
from netpolc.lints.written_peer import namespace_span, own_pods_span
from netpolc.memory import NO_MEMORY, Memory
from netpolc.program.model import Assertion, Namespace, Program
from netpolc.provenance import Origin
from netpolc.source import Span
from netpolc.values import frozen

CLAIM_ABOUT_UNKNOWN_PODS = Rule(
    code="NP613", name="claim-about-unknown-pods", severity=Severity.WARNING
)


def claims_about_unknown_pods(
    program: Program,
    policies: Policies,
    inventory: Inventory,
    tiers: Tiers = NO_TIERS,
    memory: Memory = NO_MEMORY,
    *,
    exact: bool = False,
) -> Iterator[Diagnostic]:
    """Report the assertions whose subject or peer is a name that no other statement uses.

    An assertion of a cluster section is about many namespaces, and is named only where the
    name is unknown in all of them. That an unknown peer never connects may be just what is claimed, so
    such a peer is named only if it is spelt like a known one; with `exact`, in any case.
    """
    known = _Known(program, policies, inventory, tiers, memory)
    missed: dict[tuple[Origin, Selector], Diagnostic] = {}
    met: set[tuple[Origin, Selector]] = set()
    for assertion in program.assertions:
        for pods in _pods(assertion):
            place = (assertion.origin, pods.pods)
            finding = known.problem(assertion, pods, exact=exact)
            if finding is None:
                met.add(place)
            else:
                missed.setdefault(place, finding)
    yield from (finding for place, finding in missed.items() if place not in met)


def _pods(assertion: Assertion) -> Iterator[Pods]:
    """The subject of an assertion, then its peers."""
    yield assertion.subject
    yield from (g.peer for g in assertion.grants if isinstance(g.peer, Pods))


@frozen(kw_only=True)
class _Unknown:
    """What nothing else names, the known name that is spelt nearly like it, and advice otherwise."""

    what: str
    guess: str | None
    advice: str = "declare the service, or give the workloads by `--with`"


@frozen(kw_only=True)
class _NamedPods:
    """How statements name pods of a namespace: selectors that do not select all pods, names, and values of labels."""

    selectors: SelectorIndex[Selector]
    names: KnownWords
    labels: frozenset[tuple[str, str]]

    def by_another_label(self, name: str) -> str | None:
        """The selector of pods that are called by this name, but by another label."""
        key = next((key for key in SERVICE_KEYS if (key, name) in self.labels), None)
        return None if key is None else selector_text(Selector.labels({key: name}))


class _Known:
    """The namespaces and names that statements, policies and workloads use."""

    def __init__(
        self,
        program: Program,
        policies: Policies,
        inventory: Inventory,
        tiers: Tiers,
        memory: Memory,
    ) -> None:
        self._program = program
        self._workloads = inventory.workloads
        self._running = {workload.namespace for workload in inventory.workloads}
        spoken = [
            *(
                memory.once("declared pods", name, (namespace,), partial(_declared, namespace))
                for name, namespace in program.namespaces.items()
            ),
            *(
                memory.once("spoken of", name, (policy_set,), partial(_spoken_of, policy_set))
                for name, policy_set in policies.namespaces.items()
            ),
            _named_by_tiers(tiers),
        ]
        self._selectors: dict[str, list[set[Selector]]] = {}
        for some in spoken:
            for home, selectors in some.items():
                self._selectors.setdefault(home, []).append(selectors)
        self._known: dict[str, _NamedPods] = {}

    def problem(self, assertion: Assertion, pods: Pods, *, exact: bool) -> Diagnostic | None:
        """The finding about the pods of an assertion, if nothing else names them."""
        home = pods.home(assertion.home or "")
        if home in self._running:
            return None
        exact = exact or pods is assertion.subject
        unknown = self._in(home, pods.pods) if home else self._anywhere(pods.pods)
        if unknown is None or not (exact or unknown.guess):
            return None
        span = self._span(assertion.origin, pods.pods, home or "")
        if span is None and not exact:
            # A group means them, in which the name may be misspelt.
            span = assertion.origin.span
        if span is None:
            return None
        return Diagnostic(
            rule=CLAIM_ABOUT_UNKNOWN_PODS,
            message=f"nothing else names {unknown.what}",
            label=Label(span, "is about pods that are not known"),
            help=unknown.advice if unknown.guess is None else f"did you mean `{unknown.guess}`?",
        )

    def _span(self, origin: Origin, pods: Selector, home: str) -> Span | None:
        """The place where a statement writes pods itself."""
        own = self._program.namespaces.get(home)
        place = own_pods_span(origin, pods, {} if own is None else own.services)
        return place if place is not None or not home else namespace_span(origin, home)

    def _in(self, home: str, pods: Selector) -> _Unknown | None:
        """The unknown part of pods in a namespace: the namespace, or their name there."""
        if home not in self._selectors:
            guess = self._homes.nearest(home)
            advice = "give the namespace's intents or manifests as well"
            return _Unknown(what=f"namespace `{home}`", guess=guess, advice=advice)
        name = _name(pods.exact_labels(), self._label(home))
        if name is None:
            return None
        known = self._known_in(home)
        if _is_among(pods, known.selectors):
            return None
        guess = known.by_another_label(name) or known.names.nearest(name)
        return _Unknown(what=f"`{name}` in namespace `{home}`", guess=guess)

    def _known_in(self, home: str) -> _NamedPods:
        """How statements name the pods of a namespace; indexed once."""
        if home not in self._known:
            self._known[home] = self._indexed((home,))
        return self._known[home]

    def _indexed(self, homes: Iterable[str]) -> _NamedPods:
        selectors: set[Selector] = set()
        names: set[str] = set()
        for home in homes:
            own = set[Selector]().union(*self._selectors[home])
            selectors |= own
            names.update(_names(own, self._label(home)))
        return _NamedPods(
            selectors=SelectorIndex.of(s for s in selectors if not s.is_everything),
            names=KnownWords(names),
            labels=frozenset(
                (key, value)
                for selector in selectors
                for key, allowed in selector.requirements
                if (value := allowed.single) is not None
            ),
        )

    @cached_property
    def _everywhere(self) -> _NamedPods:
        """The same of all namespaces."""
        return self._indexed(self._selectors)

    @cached_property
    def _labels(self) -> set[str]:
        """The label keys of names; where namespaces differ in it, no name is unknown in all of them."""
        return {self._label(home) for home in self._selectors}

    @cached_property
    def _homes(self) -> KnownWords:
        """The names of namespaces."""
        return KnownWords((*self._selectors, *self._running))

    def _anywhere(self, pods: Selector) -> _Unknown | None:
        """The name of pods of many namespaces, if it is unknown in all of them."""
        labels = pods.exact_labels()
        unknown = _name(labels, next(iter(self._labels))) if len(self._labels) == 1 else None
        if unknown is None:
            return None
        known = self._everywhere
        if _is_among(pods, known.selectors) or any(w.may_match(pods) for w in self._workloads):
            return None
        return _Unknown(what=f"`{unknown}` in any namespace", guess=known.names.nearest(unknown))

    def _label(self, home: str) -> str:
        own = self._program.namespaces.get(home)
        return own.label if own else DEFAULT_LABEL


def _declared(namespace: Namespace) -> dict[str, set[Selector]]:
    """The pods of a namespace that services are declared to be."""
    return {
        namespace.name: {
            service.pods for service in namespace.services.values() if service.declared
        }
    }


def _spoken_of(policies: PolicySet) -> dict[str, set[Selector]]:
    """The pods that the policies of a namespace select, there and in other namespaces by name."""
    by_namespace = {policies.namespace: {subject.selector for subject in policies.subjects}}
    for allow in policies.allows:
        home = allow.peer.home(policies.namespace) if isinstance(allow.peer, Pods) else None
        if home is not None and isinstance(allow.peer, Pods):
            by_namespace.setdefault(home, set()).add(allow.peer.pods)
    return by_namespace


def _named_by_tiers(tiers: Tiers) -> dict[str, set[Selector]]:
    """The pods that rules of tiers name, by namespace; an enforced assertion is none of others."""
    by_namespace: dict[str, set[Selector]] = {}
    for rule in tiers.rules:
        for end in (rule.subject, *rule.peers):
            home = end.home("") if isinstance(end, Pods) and not rule.is_enforced else None
            if home and isinstance(end, Pods):
                by_namespace.setdefault(home, set()).add(end.pods)
    return by_namespace


def _is_among(pods: Selector, known: SelectorIndex[Selector]) -> bool:
    """Whether pods are some of the known ones, or the other way round."""
    return known.covers(pods) or any(selector <= pods for selector in known.overlapping(pods))


def _name(labels: Mapping[str, str] | None, label: str) -> str | None:
    """The bare name that means these labels; None where none does."""
    return labels[label] if labels is not None and list(labels) == [label] else None


def _names(known: set[Selector], label: str) -> Iterator[str]:
    """The names that a label has in selectors."""
    for selector in known:
        for key, allowed in selector.requirements:
            if key == label:
                yield from allowed.values
