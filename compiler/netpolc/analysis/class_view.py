"""How one reading of what is unknown treats classes of workloads."""

from netpolc.analysis.block_reading import EVERY_ADDRESS, OUTSIDE_ONLY, BlockReading
from netpolc.analysis.tiers import TierReading
from netpolc.kube.cidr import Addresses
from netpolc.kube.inventory import Workload
from netpolc.kube.selectors import Selector
from netpolc.values import frozen


@frozen(kw_only=True)
class ClassView:
    """One reading of what is unknown: plain, or as what permits least or most."""

    plain: bool = False
    most: bool = False
    blocks: BlockReading = OUTSIDE_ONLY
    tiers: TierReading | None = None
    nodes: Addresses = Addresses()
    """The addresses of nodes; none if they are not stated."""

    def matches(self, selector: Selector, workload: Workload) -> bool | None:
        """Whether a selector matches a workload's pods; None where that is unknown."""
        if self.plain:
            return selector.matches(workload.labels)
        if workload.surely_matches(selector):
            return True
        return None if workload.may_match(selector) else False

    def selects(self, selector: Selector, workload: Workload) -> bool:
        """Whether a selector is taken to match a workload's pods where that permits more."""
        if self.plain:
            return selector.matches(workload.labels)
        return workload.may_match(selector) if self.most else workload.surely_matches(selector)

    def closes(self, subject: Selector, workload: Workload) -> bool:
        """Whether a subject is taken to match a workload's pods where that permits less."""
        if self.plain:
            return subject.matches(workload.labels)
        return workload.surely_matches(subject) if self.most else workload.may_match(subject)

    def is_hidden(self, workload: Workload) -> bool:
        """Whether selectors of peers are taken to miss the workload."""
        return workload.host_network and not (self.plain or self.most)

    def is_open(self, workload: Workload) -> bool:
        """Whether no policy is taken to apply to the workload."""
        return workload.host_network and self.most

    def block_may_match(self, addresses: Addresses, workload: Workload) -> bool:
        """Whether a block matches some address that a workload's pods may have in this reading."""
        if self.plain or self.blocks.pods is None:
            return False
        return addresses.meets(self.node_addresses if workload.host_network else self.blocks.pods)

    @property
    def node_addresses(self) -> Addresses:
        """The addresses that nodes may have, and so pods on the host's network."""
        return self.nodes or EVERY_ADDRESS

    @property
    def pods(self) -> Addresses:
        """The addresses that pods may have, as far as they decide about anything."""
        if self.plain:
            return Addresses()
        if self.blocks.pods is not None:
            return self.blocks.pods
        return Addresses() if self.tiers is None else self.tiers.pods
