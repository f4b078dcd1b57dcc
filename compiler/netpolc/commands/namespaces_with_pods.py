"""The namespaces in which the names of a question mean something.

A question with bare names is about one namespace. Asked about the wrong one it gets an answer
about pods that do not exist, so the namespaces that do have such pods are named.
"""

from collections.abc import Collection, Iterable

from netpolc.commands.pipeline import Compilation
from netpolc.kube.peers import Pods
from netpolc.kube.selectors import Selector
from netpolc.lints.written_peer import own_pods_span
from netpolc.program.model import Assertion


def pods_at_home(assertions: Iterable[Assertion], home: str) -> dict[int, Selector]:
    """Return the pods that a question looks up in its home, by the place in its text where they are written first."""
    places: dict[int, Selector] = {}
    for assertion in assertions:
        for pods in (assertion.subject, *(grant.peer for grant in assertion.grants)):
            if (
                isinstance(pods, Pods)
                and pods.home(home) == home
                and not pods.pods.is_everything
                and (span := own_pods_span(assertion.origin, pods.pods, {})) is not None
            ):
                places.setdefault(span.start, pods.pods)
    return places


def namespaces_with_pods(
    asked: Collection[Selector], home: str, known: Compilation
) -> tuple[str, ...]:
    """Return the namespaces other than `home` that know all of some pods."""
    candidates = {
        *known.whole.namespaces,
        *(workload.namespace for workload in known.inventory.workloads),
    }
    return tuple(
        name
        for name in sorted(candidates - {home})
        if asked and all(_has(known, name, pods) for pods in asked)
    )


def _has(known: Compilation, namespace: str, pods: Selector) -> bool:
    """Whether a policy of the namespace is about such pods, or a workload runs there."""
    policies = known.whole.namespaces.get(namespace)
    selectors: set[Selector] = set()
    if policies is not None:
        selectors |= {subject.selector for subject in policies.subjects}
        selectors |= {
            allow.peer.pods
            for allow in policies.allows
            if isinstance(allow.peer, Pods) and allow.peer.home(namespace) == namespace
        }
    return any(pods <= selector for selector in selectors if not selector.is_everything) or any(
        workload.surely_matches(pods)
        for workload in known.inventory.workloads
        if workload.namespace == namespace
    )
