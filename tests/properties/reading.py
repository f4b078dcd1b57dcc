"""What the IR permits one pod, read off the words of `ir.model`: plain, slow and obvious."""

from netpolc.ir.model import PolicySet
from netpolc.kube.peers import Anyone, Direction, Outside, Peer, Pods
from netpolc.kube.ports import NamedPort, Protocol, Traffic
from tests.reference.world import Endpoint, Pod, World


def permits(
    policy: PolicySet,
    world: World,
    direction: Direction,
    pod: Pod,
    other: Endpoint,
    protocol: Protocol,
    port: int,
) -> bool:
    """Whether a pod of the set's namespace permits the connection at its end."""
    closed = any(
        one.direction is direction and one.selector.matches(pod.labels) for one in policy.subjects
    )
    receiver = pod if direction is Direction.INGRESS else other
    return not closed or any(
        allow.direction is direction
        and allow.subject.matches(pod.labels)
        and _is_peer(allow.peer, policy.namespace, world, other)
        and _has_port(allow.traffic, receiver, protocol, port)
        for allow in policy.allows
    )


def _is_peer(peer: Peer, own: str, world: World, other: Endpoint) -> bool:
    match peer:
        case Anyone():
            return True
        case Outside(addresses):
            return not isinstance(other, Pod) and other in addresses
        case Pods(namespaces, pods):
            if not isinstance(other, Pod):
                return False
            inside = (
                other.namespace == own
                if namespaces is None
                else namespaces.matches(world.namespaces[other.namespace])
            )
            return inside and pods.matches(other.labels)


def _has_port(traffic: Traffic, receiver: Endpoint, protocol: Protocol, port: int) -> bool:
    return port in traffic.numbers(protocol) or (
        isinstance(receiver, Pod)
        and any(
            (declared.protocol, declared.number) == (protocol.value, port)
            and NamedPort(protocol, declared.name) in traffic.named
            for declared in receiver.ports
        )
    )
