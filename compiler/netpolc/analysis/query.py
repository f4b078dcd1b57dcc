"""A query: connections between two ends, on some traffic.

A question has pods or addresses at its ends. Pods are chosen by the labels of their
namespace and their own, over all pods that could exist; or they are those of one known
workload, whose labels and container ports are known in full. `own namespace` in a
statement is replaced by the namespace's name before anything is asked.
"""

from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import TypeAlias

from netpolc.analysis import block_reading
from netpolc.kube.cidr import Addresses
from netpolc.kube.inventory import Workload
from netpolc.kube.peers import Anyone, Direction, Outside, Peer
from netpolc.kube.ports import EVERY_PORT, NamedPort, Traffic
from netpolc.kube.selectors import EVERYTHING, Selector
from netpolc.values import frozen


@frozen
class PodEnd:
    """Pods that could exist, by labels; with `workload`, the pods of that workload only.

    With `addresses`, those with one of these: `pods` says so by made-up labels (`block_reading`).
    With `on_host`, only known ones on the host's network.
    """

    namespaces: Selector = EVERYTHING
    pods: Selector = EVERYTHING
    workload: Workload | None = None
    addresses: Addresses | None = None
    on_host: bool = False


@frozen
class AddressEnd:
    """Addresses outside the cluster."""

    addresses: Addresses


EndOfQuestion: TypeAlias = PodEnd | AddressEnd
EVERY_POD = PodEnd()
EVERY_ADDRESS = AddressEnd(block_reading.EVERY_ADDRESS)


@frozen(kw_only=True)
class Question:
    """All connections from the sender's to the receiver's end on this traffic."""

    sender: EndOfQuestion
    receiver: EndOfQuestion
    traffic: Traffic = field(default=EVERY_PORT)


def of_workload(workload: Workload) -> PodEnd:
    """The pods of a known workload."""
    return PodEnd(Selector.namespace(workload.namespace), EVERYTHING, workload)


def container_ports(workload: Workload) -> Mapping[NamedPort, frozenset[int]]:
    """The numbers of a workload's named container ports."""
    numbers: dict[NamedPort, frozenset[int]] = {}
    for port in workload.ports:
        if port.name:
            name = NamedPort(port.protocol, port.name)
            numbers[name] = numbers.get(name, frozenset()) | {port.number}
    return numbers


def ends(peer: Peer, home: str) -> Iterator[EndOfQuestion]:
    """The ends that a peer means, seen from a namespace; those without members left out."""
    match peer:
        case Anyone():
            yield EVERY_POD
            yield EVERY_ADDRESS
        case Outside(addresses):
            if addresses:
                yield AddressEnd(addresses)
        case _:
            namespaces = Selector.namespace(home) if peer.namespaces is None else peer.namespaces
            if not namespaces.impossible and not peer.pods.impossible:
                yield PodEnd(namespaces, peer.pods)


def directed(
    direction: Direction, subject: PodEnd, peer: EndOfQuestion, traffic: Traffic
) -> Question | None:
    """The question about a subject and its peer; None if one has no traffic to ask about."""
    if not traffic:
        return None
    if direction is Direction.INGRESS:
        return Question(sender=peer, receiver=subject, traffic=traffic)
    return Question(sender=subject, receiver=peer, traffic=traffic)
