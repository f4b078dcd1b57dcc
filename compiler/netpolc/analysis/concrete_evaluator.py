"""One connection between two ends that are known in full: is it permitted?

The rest of this folder reasons about all pods at once. Here is the plain meaning of the
IR for a single case, written from `ir.model` and `tiers` alone and sharing nothing with that
reasoning, so that it can confirm each witness before anybody sees it.

In: policies, and a connection whose ends have every label. Out: yes or no. A pod and
itself are not asked about; two pods with equal labels are two pods.
"""

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import TypeAlias

from netpolc.analysis.block_reading import OUTSIDE_ONLY, BlockReading
from netpolc.analysis.tiers import (
    Group,
    Networks,
    Nodes,
    RulesOfOnePolicy,
    TierPeer,
    TierReading,
    TierRule,
)
from netpolc.ir.model import Policies, PolicySet
from netpolc.kube.cidr import Address
from netpolc.kube.name_rules import METADATA_NAME
from netpolc.kube.peers import Anyone, Direction, Grant, Outside, Peer, Pods
from netpolc.kube.ports import NamedPort, Protocol, Traffic
from netpolc.kube.selectors import Selector
from netpolc.manifest.tier_model import Action, Tier
from netpolc.values import frozen


@frozen(kw_only=True)
class Pod:
    """A pod with all its labels, those of its namespace, and the numbers of its named ports.

    `address` is its own in the connection, where blocks may match pods and so it matters.
    """

    namespace: str
    namespace_labels: Mapping[str, str]
    labels: Mapping[str, str]
    ports: Mapping[NamedPort, frozenset[int]] = field(default_factory=dict)
    address: Address | None = None


End: TypeAlias = Pod | Address


@frozen(kw_only=True)
class Connection:
    """A connection from one end to another; one of them is a pod.

    `version` is the IP version of a connection between pods, None where it does not matter.
    """

    sender: End
    receiver: End
    protocol: Protocol
    port: int
    version: int | None = None


def permits(
    policies: Policies,
    connection: Connection,
    blocks: BlockReading = OUTSIDE_ONLY,
    tiers: TierReading | None = None,
) -> bool:
    """Whether both ends permit the connection, under readings of blocks and of tiers."""
    sender, receiver = connection.sender, connection.receiver
    return (
        not isinstance(sender, Pod)
        or end_permits(policies, Direction.EGRESS, sender, connection, blocks, tiers)
    ) and (
        not isinstance(receiver, Pod)
        or end_permits(policies, Direction.INGRESS, receiver, connection, blocks, tiers)
    )


def end_permits(
    policies: Policies,
    direction: Direction,
    pod: Pod,
    connection: Connection,
    blocks: BlockReading = OUTSIDE_ONLY,
    tiers: TierReading | None = None,
) -> bool:
    """Whether the pod, at its end in this direction, permits the connection."""
    admin = _decision(tiers, Tier.ADMIN, direction, pod, connection)
    if admin is not Action.PASS:
        return admin is Action.ACCEPT
    by_policies = _policies_permit(policies, direction, pod, connection, blocks)
    if by_policies is not None:
        return by_policies
    return _decision(tiers, Tier.BASELINE, direction, pod, connection) is not Action.DENY


def _policies_permit(
    policies: Policies,
    direction: Direction,
    pod: Pod,
    connection: Connection,
    blocks: BlockReading,
) -> bool | None:
    """Whether NetworkPolicies permit the connection; None if none isolates the pod."""
    subjects = policies.isolating(pod.namespace, direction, pod.labels)
    if not subjects:
        return None
    other = connection.sender if direction is Direction.INGRESS else connection.receiver
    return any(
        _is_peer(allow.peer, other, pod.namespace, blocks) and _carries(allow.traffic, connection)
        for subject in subjects
        for allow in subject.allows
    )


def _decision(
    tiers: TierReading | None,
    tier: Tier,
    direction: Direction,
    pod: Pod,
    connection: Connection,
) -> Action:
    """The decision of a tier, `PASS` if it makes none, as permissive as its reading."""
    if tiers is None:
        return Action.PASS
    groups = tiers.about(tier, direction, pod.labels, pod.namespace_labels)
    possible = _possible(tiers, groups, pod, connection)
    order = (Action.ACCEPT, Action.PASS, Action.DENY)
    return next(action for action in (order if tiers.most else order[::-1]) if action in possible)


def _possible(
    tiers: TierReading, groups: Sequence[Group], pod: Pod, connection: Connection
) -> set[Action]:
    """The actions that may come of a list, whatever is unknown."""
    for place, group in enumerate(groups):
        of_each = [_first(tiers, rules, pod, connection) for rules in group]
        actions = {action for some in of_each for action in some if action is not None}
        if not actions:
            continue
        if all(None in some for some in of_each):
            actions |= _possible(tiers, groups[place + 1 :], pod, connection)
        return actions
    return {Action.PASS}


