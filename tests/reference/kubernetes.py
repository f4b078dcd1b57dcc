"""What NetworkPolicy v1 permits, for concrete pods and addresses.

Written from the API reference (networking.k8s.io/v1, NetworkPolicy) and nothing else; it
shares no code with netpolc. What stands in quotation marks below are the field comments of
k8s.io/api, networking/v1/types.go (of selectors: k8s.io/apimachinery, meta/v1/types.go),
word for word, so that a reader can check one against the other. Policies are plain dicts, as YAML gives them. Plain rather than fast.
"""

from collections.abc import Mapping, Sequence
from ipaddress import ip_network
from typing import Any

from tests.reference.world import Address, Endpoint, Pod, World

Policy = Mapping[str, Any]


def connects(source: Endpoint, destination: Endpoint) -> bool:
    """Whether a connection between two ends can exist: of one IP version, from one address to another.

    `Pod.address` is the address that a pod has in the connection.
    """
    ends = [end.address if isinstance(end, Pod) else end for end in (source, destination)]
    addresses = [address for address in ends if address is not None]
    versions = {address.version for address in addresses}
    return len(versions) < 2 and len(set(addresses)) == len(addresses)


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
    return source is destination or (
        egress_permits(policies, world, source, destination, protocol, port)
        and ingress_permits(policies, world, source, destination, protocol, port)
    )


def egress_permits(
    policies: Sequence[Policy],
    world: World,
    source: Endpoint,
    destination: Endpoint,
    protocol: str,
    port: int,
) -> bool:
    """Whether the source's end permits the connection."""
    return end_permits(policies, world, "Egress", source, destination, protocol, port)


def ingress_permits(
    policies: Sequence[Policy],
    world: World,
    source: Endpoint,
    destination: Endpoint,
    protocol: str,
    port: int,
) -> bool:
    """Whether the destination's end permits the connection."""
    return end_permits(policies, world, "Ingress", destination, source, protocol, port)


def isolated(policies: Sequence[Policy], world: World, pod: Pod, direction: str) -> bool:
    """Whether some policy closes the pod in the direction, `Ingress` or `Egress`."""
    assert pod.namespace in world.namespaces, "a pod lives in a namespace of its world"
    return any(isolates(policy, direction, pod) for policy in policies)


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

    "Traffic is allowed to a pod if there are no NetworkPolicies selecting the pod [...], OR if
    the traffic matches at least one ingress rule across all of the NetworkPolicy objects whose
    podSelector matches the pod." Of egress: "Outgoing traffic is allowed if there are no
    NetworkPolicies selecting the pod [...], OR if the traffic matches at least one egress rule
    across all of the NetworkPolicy objects whose podSelector matches the pod."
    """
    if not isinstance(pod, Pod) or (pod.host_network and not world.plugin.policies_on_hosts):
        return True
    selecting = [policy for policy in policies if isolates(policy, direction, pod)]
    receiver = pod if direction == "Ingress" else other
    return not selecting or any(
        _rule_matches(rule, direction, policy, world, other, receiver, protocol, port)
        for policy in selecting
        for rule in _spec(policy).get(direction.lower()) or []
    )


def isolates(policy: Policy, direction: str, pod: Pod) -> bool:
    """Whether the policy selects the pod and is about the direction.

    "An empty selector matches all pods in the policy's namespace. [...] This field is
    optional. If it is not specified, it defaults to an empty selector."
    """
    spec = _spec(policy)
    return (
        _namespace(policy) == pod.namespace
        and selects(spec.get("podSelector") or {}, pod.labels)
        and direction in _types(spec)
    )


def _spec(policy: Policy) -> Mapping[str, Any]:
    """The spec, which is optional: without one, every pod is selected and nothing is allowed in."""
    return policy.get("spec") or {}


def _namespace(policy: Policy) -> str:
    """Where a policy lives; one that does not say is applied to `default`."""
    return policy["metadata"].get("namespace") or "default"


def _types(spec: Mapping[str, Any]) -> Sequence[str]:
    """Of which directions a policy is.

    "If this field is not specified, it will default based on the existence of ingress or
    egress rules; policies that contain an egress section are assumed to affect egress, and
    all policies (whether or not they contain an ingress section) are assumed to affect
    ingress." An empty list does not count as a section: "if you want to write a policy that specifies that
    no egress is allowed, you must specify a policyTypes value that include "Egress" (since
    such a policy would not include an egress section [...])".
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
    """Whether a rule has both the peer and the port.

    "The traffic must match both ports and from." Of each of the two, and of `to`: "If this
    field is empty or missing, this rule matches all [...]", and "Items in this list are
    combined using a logical OR operation."
    """
    peers = rule.get("from" if direction == "Ingress" else "to")
    ports = rule.get("ports")
    return (not peers or any(_peer_matches(p, policy, world, other) for p in peers)) and (
        not ports or any(_port_matches(p, receiver, protocol, port) for p in ports)
    )


