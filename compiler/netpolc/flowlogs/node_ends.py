"""Ends of flows that have a node's address: nodes, and pods on the host's network.

No policy isolates such pods, and labels do not match them as peers. Whether a block matches
a node's address depends on the network plugin (`blocks:` states it). So what a log shows of them
is neither proposed nor verified: it is reported, with the arrow to write where blocks match nodes.
"""

from collections.abc import Iterable

from netpolc.flowlogs.aggregate import FlowKind
from netpolc.flowlogs.flows import AddressParty, Entity, Party, PodParty, ServiceParty
from netpolc.flowlogs.permitted import block_of
from netpolc.flowlogs.vocabulary import Names
from netpolc.kube.cidr import Addresses, Block
from netpolc.kube.inventory import AddressOf, Inventory
from netpolc.kube.peers import BlockScope
from netpolc.program.model import ClusterAddresses
from netpolc.values import frozen

_MOST_BLOCKS = 8
"""Blocks of nodes in one arrow; more are for the cluster section to state."""


@frozen(kw_only=True)
class NodeEnd:
    """An end with a node's address. `blocks` are those to write for it; empty where none is known or matches.

    `host_network` says that pods on the host's network are meant, `mixed` that others with the same labels exist.
    """

    blocks: tuple[Block, ...]
    host_network: bool = False
    mixed: bool = False


class NodeEnds:
    """The ends of flows that have a node's address, as far as facts and manifests tell."""

    __slots__ = ("_addresses", "_ends", "_inventory", "_names", "_on_host", "_usual", "stated")

    def __init__(self, stated: ClusterAddresses, inventory: Inventory, names: Names) -> None:
        self.stated, self._inventory, self._names = stated, inventory, names
        known = [own for own in inventory.addresses if own.of is not AddressOf.PODS]
        inside = addresses_of_all(own.addresses for own in known if own.of is AddressOf.NODE)
        self._addresses = addresses_of_all((stated.nodes, *(own.addresses for own in known)))
        self._usual = stated.nodes.blocks or inside.blocks
        self._on_host = {w.namespace for w in inventory.workloads if w.host_network}
        self._ends: dict[PodParty | ServiceParty, NodeEnd | None] = {}

    def of(self, party: Party) -> NodeEnd | None:
        """A party as an end with a node's address; None if it is something else."""
        if isinstance(party, AddressParty):  # Of which there are too many to remember.
            is_node = self.stated.blocks is not BlockScope.ALL and party.address in self._addresses
            return NodeEnd(blocks=self._matching((block_of(party),))) if is_node else None
        if isinstance(party, Entity) or party.namespace not in self._on_host:
            return None
        if party not in self._ends:
            self._ends[party] = self._of_pods(party)
        return self._ends[party]

    @property
    def any_known(self) -> bool:
        """Whether the address of any node is known."""
        return bool(self._addresses)

    def are_among(self, kind: FlowKind) -> bool:
        """Whether an end of a kind of flow has a node's address."""
        return self.of(kind.sender) is not None or self.of(kind.receiver) is not None

    def _of_pods(self, party: PodParty | ServiceParty) -> NodeEnd | None:
        if self._names.called(party) is None:
            return None
        pods = self._names.end(party).pods
        hosts = [w.host_network for w in self._inventory.matching(party.namespace, pods)]
        if not any(hosts):
            return None
        blocks = self._usual if len(self._usual) <= _MOST_BLOCKS else ()
        return NodeEnd(blocks=self._matching(blocks), host_network=True, mixed=not all(hosts))

    def _matching(self, blocks: tuple[Block, ...]) -> tuple[Block, ...]:
        """The blocks, unless it is stated that none matches a node."""
        return () if self.stated.blocks is BlockScope.OUTSIDE else blocks


def addresses_of_all(sets: Iterable[Addresses]) -> Addresses:
    """The union of sets of addresses."""
    return Addresses.of(block for addresses in sets for block in addresses.blocks)
