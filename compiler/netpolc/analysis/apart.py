"""Allows that at a glance open nothing in common.

Whether some allows open all that another one opens is a question for boxes
(`redundant`), and a costly one: an organisation's 50,000 arrows would ask it 50,000
times. Nearly all are answered by looking at two peers: `web` and `api` share no pod,
two blocks share no address. What is not seen at a glance is left to the boxes.
"""

from collections.abc import Sequence
from itertools import chain

from netpolc.ir.model import Allow
from netpolc.kube.names import METADATA_NAME
from netpolc.kube.peers import Anyone, Outside, Peer, Pods
from netpolc.kube.ports import Traffic
from netpolc.kube.selectors import Selector


class Neighbours:
    """Allows of one namespace and direction, to be asked which may open what another one does.

    Found by the one label that a peer's pods must have: with a hundred peers an arrow, each
    meets the few that speak of the same name and not the other ninety-nine.
    """

    __slots__ = ("_allows", "_by_label", "_home", "_outside", "_wide")

    def __init__(self, allows: Sequence[Allow], namespace: str) -> None:
        """Take the allows of a namespace in."""
        self._allows = allows
        self._home = Selector.labels({METADATA_NAME: namespace})
        self._wide: list[int] = []
        self._outside: list[int] = []
        self._by_label: dict[str, dict[str, list[int]]] = {}
        for index, allow in enumerate(allows):
            peer = allow.peer
            key, value = _only_label(peer.pods) if isinstance(peer, Pods) else ("", "")
            if isinstance(peer, Outside):
                self._outside.append(index)
            elif key:
                self._by_label.setdefault(key, {}).setdefault(value, []).append(index)
            else:
                self._wide.append(index)

    def of(self, allow: Allow) -> list[Allow]:
        """The other allows that are not seen to be apart from one of them, in their order."""
        candidates = self._candidates(allow.peer)
        if len(candidates) == 1:  # Itself.
            return []
        near = (self._allows[index] for index in sorted(candidates))
        return [
            other
            for other in near
            if other is not allow and not are_apart(allow, other, self._home)
        ]

    def _candidates(self, peer: Peer) -> Sequence[int]:
        if isinstance(peer, Outside):
            return (*self._outside, *self._wide)
        key, value = _only_label(peer.pods) if isinstance(peer, Pods) else ("", "")
        if not key:
            return range(len(self._allows))
        found = list(self._wide)
        for other, values in self._by_label.items():
            if other == key:
                found += values.get(value, ())
            else:
                found += chain.from_iterable(values.values())
        return found


def are_apart(one: Allow, other: Allow, home: Selector) -> bool:
    """Whether no connection is listed by both allows of one direction, in the namespace `home`."""
    return _peers_apart(one.peer, other.peer, home) or _traffic_apart(one.traffic, other.traffic)


def says_something(allow: Allow) -> bool:
    """Whether the allow surely lists a connection that can happen.

    Only plain allows are: numbered ports, with a block or with pods of one namespace that
    one label chooses. No fact of a namespace speaks against its own name.
    """
    traffic = allow.traffic
    if not (traffic.tcp.ranges or traffic.udp.ranges or traffic.sctp.ranges):
        return False
    match allow.peer:
        case Outside(addresses):
            return bool(addresses)
        case Pods(namespaces, pods):
            plain = namespaces is None or _only_label(namespaces)[0] == METADATA_NAME
            return plain and not pods.impossible and not allow.subject.impossible
        case _:
            return False


def _peers_apart(one: Peer, other: Peer, home: Selector) -> bool:
    if isinstance(one, Anyone) or isinstance(other, Anyone):
        return False
    if isinstance(one, Outside) or isinstance(other, Outside):
        return not (
            isinstance(one, Outside)
            and isinstance(other, Outside)
            and one.addresses.meets(other.addresses)
        )
    if _selectors_apart(one.pods, other.pods):
        return True
    if one.namespaces is None and other.namespaces is None:
        return False
    return _selectors_apart(one.namespaces or home, other.namespaces or home)


def _selectors_apart(one: Selector, other: Selector) -> bool:
    """Whether some label would need two values."""
    if one is other or not one.requirements or not other.requirements:
        return False
    if len(one.requirements) == len(other.requirements) == 1:  # As most of them are.
        (my_key, mine), (key, values) = one.requirements[0], other.requirements[0]
        return my_key == key and mine.isdisjoint(values)
    theirs = dict(other.requirements)
    return any(
        key in theirs and allowed.isdisjoint(theirs[key]) for key, allowed in one.requirements
    )


def _traffic_apart(one: Traffic, other: Traffic) -> bool:
    """Whether no port is in both; which number a name stands for is not known."""
    if one is other or one.named or other.named:
        return False
    return (
        one.tcp.isdisjoint(other.tcp)
        and one.udp.isdisjoint(other.udp)
        and one.sctp.isdisjoint(other.sctp)
    )


def _only_label(selector: Selector) -> tuple[str, str]:
    """The one label that a selector asks for; empty where it asks for something else."""
    if len(selector.requirements) != 1:
        return "", ""
    key, allowed = selector.requirements[0]
    if len(allowed.values) != 1 or allowed.complement or allowed.absent:
        return "", ""
    return key, next(iter(allowed.values))
