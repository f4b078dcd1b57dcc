"""The policies of one namespace in one direction, ready to be asked.

A question usually concerns a few of them: those whose subject can have the labels asked
about, or whose peer can be in the namespace at the other end. A `PolicyIndex` finds these
without looking at the rest, by one label value that a subject requires and by the
namespace names that a peer requires. What it returns may contain more than is needed,
never less.
"""

from collections.abc import Collection, Container, Hashable, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import chain, combinations
from typing import TypeVar
from weakref import ref

from netpolc.analysis.block_reading import MADE_UP_LABELS
from netpolc.analysis.chosen_labels import chosen_labels
from netpolc.analysis.open_pods import selectors_of
from netpolc.ir.model import Allow, PolicySet, Subject
from netpolc.kube.inventory import Workload
from netpolc.kube.peers import Anyone, Direction, Outside, Peer, Pods
from netpolc.kube.ports import NO_TRAFFIC, NamedPort, Traffic
from netpolc.kube.selectors import EVERYTHING, Labels, Selector
from netpolc.sets import ValueSet
from netpolc.sets.boxes import Boxes
from netpolc.sets.value_index import Limits, ValueIndex
from netpolc.values import frozen

T = TypeVar("T")
_FEW_REQUIREMENTS = 6
"""So many requirements have 62 parts, which are looked up one by one."""
_NAMESPACE = "a pod's namespace", ""
"""The variable of a pod's namespace beside its labels, whose variables are their keys."""


