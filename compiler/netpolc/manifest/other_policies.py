"""Policies of other kinds that permit or deny connections too.

None of them is read: each has rules, defaults and an order of its own. They must not be missed
either, because what one permits or denies may be the opposite of every answer.
"""

import re
from typing import Literal

from netpolc.yaml.nodes import Node, descendant, string_at

_DECIDING = {
    "AuthorizationPolicy": ("security.istio.io", "policy.linkerd.io"),
    "EgressFirewall": ("k8s.ovn.org",),
    "IngressNodeFirewall": ("ingressnodefirewall.openshift.io",),
    "MeshTrafficPermission": ("kuma.io",),
    "PeerAuthentication": ("security.istio.io",),
    "RequestAuthentication": ("security.istio.io",),
    "SecurityGroup": ("kubeovn.io",),
    "SecurityGroupPolicy": ("vpcresources.k8s.aws",),
    "SecurityPolicy": ("crd.nsx.vmware.com", "nsx.vmware.com"),
    "Server": ("policy.linkerd.io",),
    "ServerAuthorization": ("policy.linkerd.io",),
    "ServiceIntentions": ("consul.hashicorp.com",),
    "TrafficPermission": ("kuma.io",),
    "TrafficTarget": ("access.smi-spec.io",),
}
"""Kinds and their API groups; every kind whose name ends with `NetworkPolicy` counts too.

Linkerd denies what no authorization permits as soon as a Server has the port.
"""

_STAGED = "Staged"
"""The prefix of Calico's policies that are tried out and not enforced."""

_WITHOUT_NAMESPACE = frozenset({"IngressNodeFirewall", "SecurityGroup"})
_CLUSTER_WIDE = ("Admin", "Baseline", "Cluster", "Global", "Mesh")
_MESH_ROOT = "istio-system"


def decides_too(kind: str, group: str) -> bool:
    """Whether objects of a kind permit or deny connections beside NetworkPolicies."""
    is_policy = kind.endswith("NetworkPolicy") and not kind.startswith(_STAGED)
    return is_policy or group in _DECIDING.get(kind, ())


def is_cluster_wide(kind: str, namespace: str) -> bool:
    """Whether an object of such a kind is about all namespaces.

    Istio applies what is in its root namespace to the whole mesh.
    """
    by_name = kind in _WITHOUT_NAMESPACE or any(word in kind for word in _CLUSTER_WIDE)
    return namespace == _MESH_ROOT or by_name


_KIND, _GROUP = "NetworkPolicy", "networking.k8s.io"
_CONTENT = frozenset({"spec", "data", "clone"})
"""Fields with the content of an object that another one creates; the last two are Kyverno's."""

_TEXT = re.compile(r"""\bkind["']?[ \t]*:[ \t]*["']?NetworkPolicy\b""")
_DEEPEST = 12
"""The depth to which objects inside an object are looked for."""


def holds_policy(node: Node, depth: int = 0) -> Literal["creates", "has the text of"] | None:
    """What an object does with a NetworkPolicy inside it; None where there is none."""
    inner: list[Node] = []
    match node.data:
        case str() as text if _GROUP in text and _TEXT.search(text) is not None:
            return "has the text of"
        case dict() as members:
            group = string_at(node, "apiVersion").rpartition("/")[0]
            is_policy = string_at(node, "kind") == _KIND and group in {_GROUP, ""}
            if (is_policy and not _CONTENT.isdisjoint(members)) or _is_policy_spec(node):
                return "creates"
            inner = [entry.value for entry in members.values()]
        case list() as items:
            inner = items
    verbs = (holds_policy(child, depth + 1) for child in inner) if depth < _DEEPEST else ()
    return next((verb for verb in verbs if verb is not None), None)


def _is_policy_spec(node: Node) -> bool:
    """Whether a value has the fields of a policy's spec, as the tenants of some operators have it."""
    selects = descendant(node, "podSelector")
    lists = (descendant(node, name) for name in ("policyTypes", "ingress", "egress"))
    return selects is not None and any(
        value is not None and isinstance(value.data, list) for value in lists
    )
