"""What the blocks of policies permit pods, by the addresses that these may have."""

from collections.abc import Iterable
from typing import TypeAlias

from netpolc.analysis.address_groups import AddressGroup, added_up, address_groups
from netpolc.analysis.class_view import ClassView
from netpolc.kube.cidr import Addresses
from netpolc.kube.inventory import Workload
from netpolc.kube.peers import Outside, Peer
from netpolc.kube.ports import Traffic

_Blocks: TypeAlias = tuple[tuple[Addresses, Traffic], ...]


class PodBlocks:
    """The lists of blocks of the ends of workloads in one reading, each with a number."""

    def __init__(self, view: ClassView, *, have_hosts: bool) -> None:
        self._view = view
        self._have_hosts = have_hosts
        networks = () if view.tiers is None or view.plain else view.tiers.tiers.networks()
        self._networks = tuple(network for network in networks if network.meets(view.pods))
        self._lists: list[_Blocks] = []
        self._numbers: dict[_Blocks, int] = {}
        self._groups: dict[tuple[int, int, bool], tuple[AddressGroup, ...]] = {}
        is_single = any(view.pods.numbers(version).count() == 1 for version in (4, 6))
        self.always_decide = bool(self._networks) or is_single
        """Whether addresses decide wherever pods are: networks name them, or all pods would have the same."""
        self.decide_about_hosts = not (view.pods.v4 and view.pods.v6)
        """Whether pods lack addresses of an IP version that pods on the host's network may have."""

    def decide(self, peer: Peer) -> bool:
        """Whether it depends on the address of a pod, or of its node, whether a peer is the pod."""
        if not isinstance(peer, Outside) or self._view.plain or self._view.blocks.pods is None:
            return False
        pods = self._view.pods
        if self._have_hosts and peer.addresses.meets(self._view.node_addresses):
            return True
        is_both = bool(pods.v4) and bool(pods.v6)
        return peer.addresses.meets(pods) and (is_both or not pods <= peer.addresses)

    def number(self, allows: Iterable[tuple[Peer, Traffic]]) -> int:
        """The number of the list of blocks of an end, equal for equal lists; empty if blocks match no pods."""
        listed = allows if self._view.blocks.pods is not None else ()
        blocks = tuple(
            (peer.addresses, traffic) for peer, traffic in listed if isinstance(peer, Outside)
        )
        number = self._numbers.setdefault(blocks, len(self._lists))
        if number == len(self._lists):
            self._lists.append(blocks)
        return number

    def by_address(self, number: int, other: Workload, version: int) -> tuple[AddressGroup, ...]:
        """What a list of blocks permits a workload, by its addresses of an IP version."""
        key = number, version, other.host_network
        grouped = self._groups.get(key)
        if grouped is None:
            work = self._of_hosts if other.host_network else self._of_pods
            grouped = self._groups[key] = work(self._lists[number], version)
        return grouped

    def _of_pods(self, blocks: _Blocks, version: int) -> tuple[AddressGroup, ...]:
        groups = address_groups(
            self._view.pods.numbers(version),
            [(each.numbers(version), some) for each, some in blocks],
            [network.numbers(version) for network in self._networks],
        )
        is_added = self._view.most and self._view.tiers is None
        return tuple(added_up(groups)) if is_added else groups

    def _of_hosts(self, blocks: _Blocks, version: int) -> tuple[AddressGroup, ...]:
        """The same by the addresses of nodes, which pods on the host's network have."""
        listed = [(each.numbers(version), some) for each, some in blocks]
        groups = address_groups(self._view.node_addresses.numbers(version), listed)
        return tuple(added_up(groups)) if self._view.most else groups
