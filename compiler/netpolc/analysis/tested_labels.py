"""The labels of namespaces that policies test, and with which values.

Namespaces that differ in no tested label are alike to all policies, however many other labels they have.
"""

from collections.abc import Iterable, Mapping
from itertools import chain

from netpolc.analysis.tiers import TierReading
from netpolc.ir.model import Policies
from netpolc.kube.peers import Pods
from netpolc.kube.selectors import Selector
from netpolc.values import frozen


@frozen
class TestedLabels:
    """For each tested key the values that tests name: to a test, all other values are equal."""

    values: Mapping[str, frozenset[str]]

    @classmethod
    def of(
        cls, policies: Iterable[Policies], tiers: Iterable[TierReading | None]
    ) -> "TestedLabels":
        """The labels that peers of policies, and subjects and peers of tiers, test."""
        peers = (
            allow.peer
            for each in policies
            for policy_set in each.namespaces.values()
            for subject in policy_set.subjects
            for allow in subject.allows
        )
        ends = (pods for reading in tiers if reading is not None for pods in reading.tiers.pods())
        found: dict[str, set[str]] = {}
        for selector in _distinct(chain((peer for peer in peers if isinstance(peer, Pods)), ends)):
            for key, allowed in selector.requirements:
                found.setdefault(key, set()).update(allowed.values)
        return cls({key: frozenset(values) for key, values in found.items()})

    def tell(self, labels: Mapping[str, str]) -> frozenset[tuple[str, str | None]]:
        """What the tests see of labels: of a value that no test names, only that there is one."""
        return frozenset(
            (key, value if value in self.values[key] else None)
            for key, value in labels.items()
            if key in self.values
        )


def _distinct(pods: Iterable[Pods]) -> Iterable[Selector]:
    return dict.fromkeys(some.namespaces for some in pods if some.namespaces is not None)
