"""Which allows cover another one.

An allow that another covers, peer and traffic, says nothing more. To find that out for
each of many allows of one subject, comparing every pair is too slow: a hundred thousand
peers in one arrow are as many squared. So allows are found again by what whoever covers
must share with the covered: a label that it asks for, or a block around an address.

All the allows given are of one namespace, subject and direction.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from netpolc.ir.model import Allow
from netpolc.kube.cidr import BITS
from netpolc.kube.peers import Anyone, Outside, Peer, Pods, covers
from netpolc.kube.selectors import Selector

_FEW = 12
"""So many are compared with each that may cover, which is faster than finding those by labels."""

_Asked: TypeAlias = tuple[str, str]
_Handle: TypeAlias = tuple[str | _Asked, _Asked | None]
_Around: TypeAlias = tuple[int, int, int]

_OWN, _EVERY, _SOME = "own", "every", "some"
"""Namespaces: the own, all of them, and some that are not chosen by one label's value."""


class Covering:
    """The allows of one subject and direction, to be asked who covers whom."""

    def __init__(self, allows: Sequence[Allow], *, few: int = _FEW) -> None:
        """Take the allows in; up to `few` of them are not indexed."""
        self._all = allows
        self._wide: list[Allow] = []
        self._narrow: dict[Peer, list[Allow]] = {}
        for allow in allows:
            if _is_narrow(allow.peer):
                self._narrow.setdefault(allow.peer, []).append(allow)
            else:
                self._wide.append(allow)
        self._indexed = len(allows) > few
        if self._indexed:
            self._pods = _PodsIndex(allow for allow in allows if isinstance(allow.peer, Pods))
            self._blocks = _BlocksIndex(
                allow for allow in allows if isinstance(allow.peer, Outside)
            )
            self._anyone = [allow for allow in allows if isinstance(allow.peer, Anyone)]

    def over(self, narrow: Allow) -> Iterator[Allow]:
        """The other allows that cover this one."""
        for wide in self._candidates(narrow.peer):
            if (
                wide is not narrow
                and narrow.traffic <= wide.traffic  # The cheaper of the two questions.
                and covers(wide.peer, narrow.peer)
            ):
                yield wide

    def _candidates(self, peer: Peer) -> Iterator[Allow]:
        if not self._indexed:
            if _is_narrow(peer):
                yield from self._wide
                yield from self._narrow.get(peer, ())
            else:
                yield from self._all
            return
        yield from self._anyone
        match peer:
            case Pods():
                yield from self._pods.around(peer)
            case Outside():
                yield from self._blocks.around(peer)
            case _:
                pass


class _PodsIndex:
    """Allows by the rarest label that their pods and their namespaces must have."""

    def __init__(self, allows: Iterable[Allow]) -> None:
        found = [(allow, allow.peer) for allow in allows if isinstance(allow.peer, Pods)]
        self._often = Counter(
            asked
            for _, peer in found
            for selector in (peer.namespaces, peer.pods)
            if selector is not None
            for asked in _asked(selector)
        )
        self._by_handle: dict[_Handle, list[Allow]] = {}
        for allow, peer in found:
            handle = self._namespaces_handle(peer.namespaces), self._rarest(peer.pods)
            self._by_handle.setdefault(handle, []).append(allow)

    def around(self, peer: Pods) -> Iterator[Allow]:
        """The entries that may cover the peer: it has all of their requirements."""
        pods = (None, *_asked(peer.pods))
        for space in self._namespaces_handles(peer.namespaces):
            for asked in pods:
                yield from self._by_handle.get((space, asked), ())

    def _namespaces_handle(self, namespaces: Selector | None) -> str | _Asked:
        if namespaces is None:
            return _OWN
        return _EVERY if namespaces.is_everything else self._rarest(namespaces) or _SOME

    @staticmethod
    def _namespaces_handles(namespaces: Selector | None) -> tuple[str | _Asked, ...]:
        if namespaces is None:
            return (_OWN, _EVERY)
        return (_EVERY, _SOME, *_asked(namespaces))

    def _rarest(self, selector: Selector) -> _Asked | None:
        asked = _asked(selector)
        return min(asked, key=lambda one: (self._often[one], one)) if asked else None


class _BlocksIndex:
    """Allows by the blocks that their addresses are written in."""

    def __init__(self, allows: Iterable[Allow]) -> None:
        self._by_block: dict[_Around, list[Allow]] = {}
        for allow in allows:
            if isinstance(allow.peer, Outside):
                for block in allow.peer.addresses.blocks:
                    cidr = block.cidr
                    key = (cidr.version, cidr.prefix, cidr.first)
                    self._by_block.setdefault(key, []).append(allow)
        self._lengths = sorted({(version, prefix) for version, prefix, _ in self._by_block})

    def around(self, peer: Outside) -> Iterator[Allow]:
        """The entries with a block around some address of the peer; a covering entry has one."""
        if not peer.addresses:
            return
        v4, v6 = peer.addresses.v4.ranges, peer.addresses.v6.ranges
        version, first = (4, v4[0][0]) if v4 else (6, v6[0][0])
        for length in self._lengths:
            if length[0] == version:
                host = BITS[version] - length[1]
                yield from self._by_block.get((*length, first >> host << host), ())


def _is_narrow(peer: Peer) -> bool:
    """Whether the peer is pods of one label, in one namespace or the own.

    Of two such peers neither covers the other unless they are equal.
    """
    if not isinstance(peer, Pods) or not _asks_one(peer.pods):
        return False
    return peer.namespaces is None or _asks_one(peer.namespaces)


def _asks_one(selector: Selector) -> bool:
    return len(selector.requirements) == 1 and selector.requirements[0][1].single is not None


def _asked(selector: Selector) -> tuple[_Asked, ...]:
    """The labels that whatever meets the selector must have."""
    return tuple(selector.required_labels().items())
