"""The openings of allows, and whether they cover another allow.

Whether one arrow says what another one implies is asked of every arrow, and a namespace
may have a thousand subjects.
"""

from collections.abc import Iterable

from netpolc.ir.model import Allow
from netpolc.ir.subsumption import Covering
from netpolc.kube.peers import Direction, Peer
from netpolc.kube.ports import Traffic
from netpolc.kube.selector_index import SelectorIndex
from netpolc.kube.selectors import Selector


class Opened:
    """The openings of allows of one direction, and whether they cover another allow."""

    def __init__(self, allows: Iterable[Allow]) -> None:
        """Take the allows in; the traffic of equal peers is counted together."""
        united: dict[Selector, dict[Peer, Allow]] = {}
        for allow in allows:
            peers = united.setdefault(allow.subject, {})
            known = peers.get(allow.peer)
            peers[allow.peer] = allow if known is None else _with(known, allow.traffic)
        self._subjects = SelectorIndex.of(united)
        self._covering = {
            subject: Covering(tuple(peers.values())) for subject, peers in united.items()
        }

    def opens(self, subject: Selector, direction: Direction, peer: Peer, traffic: Traffic) -> bool:
        """Whether one subject is surely opened to all of this."""
        asked = Allow(subject=subject, direction=direction, peer=peer, traffic=traffic)
        return any(
            next(self._covering[wide].over(asked), None) is not None
            for wide in self._subjects.supersets_of(subject)
        )


def _with(allow: Allow, traffic: Traffic) -> Allow:
    return Allow(
        subject=allow.subject,
        direction=allow.direction,
        peer=allow.peer,
        traffic=allow.traffic | traffic,
    )
