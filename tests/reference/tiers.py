"""What the tiers of cluster-wide policies permit, for concrete pods and addresses.

Written from the API's own text (network-policy-api, apis/v1alpha2 and apis/v1alpha1) and
nothing else; it shares no code with netpolc. What stands in quotation marks are field comments of
`clusternetworkpolicy_types.go`. Policies are plain dicts, as YAML gives them. NetworkPolicy's own
part is `tests.reference.kubernetes`.

"If two (or more) policies in the same tier with the same priority could match a connection,
then the implementation can apply any of the matching policies to the connection": so an
answer is a set, of every verdict that some implementation may give.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from ipaddress import ip_network
from typing import Any

from tests.reference import kubernetes
from tests.reference.world import Address, Endpoint, Pod, World

Policy = Mapping[str, Any]
ACCEPT, DENY, PASS = "Accept", "Deny", "Pass"


@dataclass(frozen=True, kw_only=True)
class Network:
    """What decides in a real cluster besides labels: addresses of pods, of nodes, and of names."""

    pods: Mapping[Pod, Address] = field(default_factory=dict)
    nodes: Mapping[Address, Mapping[str, str]] = field(default_factory=dict)
    domains: Mapping[Address, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Connection:
    """A connection to be decided."""

    source: Endpoint
    destination: Endpoint
    protocol: str
    port: int


def verdicts(
    policies: Sequence[Policy], world: World, network: Network, asked: Connection
) -> frozenset[bool]:
    """The verdicts that implementations may give: egress at the source, ingress at the destination."""
    if asked.source is asked.destination:
        return frozenset({True})
    out = end_verdicts(policies, world, network, "Egress", asked)
    into = end_verdicts(policies, world, network, "Ingress", asked)
    return frozenset(one and other for one in out for other in into)


def end_verdicts(
    policies: Sequence[Policy],
    world: World,
    network: Network,
    direction: str,
    asked: Connection,
) -> frozenset[bool]:
    """The verdicts of one end; addresses are subject to no policy.

    "Policy tiers are evaluated in the following order: Admin tier, NetworkPolicy tier, Baseline
    tier." "v1.NetworkPolicy always makes a final decision for selected pods. Further
    evaluation only happens for Pods not selected by a v1.NetworkPolicy." "If a given connection
    wasn't allowed or denied by any of the tiers, the default kubernetes policy is applied,
    which says that all pods can communicate with each other."
    """
    pod = asked.source if direction == "Egress" else asked.destination
    other = asked.destination if direction == "Egress" else asked.source
    if not isinstance(pod, Pod):
        return frozenset({True})
    here = _End(world, network, direction, pod, other, asked)
    found = set()
    for action in _decisions(policies, "Admin", here):
        if action != PASS:
            found.add(action == ACCEPT)
            continue
        own = [policy for policy in policies if policy["kind"] == "NetworkPolicy"]
        if kubernetes.isolated(own, world, pod, direction):
            found.add(
                kubernetes.end_permits(
                    own, world, direction, pod, other, asked.protocol, asked.port
                )
            )
        else:
            found |= {last != DENY for last in _decisions(policies, "Baseline", here)}
    return frozenset(found)


@dataclass(frozen=True)
class _End:
    """A pod, in the direction in which it is asked about, and the other end."""

    world: World
    network: Network
    direction: str
    pod: Pod
    other: Endpoint
    asked: Connection


def _decisions(policies: Sequence[Policy], tier: str, here: _End) -> set[str]:
    """The actions that may come of a tier; `Pass` where it decides nothing.

    "Policies with lower priority values have higher precedence, and are checked before
    policies with higher priority values in the same tier."
    """
    mine = [policy for policy in policies if _tier(policy) == tier]
    for priority in sorted({_priority(policy) for policy in mine}):
        found = {
            action
            for policy in mine
            if _priority(policy) == priority and (action := _first_match(policy, here)) is not None
        }
        if found:
            return found
    return {PASS}


def _tier(policy: Policy) -> str | None:
    match policy["kind"]:
        case "ClusterNetworkPolicy":
            tier: str = policy["spec"]["tier"]
            return tier
        case "AdminNetworkPolicy":
            return "Admin"
        case "BaselineAdminNetworkPolicy":
            return "Baseline"
    return None


def _priority(policy: Policy) -> int:
    """The priority; a cluster has only one BaselineAdminNetworkPolicy, which needs none."""
    return int(policy["spec"].get("priority", 0))


def _first_match(policy: Policy, here: _End) -> str | None:
    """The action of the policy's first rule that matches.

    "A rule that appears at the top of the ingress rules would take the highest precedence."
    v1alpha1 says `Allow` for `Accept`.
    """
    if not _selects(policy["spec"]["subject"], here.world, here.pod):
        return None
    for rule in policy["spec"].get(here.direction.lower()) or ():
        action = {"Allow": ACCEPT}.get(rule["action"], rule["action"])
        peers = rule["from" if here.direction == "Ingress" else "to"]
        if any(not peer for peer in peers):
            # "For Accept rules, fail closed means: treat the rule as matching no traffic. For
            # Deny and Pass rules, fail closed means: treat the rule as a Deny all rule."
            if action == ACCEPT:
                continue
            return DENY
        if any(_is_peer(peer, here) for peer in peers) and _has_port(rule, here):
            return str(action)
    return None


def _selects(subject: Mapping[str, Any], world: World, end: Endpoint) -> bool:
    """Whether a subject, or a peer of the same form, selects the end."""
    if not isinstance(end, Pod):
        return False
    labels = world.namespaces[end.namespace]
    if "namespaces" in subject:
        return kubernetes.selects(subject["namespaces"], labels)
    pods = subject["pods"]
    return kubernetes.selects(pods["namespaceSelector"], labels) and kubernetes.selects(
        pods["podSelector"], end.labels
    )


def _is_peer(peer: Mapping[str, Any], here: _End) -> bool:
    """Whether an entry of `from` or `to` is the other end.

    Of networks: "cluster-internal traffic will be checked against the rule as well". Of nodes:
    "It selects the nodeIPs as the peer type by matching on the IPs present in the
    node.Status.Addresses field of the node."
    """
    other, network = here.other, here.network
    address = network.pods.get(other) if isinstance(other, Pod) else other
    if "networks" in peer:
        blocks = (ip_network(text, strict=False) for text in peer["networks"])
        return address is not None and any(address in block for block in blocks)
    if "nodes" in peer:
        labels = network.nodes.get(other) if not isinstance(other, Pod) else None
        return labels is not None and kubernetes.selects(peer["nodes"], labels)
    if "domainNames" in peer:
        names = network.domains.get(address, ()) if address is not None else ()
        return any(_is_domain(name, wanted) for name in names for wanted in peer["domainNames"])
    return _selects(peer, here.world, other)


def _is_domain(name: str, wanted: str) -> bool:
    """Whether a name is meant: "`*` … matches one or more entire labels"."""
    return fnmatchcase(name, wanted) if wanted.startswith("*.") else name == wanted


def _has_port(rule: Mapping[str, Any], here: _End) -> bool:
    """Whether a rule has the port: "If unspecified, [they] will not be used to match traffic"."""
    entries = rule.get("protocols") or rule.get("ports")
    return entries is None or any(_port_matches(entry, here) for entry in entries)


def _port_matches(entry: Mapping[str, Any], here: _End) -> bool:
    protocol, port = here.asked.protocol, here.asked.port
    match entry:
        case {"destinationNamedPort": name} | {"namedPort": name}:
            # "selects a destination port on a pod based on the ContainerPort name"
            receiver = here.asked.destination
            return isinstance(receiver, Pod) and any(
                (own.name, own.protocol, own.number) == (name, protocol, port)
                for own in receiver.ports
            )
        case {"portNumber": found}:
            return (found.get("protocol", "TCP"), found["port"]) == (protocol, port)
        case {"portRange": found}:
            inside = bool(found["start"] <= port <= found["end"])
            return found.get("protocol", "TCP") == protocol and inside
    found = entry.get(protocol.lower(), {}).get("destinationPort")
    if found is None:
        return False
    if "number" in found:
        return bool(found["number"] == port)
    return bool(found["range"]["start"] <= port <= found["range"]["end"])
