"""A log of any length, added up in memory that does not grow with it.

Flows that no proposal and no intent tells apart are one kind; what is kept of each is how
often and from when to when. Kinds are as many as the cluster has pairs of services that
talk, and not as many as the log has lines. A log can still have too many, a port scan for
one: then those that come after the first MOST are counted, and said to be left out.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from netpolc.flowlogs.flows import (
    WIDENED,
    Flow,
    Left,
    Misread,
    Party,
    PodParty,
    Read,
    ServiceParty,
    Verdict,
)
from netpolc.kube.label_conventions import SERVICE_KEYS, is_lasting
from netpolc.kube.ports import MAX_PORT, Protocol
from netpolc.values import frozen

MOST = 1_000_000
"""Kinds of flows that are distinguished."""

_FIRST_MISREAD = 5
_MOST_SOURCE_PORTS = 64
_FEWEST_CLIENT_PORTS = 3
"""Of as many high ports between the same ends, at least some are free ones that a client took."""


@frozen(kw_only=True)
class FlowKind:
    """Flows that are alike."""

    sender: Party
    receiver: Party
    protocol: Protocol
    port: int
    certain: bool


@dataclass(slots=True)
class Seen:
    """The number of flows of a kind by verdict, and the first and last time."""

    forwarded: int = 0
    dropped: int = 0
    audited: int = 0
    first: datetime | None = None
    last: datetime | None = None

    @property
    def passed(self) -> int:
        """The number of flows that were not dropped."""
        return self.forwarded + self.audited

    @property
    def total(self) -> int:
        """The number of all flows."""
        return self.passed + self.dropped

    def add(self, flow: Flow) -> None:
        """Count one more."""
        if flow.verdict is Verdict.FORWARDED:
            self.forwarded += flow.count
        elif flow.verdict is Verdict.DROPPED:
            self.dropped += flow.count
        else:
            self.audited += flow.count
        if flow.first is not None:
            self._between(flow.first, flow.last)

    def include(self, other: "Seen") -> None:
        """Count what was counted elsewhere."""
        self.forwarded += other.forwarded
        self.dropped += other.dropped
        self.audited += other.audited
        self._between(other.first, other.last)

    def _between(self, *times: datetime | None) -> None:
        for time in times:
            if time is not None:
                self.first = time if self.first is None else min(self.first, time)
                self.last = time if self.last is None else max(self.last, time)


@frozen
class BadLine:
    """A line that was not understood: where it is, and why."""

    path: str
    number: int
    text: str
    why: str


class Tally:
    """The sums of a log so far. `keys` are the label keys that intents use."""

    __slots__ = (
        "_most",
        "_narrowed",
        "_presumed",
        "_source_ports",
        "bad",
        "bad_lines",
        "kinds",
        "left",
        "lines",
        "overflow",
    )

    def __init__(self, keys: Collection[str] = (), most: int = MOST) -> None:
        kept = frozenset((*keys, *SERVICE_KEYS))
        self._most = most
        self._narrowed = lru_cache(maxsize=1 << 12)(lambda party: _narrowed(party, kept))
        self._source_ports: dict[FlowKind, set[int]] = {}
        self._presumed: set[FlowKind] = set()
        self.kinds: dict[FlowKind, Seen] = {}
        self.left: Counter[str] = Counter()
        self.lines = self.bad = self.overflow = 0
        self.bad_lines: list[BadLine] = []

    def add(self, read: Read, path: str, number: int, text: str) -> None:
        """Count a line; `path`, `number` and `text` say where it is, if it is misread."""
        self.lines += 1
        match read:
            case Flow():
                self._count(read)
            case Left(why):
                self.left[why] += 1
            case Misread(why):
                self.bad += 1
                if len(self.bad_lines) < _FIRST_MISREAD:
                    self.bad_lines.append(BadLine(path, number, text, why))

    def _count(self, flow: Flow) -> None:
        sender, receiver = self._narrowed(flow.sender), self._narrowed(flow.receiver)
        if not any(isinstance(end, PodParty | ServiceParty) for end in (sender, receiver)):
            self.left["traffic between ends that are not pods"] += 1
            return
        kind = FlowKind(
            sender=sender,
            receiver=receiver,
            protocol=flow.protocol,
            port=flow.port,
            certain=flow.certain,
        )
        seen = self.kinds.get(kind)
        if seen is None:
            if len(self.kinds) >= self._most:
                self.overflow += 1
                return
            seen = self.kinds[kind] = Seen()
            if flow.presumed:
                self._presumed.add(kind)
        seen.add(flow)
        if not flow.presumed:
            self._presumed.discard(kind)
        if flow.source_port:
            known = self._source_ports.setdefault(kind, set())
            if len(known) < _MOST_SOURCE_PORTS:
                known.add(flow.source_port)

    def leave_out_replies(self) -> None:
        """Count the kinds of flows as replies whose mirror is in the log: the same ends and ports.

        Of two mirrors, the request is the one that the log is certain of; or else the one whose
        receiver is called from more ports; or else the one to the lower port. Where that may be a port
        that a client took, nothing decides, and both are left.
        """
        for kind in [kind for kind in self._source_ports if self._is_reply(kind)]:
            self.left["replies"] += self.kinds.pop(kind).total
            del self._source_ports[kind]

    def possible_replies(self) -> frozenset[FlowKind]:
        """The kinds of flows that come from ports on which their senders are called.

        A client takes a free port, so these are replies whose requests the log does not have. Programs
        that talk to each other from one and the same port are left out.
        """
        called = {(kind.receiver, kind.protocol, kind.port) for kind in self.kinds}
        return frozenset(
            kind
            for kind, ports in self._source_ports.items()
            if kind.port not in ports
            and all((kind.sender, kind.protocol, port) in called for port in ports)
        ) | frozenset(self._to_client_ports())

    def _to_client_ports(self) -> Iterator[FlowKind]:
        """The kinds of flows without source ports that go back to a caller, on several high ports.

        A port that somebody else calls too is a service's.
        """
        callers = Counter((kind.receiver, kind.protocol, kind.port) for kind in self.kinds)
        between = defaultdict[tuple[Party, Party, Protocol], list[FlowKind]](list)
        for kind in self.kinds:
            between[kind.sender, kind.receiver, kind.protocol].append(kind)
        for (sender, receiver, protocol), kinds in between.items():
            calls = between.get((receiver, sender, protocol), [])
            passed = (call.port for call in calls if self.kinds[call].passed)
            lowest = min(passed, default=MAX_PORT)
            high = [
                kind
                for kind in kinds
                if kind in self._presumed
                and kind.port >= max(WIDENED, lowest + 1)
                and callers[receiver, protocol, kind.port] == 1
            ]
            if len(high) >= _FEWEST_CLIENT_PORTS and sender != receiver:
                yield from high

    def _is_reply(self, kind: FlowKind) -> bool:
        """Whether each of a kind's source ports is one that its sender was called on."""
        return all(
            any(self._began(mirror, kind) for mirror in _mirrors(kind, port))
            for port in self._source_ports[kind]
        )

    def _began(self, request: FlowKind, reply: FlowKind) -> bool:
        """Whether a kind is in the log and began the connections of its mirror."""
        ports = self._source_ports.get(request)
        if request not in self.kinds or ports is None:
            return request in self.kinds and request.certain
        if reply.port not in ports and len(ports) < _MOST_SOURCE_PORTS:
            return False
        others = self._source_ports[reply]
        if len(ports) == len(others) and min(request.port, reply.port) >= WIDENED:
            return False
        return (len(ports), -request.port) > (len(others), -reply.port)


def _mirrors(kind: FlowKind, port: int) -> Iterator[FlowKind]:
    """The kinds of flows from a kind's receiver to a port of its sender."""
    for certain in (True, False):
        yield FlowKind(
            sender=kind.receiver,
            receiver=kind.sender,
            protocol=kind.protocol,
            port=port,
            certain=certain,
        )


def _narrowed(party: Party, kept: frozenset[str]) -> Party:
    """A party with the labels that matter; with all that last where it has none of those."""
    if not isinstance(party, PodParty):
        return party
    named = any(key in SERVICE_KEYS for key, _ in party.labels)
    labels = tuple((k, v) for k, v in party.labels if k in kept or (not named and is_lasting(k, v)))
    above = tuple((k, v) for k, v in party.namespace_labels if k in kept)
    return replace(party, labels=labels, namespace_labels=above)
