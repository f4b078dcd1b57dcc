"""Ports that are not the ones which arrive at the pod.

In an ambient mesh traffic between pods of the mesh leaves to port 15008 and arrives on it, whatever
port was called (Istio, "Ambient and Kubernetes NetworkPolicy"). The name service of OpenShift is
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
    if not rule.traffic.tcp or not _in_mesh(policy.namespace, policy.subject, written):
        return
    ingress = rule.direction is Direction.INGRESS
    if not ingress and not _is_to_mesh(rule, written):
        return
    opened = (
        other.traffic.tcp
        for same in written.namespaces[policy.namespace]
        if policy.subject <= same.subject
        for other in same.of(rule.direction)
    )
    if not any(MESH_PORT in numbers for numbers in opened):
        yield Diagnostic(
            rule=AMBIENT_MESH,
            message=no_mesh_port(rule.direction, "rule"),
            label=Label(rule.span, f"{rule.path}: to pods of the mesh"),
            help=f"add port {MESH_PORT} to the rule",
        )


def no_mesh_port(direction: Direction, permitting: str) -> str:
    """The message that no statement of a kind permits the traffic of the mesh in a direction."""
    verb = "arrives on" if direction is Direction.INGRESS else "leaves to"
    return f"traffic of the ambient mesh {verb} port {MESH_PORT}, which no {permitting} permits"


def _is_to_mesh(rule: WrittenRule, written: Written) -> bool:
    """Whether a peer of an egress rule is pods of the mesh in a known namespace."""
    homes = (
        (meant.home(rule.policy.namespace), meant.pods)
        for _, meant, _, _ in rule.entries()
        if isinstance(meant, Pods)
    )
    return any(home is not None and _in_mesh(home, pods, written) for home, pods in homes)


def _in_mesh(namespace: str, pods: Selector, written: Written) -> bool:
    return is_in_mesh(namespace, written.labels.get(namespace, {}), pods, written.inventory)


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
