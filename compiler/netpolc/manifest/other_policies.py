"""Policies of other kinds that permit or deny connections too.

None of them is read: each has rules, defaults and an order of its own. They must not be missed
either, because what one permits or denies may be the opposite of every answer.
"""

_DECIDING = {
    "AuthorizationPolicy": ("security.istio.io", "policy.linkerd.io"),
    "EgressFirewall": ("k8s.ovn.org",),
    "MeshTrafficPermission": ("kuma.io",),
    "PeerAuthentication": ("security.istio.io",),
    "RequestAuthentication": ("security.istio.io",),
    "SecurityGroupPolicy": ("vpcresources.k8s.aws",),
    "ServerAuthorization": ("policy.linkerd.io",),
    "ServiceIntentions": ("consul.hashicorp.com",),
    "TrafficPermission": ("kuma.io",),
}
"""Kinds and their API groups; every kind whose name ends with `NetworkPolicy` counts too."""

_CLUSTER_WIDE = ("Admin", "Baseline", "Cluster", "Global", "Mesh")
_MESH_ROOT = "istio-system"


def decides_too(kind: str, group: str) -> bool:
    """Whether objects of a kind permit or deny connections beside NetworkPolicies."""
    return kind.endswith("NetworkPolicy") or group in _DECIDING.get(kind, ())


def is_cluster_wide(kind: str, namespace: str) -> bool:
    """Whether an object of such a kind is about all namespaces.

    Istio applies what is in its root namespace to the whole mesh.
    """
    return namespace == _MESH_ROOT or any(word in kind for word in _CLUSTER_WIDE)
