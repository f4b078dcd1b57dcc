"""Addresses of Services in blocks.

A policy is applied after a Service's address has been translated into that of a pod or a
node (API reference, NetworkPolicyPeer; on most network plugins), and a block is for
addresses outside. A block with the address of a Service therefore matches nothing. The
addresses that every cluster of a kind gives to its API server and its name service are
the first and the tenth of the default range, so they can be recognised.
"""

from collections.abc import Iterator

from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.kube.cidr import Cidr
from netpolc.kube.peers import Direction, Outside
from netpolc.kube.ports import Protocol, Traffic
from netpolc.lints.manifests.policy_source import Written, within

SERVICE_ADDRESS = Rule(code="NP633", name="service-address", severity=Severity.WARNING)

_RANGES = {
    "10.96.0.0": "kubeadm",
    "172.30.0.0": "OpenShift",
    "10.43.0.0": "k3s",
    "172.20.0.0": "EKS",
    "10.100.0.0": "EKS",
    "10.152.183.0": "MicroK8s",
}
_SERVICES = {
    1: ("the API server", Traffic.of([(Protocol.TCP, 443, 443), (Protocol.TCP, 6443, 6443)])),
    10: ("the name service", Traffic.of([(p, 53, 53) for p in (Protocol.UDP, Protocol.TCP)])),
}
_ADDRESSES = {
    Cidr(4, Cidr.parse(f"{network}/32").first + number, 32): (*what, where)
    for network, where in _RANGES.items()
    for number, what in _SERVICES.items()
}


def service_addresses(written: Written) -> Iterator[Diagnostic]:
    """Name the blocks that are the address of a Service in common clusters."""
    for rule in written.rules():
        if rule.direction is not Direction.EGRESS:
            continue
        for _, meant, span, path in rule.entries():
            blocks = meant.addresses.blocks if isinstance(meant, Outside) else ()
            for block in blocks:
                what, ports, where = _ADDRESSES.get(block.cidr, ("", Traffic(), ""))
                if rule.traffic <= ports:
                    yield Diagnostic(
                        rule=SERVICE_ADDRESS,
                        message=f"`{block.cidr}` is the Service of {what} on {where}",
                        label=Label(within(span, "cidr"), f"{path}.ipBlock.cidr"),
                        help="name the pods behind it, or the addresses of the nodes they run on",
                    )
