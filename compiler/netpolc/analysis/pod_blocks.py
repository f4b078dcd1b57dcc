"""What the blocks of policies permit pods, by the addresses that these may have."""

from collections.abc import Iterable
from functools import reduce
from operator import or_
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

    def __init__(self, view: ClassView) -> None:
        self._view = view
        networks = () if view.tiers is None or view.plain else view.tiers.tiers.networks()
        self._networks = tuple(network for network in networks if network.meets(view.pods))
        self._lists: list[_Blocks] = []
        self._numbers: dict[_Blocks, int] = {}
        self._groups: dict[tuple[int, int], tuple[AddressGroup, ...]] = {}
        is_single = any(view.pods.numbers(version).count() == 1 for version in (4, 6))
        self.always_decide = bool(self._networks) or is_single
        """Whether addresses decide wherever pods are: networks name them, or all pods would have the same."""

    def decide(self, peer: Peer) -> bool:
        """Whether it depends on the address of a pod whether a peer is the pod."""
        if not isinstance(peer, Outside) or self._view.plain or self._view.blocks.pods is None:
            return False
        pods = self._view.pods
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
        blocks = self._lists[number]
        if other.host_network:
            met = (some for each, some in blocks if self._view.block_may_match(each, other))
            return ((None, reduce(or_, met, Traffic())),)
        key = number, version
        grouped = self._groups.get(key)
        if grouped is None:
            groups = address_groups(
                self._view.pods.numbers(version),
                [(each.numbers(version), some) for each, some in blocks],
                [network.numbers(version) for network in self._networks],
            )
            is_added = self._view.most and self._view.tiers is None
            grouped = self._groups[key] = tuple(added_up(groups)) if is_added else groups
        return grouped
