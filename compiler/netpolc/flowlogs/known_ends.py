"""What policies permit between ends whose labels decide it, without a search.

Most ends of a log are known well enough: each subject of their namespace surely matches them or
surely does not, and so does each peer. Then the allows that match are all there is to look at, and
a million flows are answered in the time that a search takes for some ten thousand. Where
a label that the log does not show decides, or the number of a named port, the answer is None,
and `permitted.Comparison` searches.
"""

from collections.abc import Iterator

from netpolc.analysis.namespace_partition import Facts
from netpolc.analysis.query import AddressEnd, EndOfQuestion, PodEnd
from netpolc.flowlogs.filed_subjects import FiledSubjects
from netpolc.ir.model import Allow, Policies
from netpolc.ir.subsumption import Covering
from netpolc.kube.peers import Anyone, Direction, Outside, Pods
from netpolc.kube.ports import Protocol, Traffic
from netpolc.kube.selector_index import SelectorIndex
from netpolc.kube.selectors import EVERYTHING, Selector


class KnownEnds:
    """The policies of one direction, by the pods that they are about."""

    __slots__ = ("_allows", "_closed", "_policies", "subjects")

    def __init__(self, policies: Policies, direction: Direction) -> None:
        self._policies = policies
        self.subjects = FiledSubjects(policies, direction)
        self._closed: dict[PodEnd, _Closed | None] = {}
        self._allows: dict[tuple[str, tuple[int, ...]], _Closed] = {}

    def permits(
        self, own: PodEnd, other: EndOfQuestion, protocol: Protocol, port: int
    ) -> bool | None:
        """Whether every pod of an end permits a port with every pod of the other, or none does.

        None if labels that are not known or numbers of named ports decide, or if it is not the
        same for all.
        """
        try:
            closed = self._closed[own]
        except KeyError:
            closed = self._closed[own] = self._closed_by(own)
        return None if closed is None else closed.permits(own, other, protocol, port)

    def _closed_by(self, own: PodEnd) -> "_Closed | None":
        """The subjects that match pods, with their allows; None if they match some of the pods only."""
        home = own.namespaces.namespace_name
        if home is None or own.pods.impossible:
            return None
        subjects, index = self.subjects.of(home)
        if not all(own.pods <= subjects[n].selector for n in index.each_overlapping(own.pods)):
            return None
        near = tuple(index.overlapping(own.pods))
        if (home, near) not in self._allows:
            allows = [allow for number in near for allow in subjects[number].allows]
            self._allows[home, near] = _Closed(self._policies, home, allows, is_open=not near)
        return self._allows[home, near]


class _Closed:
    """The allows of pods that the same subjects match, by peer; `is_open` where no subject does."""

    __slots__ = ("_facts", "_home", "_is_open", "_named", "_others", "_pods", "_policies")

    def __init__(
        self, policies: Policies, home: str, allows: list[Allow], *, is_open: bool
    ) -> None:
        self._policies, self._home, self._is_open = policies, home, is_open
        self._facts: dict[str, Facts] = {}
        pods: dict[str | None, list[tuple[Selector, Allow]]] = {}
        others: list[Allow] = []
        for allow in allows:
            if isinstance(allow.peer, Outside):
                others.append(allow)
            elif isinstance(allow.peer, Anyone):
                others.append(allow)
                pods.setdefault(None, []).append((EVERYTHING, allow))
            else:
                namespace = allow.peer.home(home)
                pods.setdefault(namespace, []).append((allow.peer.pods, allow))
        self._pods = {namespace: SelectorIndex(entries) for namespace, entries in pods.items()}
        self._others = Covering(others)
        self._named = [allow.traffic for allow in others if allow.traffic.named]

    def permits(
        self, own: PodEnd, other: EndOfQuestion, protocol: Protocol, port: int
    ) -> bool | None:
        """Whether all of the pods permit a port with all of the other end, or none; None if unknown."""
        if isinstance(other, AddressEnd):
            return self._is_open or self._permits_address(other, protocol, port)
        namespace = other.namespaces.namespace_name
        if namespace is None or other.pods.impossible:
            return None
        if namespace == self._home and own.namespaces.isdisjoint(other.namespaces):
            return None  # The log contradicts itself about the labels of the namespace.
        if self._is_open:
            return True
        unsure = False
        for allow in self._near(namespace, other):
            has_number = port in allow.traffic.numbers(protocol)
            if not has_number and not _names(allow.traffic, protocol):
                continue
            is_peer = self._is_peer(allow, namespace, other)
            if is_peer and has_number:
                return True
            unsure = unsure or is_peer is not False
        return None if unsure else False

    def _permits_address(self, other: AddressEnd, protocol: Protocol, port: int) -> bool | None:
        wanted = Allow(
            subject=EVERYTHING,
            direction=Direction.INGRESS,
            peer=Outside(other.addresses),
            traffic=Traffic.of([(protocol, port, port)]),
        )
        if next(self._others.over(wanted), None) is not None:
            return True
        return None if any(_names(traffic, protocol) for traffic in self._named) else False

    def _near(self, namespace: str, other: PodEnd) -> Iterator[Allow]:
        """The allows whose peer may be pods of the other end."""
        for name in (namespace, None):
            if name in self._pods:
                yield from self._pods[name].overlapping(other.pods)

    def _is_peer(self, allow: Allow, namespace: str, other: PodEnd) -> bool | None:
        """Whether all pods of the other end are an allow's peer, or none; None if some may be."""
        if not isinstance(allow.peer, Pods):
            return True
        namespaces = allow.peer.namespaces
        matches = (
            namespace == self._home if namespaces is None else self._matches(namespaces, other)
        )
        return matches and (other.pods <= allow.peer.pods or None)

    def _matches(self, namespaces: Selector, other: PodEnd) -> bool | None:
        """Whether the namespace of an end meets a selector; None if labels that nobody states decide."""
        name = other.namespaces.namespace_name or ""
        if name not in self._facts:
            policies = self._policies.namespaces.get(name)
            self._facts[name] = Facts({}) if policies is None else Facts.of_namespace(policies)
        left = self._facts[name].left(namespaces)
        if left is None:
            return False
        logged = dict(other.namespaces.requirements)
        if any(key in logged and logged[key].isdisjoint(allowed) for key, allowed in left):
            return False
        return all(key in logged and logged[key] <= allowed for key, allowed in left) or None


def _names(traffic: Traffic, protocol: Protocol) -> bool:
    """Whether traffic has a named port of a protocol, whose number is not known here."""
    return any(port.protocol is protocol for port in traffic.named)
