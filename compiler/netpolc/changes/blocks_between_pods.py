"""The blocks that may permit connections between pods on a side where no other peer does.

A comparison reads blocks as addresses outside the cluster. Where a block may match pods, a side
may permit connections that the comparison calls closed there.
"""

from collections.abc import Iterator

from netpolc.analysis.block_reading import readings, unsettled
from netpolc.analysis.connection_sets import Connections, PodClass
from netpolc.analysis.unknown_facts import AddressOwner, BlockMatching, UnknownFact
from netpolc.changes.model import Side
from netpolc.ir.model import Allow, PolicySet
from netpolc.kube.cidr import Addresses
from netpolc.kube.name_rules import METADATA_NAME
from netpolc.kube.peers import BlockScope, Direction, Outside, Peer, Pods
from netpolc.kube.ports import ALL_PORTS, PROTOCOLS, Protocol, Traffic
from netpolc.kube.selectors import Selector
from netpolc.sets import IntervalSet
from netpolc.values import frozen


class BlocksBetweenPods:
    """The blocks of a side that may match pods."""

    __slots__ = ("_blocks", "_pods", "_policies", "_stated")

    def __init__(self, side: Side) -> None:
        """Take the side in which the connections are not permitted, if blocks match no pods."""
        self._policies = side.policies.namespaces
        self._stated = side.program.addresses
        self._pods = readings(self._stated)[1].pods
        blocks = {
            name: tuple(allow for allow in policies.allows if self._is_block(allow))
            for name, policies in self._policies.items()
        }
        self._blocks = {name: allows for name, allows in blocks.items() if allows}

    def facts(self, connections: Connections) -> Iterator[UnknownFact]:
        """The fact on which it depends whether such a block permits connections between pods."""
        sender, receiver = connections.sender, connections.receiver
        if not isinstance(sender, PodClass) or not isinstance(receiver, PodClass):
            return
        ends = (
            _End(Direction.INGRESS, receiver, sender, connections.traffic),
            _End(Direction.EGRESS, sender, receiver, connections.traffic),
        )
        if any(self._opens(end) for end in ends) and not any(
            self._is_surely_closed(end) for end in ends
        ):
            yield BlockMatching(all_match=self._stated.blocks is BlockScope.ALL)

    def _opens(self, end: "_End") -> bool:
        """Whether a block may open some pods of the end."""
        return any(
            end.may_concern(allow)
            for name, allows in self._blocks.items()
            if name in end.pods.names
            for allow in allows
        )

    def _is_surely_closed(self, end: "_End") -> bool:
        """Whether all pods of the end are closed, and nothing may open them, blocks included."""
        policies = self._policies.get(end.pods.names.single or "")
        return (
            policies is not None
            and any(end.pods.pods <= closed.selector for closed in policies.of(end.direction))
            and not any(
                end.may_concern(allow) and self._may_be_for(allow.peer, end.other, policies)
                for allow in policies.allows
            )
        )

    def _may_be_for(self, peer: Peer, other: PodClass, home: PolicySet) -> bool:
        """Whether a peer may be some of the pods at the other end."""
        match peer:
            case Outside(addresses):
                return self._may_match_pods(addresses)
            case Pods(namespaces, pods):
                if namespaces is None:
                    namespaces = Selector.namespace(home.namespace)
                there = _namespaces_of(other)
                return not (pods.isdisjoint(other.pods) or namespaces.isdisjoint(there))
            case _:
                return True

    def _is_block(self, allow: Allow) -> bool:
        peer = allow.peer
        return isinstance(peer, Outside) and self._may_match_pods(peer.addresses)

    def _may_match_pods(self, addresses: Addresses) -> bool:
        if self._stated.blocks is None:
            facts = unsettled(addresses, self._stated)
            return any(fact.owner is AddressOwner.PODS for fact in facts)
        return self._pods is not None and addresses.meets(self._pods)


@frozen
class _End:
    """The pods at one end of connections, those at the other, and the traffic."""

    direction: Direction
    pods: PodClass
    other: PodClass
    traffic: Traffic

    def may_concern(self, allow: Allow) -> bool:
        """Whether an allow in the namespace of the pods may be about some of them and this traffic."""
        return (
            allow.direction is self.direction
            and not allow.subject.isdisjoint(self.pods.pods)
            and _may_meet(allow.traffic, self.traffic)
        )


def _namespaces_of(pods: PodClass) -> Selector:
    return Selector.of(((METADATA_NAME, pods.names), *pods.namespaces.requirements))


def _may_meet(traffic: Traffic, other: Traffic) -> bool:
    """Whether traffic may have a port in common; a named port may have any number."""
    return any(_ranges(traffic, each) & _ranges(other, each) for each in PROTOCOLS)


def _ranges(traffic: Traffic, protocol: Protocol) -> IntervalSet:
    """The numbers that the traffic may have: all, where it has a named port."""
    if any(port.protocol is protocol for port in traffic.named):
        return ALL_PORTS
    return traffic.numbers(protocol)
