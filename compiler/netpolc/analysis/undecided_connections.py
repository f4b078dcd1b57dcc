"""The connections that unknown facts about cluster-wide policies decide."""

from collections.abc import Iterator

from netpolc.analysis.connection_sets import Connections, question_about
from netpolc.analysis.namespace_partition import Cluster
from netpolc.analysis.permission_change import Change
from netpolc.analysis.semantic_diff import gained
from netpolc.analysis.tiers import TierReading
from netpolc.ir.model import Policies


class UndecidedConnections:
    """The connections that the reading of cluster-wide policies that permits most permits, and the one that permits least does not."""

    def __init__(
        self, policies: Policies, least: TierReading | None, most: TierReading | None
    ) -> None:
        """Take NetworkPolicies and both readings."""
        self._cluster = Cluster(policies, policies, tiers=(least, most))

    @property
    def least(self) -> TierReading | None:
        """The reading that permits least."""
        return self._cluster.tiers[0]

    def among(self, connections: Connections) -> Iterator[Change]:
        """Those of a class of connections, as changes from what is permitted for certain to what may be permitted."""
        for change in gained(self._cluster, (question_about(connections),)):
            if change.connections.same_namespace is connections.same_namespace:
                yield change
