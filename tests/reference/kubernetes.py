"""What NetworkPolicy v1 permits, for concrete pods and addresses.

Written from the API reference (networking.k8s.io/v1, NetworkPolicy; the field comments
quoted below are those of its types) and nothing else; it shares no code with netpolc.
Policies are plain dicts, as YAML gives them. Plain rather than fast.
"""

from collections.abc import Mapping, Sequence
from ipaddress import ip_network
from typing import Any

from tests.reference.world import Address, Endpoint, Pod, World

Policy = Mapping[str, Any]


def permits(
    policies: Sequence[Policy],
    world: World,
    source: Endpoint,
    destination: Endpoint,
    protocol: str,
    port: int,
) -> bool:
    """Whether the connection is permitted: by egress of its source and ingress of its destination.

    "Traffic is allowed to a pod [...] if the traffic source is the pod's local node":
    nodes are not modelled. A pod always reaches itself.
    """
    if source is destination:
        return True
    return end_permits(policies, world, "Egress", source, destination, protocol, port) and (
        end_permits(policies, world, "Ingress", destination, source, protocol, port)
    )


def end_permits(
    policies: Sequence[Policy],
    world: World,
    direction: str,
    pod: Endpoint,
    other: Endpoint,
    protocol: str,
    port: int,
) -> bool:
    """Whether one end permits the connection; addresses are subject to no policy.

    "If no NetworkPolicies select this pod, or the traffic [...] matches at least one rule
    across all of the NetworkPolicy objects whose podSelector matches the pod".
    """
    if not isinstance(pod, Pod):
        return True
    selecting = [policy for policy in policies if isolates(policy, direction, pod)]
    receiver = pod if direction == "Ingress" else other
    return not selecting or any(
        _rule_matches(rule, direction, policy, world, other, receiver, protocol, port)
        for policy in selecting
        for rule in policy["spec"].get(direction.lower()) or []
    )


def isolates(policy: Policy, direction: str, pod: Pod) -> bool:
    """Whether the policy selects the pod and is about the direction."""
    namespace = policy["metadata"].get("namespace", "default")
    spec = policy["spec"]
    return (
        namespace == pod.namespace
        and _selects(spec.get("podSelector") or {}, pod.labels)
        and direction in _types(spec)
    )


def _types(spec: Mapping[str, Any]) -> Sequence[str]:
    """Of which directions a policy is.

    "If this field is not specified, it will default based on the existence of ingress or
    egress rules; policies that contain an egress section are assumed to affect egress, and
    all policies (whether or not they contain an ingress section) are assumed to affect
    ingress."
    """
    stated: Sequence[str] = spec.get("policyTypes") or ()
    return stated or (["Ingress", "Egress"] if spec.get("egress") else ["Ingress"])


def _rule_matches(
    rule: Mapping[str, Any],
    direction: str,
    policy: Policy,
    world: World,
    other: Endpoint,
    receiver: Endpoint,
    protocol: str,
    port: int,
) -> bool:
    """Of peers and ports alike: "If this field is empty or missing, this rule matches all"."""
    peers = rule.get("from" if direction == "Ingress" else "to")
    ports = rule.get("ports")
    return (not peers or any(_peer_matches(p, policy, world, other) for p in peers)) and (
        not ports or any(_port_matches(p, receiver, protocol, port) for p in ports)
    )


def _peer_matches(peer: Mapping[str, Any], policy: Policy, world: World, other: Endpoint) -> bool:
    """Whether an entry has the other end.

    "If namespaceSelector is set, podSelector selects the pods matching it in the namespaces
    selected by NamespaceSelector. Otherwise it selects the pods [...] in the policy's own
    namespace." A block is about addresses, never about pods.
    """
    if peer.get("ipBlock") is not None:
        return not isinstance(other, Pod) and _in_block(peer["ipBlock"], other)
    if not isinstance(other, Pod):
        return False
    if peer.get("namespaceSelector") is not None:
        if not _selects(peer["namespaceSelector"], world.namespaces[other.namespace]):
            return False
    elif other.namespace != policy["metadata"].get("namespace", "default"):
        return False
    return _selects(peer.get("podSelector") or {}, other.labels)


def _in_block(block: Mapping[str, Any], address: Address) -> bool:
    """Whether a block has an address; its exceptions "should not be included"."""
    return address in ip_network(block["cidr"], strict=False) and not any(
        address in ip_network(hole, strict=False) for hole in block.get("except") or []
    )


def _port_matches(entry: Mapping[str, Any], receiver: Endpoint, protocol: str, port: int) -> bool:
    """Whether an entry has the port.

    "protocol [...] If not specified, this field defaults to TCP." "port [...] can either be a
    numerical or named port on a pod. If this field is not provided, this matches all port
    names and numbers." "endPort [...] indicates that the range of ports from port to endPort
    [...] should be allowed".
    """
    if (entry.get("protocol") or "TCP") != protocol:
        return False
    wanted = entry.get("port")
    if wanted is None:
        return True
    if isinstance(wanted, str):
        return isinstance(receiver, Pod) and any(
            (declared.name, declared.protocol, declared.number) == (wanted, protocol, port)
            for declared in receiver.ports
        )
    return bool(wanted <= port <= (entry.get("endPort") or wanted))


def _selects(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Whether a LabelSelector selects what has these labels.

    "The result of matchLabels and matchExpressions are ANDed. An empty label selector matches
    all objects."
    """
    return all(
        labels.get(key) == value for key, value in (selector.get("matchLabels") or {}).items()
    ) and all(_meets(entry, labels) for entry in selector.get("matchExpressions") or [])


def _meets(entry: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """NotIn and DoesNotExist are met by what has no such key."""
    key, values = entry["key"], entry.get("values") or []
    match entry["operator"]:
        case "In":
            return labels.get(key) in values
        case "NotIn":
            return labels.get(key) not in values
        case "Exists":
            return key in labels
        case "DoesNotExist":
            return key not in labels
        case operator:
            message = f"no such operator: {operator}"
            raise ValueError(message)
