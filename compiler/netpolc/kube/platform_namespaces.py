"""Namespaces of the platform: parts of Kubernetes, of its distributions and network plugins.

Whoever runs the cluster maintains them, they are seldom in the manifests of a team, and a
default-deny there stops the cluster.
"""

PLATFORM_PREFIXES = (
    "aks-",
    "amazon-",
    "calico-",
    "cattle-",
    "cilium",
    "gke-",
    "gmp-",
    "istio-",
    "kube-",  # reserved for Kubernetes itself (kubernetes.io, Namespaces)
    "linkerd",
    "metallb-",
    "openshift",
    "tigera-",
)


def is_platform_namespace(name: str) -> bool:
    """Whether a namespace belongs to the platform, by the names that are usual for these."""
    return name.startswith(PLATFORM_PREFIXES)
