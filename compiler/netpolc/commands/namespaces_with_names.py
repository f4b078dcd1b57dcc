"""The namespaces in which the names of a question mean something.

A question with bare names is about one namespace. Asked about the wrong one it gets an answer
about pods that do not exist, so the namespaces that do have such pods are named.
"""

from collections.abc import Iterable

from netpolc.commands.pipeline import Compilation
from netpolc.kube.peers import Pods
from netpolc.kube.selectors import Selector
from netpolc.program.model import Assertion


def namespaces_with_names(
    assertions: Iterable[Assertion], home: str, known: Compilation
) -> tuple[str, ...]:
    """Return the namespaces other than `home` that know all pods which the assertions place there."""
    asked = {
        pods.pods
        for assertion in assertions
        for pods in (assertion.subject, *(grant.peer for grant in assertion.grants))
        if isinstance(pods, Pods) and pods.home(home) == home and not pods.pods.is_everything
    }
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
