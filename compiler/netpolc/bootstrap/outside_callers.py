"""Callers of a Service by a route: pods of the manifests if they are there, else a guess.

A route does not name its callers. The pods of an ingress controller or of Prometheus are
often among the manifests; if they are not, where such pods usually run is the guess.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from netpolc.kube.inventory import Workload
from netpolc.kube.label_conventions import SERVICE_KEYS
from netpolc.kube.selectors import Selector
from netpolc.manifest.routes import Caller, Callers
from netpolc.passes.decompile.build_nodes import braces, word
from netpolc.syntax import parts
from netpolc.values import frozen

_Sender: TypeAlias = tuple[Workload | parts.Peer, str, str]
"""A sender, why an arrow from it is only a guess, and what to do with a certain one."""


@frozen
class _OutsidePeer:
    """The peer for a caller that is not in the manifests.

    `doubt` says why an arrow from it is only a guess, `advice` what to do with a certain one.
    """

    peer: parts.Peer
    doubt: str = ""
    advice: str = ""


def _namespace(name: str) -> parts.PodPeer:
    return parts.PodPeer(pods=None, namespaces=word(name))


_ANY = parts.WordPeer(parts.Word.ANY)
_ROUTERS = Selector.labels({"network.openshift.io/policy-group": "ingress"})
_UNKNOWN_CONTROLLER = (
    "whose controller serves this route, and in which namespace it runs, is not known"
)
_OUTSIDE: Mapping[Caller, _OutsidePeer] = {
    Caller.GATEWAY: _OutsidePeer(
        _namespace("gateway-system"),
        "which pods are the Gateway's, and in which namespace, is not known",
    ),
    Caller.ISTIO_GATEWAY: _OutsidePeer(
        parts.PodPeer(
            pods=braces(Selector.labels({"istio": "ingressgateway"})),
            namespaces=word("istio-system"),
        ),
        "which pods are the gateway's, and in which namespace, is not known",
    ),
    Caller.ROUTER: _OutsidePeer(
        parts.PodPeer(pods=None, namespaces=braces(_ROUTERS)),
        "where the router runs is not known; this is the label of its namespace on OpenShift",
    ),
    Caller.API_SERVER: _OutsidePeer(
        _ANY, "the API server calls this and is not a pod: write its addresses if you know them"
    ),
    Caller.OTHER_CLUSTERS: _OutsidePeer(
        _ANY, "which pods of other clusters use this is not known: write their addresses"
    ),
    Caller.ANYONE: _OutsidePeer(
        _ANY,
        advice="clients outside the cluster: write their address blocks if you know them",
    ),
    Caller.TUNNEL: _OutsidePeer(
        _namespace("cloudflare"),
        "which pods are the tunnel's, and in which namespace, is not known",
    ),
    Caller.ENVOY: _OutsidePeer(
        _ANY, "Envoy of Cilium passes connections on to this, and no labels choose it"
    ),
    Caller.EVENT_SOURCE: _OutsidePeer(
        _namespace("knative-eventing"),
        "which pods deliver the events, and in which namespace, is not known",
    ),
    Caller.KUBELET: _OutsidePeer(
        _ANY,
        "the kubelet asks this and is not a pod: write the addresses of nodes if you know them",
    ),
    Caller.NODE: _OutsidePeer(
        _ANY, "nodes mount this volume and are not pods: write their addresses if you know them"
    ),
    Caller.OPERATOR: _OutsidePeer(
        _ANY, "the operator of this object or pods that it makes may call this: write its pods"
    ),
    Caller.PROMETHEUS: _OutsidePeer(
        parts.PodPeer(
            pods=braces(Selector.labels({"app.kubernetes.io/name": "prometheus"})),
            namespaces=word("monitoring"),
        ),
        "which Prometheus reads these metrics, and in which namespace it runs, is not known",
    ),
}
_SERVERS = frozenset({"Deployment", "DaemonSet", "StatefulSet", "ReplicaSet", "Pod"})
_KNOWN_BY_NAME = {
    Caller.PROMETHEUS: frozenset({"prometheus", "prometheus-server"}),
    Caller.TUNNEL: frozenset({"cloudflared", "cloudflare-tunnel"}),
}
"""The names of pods that call by a route, for callers other than ingress controllers."""


class OutsideCallers:
    """The senders of connections by routes."""

    def __init__(self, workloads: Iterable[Workload]) -> None:
        self._workloads = tuple(workloads)
        self._known: dict[Callers, tuple[Workload, ...]] = {}

    def senders(self, callers: Callers) -> Iterator[_Sender]:
        """The pods of the manifests that a route admits, or the peer that usually is meant."""
        if callers not in self._known:
            self._known[callers] = self._among_workloads(callers)
        known = self._known[callers]
        for workload in known:
            yield workload, "" if len(known) == 1 else f"it may be another {callers.by.value}", ""
        if not known:
            outside = _OUTSIDE.get(callers.by) or _OutsidePeer(
                _namespace(callers.namespace), _UNKNOWN_CONTROLLER
            )
            yield outside.peer, outside.doubt, outside.advice

    def _among_workloads(self, callers: Callers) -> tuple[Workload, ...]:
        """The workloads that may be the callers, by their names."""
        if callers.by is Caller.INGRESS_CONTROLLER:
            return _ingress_controllers(self._workloads, callers.names)
        names = _KNOWN_BY_NAME.get(callers.by, frozenset())
        return tuple(workload for workload in self._workloads if _is_called(workload, names))


def _ingress_controllers(
    workloads: Iterable[Workload], names: frozenset[str]
) -> tuple[Workload, ...]:
    """The ingress controllers with some names among workloads, without their Jobs and default backends."""
    controllers = [
        workload
        for workload in workloads
        if workload.kind in _SERVERS and _is_called(workload, names)
    ]
    main = [workload for workload in controllers if "controller" in workload.labels.values()]
    return tuple(sorted(main or controllers, key=str))


def _is_called(workload: Workload, names: frozenset[str]) -> bool:
    """Whether a label that names a service has one of these values."""
    return any(workload.labels.get(key) in names for key in SERVICE_KEYS)