class PolicyIndex:
    """The subjects of one namespace and direction; compared by identity."""

    def __init__(self, namespace: str, subjects: tuple[Subject, ...]) -> None:
        """Take subjects that can match a pod; nothing is indexed before it is asked for."""
        self._namespace = namespace
        self._shared: tuple[ref[PolicyIndex], frozenset[int]] | None = None
        self.subjects = subjects
        self.always_closed = next((s for s in subjects if s.selector.is_everything), None)

    @classmethod
    def of(cls, policies: PolicySet, direction: Direction) -> "PolicyIndex | None":
        """The side of a policy set; None where nothing is closed, so that nothing is opened."""
        subjects = tuple(s for s in policies.of(direction) if not s.selector.impossible)
        return cls(policies.namespace, subjects) if subjects else None

    @cached_property
    def allows(self) -> tuple[Allow, ...]:
        """The allows of all subjects that have traffic; an index is a place in this tuple."""
        return tuple([a for s in self.subjects for a in s.allows if a.traffic is not NO_TRAFFIC])

    @cached_property
    def isolated(self) -> tuple[Selector, ...]:
        """The pods that subjects close; subjects that differ in one label are one selector."""
        if self.always_closed is not None:
            return (EVERYTHING,)
        boxes = Boxes(tuple(dict(subject.selector.requirements) for subject in self.widest))
        return tuple(selectors_of(boxes.joined().boxes))

    @cached_property
    def widest(self) -> tuple[Subject, ...]:
        """The subjects without those that have all requirements of another one, and more.

        They close the same pods. n closed senders and m arrows that they mirror make n * m subjects,
        each with the requirements of a sender and more.
        """
        written = {subject.selector.requirements for subject in self.subjects}
        return tuple(s for s in self.subjects if not _is_inside(s.selector, written))

    @cached_property
    def _widest(self) -> ValueIndex[int]:
        return ValueIndex((dict(s.selector.requirements), i) for i, s in enumerate(self.widest))

    def closing(self, wanted: Iterable[Limits]) -> tuple[Subject, ...]:
        """The widest subjects that may match pods within one of the limits, in their order."""
        indices = {index for limits in wanted for index in self._widest.meeting(limits)}
        return tuple(self.widest[index] for index in sorted(indices))

    @cached_property
    def _closing(self) -> ValueIndex[int]:
        return ValueIndex((dict(s.selector.requirements), i) for i, s in enumerate(self.subjects))

    @cached_property
    def names(self) -> tuple[frozenset[str] | None, ...]:
        """The namespaces that each allow's peer can be in; None where they are not limited."""
        return tuple(_peer_names(allow, self._namespace) for allow in self.allows)

    @cached_property
    def peer_namespaces(self) -> tuple[Selector, ...]:
        """The selectors of namespaces in which peers are pods, each once."""
        selectors = dict.fromkeys(_namespaces(allow.peer, self._namespace) for allow in self.allows)
        return tuple(namespaces for namespaces in selectors if namespaces is not None)

    @cached_property
    def outside(self) -> frozenset[int]:
        """The allows, by index, whose peer may be addresses."""
        return frozenset(
            i for i, a in enumerate(self.allows) if isinstance(a.peer, Outside | Anyone)
        )

    @cached_property
    def _by_peer(self) -> dict[str | None, list[int]]:
        """The allows, by index, by the names of their peers' namespaces; None where any may be meant."""
        by_name: dict[str | None, list[int]] = {}
        for index, names in enumerate(self.names):
            for name in (None,) if names is None else names:
                by_name.setdefault(name, []).append(index)
        return by_name

    @cached_property
    def _by_subject(self) -> ValueIndex[list[int]]:
        by_subject: dict[Selector, list[int]] = {}
        for index, allow in enumerate(self.allows):
            by_subject.setdefault(allow.subject, []).append(index)
        return ValueIndex(
            (dict(subject.requirements), some) for subject, some in by_subject.items()
        )

    @cached_property
    def meaning(self) -> tuple[frozenset[Selector], frozenset[Allow]]:
        """The isolations and allows; two sides with equal ones are the same."""
        return frozenset(s.selector for s in self.subjects), frozenset(self.allows)

    def means(self, other: "PolicyIndex") -> bool:
        """Whether two sides are the same. Hashing is saved where they are in one order."""
        return self.subjects == other.subjects or self.meaning == other.meaning

    def shared(self, other: "PolicyIndex") -> frozenset[int]:
        """The allows, by index, that another side has as well."""
        # Both sides of a comparison ask, and must not keep each other.
        if self._shared is None or self._shared[0]() is not other:
            theirs = other.meaning[1]
            indices = frozenset(i for i, allow in enumerate(self.allows) if allow in theirs)
            self._shared = ref(other), indices
        return self._shared[1]

    def about(self, wanted: Limits) -> list[int]:
        """The allows whose subject may have such labels, by index, ascending."""
        return sorted(chain.from_iterable(self._by_subject.meeting(wanted)))

    def around(self, wanted: Limits) -> frozenset[int]:
        """The allows, by index, whose subject may be all pods with such labels."""
        return frozenset(chain.from_iterable(self._by_subject.each_around(wanted)))

    def about_pod(self, pod: Workload) -> list[int]:
        """The allows whose subject may be pods of a workload, by index, ascending."""
        near = _near(self._by_subject, pod)
        return sorted(chain.from_iterable(near))

    def closing_pod(self, pod: Workload) -> tuple[Subject, ...]:
        """The subjects that may match pods of a workload, in their order."""
        return tuple(self.subjects[index] for index in _near(self._closing, pod))

    @cached_property
    def _by_pods(self) -> ValueIndex[int]:
        return ValueIndex((limits, i) for i, _, limits in self._of_pods())

    @cached_property
    def _by_ends(self) -> ValueIndex[int]:
        return ValueIndex(
            ({**_own_limits(allow.subject), **limits}, i) for i, allow, limits in self._of_pods()
        )

    def _of_pods(self) -> Iterator[tuple[int, Allow, Limits]]:
        """The allows whose peer may be pods, each with its index and what it requires of them."""
        for index, (allow, names) in enumerate(zip(self.allows, self.names, strict=True)):
            if names is None or names:
                yield index, allow, _peer_limits(allow, names)

    def between(self, own: Selector, others: Selector) -> list[int]:
        """The allows whose subject and peer may be such pods, by index, ascending."""
        return self._by_ends.meeting({**_own_limits(own), **dict(others.requirements)})

    def surely_permits(self, own: Selector, others: Selector, there: str, traffic: Traffic) -> bool:
        """Whether some of its own pods surely are permitted some traffic with some pods of a namespace.

        Labels of namespaces and names of ports are left aside, so False only means that it is not sure.
        """
        if self.always_closed is None and self._is_open(chosen_labels(own.requirements)):
            return True
        limits: dict[Hashable, object] = {_NAMESPACE: ValueSet.among(there)}
        limits.update(_own_limits(own))
        limits.update(others.requirements)
        near = map(self.allows.__getitem__, self._by_ends.each_meeting(limits))
        return any(
            not allow.subject.isdisjoint(own)
            and _surely_has_some(allow.peer, others, there, self._namespace)
            and allow.traffic.shares_numbers(traffic)
            for allow in near
        )

    def _is_open(self, labels: Labels) -> bool:
        """Whether no subject closes a pod with exactly these labels."""
        near = self._closing.around({k: ValueSet.among(v) for k, v in labels.items()})
        return not any(self.subjects[index].selector.matches(labels) for index in near)

    def toward_pod(self, pod: Workload) -> list[int]:
        """The allows whose peer may be pods of a workload, by index, ascending."""
        return _near(self._by_pods, pod)

    def toward(self, names: ValueSet, among: Collection[int]) -> list[int]:
        """The allows whose peer may be pods in a namespace with one of the names.

        By index, ascending. Found from the names or from the allows, whichever are fewer: a
        namespace may have thousands of allows about itself, and the question be about one pod.
        """
        if names.complement or len(names.values) > len(self._by_peer):
            return sorted(i for i in among if self.names[i] is None or self.names[i])
        named = [self._by_peer.get(name, ()) for name in (None, *names.values)]
        if sum(map(len, named)) < len(among):
            return sorted({i for some in named for i in some if i in among})
        return sorted(i for i in among if self._is_toward(i, names.values))

    def _is_toward(self, index: int, names: frozenset[str]) -> bool:
        peer = self.names[index]
        return peer is None or not peer.isdisjoint(names)


