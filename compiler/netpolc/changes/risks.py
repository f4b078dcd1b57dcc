"""Reasons to review an opened connection.

In: the peers of an entry and the boxes that they mean. Nothing here decides whether a
change is right. It points at what has been the breach before: the open internet, every
namespace (where anybody may start a pod), every port, and the metadata service, which
hands a cloud's credentials to anybody who can reach it.
"""

from collections.abc import Iterable, Iterator, Sequence

from netpolc.analysis.connection_sets import Connections, PodClass
from netpolc.changes.model import FarEnd, Reach, Risk
from netpolc.changes.subject_view import Frame
from netpolc.kube.cidr import Addresses, Block, Cidr
from netpolc.kube.inventory import Inventory
from netpolc.kube.peers import Direction
from netpolc.kube.ports import ALL_PORTS, PROTOCOLS
from netpolc.kube.public_addresses import internet
from netpolc.kube.special_addresses import leads_to_instance_metadata
from netpolc.sets import ValueSet

_PUBLIC = internet()
_EVERY_V4, _EVERY_V6 = (Cidr.parse("0.0.0.0/0"), Cidr.parse("::/0"))
_EVERY_ADDRESS = Addresses.of((Block(_EVERY_V4), Block(_EVERY_V6)))


def risks_of(far: Sequence[FarEnd], direction: Direction) -> tuple[Risk, ...]:
    """The risks of opening a subject to these peers."""
    risks = set(
        connection_risks([connections for end in far for connections in end.connections], direction)
    )
    return tuple(risk for risk in Risk if risk in risks)


def reach_of(far: Iterable[FarEnd], frame: Frame, inventory: Inventory) -> Reach:
    """Whom an entry concerns beside the known pods of its own namespace.

    Pods are taken for known where they are pinned down by the name of a namespace and by
    labels that a workload of the inventory has.
    """
    peers = [_peer(connections, frame) for end in far for connections in end.connections]
    pods = [peer for peer in peers if isinstance(peer, PodClass)]
    return Reach(
        unknown_pods=any(not _is_known(pod_class, inventory) for pod_class in pods),
        other_namespaces=any(
            pod_class.names - ValueSet.among(frame.namespace) for pod_class in pods
        ),
        outside=len(pods) < len(peers),
    )


def connection_risks(connections: Sequence[Connections], direction: Direction) -> Iterator[Risk]:
    """The risks of opening connections to what is their subject in a direction."""
    ingress = direction is Direction.INGRESS
    if any(not connection.called and _has_every_port(connection) for connection in connections):
        yield Risk.EVERY_PORT
    peers = [connection.sender if ingress else connection.receiver for connection in connections]
    addresses = [peer for peer in peers if isinstance(peer, Addresses)]
    if any(some.meets(_PUBLIC) for some in addresses):
        yield Risk.FROM_INTERNET if ingress else Risk.TO_INTERNET
    everywhere = [peer for peer in peers if isinstance(peer, PodClass) and _is_everywhere(peer)]
    if ingress:
        if everywhere:
            yield Risk.FROM_EVERY_NAMESPACE
        return
    if any(map(leads_to_instance_metadata, addresses)):
        yield Risk.TO_METADATA
    if any(some == _EVERY_ADDRESS for some in addresses) and any(
        peer.pods.is_everything for peer in everywhere
    ):
        yield Risk.TO_EVERYTHING


def _has_every_port(connections: Connections) -> bool:
    return any(connections.traffic.numbers(protocol) == ALL_PORTS for protocol in PROTOCOLS)


def _is_everywhere(peer: PodClass) -> bool:
    """Whether all namespaces but some named ones are meant, whatever their labels."""
    return peer.names.complement and peer.namespaces.is_everything


def _peer(connections: Connections, frame: Frame) -> object:
    return connections.sender if frame.direction is Direction.INGRESS else connections.receiver


def _is_known(pods: PodClass, inventory: Inventory) -> bool:
    if pods.names.complement or not pods.pods.exact_labels():
        return False
    return all(
        any(
            workload.namespace == name and workload.may_match(pods.pods)
            for workload in inventory.workloads
        )
        for name in pods.names.values
    )
