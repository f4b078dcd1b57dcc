"""Subjects, and what is open to them, found again without looking at each.

Whether one arrow says what another one implies is asked of every arrow, and a namespace
may have a thousand subjects. Whatever a wider subject asks for, the narrower one asks
for too; so subjects are kept under one label that they ask for.
"""

from collections.abc import Iterable, Iterator

from netpolc.ir.model import Allow
from netpolc.ir.subsumption import Covering
from netpolc.kube.peers import Direction, Peer
from netpolc.kube.ports import Traffic
from netpolc.kube.selectors import Selector


class Subjects:
    """Some selectors of pods, to be asked which contain or meet another one."""

    def __init__(self, selectors: Iterable[Selector]) -> None:
        """Take the selectors in."""
        self._by_label: dict[str, dict[str, list[Selector]]] = {}
        self._others: list[Selector] = []
        for selector in selectors:
            asked = selector.required_labels()
            if asked:
                key, value = next(iter(asked.items()))
                self._by_label.setdefault(key, {}).setdefault(value, []).append(selector)
            else:
                self._others.append(selector)

    def around(self, inner: Selector) -> Iterator[Selector]:
        """Those that surely contain whatever the inner one matches."""
        for key, value in inner.required_labels().items():
            for selector in self._by_label.get(key, {}).get(value, ()):
                if inner <= selector:
                    yield selector
        yield from (selector for selector in self._others if inner <= selector)

    def meeting(self, other: Selector) -> Iterator[Selector]:
        """What both the other one and one of these match, for each that has something in common."""
        asked = other.required_labels()
        for key, table in self._by_label.items():
            if key in asked:
                yield from self._common(other, table.get(asked[key], ()))
            else:
                for selectors in table.values():
                    yield from self._common(other, selectors)
        yield from self._common(other, self._others)

    @staticmethod
    def _common(other: Selector, selectors: Iterable[Selector]) -> Iterator[Selector]:
        for selector in selectors:
            both = selector & other
            if not both.impossible:
                yield both


class Opened:
    """What some allows of one direction open, to be asked whether they open something else."""

    def __init__(self, allows: Iterable[Allow]) -> None:
        """Take the allows in; the traffic of equal peers is counted together."""
        united: dict[Selector, dict[Peer, Allow]] = {}
        for allow in allows:
            peers = united.setdefault(allow.subject, {})
            known = peers.get(allow.peer)
            peers[allow.peer] = allow if known is None else _with(known, allow.traffic)
        self._subjects = Subjects(united)
        self._covering = {
            subject: Covering(tuple(peers.values())) for subject, peers in united.items()
        }

    def opens(self, subject: Selector, direction: Direction, peer: Peer, traffic: Traffic) -> bool:
        """Whether one subject is surely opened to all of this."""
        asked = Allow(subject=subject, direction=direction, peer=peer, traffic=traffic)
        return any(
            next(self._covering[wide].over(asked), None) is not None
            for wide in self._subjects.around(subject)
        )


def _with(allow: Allow, traffic: Traffic) -> Allow:
    return Allow(
        subject=allow.subject,
        direction=allow.direction,
        peer=allow.peer,
        traffic=allow.traffic | traffic,
    )
