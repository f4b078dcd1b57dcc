"""The meaning of network policies, and nothing else.

A `Subject` is pods that are closed in a direction, with the `Allow`s that open them to a
peer and some traffic. A `PolicySet` is the subjects of one namespace. Intents (by
`passes.lower`) and manifests (by `passes.lift`) both become this, so analysis, comparison
and printing never know which of the two they look at.

Meaning under the API (API reference, NetworkPolicySpec): a pod is closed in a direction
when some subject of its namespace matches it; closed, it permits what the allows of the
subjects that match it list; open, it permits everything. Allows only add, and the API
cannot open a pod without closing it first, so there is no allow without its subject.

Where a thing comes from (`Origin`) and how it was written are not its meaning: these
fields are left out of equality. Build these values with `ir.build`, which keeps them in
canonical order.
"""

from collections.abc import Iterator, Mapping
from dataclasses import field, replace
from enum import Enum

from netpolc.kube.peers import Direction, Peer
from netpolc.kube.ports import Traffic
from netpolc.kube.selectors import Selector
from netpolc.provenance import Origins
from netpolc.values import frozen


@frozen(kw_only=True)
class Allow:
    """The subject, closed in the direction, permits this traffic with this peer.

    It repeats the selector and direction of its `Subject`, because answers hand it on alone.
    """

    subject: Selector
    direction: Direction
    peer: Peer
    traffic: Traffic
    origins: Origins = field(default=(), compare=False)


@frozen(kw_only=True)
class Subject:
    """Pods that are closed in a direction, and the allows that open them.

    `origins` are the statements that close them, by themselves or because they open. `distinct`
    says that each allow comes from one statement and surely opens something that no other allow
    here opens, and that no two could be written as one: nothing is left to simplify.
    """

    selector: Selector
    direction: Direction
    allows: tuple[Allow, ...] = ()
    origins: Origins = field(default=(), compare=False)
    distinct: bool = field(default=False, compare=False)

    @property
    def closed(self) -> tuple[Selector, Direction]:
        """Which pods it closes in which direction, whatever opens them."""
        return self.selector, self.direction


@frozen(kw_only=True)
class PolicySet:
    """The meaning of the policies of one namespace.

    `labels` are the namespace's stated labels (with kubernetes.io/metadata.name);
    `complete` says that it has no others, as a Namespace manifest does. A selector is a
    subject at most once in a direction.
    """

    namespace: str
    labels: Mapping[str, str] = field(default_factory=dict)
    complete: bool = False
    subjects: tuple[Subject, ...] = ()

    @property
    def allows(self) -> tuple[Allow, ...]:
        """The allows of all subjects, in order."""
        return tuple(allow for subject in self.subjects for allow in subject.allows)

    @property
    def closed(self) -> frozenset[tuple[Selector, Direction]]:
        """Which pods are closed in which direction."""
        return frozenset(subject.closed for subject in self.subjects)

    def of(self, direction: Direction) -> tuple[Subject, ...]:
        """The subjects that are closed in a direction."""
        return tuple(subject for subject in self.subjects if subject.direction is direction)


class LeftOut(Enum):
    """The parts of a program, or of a set of manifests, that its policies do not hold."""

    ASSERTIONS = "assertions"
    ENFORCEMENT = "enforced assertions"
    CLUSTER_POLICIES = "cluster-wide policies"
    ADDRESSES = "cluster addresses"
    EXPIRY = "expiry dates"


@frozen
class Policies:
    """The policy sets of a whole program or of a set of manifests, by namespace.

    `left_out` is what an IR file says of its own sources: they have it, and the file has not.
    """

    namespaces: Mapping[str, PolicySet]
    left_out: frozenset[LeftOut] = frozenset()
    _filed: "dict[tuple[str, Direction], _Filed]" = field(
        default_factory=dict, compare=False, repr=False
    )

    def of(self, *directions: Direction) -> "Policies":
        """The policies of some directions alone."""
        return Policies(
            {
                name: replace(
                    each, subjects=tuple(s for s in each.subjects if s.direction in directions)
                )
                for name, each in self.namespaces.items()
            }
        )

    def isolating(
        self, namespace: str, direction: Direction, labels: Mapping[str, str]
    ) -> list[Subject]:
        """The subjects of a namespace that close a pod with exactly these labels in a direction."""
        known = self.namespaces.get(namespace)
        if known is None:
            return []
        filed = self._filed.get((namespace, direction))
        if filed is None or filed.policies is not known:
            filed = self._filed[namespace, direction] = _Filed(known, direction)
        return [subject for subject in filed.near(labels) if subject.selector.matches(labels)]


class _Filed:
    """The subjects of one namespace and direction, by a label that their pods must have.

    Witnesses are confirmed with it, so it shares nothing with the indexes that find them.
    """

    __slots__ = ("_by_label", "_others", "policies")

    def __init__(self, policies: PolicySet, direction: Direction) -> None:
        self.policies = policies
        self._others: list[Subject] = []
        self._by_label: dict[tuple[str, str], list[Subject]] = {}
        for subject in policies.of(direction):
            label = next(iter(subject.selector.required_labels().items()), None)
            if label is None:
                self._others.append(subject)
            else:
                self._by_label.setdefault(label, []).append(subject)

    def near(self, labels: Mapping[str, str]) -> Iterator[Subject]:
        """The subjects that may match a pod with these labels."""
        yield from self._others
        for label in labels.items():
            yield from self._by_label.get(label, ())
