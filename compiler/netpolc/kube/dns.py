"""The cluster's name service, as the peer of a policy.

Pods whose egress is closed and that cannot resolve names are the commonest way to break
a cluster. The Service `kube-dns` stands, by that name and label even where CoreDNS runs,
in kube-system (Kubernetes documentation, "DNS for Services and Pods").
"""

from netpolc.kube.peers import Grant, Pods
from netpolc.kube.ports import NamedPort, Protocol, Traffic
from netpolc.kube.selectors import Selector

BUILT_IN_DNS: tuple[Grant, ...] = (
    Grant(
        Pods(
            Selector.namespace("kube-system"),
            Selector.labels({"k8s-app": "kube-dns"}),
        ),
        Traffic.of([(Protocol.UDP, 53, 53), (Protocol.TCP, 53, 53)]),
    ),
)
"""The DNS peers of closed pods without a `dns:` setting."""

_BOTH = (Protocol.TCP, Protocol.UDP)
_DNS_PORTS = Traffic.of(
    [(protocol, number, number) for protocol in _BOTH for number in (53, 5353)],
    [NamedPort(protocol, name) for protocol in _BOTH for name in ("dns", "dns-tcp")],
)
"""The ports on which name services listen; OpenShift's pods have 5353."""


def is_dns(traffic: Traffic) -> bool:
    """Whether traffic is that of name services and nothing else."""
    return bool(traffic) and traffic <= _DNS_PORTS
