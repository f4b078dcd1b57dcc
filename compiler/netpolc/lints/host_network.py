"""Policies for pods on the host's network.

Such a pod has its node's address, so policies mostly do not apply to it, and selectors of
peers mostly do not match it (Kubernetes, "NetworkPolicy and hostNetwork pods": undefined).
A policy that selects only such pods protects nothing, and a rule that permits only such
pods permits nobody.
"""

from collections.abc import Iterator

from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.ir.model import Policies, PolicySet
from netpolc.kube.display import selector_text
from netpolc.kube.inventory import Inventory, Workload
from netpolc.kube.peers import Pods
from netpolc.kube.selectors import Selector
from netpolc.provenance import Origin, Origins, Role

HOST_NETWORK = Rule(code="NP614", name="host-network", severity=Severity.WARNING)


def host_network_pods(policies: Policies, inventory: Inventory) -> Iterator[Diagnostic]:
    """Report the statements whose subject or peer matches only pods on the host's network."""
    if not any(workload.host_network for workload in inventory.workloads):
        return
    reported: set[tuple[Origin, str]] = set()
    for policy_set in policies.namespaces.values():
        for finding, origin in _findings(policy_set, inventory):
            key = (origin, finding.message)
            if key not in reported:
                reported.add(key)
                yield finding


def _findings(policies: PolicySet, inventory: Inventory) -> Iterator[tuple[Diagnostic, Origin]]:
    for subject in policies.subjects:
        host = _only_on_host(inventory, policies.namespace, subject.selector)
        if host is not None:
            message = f"policies do not protect `{host}`, which is on the host's network"
            text = f"`{selector_text(subject.selector)}` matches no other known pods"
            advice = "protect the nodes' own addresses, or take the pods off the host's network"
            for origin in _written(subject.origins):
                yield from _at(origin, message, text, advice)
    for allow in policies.allows:
        home = allow.peer.home(policies.namespace) if isinstance(allow.peer, Pods) else None
        if home is None or not isinstance(allow.peer, Pods):
            continue
        host = _only_on_host(inventory, home, allow.peer.pods)
        if host is not None:
            message = f"no selector matches `{host}`, which is on the host's network"
            text = f"`{selector_text(allow.peer.pods)}` matches no other known pods"
            for origin in _written(allow.origins):
                yield from _at(origin, message, text, "write the addresses of the nodes instead")


def _only_on_host(inventory: Inventory, namespace: str, pods: Selector) -> Workload | None:
    """The first of the workloads that a selector matches, if all of them are on the host's network."""
    matched = inventory.matching(namespace, pods)
    return matched[0] if matched and all(workload.host_network for workload in matched) else None


def _written(origins: Origins) -> Iterator[Origin]:
    """The origins that name the pods themselves; a mirrored end repeats another's."""
    return (origin for origin in origins if origin.role in {Role.ARROW, Role.POLICY})


def _at(
    origin: Origin, message: str, text: str, advice: str
) -> Iterator[tuple[Diagnostic, Origin]]:
    if origin.span is not None:
        label = Label(origin.span, text)
        yield Diagnostic(rule=HOST_NETWORK, message=message, label=label, help=advice), origin
