"""The kinds of Kubernetes' own API groups and of Cilium's, to tell a misspelt kind from one that is not read.

A `Networkpolicy` that is counted as some other kind is a policy that is not there, and nobody is
told. So in a group whose kinds are known, a kind that the group does not have and that is nearly
one that it has is an error.
"""

from netpolc.diagnostics.spelling import nearest

_CORE = """
Binding ComponentStatus Config ConfigMap DeleteOptions Endpoints Event Eviction LimitRange List Namespace
Node PersistentVolume PersistentVolumeClaim Pod PodTemplate ReplicationController ResourceQuota Scale
Secret Service ServiceAccount Status
"""
_CILIUM = """
CiliumBGPAdvertisement CiliumBGPClusterConfig CiliumBGPNodeConfig CiliumBGPNodeConfigOverride
CiliumBGPPeerConfig CiliumBGPPeeringPolicy CiliumCIDRGroup CiliumClusterwideEnvoyConfig
CiliumClusterwideNetworkPolicy CiliumEgressGatewayPolicy CiliumEndpoint CiliumEndpointSlice
CiliumEnvoyConfig CiliumExternalWorkload CiliumGatewayClassConfig CiliumIdentity
CiliumL2AnnouncementPolicy CiliumLoadBalancerIPPool CiliumLocalRedirectPolicy CiliumNetworkPolicy
CiliumNode CiliumNodeConfig CiliumPodIPPool
"""
_KINDS = {
    "": frozenset(_CORE.split()),
    "apps": frozenset(
        {"ControllerRevision", "DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"}
    ),
    "batch": frozenset({"CronJob", "Job"}),
    "cilium.io": frozenset(_CILIUM.split()),
    "networking.k8s.io": frozenset(
        {"ClusterCIDR", "IPAddress", "Ingress", "IngressClass", "NetworkPolicy", "ServiceCIDR"}
    ),
    "policy.networking.k8s.io": frozenset(
        {"AdminNetworkPolicy", "BaselineAdminNetworkPolicy", "ClusterNetworkPolicy"}
    ),
}
"""Kinds by API group (API references of Kubernetes 1.36, network-policy-api and Cilium 1.18)."""

_ANY = frozenset(kind for kinds in _KINDS.values() for kind in kinds)


def meant_kind(kind: str, version: str) -> str | None:
    """Return the kind that is probably meant by one that its API group does not have.

    Args:
        kind: the kind as written.
        version: the apiVersion, empty where there is none.
    """
    group = version.rpartition("/")[0]
    known = _KINDS.get(group) if version else _ANY
    if known is None or kind in known:
        return None
    for known_kind in known:
        if kind.lower() in {known_kind.lower(), _plural(known_kind).lower()}:
            return known_kind
    return nearest(kind, sorted(known))


def _plural(kind: str) -> str:
    return f"{kind[:-1]}ies" if kind.endswith("y") else f"{kind}s"