def _peer_matches(peer: Mapping[str, Any], policy: Policy, world: World, other: Endpoint) -> bool:
    """Whether an entry has the other end.

    "If namespaceSelector is also set, then the NetworkPolicyPeer as a whole selects the pods
    matching podSelector in the Namespaces selected by NamespaceSelector. Otherwise it selects
    the pods matching podSelector in the policy's own namespace." Of namespaceSelector: "If
    podSelector is also set, [...]. Otherwise it selects all pods in the namespaces selected by
    namespaceSelector." And "If [ipBlock] is set then neither of the other fields can be"; whether
    a block matches a pod, or a selector one on the host's network, is the plugin's.
    """
    if peer.get("ipBlock") is not None:
        if not isinstance(other, Pod):
            return _in_block(peer["ipBlock"], other)
        matches = world.plugin.blocks_match_pods and other.address is not None
        return matches and other.address is not None and _in_block(peer["ipBlock"], other.address)
    if not isinstance(other, Pod):
        return False
    if other.host_network and not world.plugin.selectors_match_hosts:
        return False
    if peer.get("namespaceSelector") is not None:
        if not selects(peer["namespaceSelector"], world.namespaces[other.namespace]):
            return False
    elif other.namespace != _namespace(policy):
        return False
    return selects(peer.get("podSelector") or {}, other.labels)


def _in_block(block: Mapping[str, Any], address: Address) -> bool:
    """Whether a block has an address.

    "The except entry describes CIDRs that should not be included within this rule." Host bits
    are ignored, as API servers that accepted them did.
    """
    return address in ip_network(block["cidr"], strict=False) and not any(
        address in ip_network(hole, strict=False) for hole in block.get("except") or []
    )


def _port_matches(entry: Mapping[str, Any], receiver: Endpoint, protocol: str, port: int) -> bool:
    """Whether an entry has the port.

    Of protocol: "If not specified, this field defaults to TCP." Of port: "This can either be a
    numerical or named port on a pod. If this field is not provided, this matches all port
    names and numbers. If present, only traffic on the specified protocol AND port will be
    matched." A name is "on a pod", the receiver: towards an address it is nothing. "endPort
    indicates that the range of ports from port to endPort if set, inclusive, should be allowed
    by the policy."
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


def selects(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Whether a LabelSelector selects what has these labels.

    "The result of matchLabels and matchExpressions are ANDed. An empty label selector matches
    all objects."
    """
    return all(
        labels.get(key) == value for key, value in (selector.get("matchLabels") or {}).items()
    ) and all(_meets(entry, labels) for entry in selector.get("matchExpressions") or [])


def _meets(entry: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Whether labels meet one requirement.

    What has no such key meets NotIn and DoesNotExist: "Selects all resources with key equal
    to `tier` and value distinct from `frontend`, and all resources with no labels with the
    `tier` key" (kubernetes.io, Labels and Selectors).
    """
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