def _first(
    tiers: TierReading, rules: RulesOfOnePolicy, pod: Pod, connection: Connection
) -> set[Action | None]:
    """The actions of the rules of one policy that may be the first to match; None: no rule may."""
    actions: set[Action | None] = set()
    for rule in rules:
        matches = _rule_matches(tiers, rule, pod, connection)
        if matches is not False:
            actions.add(rule.action)
        if matches:
            return actions
    return {*actions, None}


def may_match(tiers: TierReading, rule: TierRule, connection: Connection) -> bool:
    """Whether a rule may match a connection at the end that it is about."""
    inwards = rule.direction is Direction.INGRESS
    pod = connection.receiver if inwards else connection.sender
    return isinstance(pod, Pod) and _rule_matches(tiers, rule, pod, connection) is not False


def _rule_matches(
    tiers: TierReading, rule: TierRule, pod: Pod, connection: Connection
) -> bool | None:
    """Whether a rule matches; None where that is unknown."""
    if not _is_peer(rule.subject, pod, "", OUTSIDE_ONLY) or not _carries(rule.traffic, connection):
        return False
    other = connection.sender if rule.direction is Direction.INGRESS else connection.receiver
    answers = [_names(tiers, peer, other, connection.version) for peer in rule.peers]
    return True if True in answers else None if None in answers else False


def _names(tiers: TierReading, peer: TierPeer, other: End, version: int | None) -> bool | None:
    """Whether a peer of a rule is the other end; None where that is unknown."""
    match peer, other:
        case Anyone() | Pods(), _:
            return _is_peer(peer, other, "", OUTSIDE_ONLY)
        case Networks(addresses), Pod():
            pods = tiers.pods_of(version)
            if not addresses.meets(pods):
                return False
            return True if pods <= addresses else None
        case Networks(addresses), address:
            return not isinstance(address, Pod) and address in addresses
        case Nodes(), address:
            return None if not isinstance(address, Pod) and address in tiers.nodes else False
        case _:
            return None if tiers.pods or not isinstance(other, Pod) else False


def describes(
    direction: Direction,
    subject: Pods,
    grant: Grant,
    home: str,
    connection: Connection,
    blocks: BlockReading = OUTSIDE_ONLY,
) -> bool:
    """Whether a statement about a subject and a grant, seen from a namespace, speaks of it."""
    ends = connection.receiver, connection.sender
    own, other = ends if direction is Direction.INGRESS else ends[::-1]
    return (
        _is_peer(subject, own, home, OUTSIDE_ONLY)
        and _is_peer(grant.peer, other, home, BlockReading(blocks.pods))
        and _carries(grant.traffic, connection)
    )


def contradiction(policies: Policies, connection: Connection) -> str | None:
    """A known fact of the cluster that rules out the ends; None if there is none."""
    ends = [end for end in (connection.sender, connection.receiver) if isinstance(end, Pod)]
    for pod in ends:
        if pod.namespace_labels.get(METADATA_NAME) != pod.namespace:
            return f"namespace {pod.namespace} is not labelled with its name"
        known = policies.namespaces.get(pod.namespace)
        if known is not None and (problem := _strange(known, pod.namespace_labels)):
            return problem
    names = {pod.namespace for pod in ends}
    if len(names) < len(ends) and ends[0].namespace_labels != ends[1].namespace_labels:
        return f"namespace {ends[0].namespace} has two sets of labels"
    addresses = [pod.address for pod in ends if pod.address is not None]
    if any(address.version != connection.version for address in addresses):
        return "an end has an address of another IP version"
    return "two pods have one address" if len(set(addresses)) < len(addresses) else None


def _strange(known: PolicySet, labels: Mapping[str, str]) -> str | None:
    for key, value in known.labels.items():
        if labels.get(key) != value:
            return f"namespace {known.namespace} is not labelled {key}={value}"
    if known.complete and not labels.keys() <= {*known.labels, METADATA_NAME}:
        return f"namespace {known.namespace} has labels beside those it has"
    return None


def _is_peer(peer: Peer, other: End, home: str, blocks: BlockReading) -> bool:
    match peer:
        case Anyone():
            return True
        case Outside(addresses):
            if not isinstance(other, Pod):
                return blocks.matches(addresses, other)
            return (
                blocks.pods is not None and other.address is not None and other.address in addresses
            )
        case Pods(namespaces, pods):
            if not isinstance(other, Pod) or not _matches(pods, other.labels):
                return False
            if namespaces is None:
                return other.namespace == home
            return _matches(namespaces, other.namespace_labels)


def _carries(traffic: Traffic, connection: Connection) -> bool:
    if connection.port in traffic.numbers(connection.protocol):
        return True
    receiver = connection.receiver
    return isinstance(receiver, Pod) and any(
        port.protocol is connection.protocol
        and connection.port in receiver.ports.get(port, frozenset())
        for port in traffic.named
    )


def _matches(selector: Selector, labels: Mapping[str, str]) -> bool:
    if selector.impossible:
        return False
    return all(labels.get(key) in allowed for key, allowed in selector.requirements)
