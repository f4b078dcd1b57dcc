"""Ports that are not the ones which arrive at the pod.

In an ambient mesh traffic between pods of the mesh arrives on port 15008, whatever port was
called (Istio, "Ambient and Kubernetes NetworkPolicy"). The name service of OpenShift is
called on port 53, and its pods listen on 5353.
"""

from collections.abc import Iterator, Mapping

from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.kube.inventory import Inventory
from netpolc.kube.peers import Direction, Pods
from netpolc.kube.platform import MESH_PORT, mesh_ports
from netpolc.kube.selectors import Selector
from netpolc.lints.manifests.policy_source import Written, WrittenRule

AMBIENT_MESH = Rule(code="NP649", name="ambient-mesh-port", severity=Severity.NOTE)
OPENSHIFT_DNS = Rule(code="NP650", name="openshift-dns-port", severity=Severity.NOTE)

_DNS, _OPENSHIFT_DNS = 53, 5353


def mesh_and_dns_ports(written: Written) -> Iterator[Diagnostic]:
    """Report the rules whose ports do not admit the traffic of a mesh, or of OpenShift's DNS."""
    for rule in written.rules():
        yield from _mesh(rule, written)
        yield from _dns(rule)


def _mesh(rule: WrittenRule, written: Written) -> Iterator[Diagnostic]:
    policy = rule.policy
    if rule.direction is not Direction.INGRESS or not rule.traffic.tcp:
        return
    labels = written.labels.get(policy.namespace, {})
    if not is_in_mesh(policy.namespace, labels, policy.subject, written.inventory):
        return
    opened = (
        other.traffic.tcp
        for same in written.namespaces[policy.namespace]
        if policy.subject <= same.subject
        for other in same.of(Direction.INGRESS)
    )
    if not any(MESH_PORT in numbers for numbers in opened):
        yield Diagnostic(
            rule=AMBIENT_MESH,
            message=f"traffic of the ambient mesh arrives on port {MESH_PORT}, which no rule permits",
            label=Label(rule.span, f"{rule.path}: to pods of the mesh"),
            help=f"add port {MESH_PORT} to the rule",
        )


def is_in_mesh(
    namespace: str, labels: Mapping[str, str], pods: Selector, inventory: Inventory
) -> bool:
    """Whether pods of a namespace are in the ambient mesh."""
    known = [workload.labels for workload in inventory.matching(namespace, pods)]
    return any(MESH_PORT in mesh_ports(labels, own) for own in known or [{}])


def _dns(rule: WrittenRule) -> Iterator[Diagnostic]:
    numbers = rule.traffic.udp | rule.traffic.tcp
    if rule.direction is not Direction.EGRESS:
        return
    if _DNS not in numbers or _OPENSHIFT_DNS in numbers:
        return
    for _, meant, span, path in rule.entries():
        if isinstance(meant, Pods) and meant.home(rule.policy.namespace) == "openshift-dns":
            yield Diagnostic(
                rule=OPENSHIFT_DNS,
                message=f"the pods in namespace `openshift-dns` listen on port {_OPENSHIFT_DNS}, not {_DNS}",
                label=Label(span, path),
                help=f"write port {_OPENSHIFT_DNS}",
            )
