"""Pods and addresses that nearly every cluster has, and where they are.

The name service, ingress controllers and Prometheus run in namespaces of their own; the API
server is not a pod that a selector matches; and the Services that every cluster of a kind has
get the first and the tenth address of its default range (`kubernetes` by the API server, the name
service by kubeadm and most installers).
"""

from collections.abc import Collection, Mapping

from netpolc.kube.cidr import Cidr
from netpolc.kube.label_conventions import INGRESS_CONTROLLERS, SERVICE_KEYS
from netpolc.kube.name_rules import METADATA_NAME
from netpolc.kube.peers import Direction, Pods
from netpolc.kube.ports import Protocol, Traffic
from netpolc.kube.selectors import Selector
from netpolc.remembered import remembered_with_value
from netpolc.sets import ValueSet
from netpolc.values import frozen


@frozen(kw_only=True)
class PlatformPods:
    """Pods of the platform: the values of their labels, and parts of the names of their namespaces.

    `namespace` is the usual one.
    """

    who: str
    values: frozenset[str]
    homes: tuple[str, ...]
    namespace: str


NAME_SERVICE = PlatformPods(
    who="the name service",
    values=frozenset({"kube-dns", "coredns", "node-local-dns"}),
    homes=("kube-system", "dns"),
    namespace="kube-system",
)
_PLATFORM = (
    NAME_SERVICE,
    PlatformPods(
        who="the ingress controller",
        values=INGRESS_CONTROLLERS,
        homes=(
            "ambassador",
            "emissary",
            "haproxy",
            "ingress",
            "kong",
            "kube-system",
            "nginx",
            "traefik",
        ),
        namespace="ingress-nginx",
    ),
    PlatformPods(
        who="Prometheus",
        values=frozenset({"prometheus", "kube-prometheus-stack"}),
        homes=("monitor", "prometheus", "observ", "metrics", "openshift"),
        namespace="monitoring",
    ),
)
_BOTH = (Protocol.UDP, Protocol.TCP)
_DNS = Traffic.of([(protocol, 53, 53) for protocol in _BOTH])


def platform_pods(peer: Pods, direction: Direction, traffic: Traffic) -> PlatformPods | None:
    """The pods of the platform that a peer names; own pods on port 53 are the name service too."""
    if direction is Direction.EGRESS and peer.pods.is_everything and traffic <= _DNS:
        return NAME_SERVICE
    return _platform_of(peer.pods)


@remembered_with_value
def _platform_of(pods: Selector) -> PlatformPods | None:
    """The pods of the platform that a selector asks for; the same few names come again and again."""
    for key, value in (pods.exact_labels() or {}).items():
        for platform in _PLATFORM:
            if key in SERVICE_KEYS and value in platform.values:
                return platform
    return None


def run_elsewhere(platform: PlatformPods, namespace: str) -> bool:
    """Whether pods of the platform surely do not run in a namespace, by its name."""
    return not any(part in namespace for part in platform.homes)


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
    10: ("the name service", _DNS),
}
_ADDRESSES = {
    Cidr(4, Cidr.parse(f"{network}/32").first + number, 32): (*what, where)
    for network, where in _RANGES.items()
    for number, what in _SERVICES.items()
}


_RESERVED = ("kubernetes.io/", "k8s.io/")
_SET_BY_KUBERNETES = frozenset({METADATA_NAME, "kubernetes.io/cluster-service"})


def is_reserved_label(key: str) -> bool:
    """Whether a label of namespaces is Kubernetes' own, and Kubernetes does not set it."""
    return key.startswith(_RESERVED) and key not in _SET_BY_KUBERNETES


def may_be_unset(key: str) -> bool:
    """Whether a label of namespaces is one that people ask for and mostly nobody sets."""
    return key == "name" or is_reserved_label(key)


def unset_labels(
    namespaces: Selector, in_use: Collection[tuple[str, str]]
) -> list[tuple[str, ValueSet]]:
    """The labels that a selector of namespaces asks for although nobody sets them, so that it matches nothing.

    Args:
        namespaces: a selector of namespaces.
        in_use: the labels with such keys that some namespace has.
    """
    return [
        (key, allowed)
        for key, allowed in namespaces.requirements
        if may_be_unset(key)
        and (allowed.is_finite or (is_reserved_label(key) and not allowed.absent))
        and not any(key == used and value in allowed for used, value in in_use)
    ]


def service_at(cidr: Cidr, traffic: Traffic) -> tuple[str, str] | None:
    """The Service that has an address by default, and the kind of cluster; None if none has."""
    what, ports, where = _ADDRESSES.get(cidr, ("", Traffic(), ""))
    return (what, where) if what and traffic <= ports else None


API_SERVER = frozenset({"kube-apiserver", "apiserver"})
"""Values of labels that the pods of the API server have, where it runs in pods at all."""

API_SERVER_PORT = Traffic.of([(Protocol.TCP, 6443, 6443)])
API_SERVER_PORTS = Traffic.of([(Protocol.TCP, 443, 443), (Protocol.TCP, 6443, 6443)])


_API_SERVER_PODS = {"apiserver": "true", "tier": "control-plane"}
"""Labels of its pods on OpenShift; and on kubeadm, where others of the control plane have it too."""


def is_api_server(peer: Pods, traffic: Traffic) -> bool:
    """Whether a selector asks for the pods of the API server, which are on the host's network."""
    named, beside_others = _asks_for_api_server(peer.pods)
    return named or (beside_others and traffic <= API_SERVER_PORTS)


@remembered_with_value
def _asks_for_api_server(pods: Selector) -> tuple[bool, bool]:
    """Whether a selector asks for its pods by name, or by labels that only its port makes sure of."""
    labels = pods.exact_labels() or {}
    return (
        not API_SERVER.isdisjoint(labels.values()),
        any(labels.get(key) == value for key, value in _API_SERVER_PODS.items()),
    )


AMBIENT_MODE = "istio.io/dataplane-mode"
"""The label by which a namespace or a pod is, or is not, in an ambient mesh of Istio."""

MESH_PORT = 15008
"""The port on which the traffic of an ambient mesh arrives."""

_SIDECAR_PORTS = frozenset({15020, 15021, 15090})


def mesh_ports(namespace: Mapping[str, str], pod: Mapping[str, str]) -> frozenset[int]:
    """The TCP ports that Istio adds to a pod, by the labels of its namespace and its own.

    No manifest of the pod declares them.
    """
    if pod.get(AMBIENT_MODE, namespace.get(AMBIENT_MODE)) == "ambient":
        return frozenset({MESH_PORT})
    wanted = pod.get("sidecar.istio.io/inject")
    by_namespace = namespace.get("istio-injection") == "enabled" or "istio.io/rev" in namespace
    by_pod = wanted == "true" or "istio.io/rev" in pod
    return _SIDECAR_PORTS if wanted != "false" and (by_namespace or by_pod) else frozenset()


OWN_NAMESPACES = frozenset({"default", "kube-node-lease", "kube-public", "kube-system"})
"""The namespaces that Kubernetes makes; nobody wrote a manifest with labels for them."""
