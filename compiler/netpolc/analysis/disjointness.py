"""Allows that at a glance open nothing in common.

Whether some allows open all that another one opens is a question for boxes
(`redundant`), and a costly one: an organisation's 50,000 arrows would ask it 50,000
times. Nearly all are answered by looking at two peers: `web` and `api` share no pod,
two blocks share no address. What is not seen at a glance is left to the boxes.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache, partial
from typing import Generic, TypeAlias, TypeVar

from netpolc.ir.model import Allow
from netpolc.kube.cidr import Cidr
from netpolc.kube.peers import Anyone, Outside, Peer, Pods
from netpolc.kube.ports import Traffic
from netpolc.kube.selectors import Selector

T = TypeVar("T")
_Texts: TypeAlias = tuple[str, ...]


class Neighbours:
    """Allows of one namespace and direction, to be asked which may open what another one does.

    Found by the labels that a peer's namespaces and pods must have, and by where its blocks
    lie: with thousands of peers an arrow, each meets the few that speak of the same.
    """

    __slots__ = ("_allows", "_anyone", "_blocks", "_home", "_outside", "_pods")

    def __init__(self, allows: Sequence[Allow], namespace: str) -> None:
        """Take the allows of a namespace in."""
        self._allows = allows
        self._home = Selector.namespace(namespace)
        self._anyone: list[int] = []
        self._outside: dict[Cidr, list[int]] = {}
        self._blocks: _Nesting | None = None
        self._pods: _ByLabels[_ByLabels[list[int]]] = _ByLabels(partial(_ByLabels, list))
        for index, allow in enumerate(allows):
            match allow.peer:
                case Pods(namespaces, pods):
                    self._pods.at(namespaces or self._home).at(pods).append(index)
                case Outside(addresses):
                    for block in addresses.blocks:
                        self._outside.setdefault(block.cidr, []).append(index)
                case _:
                    self._anyone.append(index)

    def of(self, allow: Allow) -> list[Allow]:
        """The other allows that are not seen to be apart from one of them, in their order."""
        candidates = self._candidates(allow.peer)
        if len(candidates) == 1:  # Itself.
            return []
        near = (self._allows[index] for index in sorted(set(candidates)))
        return [
            other
            for other in near
            if other is not allow and not are_apart(allow, other, self._home)
        ]

    def _candidates(self, peer: Peer) -> Sequence[int]:
        found = self._anyone.copy()
        match peer:
            case Pods(namespaces, pods):
                for there in self._pods.near(namespaces or self._home):
                    for some in there.near(pods):
                        found += some
            case Outside(addresses):
                if self._blocks is None:
                    self._blocks = _Nesting(self._outside)
                for block in addresses.blocks:
                    for cidr in self._blocks.meeting(block.cidr):
                        found += self._outside[cidr]
            case _:
                return range(len(self._allows))
        return found


class _Nesting:
    """Some blocks. Two of them lie one inside the other or have nothing in common."""

    __slots__ = ("_around", "_order")

    def __init__(self, cidrs: Iterable[Cidr]) -> None:
        """Find out for each block which one is next around it."""
        self._order = sorted(cidrs)  # A block comes right before those inside it.
        self._around: dict[Cidr, tuple[int, Cidr | None]] = {}
        open_: list[Cidr] = []
        for place, cidr in enumerate(self._order):
            while open_ and cidr not in open_[-1]:
                open_.pop()
            self._around[cidr] = place, open_[-1] if open_ else None
            open_.append(cidr)

    def meeting(self, cidr: Cidr) -> Iterator[Cidr]:
        """One of the blocks, those around it and those inside it."""
        place, around = self._around[cidr]
        while around is not None:
            yield around
            around = self._around[around][1]
        while place < len(self._order) and self._order[place] in cidr:
            yield self._order[place]
            place += 1


class _ByLabels(Generic[T]):
    """Things by the keys for which a selector asks one value each, and by these values."""

    __slots__ = ("_known", "_make")

    def __init__(self, make: Callable[[], T]) -> None:
        """Make a thing where there is none yet."""
        self._known: dict[_Texts, dict[_Texts, T]] = {}
        self._make = make

    def at(self, selector: Selector) -> T:
        """The thing of a selector."""
        keys, asked = _asked(selector)
        known = self._known.setdefault(keys, {})
        if asked not in known:
            known[asked] = self._make()
        return known[asked]

    def near(self, selector: Selector) -> Iterator[T]:
        """The things of all selectors but those that ask for other values of the same keys."""
        keys, asked = _asked(selector)
        for others, known in self._known.items():
            if others != keys:
                yield from known.values()
            elif asked in known:
                yield known[asked]


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
            plain = namespaces is None or _is_name(namespaces)
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


@lru_cache(maxsize=1 << 16)
def _asked(selector: Selector) -> tuple[_Texts, _Texts]:
    """The keys for which a selector asks one value each, and the values."""
    labels = selector.required_labels()
    return tuple(labels), tuple(labels.values())


def _is_name(namespaces: Selector) -> bool:
    return namespaces.namespace_name is not None and len(namespaces.requirements) == 1
