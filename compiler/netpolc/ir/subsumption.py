"""Which allows cover another one.

An allow that another covers, peer and traffic, says nothing more. To find that out for
each of many allows of one subject, comparing every pair is too slow: a hundred thousand
peers in one arrow are as many squared. So allows are found again by what whoever covers
must share with the covered: labels that it asks for, or a block around an address.

All the allows given are of one namespace, subject and direction.
"""

from collections.abc import Iterable, Iterator

from netpolc.ir.model import Allow
from netpolc.kube.cidr import BITS, Cidr, Nesting
from netpolc.kube.peers import Outside, Peer, Pods, covers
from netpolc.kube.selector_index import SelectorIndex
from netpolc.kube.selectors import EVERYTHING, Selector


class Covering:
    """The allows of one subject and direction, to be asked who covers whom."""

    def __init__(self, allows: Iterable[Allow]) -> None:
        """Take the allows in."""
        self._anyone: list[Allow] = []
        self._blocks: dict[Cidr, list[Allow]] = {}
        pods: dict[Selector | None, list[tuple[Selector, Allow]]] = {None: []}
        for allow in allows:
            match allow.peer:
                case Pods() as peer:
                    pods.setdefault(peer.namespaces, []).append((peer.pods, allow))
                case Outside(addresses):
                    for block in addresses.blocks:
                        self._blocks.setdefault(block.cidr, []).append(allow)
                case _:
                    self._anyone.append(allow)
        self._nesting = Nesting(self._blocks)
        self._own = SelectorIndex(pods.pop(None))
        self._others = SelectorIndex(
            (namespaces, SelectorIndex(entries))
            for namespaces, entries in pods.items()
            if namespaces is not None
        )

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
        """The allows whose peer has the labels of another one, or a block around one of its addresses."""
        yield from self._anyone
        match peer:
            case Pods(namespaces, pods):
                if namespaces is None:
                    yield from self._own.supersets_of(pods)
                for there in self._others.supersets_of(namespaces or EVERYTHING):
                    yield from there.supersets_of(pods)
            case Outside(addresses) if addresses:
                v4, v6 = addresses.v4.ranges, addresses.v6.ranges
                version, first = (4, v4[0][0]) if v4 else (6, v6[0][0])
                for cidr in self._nesting.meeting(Cidr(version, first, BITS[version])):
                    yield from self._blocks[cidr]
            case _:
                pass
