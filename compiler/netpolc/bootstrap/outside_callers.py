"""Callers of a Service by a route: pods of the manifests if they are there, else a guess.

A route does not name its callers. The pods of an ingress controller or of Prometheus are
often among the manifests; if they are not, where such pods usually run is the guess.
"""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import TypeAlias

from netpolc.kube.inventory import Workload
from netpolc.kube.label_conventions import INGRESS_CONTROLLERS, SERVICE_KEYS
from netpolc.kube.selectors import Selector
from netpolc.manifest.routes import Caller
from netpolc.passes.decompile.build_nodes import braces, word
from netpolc.syntax import tree
from netpolc.values import frozen

_Sender: TypeAlias = tuple[Workload | tree.Peer, str, str]
"""A sender, why an arrow from it is only a guess, and what to do with a certain one."""


@frozen
class _OutsidePeer:
    """The peer for a caller that is not in the manifests.

    `doubt` says why an arrow from it is only a guess, `advice` what to do with a certain one.
    """

    peer: tree.Peer
    doubt: str = ""
    advice: str = ""


def _namespace(name: str) -> tree.PodPeer:
    return tree.PodPeer(pods=None, namespaces=word(name))


_ANY = tree.WordPeer(tree.Word.ANY)
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
        tree.PodPeer(
            pods=braces(Selector.labels({"istio": "ingressgateway"})),
            namespaces=word("istio-system"),
        ),
        "which pods are the gateway's, and in which namespace, is not known",
    ),
    Caller.ROUTER: _OutsidePeer(
        tree.PodPeer(pods=None, namespaces=braces(_ROUTERS)),
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
    Caller.PROMETHEUS: _OutsidePeer(
        tree.PodPeer(
            pods=braces(Selector.labels({"app.kubernetes.io/name": "prometheus"})),
            namespaces=word("monitoring"),
        ),
        "which Prometheus reads these metrics, and in which namespace it runs, is not known",
    ),
}
_SERVERS = frozenset({"Deployment", "DaemonSet", "StatefulSet", "ReplicaSet", "Pod"})
_PROMETHEUS = frozenset({"prometheus", "prometheus-server"})


class OutsideCallers:
    """The senders of connections by routes."""

    def __init__(self, workloads: Iterable[Workload]) -> None:
        known = tuple(workloads)
        self._known: Mapping[Caller, tuple[Workload, ...]] = MappingProxyType(
            {
                Caller.INGRESS_CONTROLLER: _ingress_controllers(known),
                Caller.PROMETHEUS: tuple(
                    workload for workload in known if _is_called(workload, _PROMETHEUS)
                ),
            }
        )

    def senders(self, by: Caller, controller_namespace: str = "") -> Iterator[_Sender]:
        """The pods of the manifests that a route admits, or the peer that usually is meant.

        An ingress controller is expected in the `controller_namespace`.
        """
        known = self._known.get(by, ())
        for workload in known:
            yield workload, "" if len(known) == 1 else f"it may be another {by.value}", ""
        if not known:
            outside = _OUTSIDE.get(by) or _OutsidePeer(
                _namespace(controller_namespace), _UNKNOWN_CONTROLLER
            )
            yield outside.peer, outside.doubt, outside.advice


def _ingress_controllers(workloads: Iterable[Workload]) -> tuple[Workload, ...]:
    """The ingress controllers among workloads, without their Jobs and default backends."""
    controllers = [
        workload
        for workload in workloads
        if workload.kind in _SERVERS and _is_called(workload, INGRESS_CONTROLLERS)
    ]
    main = [workload for workload in controllers if "controller" in workload.labels.values()]
    return tuple(sorted(main or controllers, key=str))


def _is_called(workload: Workload, names: frozenset[str]) -> bool:
    """Whether a label that names a service has one of these values."""
    return any(workload.labels.get(key) in names for key in SERVICE_KEYS)
