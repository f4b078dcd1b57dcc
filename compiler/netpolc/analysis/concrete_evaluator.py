"""One connection between two ends that are known in full: is it permitted?

The rest of this folder reasons about all pods at once. Here is the plain meaning of the
IR for a single case, written from `ir.model` alone and sharing nothing with that
reasoning, so that it can confirm each witness before anybody sees it.

In: policies, and a connection whose ends have every label. Out: yes or no. A pod and
itself are not asked about; two pods with equal labels are two pods.
"""

from collections.abc import Mapping
from dataclasses import field
from typing import TypeAlias

from netpolc.analysis.block_reading import OUTSIDE_ONLY, BlockReading
from netpolc.ir.model import Policies, PolicySet
from netpolc.kube.cidr import Address
from netpolc.kube.name_rules import METADATA_NAME
from netpolc.kube.peers import Anyone, Direction, Grant, Outside, Peer, Pods
from netpolc.kube.ports import NamedPort, Protocol, Traffic
from netpolc.kube.selectors import Selector
from netpolc.values import frozen


@frozen(kw_only=True)
class Pod:
    """A pod with all its labels, those of its namespace, and the numbers of its named ports.

    `address` is its own, where blocks may match pods and so it matters.
    """

    namespace: str
    namespace_labels: Mapping[str, str]
    labels: Mapping[str, str]
    ports: Mapping[NamedPort, frozenset[int]] = field(default_factory=dict)
    address: Address | None = None


End: TypeAlias = Pod | Address


@frozen(kw_only=True)
class Connection:
    """A connection from one end to another; one of them is a pod."""

    sender: End
    receiver: End
    protocol: Protocol
    port: int


def permits(
    policies: Policies, connection: Connection, blocks: BlockReading = OUTSIDE_ONLY
) -> bool:
    """Whether both ends permit the connection, under a reading of blocks."""
    sender, receiver = connection.sender, connection.receiver
    return (
        not isinstance(sender, Pod)
        or end_permits(policies, Direction.EGRESS, sender, connection, blocks)
    ) and (
        not isinstance(receiver, Pod)
        or end_permits(policies, Direction.INGRESS, receiver, connection, blocks)
    )


def end_permits(
    policies: Policies,
    direction: Direction,
    pod: Pod,
    connection: Connection,
    blocks: BlockReading = OUTSIDE_ONLY,
) -> bool:
    """Whether the pod, at its end in this direction, permits the connection."""
    known = policies.namespaces.get(pod.namespace)
    if known is None:
        return True
    subjects = [one for one in known.of(direction) if _matches(one.selector, pod.labels)]
    if not subjects:
        return True
    other = connection.sender if direction is Direction.INGRESS else connection.receiver
    return any(
        _is_peer(allow.peer, other, pod.namespace, blocks) and _carries(allow.traffic, connection)
        for subject in subjects
        for allow in subject.allows
    )


def describes(
    direction: Direction,
    subject: Pods,
    grant: Grant,
    home: str,
    connection: Connection,
) -> bool:
    """Whether a statement about a subject and a grant, seen from a namespace, speaks of it."""
    ends = connection.receiver, connection.sender
    own, other = ends if direction is Direction.INGRESS else ends[::-1]
    return (
        _is_peer(subject, own, home, OUTSIDE_ONLY)
        and _is_peer(grant.peer, other, home, OUTSIDE_ONLY)
        and _carries(grant.traffic, connection)
    )


def contradiction(policies: Policies, connection: Connection) -> str | None:
    """What is known of the cluster and says that the ends cannot exist; None if nothing is."""
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
    return None


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
