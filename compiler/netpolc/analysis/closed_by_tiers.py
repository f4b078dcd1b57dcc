"""Receivers that cluster-wide policies close to all senders of a question.

An enforced assertion keeps a thousand namespaces from a thousand others. Whether a receiver's policies admit
one of the senders then matters to none of the million pairs. So a receiver is first asked about
a sender in any namespace, of whose labels nothing is known: what tiers deny to it they deny to each.
"""

from collections.abc import Callable

from netpolc.analysis.namespace_partition import Cluster, Facts, NamespaceClass
from netpolc.analysis.permit_boxes import openings
from netpolc.analysis.policy_version import PolicyVersion
from netpolc.analysis.port_encoding import Reading, Readings
from netpolc.analysis.query import PodEnd, Question
from netpolc.analysis.symbolic_case import Case
from netpolc.analysis.tier_order import tier_order
from netpolc.kube.peers import Direction
from netpolc.manifest.tier_model import Action, Tier
from netpolc.sets import ValueSet
from netpolc.sets.boxes import Box, meet, outside
from netpolc.values import frozen


@frozen(kw_only=True, eq=False)
class ClosedByTiers:
    """Tells of a receiver's namespace whether tiers close it to all senders of a question.

    `asked` reads the question's traffic, `readings` what permits it and what is in its way.
    """

    cluster: Cluster
    question: Question
    asked: Reading
    granted: Reading
    refused: Reading

    def always(self, receiver: NamespaceClass) -> bool:
        """Whether they do whatever NetworkPolicies permit."""
        return self._are_closed(receiver, _passed)

    def while_open(self, receiver: NamespaceClass) -> bool:
        """Whether they do where no NetworkPolicy isolates the receiver."""
        return self._are_closed(receiver, _opened)

    def _are_closed(self, receiver: NamespaceClass, opened: "_Opened") -> bool:
        none = (None,) * len(self.cluster.policies)
        facts = (Facts({}),) * len(self.cluster.policies)
        anywhere = NamespaceClass(ValueSet(complement=True), facts, none)
        here = NamespaceClass(receiver.names, receiver.facts, none)
        return all(
            self._is_closed(self._case(sender, here, same=sender is here), opened)
            for sender in (anywhere, here)
        )

    def _is_closed(self, case: Case, opened: "_Opened") -> bool:
        bases = list(case.asked(self.question, PolicyVersion.ONLY, self.asked))
        readings = Readings(sure=self.granted, possibly=self.refused, near=bases)
        return not any(
            next(outside(part, away), None) is not None
            for box, away in opened(case, readings)
            for base in bases
            if (part := meet(base, box)) is not None
        )

    def _case(self, sender: NamespaceClass, receiver: NamespaceClass, *, same: bool) -> Case:
        ends = self.question.sender, self.question.receiver
        workloads = [end.workload if isinstance(end, PodEnd) else None for end in ends]
        return Case(
            sender=sender,
            receiver=receiver,
            same=same,
            sender_workload=workloads[0],
            receiver_workload=workloads[1],
            parts=self.cluster.addresses,
            tiers=self.cluster.tiers,
        )


_Opened = Callable[[Case, Readings], list[tuple[Box, tuple[Box, ...]]]]
"""The boxes in which a receiver is open, each without some others."""


def _passed(case: Case, readings: Readings) -> list[tuple[Box, tuple[Box, ...]]]:
    """Where the Admin tier accepts, or leaves it to NetworkPolicies."""
    admin = tier_order(case, Direction.INGRESS, Tier.ADMIN, PolicyVersion.ONLY, readings)
    regions = (*admin.decided(Action.ACCEPT), *admin.passed(Action.DENY))
    return [(region.box, tuple(region.outside)) for region in regions]


def _opened(case: Case, readings: Readings) -> list[tuple[Box, tuple[Box, ...]]]:
    """Where tiers leave a receiver open that nothing isolates."""
    opened = openings(case, Direction.INGRESS, PolicyVersion.ONLY, readings, ())
    return [(opening.box, tuple(opening.outside)) for opening in opened]
