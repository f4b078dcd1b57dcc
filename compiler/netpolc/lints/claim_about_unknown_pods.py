"""Assertions about pods that nothing else speaks of.

A mistyped name in an assertion makes a claim about pods that do not exist, which is easily
proved and assures nobody of anything. So the names in assertions are looked up as those in
arrows are: among declarations, the subjects and peers of policies, and what runs. Where the
workloads of a namespace are given, `unmatched_selector` judges every selector by them.
"""

from collections.abc import Iterator, Mapping
from functools import partial

from netpolc.analysis.tiers import NO_TIERS, Tiers
from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.diagnostics.spelling import nearest
from netpolc.ir.model import Policies, PolicySet
from netpolc.kube.inventory import Inventory
from netpolc.kube.label_conventions import DEFAULT_LABEL
from netpolc.kube.peers import Pods
from netpolc.kube.selectors import Selector
from netpolc.lints.written_peer import pods_span
from netpolc.memory import NO_MEMORY, Memory
from netpolc.program.model import Assertion, Namespace, Program
from netpolc.provenance import Origin
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
) -> Iterator[Diagnostic]:
    """Name the assertions whose subject or peer is a name that no other statement uses.

    An assertion of a cluster section is about many namespaces, and is named only where the
    name is unknown in all of them.
    """
    known = _Known(program, policies, inventory, tiers, memory)
    missed: dict[tuple[Origin, Selector], Diagnostic] = {}
    met: set[tuple[Origin, Selector]] = set()
    for assertion in program.assertions:
        for pods in _pods(assertion):
            place = (assertion.origin, pods.pods)
            finding = known.problem(assertion, pods)
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
    """The reason why pods are unknown, with advice."""

    message: str
    label: str
    help: str


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
        self._running = {workload.namespace for workload in inventory.workloads}
        spoken = [
            *(
                memory.once("declared pods", name, (namespace,), partial(_declared, namespace))
                for name, namespace in program.namespaces.items()
            ),
            *(
                memory.once("spoken of", name, (one,), partial(_spoken_of, one))
                for name, one in policies.namespaces.items()
            ),
            _named_by_tiers(tiers),
        ]
        self._selectors: dict[str, list[set[Selector]]] = {}
        for some in spoken:
            for home, selectors in some.items():
                self._selectors.setdefault(home, []).append(selectors)

    def problem(self, assertion: Assertion, pods: Pods) -> Diagnostic | None:
        """The finding about the pods of an assertion, if nothing else speaks of them."""
        home = pods.home(assertion.home or "")
        if not home or home in self._running:
            return None
        unknown = self._in(home, pods.pods, subject=pods is assertion.subject)
        own = self._program.namespaces.get(home)
        services = {} if own is None else own.services
        span = pods_span(assertion.origin, pods.pods, services)
        if unknown is None or span is None:
            return None
        return Diagnostic(
            rule=CLAIM_ABOUT_UNKNOWN_PODS,
            message=unknown.message,
            label=Label(span, unknown.label),
            help=unknown.help,
        )

    def _in(self, home: str, pods: Selector, *, subject: bool) -> _Unknown | None:
        several = self._selectors.get(home)
        if several is None:
            guess = nearest(home, {*self._selectors, *self._running})
            if guess is None and not subject:
                return None
            return _Unknown(
                message=f"nothing else speaks of namespace `{home}`",
                label="is about pods that are not known",
                help=_did_you_mean(guess, "give the namespace's intents or manifests as well"),
            )
        known = set[Selector]().union(*several)
        own = self._program.namespaces.get(home)
        name = _name(pods.exact_labels(), own.label if own else DEFAULT_LABEL)
        if name is None or any(
            pods <= selector or selector <= pods for selector in _limited(known)
        ):
            return None
        guess = nearest(name, _names(known, own.label if own else DEFAULT_LABEL))
        if guess is None and not subject:
            return None
        return _Unknown(
            message=f"nothing else speaks of `{name}` in namespace `{home}`",
            label="is about pods that are not known",
            help=_did_you_mean(guess, "declare the service, or give the workloads by `--with`"),
        )


def _declared(namespace: Namespace) -> dict[str, set[Selector]]:
    """The pods of a namespace that services are declared to be."""
    return {
        namespace.name: {
            service.pods for service in namespace.services.values() if service.declared
        }
    }


def _spoken_of(policies: PolicySet) -> dict[str, set[Selector]]:
    """The pods that the policies of a namespace select, there and in other namespaces by name."""
    found = {policies.namespace: {subject.selector for subject in policies.subjects}}
    for allow in policies.allows:
        home = allow.peer.home(policies.namespace) if isinstance(allow.peer, Pods) else None
        if home is not None and isinstance(allow.peer, Pods):
            found.setdefault(home, set()).add(allow.peer.pods)
    return found


def _named_by_tiers(tiers: Tiers) -> dict[str, set[Selector]]:
    """The pods that rules of tiers speak of, by namespace; an enforced assertion is none of others."""
    found: dict[str, set[Selector]] = {}
    for rule in tiers.rules:
        for end in (rule.subject, *rule.peers):
            home = end.home("") if isinstance(end, Pods) and not rule.is_enforced else None
            if home and isinstance(end, Pods):
                found.setdefault(home, set()).add(end.pods)
    return found


def _limited(known: set[Selector]) -> Iterator[Selector]:
    return (selector for selector in known if not selector.is_everything)


def _name(labels: Mapping[str, str] | None, label: str) -> str | None:
    """The bare name that means these labels; None where none does."""
    return labels[label] if labels is not None and list(labels) == [label] else None


def _names(known: set[Selector], label: str) -> list[str]:
    return sorted(
        value
        for selector in known
        for key, allowed in selector.requirements
        if key == label
        for value in allowed.values
    )


def _did_you_mean(guess: str | None, otherwise: str) -> str:
    return f"did you mean `{guess}`?" if guess is not None else otherwise
