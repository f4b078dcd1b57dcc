"""Ports that are not the ones which arrive at the pod.

In an ambient mesh traffic between pods of the mesh arrives on port 15008, whatever port was
called (Istio, "Ambient and Kubernetes NetworkPolicy"). The name service of OpenShift is
called on port 53, and its pods listen on 5353.
"""

from collections.abc import Iterator

from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.kube.peers import Direction, Pods
from netpolc.kube.ports import ALL_PORTS
from netpolc.lints.manifests.policy_source import Written, WrittenRule

AMBIENT_MESH = Rule(code="NP649", name="ambient-mesh-port", severity=Severity.NOTE)
OPENSHIFT_DNS = Rule(code="NP650", name="openshift-dns-port", severity=Severity.NOTE)

_MESH_PORT, _DNS, _OPENSHIFT_DNS = 15008, 53, 5353


def mesh_and_dns_ports(written: Written) -> Iterator[Diagnostic]:
    """Name the rules whose ports do not admit the traffic of a mesh, or of OpenShift's DNS."""
    for rule in written.rules():
        yield from _mesh(rule, written)
        yield from _dns(rule)


def _mesh(rule: WrittenRule, written: Written) -> Iterator[Diagnostic]:
    labels = written.labels.get(rule.policy.namespace, {})
    if rule.direction is not Direction.INGRESS or labels.get(_MODE) != "ambient":
        return
    opened = [other.traffic.tcp for other in rule.policy.of(Direction.INGRESS)]
    if rule.traffic.tcp and not any(_MESH_PORT in numbers for numbers in opened):
        yield Diagnostic(
            rule=AMBIENT_MESH,
            message=f"traffic of the ambient mesh arrives on port {_MESH_PORT}, which no rule permits",
            label=Label(rule.span, f"{rule.path}: in a namespace of the mesh"),
            help=f"add port {_MESH_PORT} to the rule",
        )


_MODE = "istio.io/dataplane-mode"


def _dns(rule: WrittenRule) -> Iterator[Diagnostic]:
    numbers = rule.traffic.udp
    if rule.direction is not Direction.EGRESS or numbers == ALL_PORTS:
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
