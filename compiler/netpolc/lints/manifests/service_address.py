"""Addresses of Services in blocks.

A policy is applied after a Service's address has been translated into that of a pod or a
node (API reference, NetworkPolicyPeer; on most network plugins), and a block is for
addresses outside. A block with the address of a Service therefore matches nothing. The
addresses that every cluster of a kind gives to its API server and its name service are
the first and the tenth of the default range, so they can be recognised.
"""

from collections.abc import Iterator

from netpolc.diagnostics import Diagnostic, Kind, Label, Severity
from netpolc.kube.blocks import Cidr
from netpolc.kube.peers import Direction, Outside
from netpolc.kube.ports import Protocol, Traffic
from netpolc.lints.manifests.written import Written, within

SERVICE_ADDRESS = Kind(
    code="NP633",
    name="service-address",
    severity=Severity.WARNING,
    explanation="""\
A block of one address is the address that common clusters give to the Service of the API server or
of the name service. Policies see a connection after the Service has been translated, so on most
network plugins the block matches nothing.

    to:
    - ipBlock: {cidr: 10.96.0.10/32}          # service-address: kube-dns
    ports: [{protocol: UDP, port: 53}]

For the name service name its pods, for the API server the addresses of its nodes:

    to:
    - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}
      podSelector: {matchLabels: {k8s-app: kube-dns}}
""",
)

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
                        kind=SERVICE_ADDRESS,
                        message=f"`{block.cidr}` is the Service of {what} on {where}",
                        label=Label(within(span, "cidr"), f"{path}.ipBlock.cidr"),
                        help="name the pods behind it, or the addresses of the nodes they run on",
                    )