@frozen(eq=False)
class IndexedNamespace:
    """The policies of one namespace by direction, None where nothing is closed, and their ports."""

    sides: Mapping[Direction, PolicyIndex | None]
    ports: frozenset[NamedPort]

    @classmethod
    def of(cls, policies: PolicySet) -> "IndexedNamespace":
        """The policies of a namespace, with an index for each direction."""
        traffic = {allow.traffic for subject in policies.subjects for allow in subject.allows}
        named = (some.named for some in traffic)
        sides = {direction: PolicyIndex.of(policies, direction) for direction in Direction}
        return cls(sides, frozenset().union(*named))


def _is_inside(pods: Selector, written: Container[tuple[tuple[str, ValueSet], ...]]) -> bool:
    """Whether a part of the few requirements of a selector is written as a selector of its own."""
    requirements = pods.requirements
    return len(requirements) <= _FEW_REQUIREMENTS and any(
        part in written
        for size in range(1, len(requirements))
        for part in combinations(requirements, size)
    )


def _near(index: ValueIndex[T], pod: Workload) -> list[T]:
    """The entries that may match pods of a workload. A label that differs between its pods may have any value."""
    varying = {label.key for label in pod.varying}
    limits: dict[Hashable, ValueSet] = {_NAMESPACE: ValueSet.among(pod.namespace)}
    limits.update((k, ValueSet.among(v)) for k, v in pod.labels.items() if k not in varying)
    return index.meeting(limits) if varying else index.around(limits)


def _own_limits(subject: Selector) -> Limits:
    """The labels that pods of a subject must have, apart from those of its peers."""
    return {("own", key): allowed for key, allowed in subject.requirements}


def _peer_limits(allow: Allow, names: frozenset[str] | None) -> Limits:
    """The labels and namespace that an allow's peer requires of pods; its addresses are not among them."""
    limits: dict[Hashable, ValueSet] = {} if names is None else {_NAMESPACE: ValueSet(names)}
    pods = allow.peer.pods if isinstance(allow.peer, Pods) else EVERYTHING
    limits.update((key, allowed) for key, allowed in pods.requirements if key not in MADE_UP_LABELS)
    return limits


def _surely_has_some(peer: Peer, pods: Selector, there: str, home: str) -> bool:
    """Whether a peer, seen from namespace `home`, has some pods of a namespace whose name alone is known."""
    namespaces = _namespaces(peer, home)
    is_there = namespaces is not None and (
        namespaces.is_everything or namespaces.only_namespace_name == there
    )
    return is_there and not (isinstance(peer, Pods) and peer.pods.isdisjoint(pods))


def _peer_names(allow: Allow, home: str) -> frozenset[str] | None:
    namespaces = _namespaces(allow.peer, home)
    return frozenset() if namespaces is None else namespaces.namespace_names


def _namespaces(peer: Peer, home: str) -> Selector | None:
    """The namespaces of a peer's pods, seen from namespace `home`; None if it is only addresses."""
    if isinstance(peer, Pods):
        return Selector.namespace(home) if peer.namespaces is None else peer.namespaces
    return EVERYTHING if isinstance(peer, Anyone) else None
