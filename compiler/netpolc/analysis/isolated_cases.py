"""Enumerate the cases in which something is permitted by an allow.

Of n namespaces that nothing isolates, any two are a case of which there is nothing to say. A case in which
an allow permits something is one that an allow of its sender or receiver names.
"""

from collections.abc import Iterator

from netpolc.analysis.case_enumeration import case_of, cases, sameness
from netpolc.analysis.namespace_partition import Cluster, NamespaceClass, NamespaceClasses
from netpolc.analysis.policy_version import PolicyVersion
from netpolc.analysis.query import PodEnd, Question
from netpolc.analysis.symbolic_case import Case
from netpolc.kube.selectors import Selector

_Places = frozenset[NamespaceClass]


def isolated_cases(cluster: Cluster, question: Question, side: PolicyVersion) -> Iterator[Case]:
    """The cases of a question in which an allow at one end may permit something.

    In all others only pods that no policy isolates are connected, unless tiers permit something.
    """
    if not isinstance(question.sender, PodEnd) or not isinstance(question.receiver, PodEnd):
        yield from cases(cluster, question, side)
        return
    senders = cluster.senders.near(question.sender.namespaces, side)
    receivers = cluster.receivers.near(question.receiver.namespaces, side)
    order = {place: number for number, place in enumerate(senders)}
    open_senders = frozenset(place for place in senders if _may_be_open(place, side))
    permitting = _Permitting(cluster.receivers, senders, side)
    admitted = _ListedPlaces(cluster.senders, side)
    for there in receivers:
        named, to_it = admitted.by(there), permitting.senders_to(there)
        permitted = (named & open_senders) | (to_it if _may_be_open(there, side) else named & to_it)
        for here in sorted((place for place in permitted if place in order), key=order.__getitem__):
            for same in sameness(here, there):
                yield case_of(cluster, question, here, there, same=same)


class _Permitting:
    """The senders of which an allow may be about a receiver."""

    def __init__(
        self, receivers: NamespaceClasses, senders: tuple[NamespaceClass, ...], side: PolicyVersion
    ) -> None:
        listed = _ListedPlaces(receivers, side)
        self._wide: _Places = frozenset(s for s in senders if listed.by(s) is listed.everywhere)
        found: dict[NamespaceClass, list[NamespaceClass]] = {}
        for sender in senders:
            for receiver in listed.by(sender) if sender not in self._wide else ():
                found.setdefault(receiver, []).append(sender)
        self._narrow = found

    def senders_to(self, receiver: NamespaceClass) -> _Places:
        """Return them."""
        return self._wide.union(self._narrow.get(receiver, ()))


class _ListedPlaces:
    """The places in which the peers of a place's allows may be, among some."""

    def __init__(self, places: NamespaceClasses, side: PolicyVersion) -> None:
        self._places, self._side = places, side
        self.everywhere: _Places = frozenset(places.all)
        self._found: dict[Selector, _Places] = {}

    def by(self, place: NamespaceClass) -> _Places:
        """Return them; `everywhere` itself if they may be in all places."""
        policies = place.sides[self._side]
        near = () if policies is None else map(self._near, policies.peer_namespaces)
        some = frozenset().union(*near)
        return self.everywhere if len(some) == len(self.everywhere) else some

    def _near(self, namespaces: Selector) -> _Places:
        places = self._found.get(namespaces)
        if places is None:
            places = self._found[namespaces] = frozenset(self._places.near(namespaces, self._side))
        return places


def _may_be_open(place: NamespaceClass, side: PolicyVersion) -> bool:
    """Whether there may be a pod in a place that no policy isolates."""
    policies = place.sides[side]
    return policies is None or policies.always_closed is None
